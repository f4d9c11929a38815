//! CSV files: encoding, delimiter, quotes, rows.
//!
//! Enters: the bytes of a file. Leaves: header and rows of text. Invariant: every byte decodes or the file is refused
//! at its line; a quote that would swallow other rows is a problem of the file, because no row after it can be trusted;
//! blank lines are no rows. Absent on purpose: what the columns mean.

use std::ops::Range;

use csv::{ByteRecord, ReaderBuilder};
use rayon::prelude::*;

use crate::campaign::settings::Encoding;

use super::problem::{IntakeProblem, ListName};

/// Bytes that one slice of rows has at least.
const SLICE_BYTES: usize = 1 << 20;
/// The delimiters that are detected, the most usual of office programs here first.
const DELIMITERS: [u8; 3] = *b";,\t";
/// What some programs put before UTF-8.
const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

/// A CSV file, decoded.
pub struct CsvTable {
    text: String,
    delimiter: u8,
    header: Vec<String>,
    slices: Vec<Range<usize>>,
}

impl std::fmt::Debug for CsvTable {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("CsvTable(personal)")
    }
}

impl CsvTable {
    /// Decodes the file, detects the delimiter and finds where rows end.
    ///
    /// # Errors
    /// When bytes do not decode, a quote never closes, or there is no header.
    pub fn open(
        name: ListName<'_>,
        bytes: Vec<u8>,
        encoding: Encoding,
        wanted: &[String],
    ) -> Result<Self, IntakeProblem> {
        let text = decode(name, bytes, encoding)?;
        let (delimiter, header, body) = DELIMITERS
            .into_iter()
            .filter_map(|delimiter| {
                let (header, body) = read_header(&text, delimiter)?;
                Some((delimiter, header, body))
            })
            .max_by_key(|(delimiter, header, _)| {
                let known = header.iter().filter(|column| wanted.contains(column)).count();
                let order = DELIMITERS.iter().position(|known| known == delimiter);
                (known, header.len(), std::cmp::Reverse(order))
            })
            .ok_or_else(|| name.data("the file has no header", "a list of nobody still has a header"))?;
        let slices = row_slices(&text, delimiter, body).map_err(|at| {
            name.data(
                format!(
                    "line {}: a quote opens here and does not close before other rows begin",
                    line_at(text.as_bytes(), at)
                ),
                "close the quote, or double a quote that belongs to the text",
            )
        })?;
        Ok(Self { text, delimiter, header, slices })
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
        self.slices.par_iter().map(|slice| self.scan_slice(slice.clone(), picks, start(), &visit)).collect()
    }

    fn scan_slice<S>(
        &self,
        slice: Range<usize>,
        picks: &[Option<usize>],
        mut collected: S,
        visit: &impl Fn(&mut S, u32, Option<&[&str]>),
    ) -> (S, u32) {
        let mut reader = reader(self.text[slice].as_bytes(), self.delimiter);
        let mut record = ByteRecord::new();
        let mut row = 0;
        // Reading from memory without a fixed width cannot fail.
        while matches!(reader.read_byte_record(&mut record), Ok(true)) {
            if is_blank_line(&record) {
                continue;
            }
            row += 1;
            if record.len() == self.header.len() {
                let cells: Vec<&str> =
                    picks.iter().map(|&pick| pick.map_or("", |column| text(&record, column))).collect();
                visit(&mut collected, row, Some(&cells));
            } else {
                visit(&mut collected, row, None);
            }
        }
        (collected, row)
    }
}

/// A reader that takes rows of any width.
fn reader(bytes: &[u8], delimiter: u8) -> csv::Reader<&[u8]> {
    ReaderBuilder::new().has_headers(false).flexible(true).delimiter(delimiter).from_reader(bytes)
}

/// The field's text; fields of decoded text are text.
fn text(record: &ByteRecord, column: usize) -> &str {
    record.get(column).and_then(|field| std::str::from_utf8(field).ok()).unwrap_or_default()
}

/// A line with nothing but spaces; `""` is a value that is blank, on a line that is not.
fn is_blank_line(record: &ByteRecord) -> bool {
    record.len() == 1 && !record[0].is_empty() && text(record, 0).trim().is_empty()
}

/// The column names and where the rows start.
fn read_header(text: &str, delimiter: u8) -> Option<(Vec<String>, usize)> {
    let mut reader = reader(text.as_bytes(), delimiter);
    let mut record = ByteRecord::new();
    while reader.read_byte_record(&mut record).ok()? {
        if !is_blank_line(&record) {
            let header = (0..record.len()).map(|column| super::columns::column_name(self::text(&record, column)));
            return Some((header.collect(), usize::try_from(reader.position().byte()).ok()?));
        }
    }
    None
}

