//! Control letters to the sender's own people.
//!
//! Enters: the campaign's `[[seeds]]`. Leaves: letters worded for the campaign's first variant with every category confirmed.
//! Invariant: a control letter names no participant; its case code is of a kind of its own, so it can never be a
//! participant's.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::campaign::settings::{Campaign, Seed};
use crate::marks::kix;
use crate::model::address::{Address, AddressFields, AddressProblem};
use crate::model::case_code::CaseCoder;
use crate::model::exposure::{Certainty, Exposed, Facts};
use crate::model::language::{Language, LanguageChoice};
use crate::model::letter::{Destination, Letter, PersonOnPaper};
use crate::model::outcome::Addressee;
use crate::model::private::Private;

/// The kind of key that a control letter's case code is made of.
const KIND: &str = "seed";

/// The control letters, in the campaign's order.
///
/// # Errors
/// The 1-based position of the first seed whose address cannot be written to.
pub fn letters(campaign: &Campaign) -> Result<Vec<Letter>, (usize, AddressProblem)> {
    let coder = CaseCoder::new(campaign.case_code_key.reveal());
    let facts = Arc::new(facts(campaign));
    campaign
        .seeds
        .iter()
        .enumerate()
        .map(|(index, seed)| letter(campaign, seed, &coder, &facts).map_err(|problem| (index + 1, problem)))
        .collect()
}

/// A letter to nobody, for pictures: an invented person at an invented address.
///
/// # Errors
/// An address that cannot be written to; this one can.
pub fn invented(campaign: &Campaign) -> Result<Letter, AddressProblem> {
    let nobody = Seed {
        name: "A.B. Voorbeeld-van der Laan".to_owned(),
        street: "Voorbeeldstraat".to_owned(),
        house_number: "123".to_owned(),
        postcode: "1234 AB".to_owned(),
        city: "Voorbeeldstad".to_owned(),
        language: campaign.template.languages.first().copied().unwrap_or(Language::Nl),
    };
    letter(campaign, &nobody, &CaseCoder::new(b"an invented letter"), &Arc::new(facts(campaign)))
}

fn facts(campaign: &Campaign) -> Facts {
    let first = campaign.participants.first();
    Facts {
        categories: campaign
            .template
            .categories
            .keys()
            .map(|category| {
                (category.clone(), Exposed { certainty: Certainty::Confirmed, period_from: None, period_to: None })
            })
            .collect::<BTreeMap<_, _>>(),
        populations: first.map(|list| list.population.clone()).into_iter().collect::<BTreeSet<_>>(),
        lists: first.map(|list| list.source.id.clone()).into_iter().collect::<BTreeSet<_>>(),
        addressee: Addressee::Oneself,
        age: None,
        country: "NL".to_owned(),
        written_before: false,
        wave: None,
    }
}

fn letter(campaign: &Campaign, seed: &Seed, coder: &CaseCoder, facts: &Arc<Facts>) -> Result<Letter, AddressProblem> {
    let address = Address::read(&AddressFields {
        street: &seed.street,
        house_number: &seed.house_number,
        postcode: &seed.postcode,
        city: &seed.city,
        ..AddressFields::default()
    })?;
    let mut lines = vec![seed.name.clone()];
    lines.extend(address.letter_lines());
    let postcode = address.postcode().map(|postcode| postcode.compact()).unwrap_or_default();
    let number = address.house_number();
    let house_number = number.map(|number| number.number.to_string()).unwrap_or_default();
    let content = number.and_then(|number| kix::content(&postcode, &house_number, &number.letter, &number.addition));
    let salutation = match seed.language {
        Language::Nl => format!("Geachte {}", seed.name),
        Language::En => format!("Dear {}", seed.name),
    };
    Ok(Letter {
        case_code: coder.code(KIND, &seed.name),
        list: 0,
        row: 0,
        addressee: Addressee::Oneself,
        variant: campaign.variants.first().map_or("", |rule| rule.id.as_str()).into(),
        languages: LanguageChoice::One(seed.language),
        format: campaign.template.formats.first().map_or("standard", String::as_str).into(),
        facts: Arc::clone(facts),
        person: Private::new(PersonOnPaper {
            name_line: seed.name.clone(),
            salutations: vec![salutation],
            named_inside: false,
        }),
        destination: Private::new(Destination {
            lines,
            country: "NL".to_owned(),
            postcode,
            house_suffix: number.map(|number| number.suffix()).unwrap_or_default(),
            house_number,
            kix: content.unwrap_or_default(),
            protected: false,
        }),
    })
}
