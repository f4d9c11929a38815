//! Addresses: from the fields of a list to the lines of an address block.
//!
//! Enters: address fields as text. Leaves: a complete address in one of three forms, and its lines (NEN 5825). Invariant:
//! an [`Address`] that was [read](Address::read) has all that the post needs. Absent on purpose: the addressee's own
//! lines, and whether the lines fit in a window.

use std::fmt;

use super::country::{self, Country};
use super::postcode::Postcode;

/// The address fields of a list, as text; blank where there is none.
#[derive(Clone, Copy, Default)]
#[expect(missing_docs, reason = "the names are the contract's own")]
pub struct AddressFields<'a> {
    pub street: &'a str,
    pub house_number: &'a str,
    pub house_letter: &'a str,
    pub house_addition: &'a str,
    pub designation: &'a str,
    pub postcode: &'a str,
    pub city: &'a str,
    pub municipality: &'a str,
    pub location_description: &'a str,
    pub country: &'a str,
    pub foreign_lines: [&'a str; 3],
}

/// Why fields are no address; in the order in which routing tries the reasons.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, thiserror::Error)]
pub enum AddressProblem {
    /// The designation is neither `to` nor `by`.
    #[error("unknown designation\nhint: `to` (opposite), `by` (near) or blank")]
    InvalidDesignation,
    /// A part is missing, or the house number is none.
    #[error(
        "incomplete address\nhint: street, house number, postcode and city; or location and city; or abroad, country and foreign_line1"
    )]
    Incomplete,
    /// The postcode is none.
    #[error("invalid postcode\nhint: four digits, the first not 0, and two letters")]
    InvalidPostcode,
    /// The country's code is none.
    #[error("unknown country\nhint: an ISO 3166-1 alpha-2 code, or blank for the Netherlands")]
    UnknownCountry,
}

/// How an address lies to the house number it names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Designation {
    /// `to`: opposite the house number, printed `t/o`.
    To,
    /// `by`: near the house number, printed `bij`.
    By,
}

impl Designation {
    /// The designation with this code, in any case.
    pub fn parse(code: &str) -> Option<Self> {
        if code.eq_ignore_ascii_case("to") {
            Some(Self::To)
        } else if code.eq_ignore_ascii_case("by") {
            Some(Self::By)
        } else {
            None
        }
    }

    /// As printed before the house number.
    pub const fn printed(self) -> &'static str {
        match self {
            Self::To => "t/o",
            Self::By => "bij",
        }
    }
}

/// A house, PO box or reply number with what stands behind it. `Debug` shows a mask.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct HouseNumber {
    /// Not 0.
    pub number: u32,
    /// The house letter; blank where there is none.
    pub letter: String,
    /// The addition; blank where there is none.
    pub addition: String,
}

/// The text is no house number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "not a house number\nhint: digits only; letter and addition have fields of their own, and a range is no number"
)]
pub struct InvalidHouseNumber;

impl HouseNumber {
    /// Reads the three fields. `12a` in the number's field is number 12 with addition `a`, if the other two are blank.
    ///
    /// # Errors
    /// [`InvalidHouseNumber`] where there is no number, for 0, and for `12-14`, which could be a range or an addition.
    pub fn parse(number: &str, letter: &str, addition: &str) -> Result<Self, InvalidHouseNumber> {
        let [number, letter, addition] = [number, letter, addition].map(str::trim);
        let digits = number.len() - number.trim_start_matches(|character: char| character.is_ascii_digit()).len();
        let (digits, behind) = number.split_at(digits);
        let behind = behind.trim_start_matches(' ');
        let addition = match (behind, letter, addition) {
            ("", _, addition) => addition,
            (behind, "", "") if is_addition(behind) => behind,
            _ => return Err(InvalidHouseNumber),
        };
        match digits.parse() {
            Ok(number) if number != 0 => Ok(Self { number, letter: letter.into(), addition: addition.into() }),
            _ => Err(InvalidHouseNumber),
        }
    }

    /// Letter and addition together, for the order of letters.
    pub fn suffix(&self) -> String {
        format!("{}{}", self.letter, self.addition)
    }

    /// `88`, `103 c`, `35 III`, `9-2`, `555 B73c`.
    fn printed(&self) -> String {
        let suffix = self.suffix();
        let separator = match suffix.chars().next() {
            Some(first) if self.letter.is_empty() && first.is_ascii_digit() => "-",
            Some(first) if first.is_alphanumeric() => " ",
            _ => "",
        };
        format!("{}{separator}{suffix}", self.number)
    }
}

impl fmt::Debug for HouseNumber {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("HouseNumber(personal)")
    }
}

/// An address with a street, a PO box (street `Postbus`) or a reply number (street `Antwoordnummer`).
#[derive(Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are the contract's own")]
pub struct DomesticAddress {
    pub street: String,
    pub house_number: HouseNumber,
    pub designation: Option<Designation>,
    pub postcode: Option<Postcode>,
    pub city: String,
}

/// A place without street and number: a houseboat, a caravan.
#[derive(Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are the contract's own")]
pub struct LocationAddress {
    pub description: String,
    pub postcode: Option<Postcode>,
    pub city: String,
}

/// An address outside the Netherlands.
#[derive(Clone, PartialEq, Eq)]
pub struct ForeignAddress {
    /// As the list has them; the first is not blank.
    pub lines: [String; 3],
    /// Not the Netherlands.
    pub country: &'static Country,
}

