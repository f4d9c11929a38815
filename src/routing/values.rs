//! Texts and codes of a person that the letter will show or follow, checked.
//!
//! Enters: a person and to whom the letter goes. Leaves: the values, each printable and each code known, or the first
//! field that is not (`invalid-value`). Invariant: what is not printed on this letter is not held against it: the given
//! names of somebody with initials, the own address of somebody in an institution. Absent on purpose: language, country
//! and role, whose unknown codes are reasons of their own, and whether the address is complete.

use std::borrow::Cow;
use std::sync::Arc;

use crate::intake::Field;
use crate::model::address::{AddressFields, Designation};
use crate::model::country;
use crate::model::name::{NameUsage, PersonName, Sex, initials_of};
use crate::model::text;

use super::addressee::Recipient;
use super::persons::Person;

/// A field whose content cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InvalidValue {
    /// The field.
    pub field: Field,
    /// What is wrong with it.
    pub fault: Fault,
}

/// What is wrong with a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// A code that the contract does not have.
    UnknownCode,
    /// A control, direction-changing or zero-width character.
    Unprintable,
    /// A format that the letter template lacks.
    NoSuchFormat,
}

impl InvalidValue {
    /// Field and fault, for `outcomes.csv`.
    pub fn detail(self) -> String {
        let fault = match self.fault {
            Fault::UnknownCode => "unknown code",
            Fault::Unprintable => "control, direction or zero-width character",
            Fault::NoSuchFormat => "the letter has no such format",
        };
        format!("{}: {fault}", self.field.as_str())
    }
}

/// What the letter shows of a person.
pub struct Values<'a> {
    /// The person's name.
    pub name: PersonName,
    /// The representative's name; blank where the letter goes to nobody's representative.
    pub representative: Cow<'a, str>,
    /// The person's own address; blank where an institution's counts.
    pub address: OwnAddress<'a>,
    /// What any row says of the own address; nothing where an institution's counts.
    pub status: AddressStatus,
    /// A format of the letter template.
    pub format: Arc<str>,
}

/// What lists say of an address.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct AddressStatus {
    /// The person does not live there.
    pub not_at_address: bool,
    /// The municipality doubts it.
    pub under_investigation: bool,
    /// The person's address is kept secret.
    pub protected: bool,
}

/// The person's own address, each text printable.
#[derive(Default)]
pub struct OwnAddress<'a> {
    fields: Vec<(Field, Cow<'a, str>)>,
}

impl OwnAddress<'_> {
    /// The fields as the model reads them.
    pub fn fields(&self) -> AddressFields<'_> {
        let get = |wanted| self.fields.iter().find(|(field, _)| *field == wanted).map_or("", |(_, text)| text.as_ref());
        AddressFields {
            street: get(Field::Street),
            house_number: get(Field::HouseNumber),
            house_letter: get(Field::HouseLetter),
            house_addition: get(Field::HouseAddition),
            designation: get(Field::Designation),
            postcode: get(Field::Postcode),
            city: get(Field::City),
            municipality: get(Field::Municipality),
            location_description: get(Field::LocationDescription),
            country: get(Field::Country),
            foreign_lines: [get(Field::ForeignLine1), get(Field::ForeignLine2), get(Field::ForeignLine3)],
        }
    }
}

/// Fields of an address in the Netherlands that are printed.
const DOMESTIC: &[Field] = &[
    Field::Street,
    Field::HouseNumber,
    Field::HouseLetter,
    Field::HouseAddition,
    Field::Postcode,
    Field::City,
    Field::Municipality,
    Field::LocationDescription,
];

/// Fields of an address abroad that are printed.
const FOREIGN: &[Field] = &[Field::ForeignLine1, Field::ForeignLine2, Field::ForeignLine3];

/// Reads and checks what the letter to this recipient shows of the person.
///
/// # Errors
/// The first field, in the order of name, representative, address, address status and format, that cannot be used.
pub fn read<'a>(
    person: &Person<'a>,
    recipient: &Recipient<'a>,
    formats: &[Arc<str>],
) -> Result<Values<'a>, InvalidValue> {
    let name = name(person)?;
    let representative = match recipient {
        Recipient::Representative { name, .. } => printable(Field::RepresentativeName, name)?,
        Recipient::Oneself | Recipient::Guardian | Recipient::Institution { .. } => Cow::Borrowed(""),
    };
    let (address, status) = match recipient {
        Recipient::Institution { .. } => (OwnAddress::default(), AddressStatus::default()),
        _ => (own_address(person)?, status(person)?),
    };
    Ok(Values { name, representative, address, status, format: format(person, formats)? })
}

