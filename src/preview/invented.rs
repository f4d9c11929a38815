//! Made-up people in the place of real ones.
//!
//! Enters: a letter to somebody real, or what somebody typed into a form. Leaves: a letter to nobody. Invariants: no word
//! of a real name or address is left, only the words that every such letter has (greetings, name prefixes, a country);
//! each word keeps its length, its capitals and its place, so that what is extreme stays so. The facts stay: they say what
//! leaked, and nobody's name.

use std::sync::Arc;

use super::choose::{Kind, Sample};
use crate::campaign::settings::Campaign;
use crate::model::address::AddressFields;
use crate::model::case_code::CaseCode;
use crate::model::exposure::Facts;
use crate::model::language::LanguageChoice;
use crate::model::letter::{Destination, Letter, PersonOnPaper};
use crate::model::name::{PersonName, Sex};
use crate::model::outcome::Addressee;
use crate::model::private::Private;
use crate::routing::address::{self, NoDestination};
use crate::routing::addressee::{Recipient, address_to};

/// Words to write words with, from as wide as most to narrow: a narrow one fits wherever the real word did.
pub const FILLERS: [&str; 3] = ["voorbeeldnaam", "titelrijtje", "illi"];

/// Words that say nothing of a person.
const COMMON: [&str; 40] = [
    "Geachte",
    "heer",
    "mevrouw",
    "ouders",
    "of",
    "verzorgers",
    "Dear",
    "Mr",
    "Ms",
    "parents",
    "or",
    "guardians",
    "Aan",
    "de",
    "van",
    "To",
    "the",
    "t/o",
    "tegenover",
    "bij",
    "nabij",
    "Van",
    "De",
    "den",
    "Den",
    "der",
    "Der",
    "het",
    "Het",
    "in",
    "In",
    "te",
    "Te",
    "ten",
    "Ten",
    "ter",
    "Ter",
    "op",
    "'t",
    "Postbus",
];

/// The letter of a sample, to somebody made up with words of this kind.
pub fn stand_in(campaign: &Campaign, sample: &Sample, number: u64, filler: &str) -> Letter {
    let real = &sample.planned.letter;
    let home = real.addressee == Addressee::Oneself && real.destination.reveal().country == "NL";
    if matches!(sample.kind, Kind::Combination | Kind::WrittenBefore) && home {
        let mut letter =
            person(campaign, &Person::example(), real.languages, number).expect("the example's address is complete");
        letter.variant = Arc::clone(&real.variant);
        letter.format = Arc::clone(&real.format);
        letter.facts = Arc::clone(&real.facts);
        return letter;
    }
    let (person, destination) = (real.person.reveal(), real.destination.reveal());
    let abroad = destination.country != "NL";
    let count = destination.lines.len();
    let line = |(index, line): (usize, &String)| {
        if abroad && index + 1 == count { line.clone() } else { disguised(line, filler) }
    };
    Letter {
        case_code: CaseCode::from_bits(number),
        list: real.list,
        row: 0,
        addressee: real.addressee,
        variant: Arc::clone(&real.variant),
        languages: real.languages,
        format: Arc::clone(&real.format),
        facts: Arc::clone(&real.facts),
        person: Private::new(PersonOnPaper {
            name_line: disguised(&person.name_line, filler),
            salutations: person.salutations.iter().map(|salutation| disguised(salutation, filler)).collect(),
            named_inside: person.named_inside,
        }),
        destination: Private::new(Destination {
            lines: destination.lines.iter().enumerate().map(line).collect(),
            country: destination.country.clone(),
            postcode: coded(&destination.postcode),
            house_number: coded(&destination.house_number),
            house_suffix: coded(&destination.house_suffix),
            kix: coded(&destination.kix),
            protected: false,
        }),
    }
}

/// A text with every word that says something of a person written with another one.
fn disguised(text: &str, filler: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut word = String::new();
    let close = |word: &mut String, out: &mut String| {
        if COMMON.contains(&word.as_str()) {
            out.push_str(word);
        } else {
            out.push_str(&replaced(word, filler));
        }
        word.clear();
    };
    for character in text.chars() {
        if character == ' ' || character == '-' {
            close(&mut word, &mut out);
            out.push(character);
        } else {
            word.push(character);
        }
    }
    close(&mut word, &mut out);
    out
}

/// A word of the same length and capitals; digits count up, marks stay.
fn replaced(word: &str, filler: &str) -> String {
    let mut letters = filler.chars().cycle();
    let mut digits = ('1'..='9').cycle();
    word.chars()
        .map(|character| {
            if character.is_numeric() {
                digits.next().unwrap_or('1')
            } else if character.is_alphabetic() {
                let letter = letters.next().unwrap_or('x');
                if character.is_uppercase() { letter.to_ascii_uppercase() } else { letter }
            } else {
                character
            }
        })
        .collect()
}

