//! One list, opened and mapped: what reading participants, exposures and registers has in common.
//!
//! Enters: the list's source and its fields. Leaves: its rows, slice by slice, and its report. Invariant: the header was
//! checked before a row is visited.

use crate::campaign::settings::ListSource;

use super::columns::{self, Mapping, Wanted};
use super::problem::{IntakeProblem, ListName};
use super::report::{ListKind, ListReport};
use super::source::{self, Table};
use super::tally::Tally;

/// A list whose header has what is needed.
pub struct MappedList<'a> {
    name: ListName<'a>,
    table: Table,
    sha256: String,
    mapping: Mapping,
}

impl<'a> MappedList<'a> {
    /// Opens the list and finds the wanted fields.
    ///
    /// # Errors
    /// Every problem of the file and its header.
    pub fn open(name: ListName<'a>, source: &ListSource, wanted: &[Wanted]) -> Result<Self, Vec<IntakeProblem>> {
        let names: Vec<String> = wanted.iter().map(|wanted| wanted.column().to_owned()).collect();
        let opened = source::open(name, source, &names).map_err(|problem| vec![problem])?;
        let mapping = columns::map(name, opened.table.header(), wanted)?;
        Ok(Self { name, table: opened.table, sha256: opened.sha256, mapping })
    }

    /// Per wanted field the index of its column.
    pub fn picks(&self) -> &[Option<usize>] {
        &self.mapping.picks
    }

    /// Visits every data row; see [`Table::scan`].
    ///
    /// # Errors
    /// When rows are damaged, or are too many to be numbered.
    pub fn scan<S: Send>(
        &self,
        start: impl Fn() -> S + Sync,
        visit: impl Fn(&mut S, u32, Option<&[&str]>) + Sync,
    ) -> Result<Vec<(S, u32)>, Vec<IntakeProblem>> {
        let slices = self.table.scan(self.name, &self.mapping.picks, start, visit).map_err(|problem| vec![problem])?;
        let rows: u64 = slices.iter().map(|(_, rows)| u64::from(*rows)).sum();
        if rows > u64::from(u32::MAX) {
            return Err(vec![self.name.data("more rows than can be numbered", "split the list")]);
        }
        Ok(slices)
    }

    /// What reading found.
    pub fn into_report(self, kind: ListKind, rows: u32, tally: Tally) -> ListReport {
        ListReport {
            id: self.name.id.to_owned(),
            kind,
            path: self.name.path.to_owned(),
            sha256: self.sha256,
            rows: u64::from(rows),
            columns: tally.columns(&self.mapping),
            unmapped: self.mapping.unmapped,
            missing: self.mapping.missing,
            outside: tally.into_outside(),
        }
    }
}
