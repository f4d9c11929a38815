//! Reads `index.csv` back and checks what it says of itself.
//!
//! Enters: the bytes of the index and the package's id. Leaves: the pieces and files it lists. Invariant: nothing is
//! taken on trust from the writer's code: columns, numbers, page ranges and marks are parsed from text and computed anew.

use std::collections::{BTreeMap, BTreeSet};

use super::finding::Findings;
use super::pieces::Piece;
use crate::model::case_code::CaseCode;
use crate::model::language::LanguageChoice;
use crate::model::postcode::Postcode;

const HEADER: &str =
    "sequence,case_code,file,first_page,pages,sheets,weight_g,language,variant,country,postcode,kix,mark";

/// What the index lists.
#[derive(Debug, Default)]
pub(super) struct Index {
    /// Case codes of the letters, control letters not among them.
    pub(super) letters: Vec<u64>,
    pub(super) seeds: u64,
    pub(super) sheets: u64,
    /// Every PDF, in order.
    pub(super) files: Vec<File>,
    /// Whether letters have two pages a sheet.
    pub(super) duplex: bool,
}

/// A PDF as the index lists it.
#[derive(Debug)]
pub(super) struct File {
    pub(super) name: String,
    pub(super) pages: u64,
    /// Its pieces, in order.
    pub(super) pieces: Vec<Piece>,
}

impl Index {
    pub(super) fn pages(&self) -> u64 {
        self.files.iter().map(|file| file.pages).sum()
    }

    pub(super) fn pieces(&self) -> u64 {
        self.letters.len() as u64 + self.seeds
    }
}

/// A row as its columns say.
#[derive(serde::Deserialize)]
struct Row {
    sequence: u64,
    case_code: String,
    file: String,
    first_page: u64,
    pages: u64,
    sheets: u64,
    weight_g: String,
    language: String,
    variant: String,
    country: String,
    postcode: String,
    kix: String,
    mark: String,
}

/// Parses and checks an index.
pub(super) fn check(bytes: &[u8], package: &str, findings: &mut Findings) -> Index {
    let mut reader = csv::Reader::from_reader(bytes);
    let header = reader.headers().map(|header| header.iter().collect::<Vec<_>>().join(","));
    if header.as_deref().ok() != Some(HEADER) {
        findings.add("the columns are not the agreed ones");
        return Index::default();
    }
    let mut index = Index::default();
    let mut seen = Seen::default();
    for (number, row) in (1_u64..).zip(reader.deserialize::<Row>()) {
        let Ok(row) = row else {
            findings.add(format!("row {number} cannot be read"));
            continue;
        };
        if index.files.is_empty() {
            index.duplex = row.sheets.checked_mul(2) == Some(row.pages);
        }
        let mut wrong = |what: &str| findings.add(format!("row {number}: {what}"));
        if row.sequence != number {
            wrong(&format!("its sequence is {}, a row before it is missing or doubled", row.sequence));
        }
        check_place(&row, package, &mut index, &mut seen, &mut wrong);
        check_paper(&row, index.duplex, &mut seen, &mut wrong);
        check_destination(&row, &mut wrong);
        let Some(code) = CaseCode::parse(&row.case_code).filter(|code| code.printed() == row.case_code) else {
            wrong("its case code is none");
            continue;
        };
        let marked = !row.mark.is_empty();
        if marked && expected_mark(code, 1, row.sheets).is_none_or(|expected| expected != row.mark) {
            wrong("its mark is not that of sheet 1 of this letter");
        }
        if let Some(file) = index.files.last_mut() {
            let Row { first_page, pages, sheets, .. } = row;
            file.pieces.push(Piece { code, first_page, pages, sheets, marked });
        }
        if !seen.codes.insert(code.bits()) {
            wrong(&format!("{} stands in the index twice", row.case_code));
        }
        if row.variant == "seed" {
            index.seeds += 1;
        } else if index.seeds > 0 {
            wrong("a letter stands behind the control letters");
        } else {
            index.letters.push(code.bits());
        }
        index.sheets += row.sheets;
    }
    index
}

