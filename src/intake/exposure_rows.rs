//! The rows of all exposure lists, packed.
//!
//! Enters: parsed rows in the order of lists and rows. Leaves: rows and marks by index. Invariant: each row's marks
//! stand together and in column order, `marks_end` says where they stop; a rejected row has none. Absent on purpose:
//! the person key, and texts of confirm fields, of which hashes suffice.

use crate::model::case_code::CaseCode;
use crate::model::date::PartialDate;
use crate::model::exposure::Certainty;
use crate::model::outcome::ExposureRejected;

/// A row of an exposure list.
#[derive(Debug, Clone, Copy)]
pub struct ExposureRow {
    /// The person's case code; none where the key could not be read.
    pub case_code: Option<CaseCode>,
    /// Where this row's marks end among all marks.
    pub marks_end: u32,
    /// Why the row cannot be used.
    pub rejected: Option<ExposureRejected>,
    /// A rejected row that nevertheless may concern the person: everything but a category that is unknown and ruled out.
    pub holds: bool,
}

/// One category of one row: the person × category × certainty of the contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mark {
    /// Index in [`ExposureRows::categories`].
    pub category: u16,
    /// How sure it is.
    pub certainty: Certainty,
    /// First day that the data concern.
    pub period_from: Option<PartialDate>,
    /// Last day that the data concern.
    pub period_to: Option<PartialDate>,
}

/// What an exposure row says of the identity fields that must agree with the participants list.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ConfirmValues {
    /// Day of birth.
    pub birth_date: Option<PartialDate>,
    /// Hash of the normalised postcode; 0 is blank.
    pub postcode: u64,
    /// Hash of the folded surname; 0 is blank.
    pub surname: u64,
}

/// The rows of all exposure lists.
#[derive(Debug, Clone, Default)]
pub struct ExposureRows {
    /// Category ids of the letter template, in order.
    pub categories: Vec<String>,
    /// Number of rows of each list, in the campaign's order.
    pub rows_per_list: Vec<u32>,
    /// All rows, in the order of lists and rows.
    pub rows: Vec<ExposureRow>,
    /// All marks, in the order of their rows.
    pub marks: Vec<Mark>,
    /// Per list: a value a row, or nothing where the list confirms nothing.
    pub confirm: Vec<Vec<ConfirmValues>>,
}
