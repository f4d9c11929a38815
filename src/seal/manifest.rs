//! `manifest.json`: what was sealed, from what, and how to prove it.
//!
//! Enters: nothing; sealing fills these. Leaves: the contract's fields, and `files`: the hashes of the other files of
//! the run that must not change, so that one altered row of the outcomes is found. Invariant: the same manifest has
//! the same bytes, so a manifest that was edited by hand shows.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::model::outcome::Outcome;
use crate::plan::record::{FontHash, InputFile, Program, TemplateHash};

/// `manifest.json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// The campaign's id.
    pub campaign: String,
    /// The campaign's date.
    pub date: Date,
    /// The program that planned, rendered and sealed.
    pub program: Program,
    /// Every input file.
    pub inputs: Vec<InputFile>,
    /// The letter template.
    pub template: TemplateHash,
    /// Every font.
    pub fonts: Vec<FontHash>,
    /// What became of the participants rows.
    pub outcomes: OutcomeCounts,
    /// Every package, in order.
    pub packages: Vec<PackageEntry>,
    /// Sums.
    pub totals: Totals,
    /// The other files of the run, by hash.
    pub files: Vec<FileHash>,
}

/// What became of the participants rows; reasons that do not occur are absent.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "the names are the contract's own")]
pub struct OutcomeCounts {
    pub letter: u64,
    pub merged: u64,
    pub suppressed: BTreeMap<String, u64>,
    pub held: BTreeMap<String, u64>,
    pub rejected: BTreeMap<String, u64>,
}

impl OutcomeCounts {
    /// Counts one row.
    pub fn add(&mut self, outcome: Outcome) {
        let reasons = match outcome {
            Outcome::Letter(_) => {
                self.letter += 1;
                return;
            }
            Outcome::Merged => {
                self.merged += 1;
                return;
            }
            Outcome::Suppressed(_) | Outcome::SuppressedInstead(_) => &mut self.suppressed,
            Outcome::Held(_) => &mut self.held,
            Outcome::Rejected(_) => &mut self.rejected,
        };
        *reasons.entry(outcome.reason().to_owned()).or_default() += 1;
    }

    /// All rows.
    pub fn rows(&self) -> u64 {
        let reasons = [&self.suppressed, &self.held, &self.rejected];
        self.letter + self.merged + reasons.into_iter().flat_map(BTreeMap::values).sum::<u64>()
    }

    /// Rejected rows.
    pub fn rejected_rows(&self) -> u64 {
        self.rejected.values().sum()
    }
}

/// One package.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PackageEntry {
    /// `<campaign>-p0001`.
    pub id: String,
    /// The file's name below `packages/`.
    pub file: String,
    /// SHA-256 of the file as shipped, hex.
    pub sha256: String,
    /// SHA-256 of the package's SHA256SUMS, hex: the same whatever the encryption.
    pub plain_sha256: String,
    /// Size of the file as shipped.
    pub bytes: u64,
    /// Letters to people.
    pub letters: u64,
    /// Control letters.
    pub seeds: u64,
    /// Pages of letters and control letters, blank backs included.
    pub pages: u64,
    /// Sheets of letters and control letters.
    pub sheets: u64,
    /// The first day on which the package may be posted.
    pub release_date: Date,
}

/// Sums over the run.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Totals {
    /// Rows of all participants lists.
    pub rows: u64,
    /// Letters to people.
    pub letters: u64,
    /// Packages.
    pub packages: u64,
    /// Pages, control letters and blank backs included.
    pub pages: u64,
    /// Sheets, control letters included.
    pub sheets: u64,
    /// Bytes of all packages as shipped.
    pub bytes: u64,
}

impl Totals {
    /// The sums over these packages.
    pub fn of(rows: u64, packages: &[PackageEntry]) -> Self {
        let mut totals = Self { rows, packages: packages.len() as u64, ..Self::default() };
        for package in packages {
            totals.letters += package.letters;
            totals.pages += package.pages;
            totals.sheets += package.sheets;
            totals.bytes += package.bytes;
        }
        totals
    }
}

/// A file of the run by hash.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FileHash {
    /// The file's name in the run folder.
    pub name: String,
    /// SHA-256, hex.
    pub sha256: String,
}

/// The files whose hashes the manifest carries, in order; the markers of the shards follow.
pub const HASHED_FILES: &[&str] =
    &["plan.json", "plan.parquet", "outcomes.csv", "exposure_outcomes.csv", "report.json", "report.html"];

/// The manifest of a run folder; it exists once the run is sealed.
pub fn manifest_path(run: &Path) -> PathBuf {
    run.join("manifest.json")
}

/// The folder of the packages.
pub fn packages_folder(run: &Path) -> PathBuf {
    run.join("packages")
}

impl Manifest {
    /// The bytes of `manifest.json`.
    pub fn to_bytes(&self) -> Result<Vec<u8>, serde_json::Error> {
        let mut bytes = serde_json::to_vec_pretty(self)?;
        bytes.push(b'\n');
        Ok(bytes)
    }
}