#[derive(Default)]
struct Seen {
    codes: BTreeSet<u64>,
    files: BTreeSet<String>,
    weights: BTreeMap<u64, String>,
}

/// Page ranges lie side by side, in files that are named as they must be.
fn check_place(row: &Row, package: &str, index: &mut Index, seen: &mut Seen, wrong: &mut impl FnMut(&str)) {
    if index.files.last().is_none_or(|file| file.name != row.file) {
        if !seen.files.insert(row.file.clone()) {
            wrong("its file was left before");
        }
        index.files.push(File { name: row.file.clone(), pages: 0, pieces: Vec::new() });
        let stream = format!("streams/{package}-{:04}.pdf", index.files.len());
        if row.file != stream && row.file != format!("letters/{}.pdf", row.case_code) {
            wrong("its file is not named after the package or the letter");
        }
    }
    let Some(file) = index.files.last_mut() else { return };
    if row.first_page != file.pages + 1 {
        wrong(&format!("its first page is {}, the letter before it ends on page {}", row.first_page, file.pages));
    }
    file.pages += row.pages;
}

/// Sheets follow from pages, weight from sheets.
fn check_paper(row: &Row, duplex: bool, seen: &mut Seen, wrong: &mut impl FnMut(&str)) {
    let expected = if duplex { row.sheets.checked_mul(2) } else { Some(row.sheets) };
    if row.sheets == 0 || expected != Some(row.pages) {
        wrong(&format!("{} pages on {} sheets", row.pages, row.sheets));
    }
    let one_decimal = row.weight_g.split_once('.').is_some_and(|(grams, tenths)| {
        tenths.len() == 1 && !grams.is_empty() && (grams.to_owned() + tenths).bytes().all(|byte| byte.is_ascii_digit())
    });
    if !one_decimal {
        wrong("its weight is no number with one decimal");
    }
    if seen.weights.entry(row.sheets).or_insert_with(|| row.weight_g.clone()) != &row.weight_g {
        wrong("its weight differs from that of letters with as many sheets");
    }
}

fn check_destination(row: &Row, wrong: &mut impl FnMut(&str)) {
    if LanguageChoice::parse_index(&row.language).is_none_or(|language| language.as_str() != row.language) {
        wrong("its language is none");
    }
    if row.country.len() != 2 || !row.country.bytes().all(|byte| byte.is_ascii_uppercase()) {
        wrong("its country is no ISO 3166-1 alpha-2 code");
    }
    let domestic = row.country == "NL";
    if !row.postcode.is_empty()
        && (!domestic || Postcode::parse(&row.postcode).is_none_or(|postcode| postcode.compact() != row.postcode))
    {
        wrong("its postcode is none, or it goes abroad");
    }
    let kix_fits =
        row.kix.len() <= 18 && row.kix.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
    if !row.kix.is_empty() && (!kix_fits || !row.kix.starts_with(&row.postcode) || row.postcode.is_empty()) {
        wrong("its KIX does not belong to its postcode");
    }
}

/// What the `DataMatrix` of a sheet must hold; `None` where a piece has more sheets than the mark can count.
pub(super) fn expected_mark(code: CaseCode, sheet: u64, sheets: u64) -> Option<String> {
    let last = if sheet == sheets { 'E' } else { 'C' };
    let body = format!("M1{}{sheet:02}{sheets:02}{last}", code.compact());
    (sheets < 100).then(|| format!("{body}{:04X}", crc16_ccitt_false(body.as_bytes())))
}

/// CRC-16/CCITT-FALSE: polynomial 0x1021, start 0xFFFF, nothing reflected.
fn crc16_ccitt_false(bytes: &[u8]) -> u16 {
    bytes.iter().fold(0xFFFF, |crc, &byte| {
        (0..8)
            .fold(crc ^ (u16::from(byte) << 8), |crc, _| if crc & 0x8000 == 0 { crc << 1 } else { (crc << 1) ^ 0x1021 })
    })
}

#[cfg(test)]
mod tests {
    use super::crc16_ccitt_false;

    #[test]
    fn the_checksum_gives_its_catalogued_check_value() {
        assert_eq!(crc16_ccitt_false(b"123456789"), 0x29B1);
    }
}