/// The person's name, of the first row.
fn name(person: &Person<'_>) -> Result<PersonName, InvalidValue> {
    let text = |field| printable(field, person.first(field)).map(Cow::into_owned);
    let initials = match text(Field::Initials)? {
        blank if blank.is_empty() => initials_of(&text(Field::GivenNames)?),
        initials => initials,
    };
    Ok(PersonName {
        initials,
        prefix: text(Field::Prefix)?,
        surname: text(Field::Surname)?,
        partner_prefix: text(Field::PartnerPrefix)?,
        partner_surname: text(Field::PartnerSurname)?,
        usage: code(person, Field::NameUsage, NameUsage::parse)?,
        sex: code(person, Field::Sex, Sex::parse)?,
    })
}

/// The person's own address, of the first row; what is printed of it depends on the country alone.
fn own_address<'a>(person: &Person<'a>) -> Result<OwnAddress<'a>, InvalidValue> {
    let code_of_country = person.first(Field::Country);
    let domestic = is_domestic(code_of_country);
    let printed: &[&[Field]] = if domestic {
        &[DOMESTIC]
    } else if country::find(code_of_country).is_some() {
        &[FOREIGN]
    } else {
        &[DOMESTIC, FOREIGN]
    };
    let mut fields = Vec::with_capacity(DOMESTIC.len() + 2);
    for &field in printed.iter().copied().flatten() {
        let text = person.first(field);
        if !text.is_empty() {
            fields.push((field, printable(field, text)?));
        }
    }
    for field in [Field::Country, Field::Designation] {
        let text = person.first(field);
        if !text.is_empty() {
            fields.push((field, Cow::Borrowed(text)));
        }
    }
    let designation = person.first(Field::Designation);
    if domestic && !designation.is_empty() && Designation::parse(designation).is_none() {
        return Err(InvalidValue { field: Field::Designation, fault: Fault::UnknownCode });
    }
    Ok(OwnAddress { fields })
}

/// Whether the country's code is that of the Netherlands, or blank.
pub fn is_domestic(code: &str) -> bool {
    code.is_empty() || code.eq_ignore_ascii_case("NL")
}

/// What any row says of the address.
fn status(person: &Person<'_>) -> Result<AddressStatus, InvalidValue> {
    let mut status = AddressStatus::default();
    for row in person.participants() {
        match row.get(Field::AddressStatus).to_ascii_lowercase().as_str() {
            "" | "current" => {}
            "under_investigation" => status.under_investigation = true,
            "not_at_address" => status.not_at_address = true,
            "protected" => status.protected = true,
            _ => return Err(InvalidValue { field: Field::AddressStatus, fault: Fault::UnknownCode }),
        }
    }
    Ok(status)
}

/// The letter template's format that the person asked for.
fn format(person: &Person<'_>, formats: &[Arc<str>]) -> Result<Arc<str>, InvalidValue> {
    let wanted = match person.first_known(Field::Format) {
        "" => "standard",
        wanted => wanted,
    };
    let format = formats.iter().find(|format| format.eq_ignore_ascii_case(wanted));
    format.cloned().ok_or(InvalidValue { field: Field::Format, fault: Fault::NoSuchFormat })
}

/// A code of the first row.
fn code<T>(person: &Person<'_>, field: Field, parse: impl Fn(&str) -> Option<T>) -> Result<T, InvalidValue> {
    parse(person.first(field)).ok_or(InvalidValue { field, fault: Fault::UnknownCode })
}

/// Text as it may be printed. Most text already is, and is not copied.
fn printable(field: Field, text: &str) -> Result<Cow<'_, str>, InvalidValue> {
    let plain = |byte: &u8| matches!(byte, b' '..=b'~');
    if text.as_bytes().iter().all(plain) && !text.contains("  ") {
        return Ok(Cow::Borrowed(text));
    }
    text::clean(text).map(Cow::Owned).map_err(|_| InvalidValue { field, fault: Fault::Unprintable })
}
