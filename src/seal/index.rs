//! `index.csv`: one row a piece, in the physical order of the package.
//!
//! Enters: a planned letter and where it stands in its file. Leaves: a row. Invariant: nothing of a person but the case
//! code and what sorting needs; a protected address gives neither postcode nor KIX. Absent on purpose: names and
//! addresses, which the print house reads from the page if it must.

use std::io::{self, Write};

use super::spreadsheet::guarded;
use crate::campaign::vendor::Vendor;
use crate::plan::record::PlannedLetter;

/// The name of the index inside a package.
pub(super) const INDEX: &str = "index.csv";

/// The columns, in order.
pub(super) const COLUMNS: [&str; 13] = [
    "sequence",
    "case_code",
    "file",
    "first_page",
    "pages",
    "sheets",
    "weight_g",
    "language",
    "variant",
    "country",
    "postcode",
    "kix",
    "mark",
];

/// The variant of a control letter.
pub(super) const SEED_VARIANT: &str = "seed";

/// The only country where postcode and KIX mean something.
const DOMESTIC: &str = "NL";

/// Where a piece stands.
pub(super) struct Place<'a> {
    pub(super) file: &'a str,
    pub(super) first_page: u32,
    pub(super) pages: u32,
    pub(super) mark: &'a str,
}

/// Writes the index row by row.
pub(super) struct IndexWriter<'a, W: Write> {
    rows: csv::Writer<W>,
    vendor: &'a Vendor,
    sequence: u64,
}

impl<'a, W: Write> IndexWriter<'a, W> {
    pub(super) fn new(inner: W, vendor: &'a Vendor) -> io::Result<Self> {
        let mut rows = csv::Writer::from_writer(inner);
        rows.write_record(COLUMNS)?;
        Ok(Self { rows, vendor, sequence: 0 })
    }

    pub(super) fn push(&mut self, planned: &PlannedLetter, place: &Place<'_>) -> io::Result<()> {
        self.sequence += 1;
        let destination = planned.letter.destination.reveal();
        let sheets = self.vendor.plex.sheets(place.pages);
        let shown = destination.country == DOMESTIC && !destination.protected;
        let (postcode, kix) =
            if shown { (destination.postcode.as_str(), planned.printed_kix.as_str()) } else { ("", "") };
        let variant = if planned.seed { SEED_VARIANT } else { &planned.letter.variant };
        self.rows.write_record([
            self.sequence.to_string().as_str(),
            &planned.letter.case_code.printed(),
            place.file,
            &place.first_page.to_string(),
            &place.pages.to_string(),
            &sheets.to_string(),
            &format!("{:.1}", self.vendor.piece_grams(sheets)),
            planned.letter.languages.as_str(),
            &guarded(variant),
            &destination.country,
            postcode,
            kix,
            place.mark,
        ])?;
        Ok(())
    }

    pub(super) fn finish(mut self) -> io::Result<()> {
        self.rows.flush()
    }
}
