//! Whether the rows of one person contradict each other.
//!
//! Enters: a person with several rows. Leaves: the first contradiction, birth dates before all others. Invariant: the
//! order of rows changes what is named, never whether something is. Absent on purpose: what follows from it.
//!
//! * Birth dates differ where a part that both know differs.
//! * Surnames differ where no surname of the one row, own or partner's, is a surname of the other: a list that has
//!   somebody under the partner's name does not contradict one that has both. With a prefix in a field of its own, the
//!   name counts with and without it.
//! * Addresses are compared where both rows have postcode and house number: they differ where one of these does.
//!   `12a` is number 12, letters and additions do not count, and `.` and 0, the registers' signs for an unknown value,
//!   are no value. The person's own address counts for nothing where an
//!   institution takes its place, so neither does a contradiction about it.
//! * Text is compared without case, accents, spaces and hyphens.

use std::collections::BTreeSet;

use crate::intake::{Field, Participant};
use crate::model::address::HouseNumber;
use crate::model::date::PartialDate;
use crate::model::text::folded;

use super::persons::Person;

/// What the rows contradict each other in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Conflict {
    /// The day of birth: this is never the same person beyond doubt, whatever the campaign says.
    BirthDate,
    /// The surname.
    Surname,
    /// Postcode and house number.
    Address,
}

impl Conflict {
    /// The fields, for `outcomes.csv`.
    pub const fn detail(self) -> &'static str {
        match self {
            Self::BirthDate => "birth_date differs between rows",
            Self::Surname => "surname differs between rows",
            Self::Address => "postcode and house_number differ between rows",
        }
    }
}

/// The first contradiction between the rows of a person, if there is one.
pub fn conflict(person: &Person<'_>, own_address_counts: bool) -> Option<Conflict> {
    if !person.has_several_rows() {
        return None;
    }
    let dates: BTreeSet<PartialDate> = person.participants().filter_map(|row| row.birth_date).collect();
    if some_pair(&dates, |left, right| !left.agrees(*right)) {
        return Some(Conflict::BirthDate);
    }
    let names: BTreeSet<BTreeSet<String>> = person.participants().map(surnames).collect();
    if some_pair(&names, BTreeSet::is_disjoint) {
        return Some(Conflict::Surname);
    }
    let addresses: BTreeSet<(String, String)> = person.participants().filter_map(postcode_and_number).collect();
    (own_address_counts && addresses.len() > 1).then_some(Conflict::Address)
}

/// Whether two of the values stand in this relation. Stops at the first pair, so that many rows cost little: values
/// that all agree with each other are few.
fn some_pair<T>(values: &BTreeSet<T>, related: impl Fn(&T, &T) -> bool) -> bool {
    values.iter().enumerate().any(|(index, left)| values.iter().skip(index + 1).any(|right| related(left, right)))
}

/// Every way in which the row writes a surname of the person.
fn surnames(row: &Participant) -> BTreeSet<String> {
    let mut surnames = BTreeSet::new();
    for (prefix, surname) in [(Field::Prefix, Field::Surname), (Field::PartnerPrefix, Field::PartnerSurname)] {
        let surname = folded(row.get(surname));
        if !matches!(surname.as_str(), "" | ".") {
            surnames.insert(folded(row.get(prefix)) + &surname);
            surnames.insert(surname);
        }
    }
    surnames
}

/// Postcode and house number in a form to compare, where the row has both.
fn postcode_and_number(row: &Participant) -> Option<(String, String)> {
    let postcode = folded(row.get(Field::Postcode));
    let number = row.get(Field::HouseNumber);
    let number = HouseNumber::parse(number, "", "").map_or_else(|_| folded(number), |read| read.number.to_string());
    let known = |text: &str| !text.trim_matches(['.', '0']).is_empty();
    (known(&postcode) && known(&number)).then_some((postcode, number))
}
