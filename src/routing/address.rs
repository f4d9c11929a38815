//! Address fields → destination.
//!
//! Enters: printable address fields of a person or of an institution. Leaves: the address block and what sorting and
//! packing need, or the first reason why there is none. Invariant: a destination can be delivered to as far as its form
//! goes. Absent on purpose: whether the block fits in the window.
//!
//! A country that nobody knows makes it unclear which form the address must have. Where its fields are complete in
//! either form the reason is `unknown-country`; else `incomplete-address`, which is tried first. Whether a postcode
//! is valid is a question about addresses in the Netherlands only.

use crate::campaign::settings::Institution;
use crate::marks::kix;
use crate::model::address::{Address, AddressFields, AddressProblem, HouseNumber};
use crate::model::country;
use crate::model::letter::Destination;
use crate::model::outcome::Held;
use crate::model::postcode::Postcode;

use super::values::is_domestic;

/// Why there is no destination.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NoDestination {
    /// The reason.
    pub reason: Held,
    /// The field or fields, for `outcomes.csv`.
    pub detail: &'static str,
}

/// The address that these fields are.
///
/// # Errors
/// `incomplete-address`, `invalid-postcode` or `unknown-country`; `invalid-value` for a designation that the caller
/// did not check.
pub fn read(fields: &AddressFields<'_>) -> Result<Address, NoDestination> {
    Address::read(fields).map_err(|problem| match problem {
        AddressProblem::InvalidDesignation => NoDestination { reason: Held::InvalidValue, detail: "designation" },
        AddressProblem::InvalidPostcode => NoDestination { reason: Held::InvalidPostcode, detail: "postcode" },
        AddressProblem::UnknownCountry => UNKNOWN_COUNTRY,
        AddressProblem::Incomplete if is_complete_but_for_the_country(fields) => UNKNOWN_COUNTRY,
        AddressProblem::Incomplete => {
            NoDestination { reason: Held::IncompleteAddress, detail: what_is_missing(fields) }
        }
    })
}

/// The country's code is none.
const UNKNOWN_COUNTRY: NoDestination = NoDestination { reason: Held::UnknownCountry, detail: "country" };

/// Whether an address whose country is unknown would be one in the Netherlands.
fn is_complete_but_for_the_country(fields: &AddressFields<'_>) -> bool {
    let unknown = !fields.country.is_empty() && country::find(fields.country).is_none();
    let domestic = AddressFields { country: "", designation: "", ..*fields };
    unknown && matches!(Address::read(&domestic), Ok(_) | Err(AddressProblem::InvalidPostcode))
}

/// The first field that an incomplete address needs.
fn what_is_missing(fields: &AddressFields<'_>) -> &'static str {
    let blank = |text: &str| matches!(text, "" | ".");
    let abroad = !is_domestic(fields.country);
    let nowhere = blank(fields.city) && blank(fields.municipality);
    if abroad {
        "foreign_line1"
    } else if blank(fields.street) && blank(fields.location_description) {
        "street"
    } else if nowhere {
        "city"
    } else if blank(fields.postcode) && !blank(fields.house_number) {
        "postcode"
    } else {
        "house_number"
    }
}

/// An institution's address fields.
pub fn of_institution(institution: &Institution) -> AddressFields<'_> {
    AddressFields {
        street: &institution.street,
        house_number: &institution.house_number,
        house_letter: &institution.house_letter,
        house_addition: &institution.house_addition,
        postcode: &institution.postcode,
        city: &institution.city,
        ..AddressFields::default()
    }
}

/// The destination at this address; `lines` are the addressee's own, and come first.
pub fn destination(address: &Address, mut lines: Vec<String>, protected: bool, kix_is_printed: bool) -> Destination {
    lines.extend(address.letter_lines());
    let postcode = address.postcode().map(Postcode::compact).unwrap_or_default();
    let kix = address
        .house_number()
        .filter(|_| kix_is_printed)
        .and_then(|house| kix::content(&postcode, &house.number.to_string(), &house.letter, &house.addition));
    Destination {
        lines,
        country: address.country().to_owned(),
        house_number: address.house_number().map(|house| house.number.to_string()).unwrap_or_default(),
        house_suffix: address.house_number().map(HouseNumber::suffix).unwrap_or_default(),
        postcode,
        kix: kix.unwrap_or_default(),
        protected,
    }
}
