//! A form's fields → the letter that this made-up person would get.
//!
//! Enters: names and values as a browser sends them. Leaves: a letter, or what is wrong with the fields. Invariants: the
//! variant is chosen by the campaign's own rules, the addressee as for everybody; a value is text, whatever it looks like.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::invented::{self, Person};
use crate::campaign::settings::Campaign;
use crate::model::exposure::{Certainty, Exposed, Facts};
use crate::model::language::LanguageChoice;
use crate::model::letter::Letter;
use crate::model::name::Sex;
use crate::model::outcome::Addressee;
use crate::routing::variants::{self, Variants};

/// Below this age the letter goes to the guardians, as routing has it.
const GUARDIAN_BELOW: u16 = 12;
/// Starts the name of a category's field.
pub const CATEGORY: &str = "category:";
/// Says of a person that they were written to before.
pub const BEFORE: &str = "yes";
/// Says so too, and that they are written to in a wave: its name follows.
pub const WAVE: &str = "wave:";
/// Characters that a value may have.
const VALUE_MAX: usize = 200;

/// The letter; `number` makes its case code.
///
/// # Errors
/// What is wrong, for whoever filled the form in.
pub fn letter(campaign: &Campaign, sent: &[u8], number: u64) -> Result<Letter, String> {
    let fields: BTreeMap<String, String> = form_urlencoded::parse(sent).into_owned().collect();
    if let Some((name, _)) =
        fields.iter().find(|(_, value)| value.chars().count() > VALUE_MAX || value.chars().any(char::is_control))
    {
        return Err(format!("{name}: write at most {VALUE_MAX} characters on one line"));
    }
    let field = |name: &str| fields.get(name).map_or("", |value| value.trim());
    let list = field("list");
    let list = campaign
        .participants
        .iter()
        .find(|known| known.source.id == list)
        .ok_or_else(|| "list: the campaign has no such list".to_owned())?;
    let languages = LanguageChoice::parse_list(field("language"))
        .filter(|choice| choice.languages().iter().all(|language| campaign.template.languages.contains(language)))
        .ok_or_else(|| "language: the letter is not written in this language".to_owned())?;
    let format = campaign
        .template
        .formats
        .iter()
        .find(|format| *format == field("format"))
        .ok_or_else(|| "format: the letter has no such format".to_owned())?;
    let age = match field("age") {
        "" => None,
        age => Some(age.parse::<u16>().ok().filter(|&age| age < 130).ok_or("age: write years, or leave it blank")?),
    };
    let (representative, institution) = (field("representative").to_owned(), field("institution").to_owned());
    let addressee = if age.is_some_and(|age| age < GUARDIAN_BELOW) {
        Some(Addressee::Guardian)
    } else if representative.is_empty() {
        None
    } else {
        Some(Addressee::Representative)
    };
    let person = Person {
        initials: field("initials").to_owned(),
        prefix: field("prefix").to_owned(),
        surname: field("surname").to_owned(),
        sex: Sex::parse(field("sex")).ok_or("salutation: choose one")?,
        street: field("street").to_owned(),
        house_number: field("house_number").to_owned(),
        postcode: field("postcode").to_owned(),
        city: field("city").to_owned(),
        country: field("country").to_owned(),
        foreign_lines: [field("foreign_line1").to_owned(), field("foreign_line2").to_owned(), String::new()],
        addressee,
        institution,
        representative,
    };
    let mut letter = invented::person(campaign, &person, languages, number)
        .map_err(|none| format!("this letter would be held: {} ({})", none.reason.as_str(), none.detail))?;
    if letter.person.reveal().name_line.is_empty() {
        return Err("surname: write a name".to_owned());
    }
    let (written_before, wave) = earlier(campaign, field("written_before"))?;
    let facts = Facts {
        categories: categories(campaign, &fields)?,
        populations: BTreeSet::from([list.population.clone()]),
        lists: BTreeSet::from([list.source.id.clone()]),
        addressee: letter.addressee,
        age,
        country: letter.facts.country.clone(),
        written_before,
        wave,
    };
    let engine = variants::engine();
    let rules = Variants::compile(&engine, campaign)
        .map_err(|problems| problems.first().map_or_else(String::new, ToString::to_string))?;
    let variant = rules.choose(&facts).map_err(|problem| problem.to_string())?;
    letter.variant = variant.ok_or("this letter would be held: no-variant (no `when` of the campaign holds)")?;
    letter.format = format.as_str().into();
    letter.facts = Arc::new(facts);
    Ok(letter)
}

/// Whether the person was written to before, and the wave that the letter belongs to.
fn earlier(campaign: &Campaign, value: &str) -> Result<(bool, Option<String>), String> {
    let known = |id: &str| campaign.waves.iter().any(|wave| wave.id == id);
    match value.strip_prefix(WAVE) {
        _ if value.is_empty() => Ok((false, None)),
        _ if campaign.ledger.is_none() => {
            Err("written to before: the campaign has no [ledger], so it never knows".into())
        }
        Some(id) if known(id) => Ok((true, Some(id.to_owned()))),
        None if value == BEFORE => Ok((true, None)),
        _ => Err("written to before: the campaign has no such wave".into()),
    }
}

fn categories(campaign: &Campaign, fields: &BTreeMap<String, String>) -> Result<BTreeMap<String, Exposed>, String> {
    let mut categories = BTreeMap::new();
    for (name, value) in fields {
        let Some(category) = name.strip_prefix(CATEGORY).filter(|_| !value.is_empty()) else { continue };
        if !campaign.template.categories.contains_key(category) {
            return Err("category: the letter has no such category".to_owned());
        }
        let certainty = Certainty::parse(value).ok_or("category: write confirmed, possible or ruled_out")?;
        categories.insert(category.to_owned(), Exposed { certainty, period_from: None, period_to: None });
    }
    if categories.values().all(|exposed| exposed.certainty == Certainty::RuledOut) {
        return Err("choose at least one category that leaked or may have leaked".to_owned());
    }
    Ok(categories)
}