/// A code of the same length and form.
fn coded(code: &str) -> String {
    let mut digits = ('1'..='9').cycle();
    let mut letters = ('A'..='Z').cycle();
    code.chars()
        .map(|character| if character.is_ascii_digit() { digits.next() } else { letters.next() }.unwrap_or('1'))
        .collect()
}

/// Somebody made up, as a form asks for.
#[derive(Clone, Default)]
pub struct Person {
    /// `A.`
    pub initials: String,
    /// `van den`
    pub prefix: String,
    /// The surname.
    pub surname: String,
    /// Chooses the salutation.
    pub sex: Sex,
    /// Street.
    pub street: String,
    /// House number.
    pub house_number: String,
    /// Postcode.
    pub postcode: String,
    /// City.
    pub city: String,
    /// ISO 3166-1 alpha-2; blank is NL.
    pub country: String,
    /// Lines of an address abroad.
    pub foreign_lines: [String; 3],
    /// Who is written to, where it is not the person.
    pub addressee: Option<Addressee>,
    /// Id of an institution of the campaign.
    pub institution: String,
    /// Name of a representative.
    pub representative: String,
}

impl Person {
    /// The usual one.
    pub fn example() -> Self {
        Self {
            initials: "A.".to_owned(),
            surname: "Voorbeeld".to_owned(),
            sex: Sex::Female,
            street: "Voorbeeldstraat".to_owned(),
            house_number: "12".to_owned(),
            postcode: "1234 AB".to_owned(),
            city: "Voorbeeldstad".to_owned(),
            ..Self::default()
        }
    }

    fn name(&self) -> PersonName {
        PersonName {
            initials: self.initials.clone(),
            prefix: self.prefix.clone(),
            surname: self.surname.clone(),
            sex: self.sex,
            ..PersonName::default()
        }
    }
}

/// The letter to a made-up person: names and address only; the caller says what it is about.
///
/// # Errors
/// The reason why a letter to this address would be held.
pub fn person(
    campaign: &Campaign,
    person: &Person,
    languages: LanguageChoice,
    number: u64,
) -> Result<Letter, NoDestination> {
    let institution = campaign.institutions.get(&person.institution);
    let addressee = match (institution, person.addressee) {
        (Some(_), _) => Addressee::Institution,
        (None, Some(addressee)) => addressee,
        (None, None) => Addressee::Oneself,
    };
    let recipient = match addressee {
        Addressee::Oneself => Recipient::Oneself,
        Addressee::Guardian => Recipient::Guardian,
        Addressee::Representative => Recipient::Representative { name: &person.representative, role: "guardian" },
        Addressee::Institution => Recipient::Institution { id: &person.institution },
    };
    let address = match institution {
        Some(place) => address::read(&address::of_institution(place))?,
        None => address::read(&AddressFields {
            street: &person.street,
            house_number: &person.house_number,
            postcode: &person.postcode,
            city: &person.city,
            country: &person.country,
            foreign_lines: person.foreign_lines.each_ref().map(String::as_str),
            ..AddressFields::default()
        })?,
    };
    let name = person.name();
    let name_line = name.name_line().unwrap_or_default();
    let line = institution.and_then(|place| place.address_line.as_deref());
    let addressed = address_to(&recipient, &name, &name_line, &person.representative, line, languages);
    Ok(Letter {
        case_code: CaseCode::from_bits(number),
        list: 0,
        row: 0,
        addressee,
        variant: "".into(),
        languages,
        format: "standard".into(),
        facts: Arc::new(Facts {
            categories: std::collections::BTreeMap::new(),
            populations: std::collections::BTreeSet::new(),
            lists: std::collections::BTreeSet::new(),
            addressee,
            age: None,
            country: address.country().to_owned(),
            written_before: false,
            wave: None,
        }),
        person: Private::new(PersonOnPaper {
            name_line,
            salutations: addressed.salutations,
            named_inside: addressed.named_inside,
        }),
        destination: Private::new(address::destination(&address, addressed.lines, false, campaign.vendor.kix)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_disguised_text_keeps_its_shape_and_no_word_that_names_anybody() {
        let real = "Geachte mevrouw Van den Berg-De Wit";
        let disguise = disguised(real, FILLERS[0]);
        assert_eq!(disguise, "Geachte mevrouw Van den Voor-De Voo");
        assert_eq!(disguised("J.A. van den Bergh", FILLERS[0]), "V.O. van den Voorb");
        assert_eq!(disguised("Kerkstraat 101-3a", FILLERS[0]), "Voorbeeldn 123-1v");
        for filler in FILLERS {
            assert_eq!(disguised("Łukasz 17", filler).chars().count(), 9);
        }
        assert_eq!(coded("1011AB12X3"), "1234AB56C7");
    }
}
