//! What a wording may know.
//!
//! Enters: the campaign, the template's texts and one set of facts. Leaves: the values that a wording's names stand for.
//! Invariants: no name, address or key is among them, unless the letter template asks for `person`; categories come in
//! the order of `letter.toml`.

use serde::Serialize;

use crate::campaign::letter_template::CategoryText;
use crate::campaign::settings::Campaign;
use crate::model::date::PartialDate;
use crate::model::exposure::{Certainty, Exposed, Facts, Nature};
use crate::model::language::Language;
use crate::model::letter::PersonOnPaper;

/// The names that a wording may use.
pub const NAMES: &[&str] = &[
    "variant",
    "language",
    "format",
    "addressee",
    "populations",
    "lists",
    "certainties",
    "categories",
    "age",
    "country",
    "facts",
    "sender",
    "campaign",
    "confirmed",
    "possible",
    "ruled_out",
    "written_before",
    "person",
];

/// The values of a wording's names.
#[derive(Serialize)]
pub struct Context<'a> {
    variant: &'a str,
    language: &'static str,
    format: &'a str,
    addressee: &'static str,
    populations: Vec<&'a str>,
    lists: Vec<&'a str>,
    certainties: Vec<&'static str>,
    categories: std::collections::BTreeMap<&'a str, &'static str>,
    age: Option<u16>,
    country: &'a str,
    written_before: bool,
    facts: serde_json::Value,
    sender: serde_json::Value,
    campaign: CampaignValues,
    confirmed: Vec<CategoryValues<'a>>,
    possible: Vec<CategoryValues<'a>>,
    ruled_out: Vec<CategoryValues<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    person: Option<PersonValues<'a>>,
}

#[derive(Serialize)]
struct CampaignValues {
    id: String,
    date: String,
}

#[derive(Serialize)]
struct CategoryValues<'a> {
    id: &'a str,
    nature: Nature,
    label: &'a str,
    consequence: &'a str,
    steps: &'a [String],
    period_from: Option<String>,
    period_to: Option<String>,
}

#[derive(Serialize)]
struct PersonValues<'a> {
    name: &'a str,
    salutation: &'a str,
}

/// What is asked of a wording: for whom it is said, in which language, variant and format.
#[derive(Clone, Copy)]
pub struct Request<'a> {
    /// The language.
    pub language: Language,
    /// The variant.
    pub variant: &'a str,
    /// The format.
    pub format: &'a str,
    /// The facts.
    pub facts: &'a Facts,
    /// The person and the position of the language among the letter's, where the template uses `person`.
    pub person: Option<(&'a PersonOnPaper, usize)>,
}

impl<'a> Context<'a> {
    /// The values for one request.
    pub fn new(campaign: &'a Campaign, request: &Request<'a>) -> Self {
        let facts = request.facts;
        let texts = campaign.template.category_texts.get(&request.language);
        let group = |certainty: Certainty| -> Vec<CategoryValues<'a>> {
            let of_person = campaign.template.category_order.iter().filter_map(|id| facts.categories.get_key_value(id));
            of_person
                .filter(|(_, exposed)| exposed.certainty == certainty)
                .filter_map(|(id, exposed)| {
                    let text = texts.and_then(|texts| texts.get(id))?;
                    Some(category(id, *campaign.template.categories.get(id)?, text, exposed))
                })
                .collect()
        };
        Self {
            variant: request.variant,
            language: request.language.code(),
            format: request.format,
            addressee: facts.addressee.as_str(),
            populations: facts.populations.iter().map(String::as_str).collect(),
            lists: facts.lists.iter().map(String::as_str).collect(),
            certainties: facts.certainties().into_iter().rev().map(Certainty::as_str).collect(),
            categories: facts
                .categories
                .iter()
                .map(|(id, exposed)| (id.as_str(), exposed.certainty.as_str()))
                .collect(),
            age: facts.age,
            country: &facts.country,
            written_before: facts.written_before,
            facts: json(&campaign.facts),
            sender: json(&campaign.sender),
            campaign: CampaignValues { id: campaign.id.clone(), date: campaign.date.to_string() },
            confirmed: group(Certainty::Confirmed),
            possible: group(Certainty::Possible),
            ruled_out: group(Certainty::RuledOut),
            person: request.person.map(|(person, index)| PersonValues {
                name: &person.name_line,
                salutation: person.salutations.get(index).map_or("", String::as_str),
            }),
        }
    }
}

fn category<'a>(id: &'a str, nature: Nature, text: &'a CategoryText, exposed: &Exposed) -> CategoryValues<'a> {
    let (from, to) = match (exposed.period_from, exposed.period_to) {
        (Some(from), Some(to)) => {
            let (from, to) = PartialDate::plainest_period(from, to);
            (Some(from), Some(to))
        }
        open => open,
    };
    CategoryValues {
        id,
        nature,
        label: &text.label,
        consequence: &text.consequence,
        steps: &text.steps,
        period_from: from.map(PartialDate::iso),
        period_to: to.map(PartialDate::iso),
    }
}

/// A TOML table as the wording and the layout see it: dates become ISO text.
pub fn json(table: &toml::Table) -> serde_json::Value {
    serde_json::Value::Object(table.iter().map(|(key, value)| (key.clone(), json_value(value))).collect())
}

fn json_value(value: &toml::Value) -> serde_json::Value {
    match value {
        toml::Value::String(text) => text.clone().into(),
        toml::Value::Integer(number) => (*number).into(),
        toml::Value::Float(number) => (*number).into(),
        toml::Value::Boolean(truth) => (*truth).into(),
        toml::Value::Datetime(date) => date.to_string().into(),
        toml::Value::Array(items) => items.iter().map(json_value).collect(),
        toml::Value::Table(table) => json(table),
    }
}
