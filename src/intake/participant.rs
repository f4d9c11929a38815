//! A row of a participants list.
//!
//! Enters: checked texts and dates of one row. Leaves: the row with its case code, or why it was rejected. Invariant:
//! the person key is not in it; text is trimmed and NFC; `Debug` shows no content. Absent on purpose: checks of codes,
//! addresses and names, which routing decides about.

use std::fmt;

use crate::model::case_code::CaseCode;
use crate::model::date::PartialDate;
use crate::model::outcome::Rejected;
use crate::model::private::Private;

use super::fields::Field;
use super::packed::Packed;

/// A row of a participants list, read or rejected.
#[derive(Debug, Clone)]
pub struct ParticipantRow {
    /// Index of the list in the campaign's participants lists.
    pub list: u16,
    /// 1-based data row in that list.
    pub row: u32,
    /// What stands in the row, or why it cannot be used.
    pub read: Result<Participant, Rejected>,
    /// The person's case code; none for rejected rows.
    pub case_code: Option<CaseCode>,
    /// The list owner's own reference, blank where it is or holds the person key.
    pub source_ref: Private<Box<str>>,
}

impl ParticipantRow {
    /// The row's case code and content, unless it was rejected.
    pub fn usable(&self) -> Option<(CaseCode, &Participant)> {
        self.case_code.zip(self.read.as_ref().ok())
    }
}

/// What a list says of a person.
#[derive(Clone, PartialEq, Eq)]
pub struct Participant {
    texts: Packed,
    /// Day of birth, as far as known; not after the campaign's date.
    pub birth_date: Option<PartialDate>,
    /// Day of death, as far as known.
    pub death_date: Option<PartialDate>,
}

impl Participant {
    /// A participant with these fields; `text` gives the text of each, trimmed and NFC, blank where there is none.
    pub fn new<'a>(
        text: impl Fn(Field) -> &'a str + Clone,
        birth_date: Option<PartialDate>,
        death_date: Option<PartialDate>,
    ) -> Self {
        Self { texts: Packed::new(Field::ALL.iter().map(|&field| text(field))), birth_date, death_date }
    }

    /// The field's text, trimmed and NFC; blank where the list has none.
    pub fn get(&self, field: Field) -> &str {
        self.texts.get(field as usize, Field::ALL.len())
    }
}

impl fmt::Debug for Participant {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Participant(personal)")
    }
}
