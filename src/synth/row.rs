//! A row of a participants list before it is written.
//!
//! Enters: what a person's maker sets. Leaves: texts by field. Invariant: none; wrong values are wanted here. Absent on
//! purpose: the form of a list, which [`super::lists`] knows.

use crate::intake::Field;

/// A day as a list may have it; 0 is an unknown month or day, and days that no calendar has are possible.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Day {
    /// Four digits.
    pub year: u16,
    /// Two digits.
    pub month: u8,
    /// Two digits.
    pub day: u8,
}

impl Day {
    /// `1950-05-31`, or `31-05-1950` as Dutch offices write it.
    pub fn written(self, dutch: bool) -> String {
        let Self { year, month, day } = self;
        if dutch { format!("{day:02}-{month:02}-{year:04}") } else { format!("{year:04}-{month:02}-{day:02}") }
    }
}

/// A row of a participants list.
#[derive(Debug, Clone, Default)]
pub struct Row {
    /// The person key as typed.
    pub key: String,
    /// Day of birth.
    pub birth_date: Option<Day>,
    /// Day of death.
    pub death_date: Option<Day>,
    /// The list owner's reference.
    pub source_ref: String,
    /// What the list's owner wrote in a column of their own.
    pub remark: &'static str,
    /// The row loses its last fields.
    pub torn: bool,
    texts: [String; Field::ALL.len()],
}

impl Row {
    /// The field's text.
    pub fn get(&self, field: Field) -> &str {
        &self.texts[field as usize]
    }

    /// Writes a field.
    pub fn set(&mut self, field: Field, text: impl Into<String>) {
        self.texts[field as usize] = text.into();
    }

    /// Leaves a field blank.
    pub fn clear(&mut self, field: Field) {
        self.texts[field as usize].clear();
    }

    /// Leaves the address in the Netherlands blank.
    pub fn clear_address(&mut self) {
        for field in [
            Field::Street,
            Field::HouseNumber,
            Field::HouseLetter,
            Field::HouseAddition,
            Field::Postcode,
            Field::City,
            Field::Municipality,
        ] {
            self.clear(field);
        }
    }
}
