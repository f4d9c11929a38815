//! Parquet files.
//!
//! Enters: the bytes of a file. Leaves: header and rows of text. Invariant: only columns that are asked for are
//! decoded, and a part of the rows at a time, so that a wide file of a million rows does not stand in memory twice.
//! Absent on purpose: nested columns.

use std::io::Cursor;

use jiff::SignedDuration;
use jiff::civil::{Date, DateTime};
use polars::prelude::*;
use rayon::prelude::*;

use super::cell_text::{date_time_text, number_text};
use super::parquet_sizes;
use super::problem::{IntakeProblem, ListName};

/// Rows that are decoded at a time; the usual size of a row group.
const ROWS_AT_A_TIME: usize = 1 << 18;
/// Rows that one slice has.
const SLICE_ROWS: usize = 1 << 14;

/// A Parquet file whose footer was read.
pub struct ParquetTable {
    bytes: Vec<u8>,
    /// Names as they stand in the file.
    columns: Vec<String>,
    header: Vec<String>,
    types: Vec<ArrowDataType>,
    rows: usize,
}

impl std::fmt::Debug for ParquetTable {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("ParquetTable(personal)")
    }
}

/// Values of one column at most: keys differ from each other, so a row takes one bit of the file at least.
const fn values_max(file: &[u8]) -> usize {
    file.len().saturating_mul(8)
}

/// Whether a column's part of the file lies in it and its pages are no larger than it says; nothing for negative numbers.
fn chunk_fits(file: &[u8], first: i64, size: i64, values: i64) -> Option<bool> {
    let start = usize::try_from(first).ok()?;
    let pages = file.get(start..start.checked_add(usize::try_from(size).ok()?)?)?;
    let values = usize::try_from(values).ok().filter(|&values| values <= values_max(file))?;
    Some(parquet_sizes::pages_fit(pages, values as u64))
}

impl ParquetTable {
    /// Reads the footer.
    ///
    /// # Errors
    /// When the file has none that can be read.
    pub fn open(name: ListName<'_>, bytes: Vec<u8>) -> Result<Self, IntakeProblem> {
        if !parquet_sizes::footer_fits(&bytes) {
            return Err(name.damaged("Parquet"));
        }
        let mut reader = ParquetReader::new(Cursor::new(bytes.as_slice()));
        let damaged = |_| name.damaged("Parquet");
        let schema = reader.schema().map_err(damaged)?;
        let rows = reader.num_rows().map_err(damaged)?;
        let metadata = reader.get_metadata().map_err(damaged)?;
        let chunks = metadata.row_groups.iter().flat_map(|group| group.parquet_columns());
        let fit = |first: i64, size: i64, values: i64| chunk_fits(&bytes, first, size, values).unwrap_or(false);
        let mut fits = chunks.map(|chunk| {
            let first = chunk.dictionary_page_offset().unwrap_or_else(|| chunk.data_page_offset());
            fit(first, chunk.compressed_size(), chunk.num_values())
        });
        if rows > values_max(&bytes) || !fits.all(|fits| fits) {
            return Err(name.damaged("Parquet"));
        }
        let columns: Vec<String> = schema.iter_names().map(ToString::to_string).collect();
        let header = columns.iter().map(|column| super::columns::column_name(column)).collect();
        let types = schema.iter_values().map(|field| field.dtype.clone()).collect();
        Ok(Self { bytes, columns, header, types, rows })
    }

    /// Column names, trimmed.
    pub fn header(&self) -> &[String] {
        &self.header
    }

    /// Visits every row; see [`super::source::Table::scan`].
    ///
    /// # Errors
    /// When the rows are damaged, or a picked column holds neither text, numbers nor dates.
    pub fn scan<S: Send>(
        &self,
        name: ListName<'_>,
        picks: &[Option<usize>],
        start: impl Fn() -> S + Sync,
        visit: impl Fn(&mut S, u32, Option<&[&str]>) + Sync,
    ) -> Result<Vec<(S, u32)>, IntakeProblem> {
        for &column in picks.iter().flatten() {
            if !is_readable(&self.types[column]) {
                return Err(name.data(
                    format!("column {} holds neither text, numbers nor dates", column + 1),
                    "write the column as text",
                ));
            }
        }
        let mut collected = Vec::new();
        for offset in (0..self.rows).step_by(ROWS_AT_A_TIME) {
            let frame = self.part(picks, offset).map_err(|_| name.damaged("Parquet"))?;
            if frame.height() != ROWS_AT_A_TIME.min(self.rows - offset) {
                return Err(name.damaged("Parquet"));
            }
            let parts: PolarsResult<Vec<_>> = (0..frame.height())
                .into_par_iter()
                .step_by(SLICE_ROWS)
                .map(|from| self.scan_slice(&frame, from, picks, start(), &visit))
                .collect();
            collected.extend(parts.map_err(|_| name.damaged("Parquet"))?);
        }
        Ok(collected)
    }