/// Where a letter goes. `Debug` shows a mask.
#[derive(Clone, PartialEq, Eq)]
pub enum Address {
    /// Street and number.
    Domestic(DomesticAddress),
    /// A place that is described.
    Location(LocationAddress),
    /// Abroad.
    Foreign(ForeignAddress),
}

impl Address {
    /// The address that these fields are.
    ///
    /// `.` is the register's sign for an unknown value and counts as blank. A location serves only where street,
    /// number, postcode or city is missing.
    ///
    /// # Errors
    /// The first [`AddressProblem`] in its order.
    pub fn read(fields: &AddressFields<'_>) -> Result<Self, AddressProblem> {
        let country = match known(fields.country) {
            None => country::find("NL"),
            Some(code) => country::find(code),
        };
        match country {
            Some(country) if country.is_domestic() => Self::read_domestic(fields),
            country => Self::read_foreign(fields, country),
        }
    }

    fn read_domestic(fields: &AddressFields<'_>) -> Result<Self, AddressProblem> {
        let designation = match known(fields.designation) {
            None => None,
            Some(code) => Some(Designation::parse(code).ok_or(AddressProblem::InvalidDesignation)?),
        };
        let number = HouseNumber::parse(fields.house_number, fields.house_letter, fields.house_addition).ok();
        let city =
            known(fields.city).or_else(|| known(fields.municipality)).ok_or(AddressProblem::Incomplete)?.to_owned();
        let postcode = known(fields.postcode).map(|text| Postcode::parse(text).ok_or(AddressProblem::InvalidPostcode));
        match (known(fields.street), number, postcode, known(fields.location_description)) {
            (Some(street), Some(house_number), Some(postcode), _) => {
                let (street, postcode) = (street.to_owned(), Some(postcode?));
                Ok(Self::Domestic(DomesticAddress { street, house_number, designation, postcode, city }))
            }
            (.., postcode, Some(description)) => {
                let (description, postcode) = (description.to_owned(), postcode.transpose()?);
                Ok(Self::Location(LocationAddress { description, postcode, city }))
            }
            _ => Err(AddressProblem::Incomplete),
        }
    }

    fn read_foreign(fields: &AddressFields<'_>, country: Option<&'static Country>) -> Result<Self, AddressProblem> {
        known(fields.foreign_lines[0]).ok_or(AddressProblem::Incomplete)?;
        let country = country.ok_or(AddressProblem::UnknownCountry)?;
        let lines = fields.foreign_lines.map(|line| line.trim().to_owned());
        Ok(Self::Foreign(ForeignAddress { lines, country }))
    }

    /// The address lines of the personal-records conventions: street and place, or the three lines abroad, of which
    /// blank ones keep their place.
    pub fn register_lines(&self) -> Vec<String> {
        match self {
            Self::Domestic(address) => vec![address.street_line(), place_line(address.postcode, &address.city)],
            Self::Location(address) => {
                vec![address.description.clone(), place_line(address.postcode, &address.city)]
            }
            Self::Foreign(address) => address.lines.to_vec(),
        }
    }

    /// The lines below the addressee on a letter: no blank ones, and abroad the country in English capitals as the last.
    pub fn letter_lines(&self) -> Vec<String> {
        let mut lines = self.register_lines();
        if let Self::Foreign(address) = self {
            lines.extend([address.country.mail_region.clone(), address.country.mail_name_en.clone()]);
        }
        lines.retain(|line| !line.is_empty());
        lines
    }

    /// The country the letter goes to, as ISO 3166-1 alpha-2.
    pub fn country(&self) -> &'static str {
        match self {
            Self::Domestic(_) | Self::Location(_) => "NL",
            Self::Foreign(address) => &address.country.alpha2,
        }
    }

    /// The postcode; none abroad.
    pub const fn postcode(&self) -> Option<Postcode> {
        match self {
            Self::Domestic(address) => address.postcode,
            Self::Location(address) => address.postcode,
            Self::Foreign(_) => None,
        }
    }

    /// The house, PO box or reply number; none abroad and for a location.
    pub const fn house_number(&self) -> Option<&HouseNumber> {
        match self {
            Self::Domestic(address) => Some(&address.house_number),
            Self::Location(_) | Self::Foreign(_) => None,
        }
    }
}

impl fmt::Debug for Address {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Address(personal)")
    }
}

impl DomesticAddress {
    /// `Graan voor Visch bij 15201 B`.
    fn street_line(&self) -> String {
        let number = self.house_number.printed();
        match self.designation {
            Some(designation) => format!("{} {} {number}", self.street, designation.printed()),
            None => format!("{} {number}", self.street),
        }
    }
}

/// `1234 AB  PLAATS`, with the two spaces of NEN 5825, or the place alone.
fn place_line(postcode: Option<Postcode>, city: &str) -> String {
    let city = city.to_uppercase();
    match postcode {
        Some(postcode) => format!("{}  {city}", postcode.printed()),
        None => city,
    }
}

/// Whether text behind a number is an addition and not a second number: letters and digits, a letter first.
fn is_addition(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_alphabetic()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

/// The text, unless it is blank or the register's sign for an unknown value.
fn known(text: &str) -> Option<&str> {
    let text = text.trim();
    (!matches!(text, "" | ".")).then_some(text)
}

#[cfg(test)]
#[path = "address_tests.rs"]
mod tests;
