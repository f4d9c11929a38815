//! To whom a letter is addressed, and how it greets them.
//!
//! Enters: what the lists say of age, representative and institution. Leaves: the recipient, and then the lines above
//! the address and the salutations. Invariant: the window never shows the person's name together with a
//! representative's, and no sex is guessed. Absent on purpose: whether the letter may be sent at all.
//!
//! Tried in this order:
//! 1. An institution goes before guardian and representative. The letter is the person's own, at another address, so it
//!    greets the person.
//! 2. Under 12: the guardians, whether or not one is named; a representative in the list is not looked at.
//! 3. A representative, as soon as a name or a role is given. The address line is the name as the list has it. Its sex is
//!    not known, so the letter greets it as it greets a person of unknown sex: "Geachte J. Bakker", "Dear J. Bakker",
//!    which also suits an office.
//! 4. Else the person.
//!
//! The lines above the address are in the letter's first language: a window has six lines, too few for both.

use crate::intake::Field;
use crate::model::language::{Language, LanguageChoice};
use crate::model::name::PersonName;
use crate::model::outcome::Addressee;

use super::persons::Person;

/// Below this age the letter goes to the guardians.
const GUARDIAN_BELOW: u16 = 12;

/// To whom a letter would be addressed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Recipient<'a> {
    /// The person.
    Oneself,
    /// The parents or guardians.
    Guardian,
    /// Somebody who acts for the person; either text may be blank or unknown.
    Representative {
        /// As the list writes it.
        name: &'a str,
        /// As the list writes it.
        role: &'a str,
    },
    /// The person, through an institution.
    Institution {
        /// The institution's id in the campaign, which may not know it.
        id: &'a str,
    },
}

impl<'a> Recipient<'a> {
    /// The recipient of a letter about this person, who is this old.
    pub fn of(person: &Person<'a>, age: Option<u16>) -> Self {
        let id = person.first_known(Field::Institution);
        if !id.is_empty() {
            return Self::Institution { id };
        }
        if age.is_some_and(|age| age < GUARDIAN_BELOW) {
            return Self::Guardian;
        }
        person
            .participants()
            .map(|row| (row.get(Field::RepresentativeName), row.get(Field::RepresentativeRole)))
            .find(|(name, role)| !name.is_empty() || !role.is_empty())
            .map_or(Self::Oneself, |(name, role)| Self::Representative { name, role })
    }

    /// The reason of the outcome `letter`.
    pub const fn addressee(&self) -> Addressee {
        match self {
            Self::Oneself => Addressee::Oneself,
            Self::Guardian => Addressee::Guardian,
            Self::Representative { .. } => Addressee::Representative,
            Self::Institution { .. } => Addressee::Institution,
        }
    }
}

/// Whether the contract knows this role of a representative, in any case.
pub fn is_known_role(role: &str) -> bool {
    ["guardian", "curator", "mentor", "administrator", "relative"].iter().any(|known| known.eq_ignore_ascii_case(role))
}

/// The addressee's own lines and the salutations.
pub struct Addressed {
    /// The lines above the address.
    pub lines: Vec<String>,
    /// One for each language, without a closing comma.
    pub salutations: Vec<String>,
    /// Whether the letter must say inside whom it is about.
    pub named_inside: bool,
}

/// How the letter addresses its recipient. `representative` is the printable name of one, `name_line` that of the
/// person, `institution_line` the second line that an institution asks for.
pub fn address_to(
    recipient: &Recipient<'_>,
    name: &PersonName,
    name_line: &str,
    representative: &str,
    institution_line: Option<&str>,
    languages: LanguageChoice,
) -> Addressed {
    let languages = languages.languages();
    let greet =
        |salutation: &dyn Fn(Language) -> String| languages.iter().map(|&language| salutation(language)).collect();
    match recipient {
        Recipient::Oneself => Addressed {
            lines: vec![name_line.to_owned()],
            salutations: greet(&|language| name.salutation(language)),
            named_inside: false,
        },
        Recipient::Institution { .. } => Addressed {
            lines: [name_line].into_iter().chain(institution_line).map(str::to_owned).collect(),
            salutations: greet(&|language| name.salutation(language)),
            named_inside: false,
        },
        Recipient::Guardian => Addressed {
            lines: vec![guardians_line(languages[0]).to_owned(), name_line.to_owned()],
            salutations: greet(&|language| guardians_salutation(language).to_owned()),
            named_inside: true,
        },
        Recipient::Representative { .. } => Addressed {
            lines: vec![representative.to_owned()],
            salutations: greet(&|language| format!("{} {representative}", greeting_without_sex(language))),
            named_inside: true,
        },
    }
}

/// The line above a child's name.
const fn guardians_line(language: Language) -> &'static str {
    match language {
        Language::Nl => "Aan de ouders of verzorgers van",
        Language::En => "To the parents or guardians of",
    }
}

/// The greeting of a child's parents or guardians, who are not known by name.
const fn guardians_salutation(language: Language) -> &'static str {
    match language {
        Language::Nl => "Geachte ouders of verzorgers",
        Language::En => "Dear parents or guardians",
    }
}

/// What stands before the name of somebody whose sex is not known.
const fn greeting_without_sex(language: Language) -> &'static str {
    match language {
        Language::Nl => "Geachte",
        Language::En => "Dear",
    }
}
