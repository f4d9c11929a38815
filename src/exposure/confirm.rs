//! Fields that must agree between an exposure list and the participants, against addresses and data that slipped by a
//! row.
//!
//! Enters: exposure rows with the values of their confirm fields. Leaves: the people of whom one does not agree.
//! Invariant: a blank on either side does not confirm. Absent on purpose: rejected rows, which hold a person for what
//! they are.
//!
//! A surname agrees when, folded, it is the person's own or partner's, with or without its prefix: lists differ in
//! whether the prefix has a column of its own.

use rayon::prelude::*;

use crate::campaign::settings::{Campaign, ConfirmField};
use crate::intake::exposure_rows::ConfirmValues;
use crate::intake::{Field, Intake, Participant, postcode_hash, surname_hash};
use crate::model::date::PartialDate;

use super::identity::People;

/// What a participants list says of the fields that can confirm, as exposure rows have them.
struct Identity {
    birth_date: Option<PartialDate>,
    postcode: u64,
    surnames: [u64; 4],
}

impl Identity {
    fn of(participant: &Participant) -> Self {
        let surname = |prefix, surname| {
            let surname = participant.get(surname);
            let with_prefix = format!("{}{surname}", participant.get(prefix));
            [surname_hash(surname), if surname.is_empty() { 0 } else { surname_hash(&with_prefix) }]
        };
        let [own, own_with_prefix] = surname(Field::Prefix, Field::Surname);
        let [partner, partner_with_prefix] = surname(Field::PartnerPrefix, Field::PartnerSurname);
        Self {
            birth_date: participant.birth_date,
            postcode: postcode_hash(participant.get(Field::Postcode)),
            surnames: [own, own_with_prefix, partner, partner_with_prefix],
        }
    }

    fn agrees(&self, field: ConfirmField, values: &ConfirmValues) -> bool {
        match field {
            ConfirmField::BirthDate => {
                self.birth_date.zip(values.birth_date).is_some_and(|(own, theirs)| own.agrees(theirs))
            }
            ConfirmField::Postcode => self.postcode != 0 && self.postcode == values.postcode,
            ConfirmField::Surname => values.surname != 0 && self.surnames.contains(&values.surname),
        }
    }
}

/// The people, by index, whom a row of a confirming list does not confirm; a person may come several times.
pub fn mismatches(intake: &Intake, campaign: &Campaign, people: &People, person_of_row: &[Option<u32>]) -> Vec<u32> {
    if campaign.exposures.iter().all(|list| list.confirm.is_empty()) {
        return Vec::new();
    }
    let identities: Vec<Option<Identity>> = people
        .identity_rows
        .par_iter()
        .map(|&row| intake.participants[row as usize].read.as_ref().ok().map(Identity::of))
        .collect();
    let rows = &intake.exposures;
    let (mut found, mut start) = (Vec::new(), 0);
    for ((list, count), values) in campaign.exposures.iter().zip(&rows.rows_per_list).zip(&rows.confirm) {
        let range = start..start + *count as usize;
        start = range.end;
        let joined = rows.rows[range.clone()].iter().zip(&person_of_row[range]).zip(values);
        found.extend(joined.filter_map(|((row, person), values)| {
            let person = (*person).filter(|_| row.rejected.is_none())?;
            let identity = identities[person as usize].as_ref()?;
            let confirmed = list.confirm.iter().all(|&field| identity.agrees(field, values));
            (!confirmed).then_some(person)
        }));
    }
    found
}