    /// The picked columns of a part of the rows.
    fn part(&self, picks: &[Option<usize>], offset: usize) -> PolarsResult<DataFrame> {
        let mut projection: Vec<usize> = picks.iter().copied().flatten().collect();
        projection.sort_unstable();
        projection.dedup();
        ParquetReader::new(Cursor::new(self.bytes.as_slice()))
            .with_projection(Some(projection))
            .with_slice(Some((offset, ROWS_AT_A_TIME)))
            .finish()
    }

    fn scan_slice<S>(
        &self,
        frame: &DataFrame,
        from: usize,
        picks: &[Option<usize>],
        mut collected: S,
        visit: &impl Fn(&mut S, u32, Option<&[&str]>),
    ) -> PolarsResult<(S, u32)> {
        let part = frame.slice(i64::try_from(from).unwrap_or(i64::MAX), SLICE_ROWS);
        let texts: Vec<Option<Vec<String>>> = picks
            .iter()
            .map(|&pick| {
                let column = pick.map(|column| part.column(&self.columns[column])).transpose()?;
                column.map(|column| texts(column.as_materialized_series())).transpose()
            })
            .collect::<PolarsResult<_>>()?;
        let mut row = 0;
        for index in 0..part.height() {
            row += 1;
            let cells: Vec<&str> =
                texts.iter().map(|texts| texts.as_ref().map_or("", |texts| texts[index].as_str())).collect();
            visit(&mut collected, row, Some(&cells));
        }
        Ok((collected, row))
    }
}

/// Whether values of this type have a text that nobody has to guess.
const fn is_readable(kind: &ArrowDataType) -> bool {
    use ArrowDataType as Kind;
    matches!(
        kind,
        Kind::Null
            | Kind::Boolean
            | Kind::Int8
            | Kind::Int16
            | Kind::Int32
            | Kind::Int64
            | Kind::UInt8
            | Kind::UInt16
            | Kind::UInt32
            | Kind::UInt64
            | Kind::Float32
            | Kind::Float64
            | Kind::Date32
            | Kind::Date64
            | Kind::Timestamp(..)
            | Kind::Decimal(..)
            | Kind::Utf8
            | Kind::LargeUtf8
            | Kind::Utf8View
            | Kind::Dictionary(..)
    )
}

/// The values as text, blank where there is none.
fn texts(series: &Series) -> PolarsResult<Vec<String>> {
    let blank = |text: Option<String>| text.unwrap_or_default();
    Ok(match series.dtype() {
        DataType::Float32 | DataType::Float64 => {
            let numbers = series.cast(&DataType::Float64)?;
            numbers.f64()?.iter().map(|number| blank(number.map(number_text))).collect()
        }
        DataType::Date => {
            let days = series.to_physical_repr().cast(&DataType::Int64)?;
            days.i64()?.iter().map(|days| blank(days.map(|days| since_epoch(days, 86_400_000)))).collect()
        }
        DataType::Datetime(unit, _) => {
            let per_milli = match unit {
                TimeUnit::Nanoseconds => 1_000_000,
                TimeUnit::Microseconds => 1_000,
                TimeUnit::Milliseconds => 1,
            };
            let ticks = series.to_physical_repr().cast(&DataType::Int64)?;
            ticks
                .i64()?
                .iter()
                .map(|ticks| blank(ticks.map(|ticks| since_epoch(ticks.div_euclid(per_milli), 1))))
                .collect()
        }
        DataType::String => series.str()?.iter().map(|text| text.map_or_else(String::new, str::to_owned)).collect(),
        _ => {
            let cast = series.cast(&DataType::String)?;
            cast.str()?.iter().map(|text| text.map_or_else(String::new, str::to_owned)).collect()
        }
    })
}

/// The moment that lies this many units after 1970, as text.
fn since_epoch(count: i64, unit_ms: i64) -> String {
    let epoch = Date::constant(1970, 1, 1).to_datetime(jiff::civil::Time::midnight());
    let moment: Option<DateTime> =
        count.checked_mul(unit_ms).and_then(|millis| epoch.checked_add(SignedDuration::from_millis(millis)).ok());
    moment.map_or_else(|| "beyond the calendar".to_owned(), date_time_text)
}