/// The file's text without byte order mark.
fn decode(name: ListName<'_>, mut bytes: Vec<u8>, encoding: Encoding) -> Result<String, IntakeProblem> {
    let marked = bytes.starts_with(BYTE_ORDER_MARK);
    match encoding {
        Encoding::Utf8 => {
            if marked {
                bytes.drain(..BYTE_ORDER_MARK.len());
            }
            String::from_utf8(bytes).map_err(|error| {
                let line = line_at(error.as_bytes(), error.utf8_error().valid_up_to());
                name.data(
                    format!("line {line}: bytes that do not decode"),
                    "save the file as UTF-8, or say `encoding = \"windows-1252\"` if that is what it is",
                )
            })
        }
        Encoding::Windows1252 if marked => Err(name.data(
            "line 1: the file says that it is UTF-8, the campaign says windows-1252",
            "remove `encoding` from the list",
        )),
        Encoding::Windows1252 => {
            // Five bytes mean nothing in Windows-1252; the decoder would make control characters of them.
            match bytes.iter().position(|byte| matches!(byte, 0x81 | 0x8D | 0x8F | 0x90 | 0x9D)) {
                Some(at) => Err(name.data(
                    format!("line {}: bytes that do not decode", line_at(&bytes, at)),
                    "the file is not Windows-1252; remove `encoding` if it is UTF-8",
                )),
                None => Ok(encoding_rs::WINDOWS_1252.decode_without_bom_handling(&bytes).0.into_owned()),
            }
        }
    }
}

/// 1-based line of a byte.
fn line_at(text: &[u8], at: usize) -> usize {
    text[..at].split(|&byte| byte == b'\n').count()
}

