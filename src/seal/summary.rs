//! A sealed run in a few lines: what the command line prints.
//!
//! Enters: the manifest. Leaves: a value that prints as a screen of text or as JSON. Invariant: counts only; nothing of
//! any person.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use serde::Serialize;

use super::manifest::{Manifest, OutcomeCounts, PackageEntry, Totals};

/// Lines that a small terminal shows above its prompt.
const LINES: usize = 23;
/// Packages that are listed one by one even where that makes it longer.
const LISTED_PACKAGES: usize = 3;
/// Characters of a line of reasons, and where it starts.
const WIDTH: usize = 80;
const INDENT: usize = 23;

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
        let mut rows = String::new();
        self.write_outcomes(&mut rows)?;
        out.write_str(&rows)?;
        // Beside the packages: their head, what is not listed, the sum, the report.
        self.write_packages(out, LINES.saturating_sub(rows.lines().count() + 4).max(LISTED_PACKAGES))?;
        write!(out, "report: {}", self.report.display())
    }
}

/// An outcome with its reasons, the most frequent first, in as few lines as they need.
fn write_reasons(out: &mut impl fmt::Write, outcome: &str, reasons: &BTreeMap<String, u64>) -> fmt::Result {
    write!(out, "  {outcome:<10}{:>9}", reasons.values().sum::<u64>())?;
    let mut sorted: Vec<_> = reasons.iter().collect();
    sorted.sort_by_key(|&(reason, &rows)| (Reverse(rows), reason));
    let mut column = WIDTH;
    for (position, (reason, rows)) in sorted.into_iter().enumerate() {
        let text = format!("{reason} {rows}");
        if position == 0 {
            write!(out, "  {text}")?;
            column = INDENT + text.len();
        } else if column + text.len() + 2 > WIDTH {
            write!(out, ",\n{:INDENT$}{text}", "")?;
            column = INDENT + text.len();
        } else {
            write!(out, ", {text}")?;
            column += text.len() + 2;
        }
    }
    writeln!(out)
}

impl Summary {
    fn write_outcomes(&self, out: &mut impl fmt::Write) -> fmt::Result {
        writeln!(out, "{}: {} rows", self.campaign, self.totals.rows)?;
        writeln!(out, "  {:<10}{:>9}", "letter", self.outcomes.letter)?;
        writeln!(out, "  {:<10}{:>9}", "merged", self.outcomes.merged)?;
        write_reasons(out, "suppressed", &self.outcomes.suppressed)?;
        write_reasons(out, "held", &self.outcomes.held)?;
        write_reasons(out, "rejected", &self.outcomes.rejected)
    }

    /// The packages, one by one, as far as they go into `room` lines.
    fn write_packages(&self, out: &mut impl fmt::Write, room: usize) -> fmt::Result {
        let Some(widest) = self.packages.iter().map(|package| package.id.len()).max() else {
            return writeln!(out, "no packages: nobody gets a letter");
        };
        let width = widest.max("12345 packages".len());
        let [package, letters, seeds, pages, sheets, bytes] =
            ["package", "letters", "seeds", "pages", "sheets", "bytes"];
        writeln!(out, "{package:<width$}{letters:>9}{seeds:>6}{pages:>8}{sheets:>8}{bytes:>12}  release")?;
        // The line that says how many more there are may as well be the last of them.
        let listed = if self.packages.len() <= room + 1 { self.packages.len() } else { room };
        for package in self.packages.iter().take(listed) {
            let PackageEntry { id, letters, seeds, pages, sheets, bytes, release_date, .. } = package;
            writeln!(out, "{id:<width$}{letters:>9}{seeds:>6}{pages:>8}{sheets:>8}{bytes:>12}  {release_date}")?;
        }
        if let Some(more) = self.packages.len().checked_sub(listed).filter(|&more| more > 0) {
            writeln!(out, "… and {more} more; the report lists all")?;
        }
        let Totals { letters, packages, pages, sheets, bytes, .. } = self.totals;
        let seeds: u64 = self.packages.iter().map(|package| package.seeds).sum();
        let all = format!("{packages} packages");
        writeln!(out, "{all:<width$}{letters:>9}{seeds:>6}{pages:>8}{sheets:>8}{bytes:>12}")
    }
}
