//! What the report says: totals, outcomes by reason, packages, inputs, hashes.
//!
//! Enters: the manifest without its file hashes (the report's own is among them), and counts that only the report
//! shows. Leaves: one value for both forms of the report. Invariant: counts, list names and hashes only; no case code,
//! nothing of any person. The lines of the outcomes sum up to the rows.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::Serialize;

use crate::plan::record::{FontHash, InputFile, Program, TemplateHash};
use crate::seal::manifest::{Manifest, OutcomeCounts, PackageEntry, Totals};

/// What a report is made from.
pub struct ReportInput<'a> {
    /// The manifest; its `files` are not read.
    pub manifest: &'a Manifest,
    /// Exposure rows by outcome and reason.
    pub exposures: &'a BTreeMap<String, BTreeMap<String, u64>>,
    /// Letters that only rendering could hold, by reason; they are among the held ones of the manifest.
    pub held_by_rendering: BTreeMap<String, u64>,
    /// The vendor profile's name.
    pub vendor: &'a str,
    /// The encryption's name.
    pub encryption: &'a str,
    /// Control letters that a package should get.
    pub seeds_planned: u64,
}

/// The reconciliation of a sealed run; `report.json` is this as it stands.
#[derive(Debug, Clone, Serialize)]
pub struct Report {
    /// The campaign's id.
    pub campaign: String,
    /// The campaign's date.
    pub date: Date,
    /// The program that sealed.
    pub program: Program,
    /// The vendor profile's name.
    pub vendor: String,
    /// The encryption's name.
    pub encryption: String,
    /// Sums.
    pub totals: Totals,
    /// Participants rows by outcome and reason; the letters have no reason here.
    pub outcomes: Vec<OutcomeLine>,
    /// Exposure rows by outcome and reason.
    pub exposure_outcomes: Vec<OutcomeLine>,
    /// Letters that only rendering could hold, by reason; they are among the held ones.
    pub held_by_rendering: BTreeMap<String, u64>,
    /// Every package.
    pub packages: Vec<PackageEntry>,
    /// Control letters that a package should get.
    pub seeds_planned: u64,
    /// Every input file.
    pub inputs: Vec<InputFile>,
    /// The letter template.
    pub template: TemplateHash,
    /// Every font.
    pub fonts: Vec<FontHash>,
}

/// Rows with one outcome and reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OutcomeLine {
    /// The outcome.
    pub outcome: String,
    /// The reason; blank where the outcome has none.
    pub reason: String,
    /// Rows.
    pub rows: u64,
}

impl Report {
    /// The report of a run.
    pub fn new(input: ReportInput<'_>) -> Self {
        let manifest = input.manifest;
        let exposure_outcomes = input.exposures.iter().flat_map(|(outcome, reasons)| lines(outcome, reasons)).collect();
        Self {
            campaign: manifest.campaign.clone(),
            date: manifest.date,
            program: manifest.program.clone(),
            vendor: input.vendor.to_owned(),
            encryption: input.encryption.to_owned(),
            totals: manifest.totals,
            outcomes: outcome_lines(&manifest.outcomes),
            exposure_outcomes,
            held_by_rendering: input.held_by_rendering,
            packages: manifest.packages.clone(),
            seeds_planned: input.seeds_planned,
            inputs: manifest.inputs.clone(),
            template: manifest.template.clone(),
            fonts: manifest.fonts.clone(),
        }
    }
}

fn outcome_lines(counts: &OutcomeCounts) -> Vec<OutcomeLine> {
    let plain = |outcome: &str, rows| OutcomeLine { outcome: outcome.to_owned(), reason: String::new(), rows };
    let mut all = vec![plain("letter", counts.letter), plain("merged", counts.merged)];
    for (outcome, reasons) in
        [("suppressed", &counts.suppressed), ("held", &counts.held), ("rejected", &counts.rejected)]
    {
        all.extend(lines(outcome, reasons));
    }
    all
}

fn lines(outcome: &str, reasons: &BTreeMap<String, u64>) -> impl Iterator<Item = OutcomeLine> {
    reasons.iter().map(move |(reason, &rows)| OutcomeLine { outcome: outcome.to_owned(), reason: reason.clone(), rows })
}