/// Slices of whole rows from `body` on, or where a quote opens that swallows rows: it never closes, or what closes it
/// stands inside a later line's field.
fn row_slices(text: &str, delimiter: u8, body: usize) -> Result<Vec<Range<usize>>, usize> {
    #[derive(Clone, Copy)]
    enum State {
        FieldStart,
        Plain,
        Quoted,
        QuoteInQuoted,
    }
    let mut slices = Vec::new();
    let mut state = State::FieldStart;
    let (mut slice_start, mut opened_at, mut spans_lines) = (body, 0, false);
    for (at, &byte) in text.as_bytes().iter().enumerate() {
        let field_ends = byte == delimiter || byte == b'\n' || byte == b'\r';
        state = match state {
            State::Quoted if byte == b'"' => State::QuoteInQuoted,
            State::Quoted => {
                spans_lines |= byte == b'\n';
                State::Quoted
            }
            State::QuoteInQuoted if byte == b'"' => State::Quoted,
            State::QuoteInQuoted if !field_ends && spans_lines => return Err(opened_at),
            State::FieldStart if byte == b'"' => {
                (opened_at, spans_lines) = (at, false);
                State::Quoted
            }
            _ if field_ends => State::FieldStart,
            _ => State::Plain,
        };
        let row_ends = byte == b'\n' && matches!(state, State::FieldStart);
        if row_ends && at >= body && at + 1 - slice_start >= SLICE_BYTES {
            slices.push(slice_start..at + 1);
            slice_start = at + 1;
        }
    }
    if matches!(state, State::Quoted) {
        return Err(opened_at);
    }
    if slice_start < text.len() {
        slices.push(slice_start..text.len());
    }
    Ok(slices)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const NAME: ListName<'_> = ListName { kind: "participants list", id: "a", path: "a.csv" };

    fn rows(bytes: &[u8]) -> Vec<Option<Vec<String>>> {
        let wanted = ["a".to_owned(), "b".to_owned()];
        let table = CsvTable::open(NAME, bytes.to_vec(), Encoding::Utf8, &wanted).expect("a table");
        let picks: Vec<_> = (0..table.header().len()).map(Some).collect();
        let visit = |found: &mut Vec<_>, _, cells: Option<&[&str]>| {
            found.push(cells.map(|cells| cells.iter().map(|&cell| cell.to_owned()).collect()));
        };
        table.scan(&picks, Vec::new, visit).into_iter().flat_map(|(found, _)| found).collect()
    }

    #[expect(clippy::unnecessary_wraps, reason = "compared with rows that may be unreadable")]
    fn row(cells: &[&str]) -> Option<Vec<String>> {
        Some(cells.iter().map(|&cell| cell.to_owned()).collect())
    }

    #[test]
    fn each_delimiter_is_detected_and_a_byte_order_mark_is_no_part_of_a_name() {
        for bytes in [&b"a;b\n1;2,3\n"[..], b"\xEF\xBB\xBFa,b\r\n1,\"2,3\"\r\n", b"a\tb\n1\t2,3"] {
            assert_eq!(rows(bytes), [row(&["1", "2,3"])]);
        }
    }

    #[test]
    fn the_delimiter_that_finds_known_columns_wins_over_the_one_that_finds_more() {
        let table =
            CsvTable::open(NAME, b"a;b, c, d, e\n".to_vec(), Encoding::Utf8, &["a".to_owned()]).expect("a table");
        assert_eq!(table.header(), ["a", "b, c, d, e"]);
    }

    #[test]
    fn line_breaks_inside_quotes_belong_to_the_field() {
        assert_eq!(rows(b"a,b\n\"1\r\n2\",\"say \"\"x\"\"\"\n3,4"), [row(&["1\r\n2", "say \"x\""]), row(&["3", "4"])]);
    }

    #[test]
    fn blank_lines_are_no_rows_but_a_row_of_delimiters_is() {
        assert_eq!(rows(b"\n  \na,b\n\n1,2\r\n \t \n,\n"), [row(&["1", "2"]), row(&["", ""])]);
    }

    #[test]
    fn rows_with_another_number_of_fields_are_unreadable_rows() {
        assert_eq!(rows(b"a,b\n1\n1,2,3\n1,2\n"), [None, None, row(&["1", "2"])]);
    }

    #[test]
    fn a_quote_that_never_closes_is_refused_at_its_line() {
        for bytes in [&b"a,b\n1,2\n\"3,4\n5,6\n"[..], b"a,b\n1,2\n\"3,4\n5,\"6\"\n7,8\n"] {
            let problem = CsvTable::open(NAME, bytes.to_vec(), Encoding::Utf8, &[]).expect_err("refused");
            assert!(problem.message.contains("line 3"), "{problem}");
        }
    }

    #[test]
    fn a_stray_quote_within_one_line_costs_no_other_row() {
        assert_eq!(rows(b"a,b\n\"Jan \"de\" Boer\",2\n3,4\n").len(), 2);
        assert_eq!(rows(b"a,b\n5\" pipe,2\n3,4\n"), [row(&["5\" pipe", "2"]), row(&["3", "4"])]);
    }

    #[test]
    fn bytes_that_do_not_decode_are_refused_at_their_line() {
        let latin = b"a,b\n1,2\n3,Ren\xE9e\n";
        let problem = CsvTable::open(NAME, latin.to_vec(), Encoding::Utf8, &[]).expect_err("refused");
        assert!(problem.message.contains("line 3"), "{problem}");
        assert!(CsvTable::open(NAME, latin.to_vec(), Encoding::Windows1252, &[]).is_ok());
        assert!(CsvTable::open(NAME, b"a,b\n\x81,2\n".to_vec(), Encoding::Windows1252, &[]).is_err());
    }

    #[test]
    fn slices_of_a_long_file_hold_every_row_once() {
        let body: String = (0..300_000).map(|number| format!("{number},\"x\ny\"\n")).collect();
        let found = rows(format!("a,b\n{body}").as_bytes());
        assert_eq!(found.len(), 300_000);
        assert_eq!(found[299_999], row(&["299999", "x\ny"]));
    }

    proptest! {
        #[test]
        fn arbitrary_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
            let _ = CsvTable::open(NAME, bytes.clone(), Encoding::Windows1252, &[]);
            let _ = CsvTable::open(NAME, bytes, Encoding::Utf8, &[]);
        }

        #[test]
        fn slicing_agrees_with_reading_in_one_go(text in "[a\",\n\r;é ]{0,60}") {
            let whole = format!("a,b\n{text}");
            if let Ok(table) = CsvTable::open(NAME, whole.clone().into_bytes(), Encoding::Utf8, &["a".to_owned(), "b".to_owned()]) {
                let mut one_go = reader(whole.as_bytes(), table.delimiter);
                let expected = one_go.byte_records().filter_map(Result::ok).filter(|record| !is_blank_line(record)).count();
                prop_assert_eq!(rows(whole.as_bytes()).len(), expected - 1);
            }
        }
    }
}
