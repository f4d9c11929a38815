//! A sealed run in a few lines: what the command line prints.
//!
//! Enters: the manifest. Leaves: a value that prints as a screen of text or as JSON. Invariant: counts only; nothing of
//! any person.

use std::fmt;
use std::path::{Path, PathBuf};

use serde::Serialize;

use super::manifest::{Manifest, OutcomeCounts, PackageEntry, Totals};

/// Packages that are listed one by one; the others are summed up in a line.
const LISTED_PACKAGES: usize = 12;

/// A sealed run in a few lines.
#[derive(Debug, Clone, Serialize)]
pub struct Summary {
    /// The campaign's id.
    pub campaign: String,
    /// What became of the participants rows.
    pub outcomes: OutcomeCounts,
    /// Every package.
    pub packages: Vec<PackageEntry>,
    /// Sums.
    pub totals: Totals,
    /// Where the report is.
    pub report: PathBuf,
}

impl Summary {
    /// The summary of a sealed run.
    pub fn new(run: &Path, manifest: &Manifest) -> Self {
        Self {
            campaign: manifest.campaign.clone(),
            outcomes: manifest.outcomes.clone(),
            packages: manifest.packages.clone(),
            totals: manifest.totals,
            report: run.join("report.html"),
        }
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(out, "{}: {} rows", self.campaign, self.totals.rows)?;
        writeln!(out, "  {:<28}{:>12}", "letter", self.outcomes.letter)?;
        writeln!(out, "  {:<28}{:>12}", "merged", self.outcomes.merged)?;
        let groups = [
            ("suppressed", &self.outcomes.suppressed),
            ("held", &self.outcomes.held),
            ("rejected", &self.outcomes.rejected),
        ];
        for (name, reasons) in groups {
            writeln!(out, "  {name:<28}{:>12}", reasons.values().sum::<u64>())?;
            for (reason, count) in reasons {
                writeln!(out, "    {reason:<26}{count:>12}")?;
            }
        }
        if self.packages.is_empty() {
            writeln!(out, "no packages: nobody gets a letter")?;
        } else {
            writeln!(
                out,
                "{:<44}{:>10}{:>7}{:>10}{:>10}{:>14}  release",
                "package", "letters", "seeds", "pages", "sheets", "bytes"
            )?;
        }
        for package in self.packages.iter().take(LISTED_PACKAGES) {
            let PackageEntry { id, letters, seeds, pages, sheets, bytes, release_date, .. } = package;
            writeln!(out, "{id:<44}{letters:>10}{seeds:>7}{pages:>10}{sheets:>10}{bytes:>14}  {release_date}")?;
        }
        if let Some(more) = self.packages.len().checked_sub(LISTED_PACKAGES).filter(|&more| more > 0) {
            writeln!(out, "… and {more} more; the report lists all")?;
        }
        if self.packages.len() > 1 {
            let Totals { letters, packages, pages, sheets, bytes, .. } = self.totals;
            let seeds: u64 = self.packages.iter().map(|package| package.seeds).sum();
            writeln!(
                out,
                "{:<44}{letters:>10}{seeds:>7}{pages:>10}{sheets:>10}{bytes:>14}",
                format!("{packages} packages")
            )?;
        }
        write!(out, "report: {}", self.report.display())
    }
}
