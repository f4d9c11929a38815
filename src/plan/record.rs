//! The plan as it is written to disk: `plan.json` and the rows of `plan.parquet`.
//!
//! Enters: nothing; planning fills these. Leaves: what render, seal and verify read. Invariant: everything that decides
//! the letters is named here by hash; letters stand in print order and each shard is a contiguous slice of them.

use serde::{Deserialize, Serialize};

use crate::model::letter::Letter;

/// `plan.json`.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Plan {
    /// The campaign's id.
    pub campaign: String,
    /// The campaign's date, ISO 8601.
    pub date: jiff::civil::Date,
    /// The program that planned.
    pub program: Program,
    /// Every input file.
    pub inputs: Vec<InputFile>,
    /// The letter template.
    pub template: TemplateHash,
    /// Every font.
    pub fonts: Vec<FontHash>,
    /// SHA-256 of the campaign file and of the vendor profile, hex.
    pub campaign_sha256: String,
    /// SHA-256 of the vendor profile, hex.
    pub vendor_sha256: String,
    /// SHA-256 of the case code key's HMAC over a fixed text, hex: shows that the key changed without telling it.
    pub key_check: String,
    /// Rows of all participants lists.
    pub rows: u64,
    /// Rows of participants lists that were rejected.
    pub rejected_rows: u64,
    /// Rows of all exposure lists.
    pub exposure_rows: u64,
    /// Rows of exposure lists that were rejected.
    pub rejected_exposure_rows: u64,
    /// Letters planned, control letters not counted.
    pub letters: u64,
    /// SHA-256 of `plan.parquet`, hex.
    pub letters_sha256: String,
    /// SHA-256 of `outcomes.csv` as planned, hex.
    pub outcomes_sha256: String,
    /// SHA-256 of `exposure_outcomes.csv`, hex.
    pub exposure_outcomes_sha256: String,
    /// The shards, in order.
    pub shards: Vec<ShardPlan>,
    /// Control letters a package gets; they stand after the last letter in `plan.parquet`.
    pub seeds: u32,
    /// Where the run stands in the campaign's ledger, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ledger: Option<PlanLedger>,
}

/// From which memory a run was planned.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanLedger {
    /// The number of the run, from 1.
    pub run: u32,
    /// Events that the ledger had.
    pub events: u64,
    /// The wave that the run belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wave: Option<String>,
}

/// The number of the shard that holds the control letters.
pub const SEED_SHARD: u32 = 0;

impl Plan {
    /// Every shard that rendering makes: those of the letters, and that of the control letters where there are any.
    pub fn shards_to_render(&self) -> impl Iterator<Item = ShardPlan> + '_ {
        let seeds = (self.seeds > 0 && !self.shards.is_empty()).then(|| ShardPlan {
            number: SEED_SHARD,
            first: self.letters,
            letters: u64::from(self.seeds),
            package: 0,
        });
        self.shards.iter().cloned().chain(seeds)
    }
}

/// The program that planned; another one may not go on with the run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the names are the contract's own")]
pub struct Program {
    pub name: String,
    pub version: String,
    pub typst: String,
}

/// An input file by hash.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InputFile {
    /// The list's id.
    pub id: String,
    /// `participants`, `exposures` or `register`.
    pub kind: String,
    /// The path as the campaign spells it.
    pub path: String,
    /// SHA-256 of the bytes, hex.
    pub sha256: String,
    /// Data rows.
    pub rows: u64,
}

/// The letter template by hash.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the names are the contract's own")]
pub struct TemplateHash {
    pub letter: String,
    pub sha256: String,
}

/// A font by hash.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the names are the contract's own")]
pub struct FontHash {
    pub name: String,
    pub sha256: String,
}

/// A contiguous slice of the plan that becomes one stream (or one run of single PDFs) in one package.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShardPlan {
    /// 1-based.
    pub number: u32,
    /// Index of its first letter in `plan.parquet`.
    pub first: u64,
    /// How many letters.
    pub letters: u64,
    /// 1-based number of the planned package; sealing may split it further by size.
    pub package: u32,
}

/// One row of `plan.parquet`.
#[derive(Debug, Clone)]
pub struct PlannedLetter {
    /// The letter as decided.
    pub letter: Letter,
    /// The address block's lines as they will be printed, broken to fit the window.
    pub printed_lines: Vec<String>,
    /// The KIX as it will be printed; blank where there is none or it does not fit.
    pub printed_kix: String,
    /// Pages of each language's part, in the order of the letter's languages.
    pub pages: Vec<u32>,
    /// A control letter to the sender's own people.
    pub seed: bool,
}

impl PlannedLetter {
    /// Pages of the whole letter, without blank back.
    pub fn page_count(&self) -> u32 {
        self.pages.iter().sum()
    }
}
