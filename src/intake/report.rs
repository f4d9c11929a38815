//! What reading a list found, for `meldpost check` and the manifest.
//!
//! Enters: nothing; reading fills these. Leaves: counts, column names and row numbers. Invariant: no value of a person
//! is in it. Absent on purpose: outcomes, which belong to routing.

use std::collections::BTreeMap;

/// What kind of list it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ListKind {
    /// `[[participants]]`
    Participants,
    /// `[[exposures]]`
    Exposures,
    /// `[[registers]]`
    Register,
}

impl ListKind {
    /// The spelling in the manifest.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Participants => "participants",
            Self::Exposures => "exposures",
            Self::Register => "register",
        }
    }
}

/// What reading a list found.
#[derive(Debug, Clone)]
pub struct ListReport {
    /// The list's id.
    pub id: String,
    /// Its kind.
    pub kind: ListKind,
    /// The path as the campaign spells it.
    pub path: String,
    /// SHA-256 of the file's bytes, hex.
    pub sha256: String,
    /// Data rows.
    pub rows: u64,
    /// The columns that are read, in the order of our fields.
    pub columns: Vec<ColumnReport>,
    /// Columns of the list that nothing maps, in the list's order.
    pub unmapped: Vec<String>,
    /// Optional fields of ours that the list does not have.
    pub missing: Vec<String>,
    /// Values outside the rules: (our field, rule) → where.
    pub outside: BTreeMap<(String, Rule), Occurrences>,
}

/// A column that is read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ColumnReport {
    /// Our field or category.
    pub field: String,
    /// Their column.
    pub column: String,
    /// Rows in which it is not blank.
    pub filled: u64,
}

/// A rule that a value does not keep.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Rule {
    /// The row has too few or too many fields, or a cell that holds an error.
    Fields,
    /// The person key cannot be read.
    Key,
    /// A required value is blank.
    Blank,
    /// Not a date, or a birth date after the campaign's date.
    Date,
    /// Not one of the field's codes.
    Code,
    /// Not a Dutch postcode.
    Postcode,
    /// Not a house number, letter or addition.
    HouseNumber,
    /// A control, direction or zero-width character.
    Unprintable,
    /// The reference is or holds the person key and was blanked.
    HoldsKey,
}

impl Rule {
    /// What is wrong, for people.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Fields => "wrong number of fields",
            Self::Key => "not a valid key",
            Self::Blank => "required, but blank",
            Self::Date => "not a valid date",
            Self::Code => "not a known code",
            Self::Postcode => "not a Dutch postcode",
            Self::HouseNumber => "not a house number",
            Self::Unprintable => "control or invisible character",
            Self::HoldsKey => "is or holds the person key, blanked",
        }
    }
}

/// How often, and where first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Occurrences {
    /// Number of rows.
    pub count: u64,
    /// The first rows, 1-based, at most [`Occurrences::SHOWN`].
    pub first_rows: Vec<u32>,
}

impl Occurrences {
    /// Row numbers that are kept.
    pub const SHOWN: usize = 10;
}
