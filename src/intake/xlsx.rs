//! Sheets of XLSX workbooks.
//!
//! Enters: the bytes of a file and the name of a sheet. Leaves: header and rows of text. Invariant: the first row with
//! a value is the header; a row without a value is none; a cell is its value, never its formula. Absent on purpose:
//! number formats other than dates: a postcode formatted as a number lost its zeros before it came here.

use calamine::{Cell, DataRef, Reader, Xlsx};
use jiff::civil::Date;
use rayon::prelude::*;
use std::io::Cursor;

use super::cell_text::{date_time_text, number_text};
use super::packed::Packed;
use super::problem::{IntakeProblem, ListName};

/// Rows that one slice has.
const SLICE_ROWS: usize = 1 << 12;

/// A sheet, read.
pub struct XlsxTable {
    header: Vec<String>,
    /// Nothing for a row that is wider than the header.
    rows: Vec<Option<SheetRow>>,
}

/// A row of a sheet.
struct SheetRow {
    /// As many texts as the header has columns.
    texts: Packed,
    /// Columns whose cell holds an error such as `#N/A`.
    errors: Vec<usize>,
}

impl std::fmt::Debug for XlsxTable {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("XlsxTable(personal)")
    }
}

impl XlsxTable {
    /// Reads the sheet with this name, or the first.
    ///
    /// # Errors
    /// When the workbook is damaged, lacks the sheet, or the sheet has no header.
    pub fn open(name: ListName<'_>, bytes: &[u8], sheet: Option<&str>) -> Result<Self, IntakeProblem> {
        let damaged = |_| name.damaged("XLSX");
        let mut workbook: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).map_err(damaged)?;
        let names = workbook.sheet_names();
        let sheet = match sheet {
            Some(wanted) if names.iter().any(|name| name == wanted) => wanted.to_owned(),
            Some(wanted) => {
                return Err(name.data(
                    format!("the workbook has no sheet `{wanted}`"),
                    "correct `sheet`, or leave it out for the first one",
                ));
            }
            None => names.first().cloned().ok_or_else(|| name.data("the workbook has no sheet", "fetch it again"))?,
        };
        let mut cells = workbook.worksheet_cells_reader(&sheet).map_err(damaged)?;
        let mut rows = Rows::default();
        while let Some(cell) = cells.next_cell().map_err(damaged)? {
            rows.cell(&cell);
        }
        rows.end_row();
        let header =
            rows.header.ok_or_else(|| name.data("the sheet has no header", "a list of nobody still has one"))?;
        Ok(Self { header, rows: rows.gathered })
    }

    /// Column names, trimmed.
    pub fn header(&self) -> &[String] {
        &self.header
    }

    /// Visits every row; see [`super::source::Table::scan`].
    pub fn scan<S: Send>(
        &self,
        picks: &[Option<usize>],
        start: impl Fn() -> S + Sync,
        visit: impl Fn(&mut S, u32, Option<&[&str]>) + Sync,
    ) -> Vec<(S, u32)> {
        let slices = self.rows.par_chunks(SLICE_ROWS);
        slices
            .map(|rows| {
                let (mut collected, mut number) = (start(), 0);
                for row in rows {
                    number += 1;
                    let readable =
                        row.as_ref().filter(|row| !picks.iter().flatten().any(|pick| row.errors.contains(pick)));
                    let cells: Option<Vec<&str>> = readable.map(|row| {
                        let text =
                            |&pick: &Option<usize>| pick.map_or("", |column| row.texts.get(column, self.header.len()));
                        picks.iter().map(text).collect()
                    });
                    visit(&mut collected, number, cells.as_deref());
                }
                (collected, number)
            })
            .collect()
    }
}

/// Gathers cells, which come row by row, into rows.
#[derive(Default)]
struct Rows {
    header: Option<Vec<String>>,
    gathered: Vec<Option<SheetRow>>,
    /// The sheet's number of the row that is being gathered.
    current: u32,
    /// Column, text, and whether it is an error.
    cells: Vec<(usize, String, bool)>,
}

impl Rows {
    fn cell(&mut self, cell: &Cell<DataRef<'_>>) {
        let (row, column) = cell.get_position();
        if row != self.current {
            self.end_row();
            self.current = row;
        }
        let error = matches!(cell.get_value(), DataRef::Error(_));
        let text = cell_text(cell.get_value());
        if error || !text.trim().is_empty() {
            self.cells.push((column as usize, text, error));
        }
    }

    fn end_row(&mut self) {
        let cells = std::mem::take(&mut self.cells);
        let Some(width) = cells.iter().map(|(column, ..)| column + 1).max() else { return };
        let Some(header) = &self.header else {
            let mut header = vec![String::new(); width];
            for (column, text, _) in cells {
                header[column] = super::columns::column_name(&text);
            }
            self.header = Some(header);
            return;
        };
        if width > header.len() {
            self.gathered.push(None);
            return;
        }
        let mut texts = vec![""; header.len()];
        for (column, text, _) in &cells {
            texts[*column] = text;
        }
        let errors = cells.iter().filter(|(.., error)| *error).map(|(column, ..)| *column).collect();
        self.gathered.push(Some(SheetRow { texts: Packed::new(texts.iter().copied()), errors }));
    }
}

/// The cell's value as text.
fn cell_text(value: &DataRef<'_>) -> String {
    match value {
        DataRef::Int(number) => number.to_string(),
        DataRef::Float(number) => number_text(*number),
        DataRef::String(text) | DataRef::DurationIso(text) => text.clone(),
        DataRef::DateTimeIso(text) => text.strip_suffix("T00:00:00").unwrap_or(text).to_owned(),
        DataRef::SharedString(text) => (*text).to_owned(),
        DataRef::Bool(truth) => truth.to_string(),
        DataRef::DateTime(moment) if moment.is_datetime() => {
            let (year, month, day, hour, minute, second, milli) = moment.to_ymd_hms_milli();
            let date = i16::try_from(year)
                .ok()
                .and_then(|year| Date::new(year, month.try_into().ok()?, day.try_into().ok()?).ok());
            let time = jiff::civil::Time::new(
                hour.try_into().unwrap_or(0),
                minute.try_into().unwrap_or(0),
                second.try_into().unwrap_or(0),
                i32::from(milli) * 1_000_000,
            );
            match (date, time) {
                (Some(date), Ok(time)) => date_time_text(date.to_datetime(time)),
                _ => number_text(moment.as_f64()),
            }
        }
        DataRef::DateTime(duration) => number_text(duration.as_f64()),
        DataRef::Error(_) | DataRef::Empty => String::new(),
    }
}
