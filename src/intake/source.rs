//! A list's file → a table, whatever its format.
//!
//! Enters: the path, encoding and sheet of a list. Leaves: a [`Table`] and the hash of the file's bytes. Invariant: a
//! file that is missing, empty, a folder, damaged or not what its name says is a problem, never a panic. Absent on
//! purpose: what the columns mean.

use std::fs;
use std::io::ErrorKind;
use std::panic::{AssertUnwindSafe, catch_unwind};

use sha2::{Digest, Sha256};

use crate::campaign::settings::ListSource;

use super::csv::CsvTable;
use super::parquet::ParquetTable;
use super::problem::{IntakeProblem, ListName};
use super::xlsx::XlsxTable;

/// The rows of a list, still text.
#[derive(Debug)]
pub enum Table {
    /// A CSV file.
    Csv(CsvTable),
    /// A Parquet file.
    Parquet(ParquetTable),
    /// A sheet of an XLSX file.
    Xlsx(XlsxTable),
}

/// A file that could be opened as what its name says.
#[derive(Debug)]
pub struct OpenList {
    /// Header and rows.
    pub table: Table,
    /// SHA-256 of the file's bytes, hex.
    pub sha256: String,
}

/// Opens a list. `wanted` are the column names that tell one delimiter from another.
///
/// # Errors
/// When the file cannot be read, or is not what its name says.
pub fn open(name: ListName<'_>, source: &ListSource, wanted: &[String]) -> Result<OpenList, IntakeProblem> {
    let bytes = read_bytes(name, source)?;
    let sha256 = hex::encode(Sha256::digest(&bytes));
    let extension = source.file.extension().and_then(|extension| extension.to_str()).map(str::to_ascii_lowercase);
    let table = match extension.as_deref() {
        Some("csv") if is_zip(&bytes) || bytes.starts_with(b"PAR1") => {
            Err(name.data("this is no CSV file", "give the file the extension that its format has"))
        }
        Some("csv") => CsvTable::open(name, bytes, source.encoding, wanted).map(Table::Csv),
        Some("parquet") => guarded(name, "Parquet", || ParquetTable::open(name, bytes)).map(Table::Parquet),
        Some("xlsx") if !is_zip(&bytes) => Err(name.data(
            "this is no XLSX file",
            "save the workbook as .xlsx (not .xls, and without a password) or export it as CSV",
        )),
        Some("xlsx") => {
            guarded(name, "XLSX", || XlsxTable::open(name, &bytes, source.sheet.as_deref())).map(Table::Xlsx)
        }
        _ => {
            Err(name.campaign("the path ends in none of .csv, .parquet, .xlsx", "lists are read in these formats only"))
        }
    }?;
    Ok(OpenList { table, sha256 })
}

/// The file's bytes, at least one.
fn read_bytes(name: ListName<'_>, source: &ListSource) -> Result<Vec<u8>, IntakeProblem> {
    let about = fs::metadata(&source.file).map_err(|error| match error.kind() {
        ErrorKind::NotFound => {
            name.data("the file does not exist", "check `path`; it is read relative to the campaign's folder")
        }
        _ => cannot_open(name),
    })?;
    if !about.is_file() {
        return Err(name.data("the path is no file", "let `path` name one file, not a folder"));
    }
    let bytes = fs::read(&source.file).map_err(|_| cannot_open(name))?;
    if bytes.is_empty() {
        return Err(name.data("the file is empty", "fetch it again; a list of nobody still has a header"));
    }
    Ok(bytes)
}

/// The problem of a file that the system does not let us read.
fn cannot_open(name: ListName<'_>) -> IntakeProblem {
    name.data("the file cannot be read", "check its permissions and whether it is complete")
}

/// Parses with a library that may panic on damaged files: they are the operator's problem, not a bug.
pub(super) fn guarded<T>(
    name: ListName<'_>,
    format: &str,
    parse: impl FnOnce() -> Result<T, IntakeProblem>,
) -> Result<T, IntakeProblem> {
    catch_unwind(AssertUnwindSafe(parse)).unwrap_or_else(|_| Err(name.damaged(format)))
}

/// Whether the bytes start like a ZIP archive.
fn is_zip(bytes: &[u8]) -> bool {
    bytes.starts_with(b"PK\x03\x04")
}

impl Table {
    /// Column names, trimmed; blank where a column has none.
    pub fn header(&self) -> &[String] {
        match self {
            Self::Csv(table) => table.header(),
            Self::Parquet(table) => table.header(),
            Self::Xlsx(table) => table.header(),
        }
    }

    /// Visits every data row, in parallel by slices of rows. `start` makes what a slice collects; `visit` gets it, the
    /// 1-based row within the slice, and the cells of `picks` (blank where a pick is none), or nothing where the row is
    /// unreadable. What the slices collected comes back in order, each with its number of rows.
    ///
    /// # Errors
    /// When the rows turn out to be damaged, or a picked column holds neither text, numbers nor dates.
    pub fn scan<S: Send>(
        &self,
        name: ListName<'_>,
        picks: &[Option<usize>],
        start: impl Fn() -> S + Sync,
        visit: impl Fn(&mut S, u32, Option<&[&str]>) + Sync,
    ) -> Result<Vec<(S, u32)>, IntakeProblem> {
        match self {
            Self::Csv(table) => Ok(table.scan(picks, start, visit)),
            Self::Parquet(table) => guarded(name, "Parquet", || table.scan(name, picks, start, visit)),
            Self::Xlsx(table) => Ok(table.scan(picks, start, visit)),
        }
    }
}
