//! What is known of each person's exposure, joined from all lists.
//!
//! Enters: the strongest mark of each person and category. Leaves: a view of one person by case code. Invariant: people
//! stand in the order of their case codes, each category of a person once and in the template's order. Absent on
//! purpose: a map per person, which a million people could not afford; [`PersonExposure::categories`] makes one.

use std::collections::BTreeMap;

use crate::model::case_code::CaseCode;
use crate::model::exposure::Exposed;
use crate::model::outcome::ExposureOutcome;

/// All people whose exposure is known, and what became of every exposure row.
#[derive(Debug, Clone, Default)]
pub struct Exposures {
    /// Category ids of the letter template, in order.
    pub(super) categories: Vec<String>,
    /// People of the participants lists that an exposure row concerns, sorted.
    pub(super) people: Vec<PersonEntry>,
    /// The exposures of all people, in their order.
    pub(super) exposed: Vec<(u16, Exposed)>,
    /// The outcome of every exposure row, in the order of lists and rows.
    pub outcomes: Vec<ExposureOutcome>,
    /// Number of rows of each exposure list, in the campaign's order.
    pub rows_per_list: Vec<u32>,
    /// Marks that a stronger one of the same person and category overruled.
    pub overruled: u64,
}

/// Where one person's exposures stand, and what holds the person.
#[derive(Debug, Clone, Copy)]
pub(super) struct PersonEntry {
    pub case_code: CaseCode,
    pub exposed_end: u32,
    pub flags: Flags,
}

/// What about the exposure rows holds the person.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Flags {
    pub unknown_category: bool,
    pub unreadable: bool,
    pub identity_mismatch: bool,
}

impl Exposures {
    /// What is known of this person; empty where no exposure row concerns them.
    pub fn of(&self, case_code: CaseCode) -> PersonExposure<'_> {
        let Ok(index) = self.people.binary_search_by_key(&case_code, |person| person.case_code) else {
            return PersonExposure { categories: &self.categories, exposed: &[], flags: Flags::default() };
        };
        let start = if index == 0 { 0 } else { self.people[index - 1].exposed_end };
        let person = self.people[index];
        PersonExposure {
            categories: &self.categories,
            exposed: &self.exposed[start as usize..person.exposed_end as usize],
            flags: person.flags,
        }
    }
}

/// One person's exposure.
#[derive(Debug, Clone, Copy)]
pub struct PersonExposure<'a> {
    categories: &'a [String],
    exposed: &'a [(u16, Exposed)],
    flags: Flags,
}

impl<'a> PersonExposure<'a> {
    /// Category index and exposure, in the template's order: equal slices are equal exposures.
    pub const fn exposed(&self) -> &'a [(u16, Exposed)] {
        self.exposed
    }

    /// Category id and exposure, in the template's order, the ruled-out ones included.
    pub fn iter(&self) -> impl Iterator<Item = (&'a str, &'a Exposed)> + use<'a> {
        let categories = self.categories;
        self.exposed.iter().map(move |(category, exposed)| (categories[usize::from(*category)].as_str(), exposed))
    }

    /// Category id → exposure, the ruled-out ones included.
    pub fn categories(&self) -> BTreeMap<String, Exposed> {
        self.iter().map(|(category, exposed)| (category.to_owned(), exposed.clone())).collect()
    }

    /// No category is known: neither leaked, nor possible, nor ruled out.
    pub const fn is_empty(&self) -> bool {
        self.exposed.is_empty()
    }

    /// A list names a category that the template lacks and that is not ruled out.
    pub const fn unknown_category(&self) -> bool {
        self.flags.unknown_category
    }

    /// A row about this person could not be read.
    pub const fn unreadable(&self) -> bool {
        self.flags.unreadable
    }

    /// A confirm field of a row about this person does not agree with the participants list.
    pub const fn identity_mismatch(&self) -> bool {
        self.flags.identity_mismatch
    }
}

/// A person as tests write one: case code, category indices with exposures, flags.
#[cfg(test)]
pub(crate) type TestPerson = (CaseCode, Vec<(u16, Exposed)>, [bool; 3]);

#[cfg(test)]
impl Exposures {
    /// Exposures of invented people: case code, category index and exposure, and the flags `unknown_category`,
    /// `unreadable` and `identity_mismatch`.
    pub(crate) fn of_people(categories: Vec<String>, mut people: Vec<TestPerson>) -> Self {
        people.sort_by_key(|&(case_code, ..)| case_code);
        let mut exposures = Self { categories, ..Self::default() };
        for (case_code, exposed, [unknown_category, unreadable, identity_mismatch]) in people {
            exposures.exposed.extend(exposed);
            let exposed_end = u32::try_from(exposures.exposed.len()).unwrap();
            let flags = Flags { unknown_category, unreadable, identity_mismatch };
            exposures.people.push(PersonEntry { case_code, exposed_end, flags });
        }
        exposures
    }
}
