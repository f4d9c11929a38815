//! Counting while rows are visited: fill rates, and where values are outside the rules.
//!
//! Enters: cells and findings of one slice of rows. Leaves: the same for the whole list. Invariant: counting in slices
//! gives what counting in one go would.

use std::collections::BTreeMap;

use super::columns::Mapping;
use super::report::{ColumnReport, Occurrences, Rule};

/// The name under which a finding about a whole row stands.
pub const WHOLE_ROW: &str = "row";

/// Counts of one slice of rows.
#[derive(Debug, Default)]
pub struct Tally {
    /// Per wanted field the rows in which it is not blank.
    filled: Vec<u64>,
    outside: BTreeMap<(&'static str, Rule), Occurrences>,
}

impl Tally {
    /// Counts the cells that are not blank.
    pub fn fill(&mut self, cells: &[&str]) {
        self.filled.resize(cells.len().max(self.filled.len()), 0);
        for (count, cell) in self.filled.iter_mut().zip(cells) {
            *count += u64::from(!cell.trim().is_empty());
        }
    }

    /// Notes a value outside the rules in a 1-based row of the slice.
    pub fn note(&mut self, field: &'static str, rule: Rule, row: u32) {
        let occurrences = self.outside.entry((field, rule)).or_default();
        occurrences.count += 1;
        if occurrences.first_rows.len() < Occurrences::SHOWN {
            occurrences.first_rows.push(row);
        }
    }

    /// Adds the next slice, which starts after `offset` rows.
    pub fn append(&mut self, next: Self, offset: u32) {
        self.filled.resize(next.filled.len().max(self.filled.len()), 0);
        for (count, more) in self.filled.iter_mut().zip(next.filled) {
            *count += more;
        }
        for (key, found) in next.outside {
            let occurrences = self.outside.entry(key).or_default();
            occurrences.count += found.count;
            let free = Occurrences::SHOWN - occurrences.first_rows.len();
            occurrences.first_rows.extend(found.first_rows.into_iter().take(free).map(|row| row + offset));
        }
    }

    /// The rows of a finding.
    pub fn found(&self, field: &'static str, rule: Rule) -> Option<&Occurrences> {
        self.outside.get(&(field, rule))
    }

    /// The columns with their fill counts.
    pub fn columns(&self, mapping: &Mapping) -> Vec<ColumnReport> {
        let filled = mapping.picks.iter().enumerate().filter(|(_, pick)| pick.is_some());
        let filled = filled.map(|(index, _)| self.filled.get(index).copied().unwrap_or(0));
        mapping.columns.iter().cloned().zip(filled).map(|(column, filled)| ColumnReport { filled, ..column }).collect()
    }

    /// The findings, by field and rule.
    pub fn into_outside(self) -> BTreeMap<(String, Rule), Occurrences> {
        self.outside.into_iter().map(|((field, rule), found)| ((field.to_owned(), rule), found)).collect()
    }
}
