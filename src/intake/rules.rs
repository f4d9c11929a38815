//! Which values of a participant are outside the rules, for `meldpost check`.
//!
//! Enters: a participant and what the campaign knows. Leaves: fields and the rules that they do not keep. Invariant: a
//! finding decides nothing; routing decides, with its own eyes. Absent on purpose: whether an address is complete and a
//! person can be named, which need more than one field.

use crate::campaign::settings::Campaign;
use crate::model::address::{Designation, HouseNumber};
use crate::model::country;
use crate::model::language::LanguageChoice;
use crate::model::name::{NameUsage, Sex};
use crate::model::postcode::Postcode;
use crate::model::text;

use super::fields::Field;
use super::participant::Participant;
use super::report::Rule;

/// Roles of representatives who are written to.
const ROLES: [&str; 5] = ["guardian", "curator", "mentor", "administrator", "relative"];
/// States of an address other than current.
const ADDRESS_STATUSES: [&str; 4] = ["current", "under_investigation", "not_at_address", "protected"];

/// Calls `found` for every field whose value is outside the rules.
pub fn outside(campaign: &Campaign, participant: &Participant, mut found: impl FnMut(Field, Rule)) {
    let domestic = matches!(participant.get(Field::Country), "" | "NL" | "nl" | "Nl" | "nL");
    for &field in Field::ALL {
        let value = participant.get(field);
        if value.is_empty() {
            continue;
        }
        if is_printed(field) && !value.bytes().all(|byte| matches!(byte, b' '..=b'~')) && text::clean(value).is_err() {
            found(field, Rule::Unprintable);
        } else if !keeps_code(campaign, field, value) {
            found(field, Rule::Code);
        } else if field == Field::Postcode && domestic && Postcode::parse(value).is_none() {
            found(field, Rule::Postcode);
        } else if field == Field::HouseNumber && domestic {
            let [letter, addition] = [Field::HouseLetter, Field::HouseAddition].map(|field| participant.get(field));
            if HouseNumber::parse(value, letter, addition).is_err() {
                found(field, Rule::HouseNumber);
            }
        }
    }
}

/// Whether the field holds free text that may be printed.
const fn is_printed(field: Field) -> bool {
    !matches!(
        field,
        Field::NameUsage
            | Field::Sex
            | Field::Designation
            | Field::Postcode
            | Field::Country
            | Field::Language
            | Field::Format
            | Field::AddressStatus
            | Field::RepresentativeRole
            | Field::Institution
    )
}

/// Whether a value that is not blank is one of the field's codes, in any case; every value is where it has none.
fn keeps_code(campaign: &Campaign, field: Field, value: &str) -> bool {
    let among = |codes: &[&str]| codes.iter().any(|code| code.eq_ignore_ascii_case(value));
    match field {
        Field::NameUsage => NameUsage::parse(value).is_some(),
        Field::Sex => Sex::parse(value).is_some(),
        Field::Designation => Designation::parse(value).is_some(),
        Field::Country => country::find(value).is_some(),
        Field::Language => LanguageChoice::parse_list(value).is_some(),
        Field::Format => campaign.template.formats.iter().any(|format| format.eq_ignore_ascii_case(value)),
        Field::AddressStatus => among(&ADDRESS_STATUSES),
        Field::RepresentativeRole => among(&ROLES),
        Field::Institution => campaign.institutions.contains_key(value),
        _ => true,
    }
}
