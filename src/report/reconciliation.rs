//! What the report says: totals, outcomes by reason, packages, inputs, hashes.
//!
//! Enters: the manifest without its file hashes (the report's own is among them), and counts that only the report
//! shows. Leaves: one value for both forms of the report. Invariant: counts, list names and hashes only; no case code,
//! nothing of any person. The lines of the outcomes sum up to the rows.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::tally::Tally;
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
    /// Rows by population, outcome and reason; letters have the addressee for a reason.
    pub populations: Vec<PopulationLine>,
    /// What the packed letters are, and what they tell.
    pub tally: &'a Tally,
    /// Who signed the content off.
    pub sign_offs: &'a [SignOff],
    /// The number of the run in the campaign's ledger, and the wave that it belongs to.
    pub run: Option<(u32, Option<String>)>,
}

/// The reconciliation of a sealed run; `report.json` is this as it stands.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
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
    /// Rows by population, outcome and reason; letters have the addressee for a reason.
    pub populations: Vec<PopulationLine>,
    /// Letters by variant, language and format.
    pub variants: Vec<VariantLine>,
    /// Letters by category and certainty; a letter that names several categories counts in each.
    pub categories: Vec<CategoryLine>,
    /// Letters by release date.
    pub days: Vec<DayLine>,
    /// Who signed the content off.
    pub sign_offs: Vec<SignOff>,
    /// The number of the run in the campaign's ledger.
    pub run: Option<u32>,
    /// The wave that the run belongs to.
    pub wave: Option<String>,
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

/// Rows of one population with one outcome and reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the names are those of outcome files")]
pub struct PopulationLine {
    pub population: String,
    pub outcome: String,
    pub reason: String,
    pub rows: u64,
}

/// Letters of one variant, language and format.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the names say it")]
pub struct VariantLine {
    pub variant: String,
    pub language: String,
    pub format: String,
    pub letters: u64,
}

/// Letters that name a category, by its certainty.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the names say it")]
pub struct CategoryLine {
    pub category: String,
    pub confirmed: u64,
    pub possible: u64,
    pub ruled_out: u64,
}

/// Letters that are released on one day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the names say it")]
pub struct DayLine {
    pub date: Date,
    pub packages: u64,
    pub letters: u64,
    /// Letters that are released until this day, the day included.
    pub letters_so_far: u64,
}

/// A sign-off.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignOff {
    /// The name.
    pub by: String,
    /// When it was given.
    pub at: String,
}

/// What print house and post reported until some day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FeedbackReport {
    /// The day.
    pub on: Date,
    /// Letters = posted + destroyed + open; of the posted ones some came back.
    pub letters: u64,
    /// With the post.
    pub posted: u64,
    /// Destroyed and not printed again.
    pub destroyed: u64,
    /// Not yet posted.
    pub open: u64,
    /// Of the open ones, those that should be posted by now.
    pub overdue: u64,
    /// Letters that came back, by reason.
    pub returned: BTreeMap<String, u64>,
    /// What happened on each day.
    pub days: Vec<FeedbackDay>,
    /// Rows without effect, by problem.
    pub refused: BTreeMap<String, u64>,
    /// Every sealed run of the campaign's ledger, in order.
    pub runs: Vec<RunLine>,
    /// Letters of these runs by release date.
    pub released: Vec<ReleasedLine>,
}

/// A sealed run of the campaign.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RunLine {
    /// Its number in the ledger.
    pub number: u32,
    /// The wave that it belongs to.
    pub wave: Option<String>,
    /// When it was sealed.
    pub sealed_at: String,
    /// Its letters.
    pub letters: u64,
}

/// Letters of one run that are released on one day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[expect(missing_docs, reason = "the names say it")]
pub struct ReleasedLine {
    pub date: Date,
    pub run: u32,
    pub letters: u64,
}

/// What happened to pieces on one day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[expect(missing_docs, reason = "the names are those of the feedback")]
pub struct FeedbackDay {
    pub date: Date,
    pub printed: u64,
    pub inserted: u64,
    pub posted: u64,
    pub spoiled: u64,
    pub rejected: u64,
    pub returned: u64,
}

/// Rows with one outcome and reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
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
            populations: input.populations,
            variants: input.tally.variants(),
            categories: input.tally.categories(),
            days: days(&manifest.packages),
            sign_offs: input.sign_offs.to_vec(),
            run: input.run.as_ref().map(|(number, _)| *number),
            wave: input.run.and_then(|(_, wave)| wave),
            packages: manifest.packages.clone(),
            seeds_planned: input.seeds_planned,
            inputs: manifest.inputs.clone(),
            template: manifest.template.clone(),
            fonts: manifest.fonts.clone(),
        }
    }
}

/// Packages by release date.
fn days(packages: &[PackageEntry]) -> Vec<DayLine> {
    let mut days: BTreeMap<Date, (u64, u64)> = BTreeMap::new();
    for package in packages {
        let day = days.entry(package.release_date).or_default();
        day.0 += 1;
        day.1 += package.letters;
    }
    let mut letters_so_far = 0;
    let line = |(date, (packages, letters))| {
        letters_so_far += letters;
        DayLine { date, packages, letters, letters_so_far }
    };
    days.into_iter().map(line).collect()
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
