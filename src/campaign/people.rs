//! `[[institutions]]` and `[[seeds]]` → addresses that letters can be sent to.
//!
//! Enters: the tables. Leaves: checked institutions and control letters. Invariant: each address is complete and holds
//! nothing that cannot be printed; no two control letters get the same case code.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use toml::de::DeTable;

use crate::model::address::HouseNumber;
use crate::model::language::Language;
use crate::model::postcode::Postcode;
use crate::model::text::clean;

use super::settings::{Institution, Seed};
use super::template_reader::LetterNames;
use super::toml_reader::{Field, Section};

/// Where control letters name people; never shown.
pub(super) fn seed_values(root: &DeTable<'_>) -> Vec<Range<usize>> {
    let seeds = root.get("seeds").and_then(|seeds| seeds.get_ref().as_array());
    let tables = seeds.into_iter().flat_map(|seeds| seeds.iter()).filter_map(|seed| seed.get_ref().as_table());
    tables
        .flat_map(|seed| ["name", "street", "house_number"].map(|key| seed.get(key)))
        .flatten()
        .map(toml::Spanned::span)
        .collect()
}

/// Institutions by id.
pub(super) fn institutions(sections: Vec<Section<'_>>) -> Option<BTreeMap<String, Institution>> {
    let mut ids = BTreeSet::new();
    let read = |mut section: Section<'_>| {
        let id = section.required("id", "id = \"pi-x\"");
        let id = id.and_then(|field| {
            let hint = "give each institution an id of its own; participants carry it";
            unlike_others(&field, &mut ids, "two institutions have this id", hint)
        });
        let institution = institution(section);
        Some((id?, institution?))
    };
    let read: Vec<Option<_>> = sections.into_iter().map(read).collect();
    read.into_iter().collect()
}

fn institution(mut section: Section<'_>) -> Option<Institution> {
    let name = section.required("name", "name = \"Prison X\"").and_then(|field| printed(&field));
    let address_line = optional(&mut section, "address_line", "address_line = \"Afdeling 2\"");
    let street = section.required("street", "street = \"Kerkstraat\"").and_then(|field| printed(&field));
    let number = section.required("house_number", "house_number = \"1\"");
    let letter = optional(&mut section, "house_letter", "house_letter = \"a\"");
    let addition = optional(&mut section, "house_addition", "house_addition = \"bis\"");
    let postcode = section.required("postcode", "postcode = \"1234 AB\"").and_then(|field| postcode(&field));
    let city = section.required("city", "city = \"Utrecht\"").and_then(|field| printed(&field));
    section.finish();
    let (letter, addition) = (letter?, addition?);
    let house_number = number.and_then(|field| house_number(&field, &letter, &addition))?;
    Some(Institution {
        name: name?,
        address_line: address_line.map(|line| (!line.is_empty()).then_some(line))?,
        street: street?,
        house_number,
        house_letter: letter,
        house_addition: addition,
        postcode: postcode?,
        city: city?,
    })
}

/// Control letters. Their case codes come from their names, so these must differ.
pub(super) fn seeds(sections: Vec<Section<'_>>, letter: &LetterNames) -> Option<Vec<Seed>> {
    let mut names = BTreeSet::new();
    let read = |mut section: Section<'_>| {
        let name = section.required("name", "name = \"M. de Boer\"");
        let name = name.and_then(|field| {
            let hint = "their case codes would be the same; change one name";
            unlike_others(&field, &mut names, "two control letters have the same name", hint)
        });
        seed(section, name, letter)
    };
    let read: Vec<Option<Seed>> = sections.into_iter().map(read).collect();
    read.into_iter().collect()
}

/// A text as it is printed, which no other of its kind may be.
fn unlike_others(field: &Field<'_>, others: &mut BTreeSet<String>, message: &str, hint: &str) -> Option<String> {
    let text = printed(field)?;
    if !others.insert(text.clone()) {
        field.problem(message, hint);
        return None;
    }
    Some(text)
}

fn seed(mut section: Section<'_>, name: Option<String>, letter: &LetterNames) -> Option<Seed> {
    let street = section.required("street", "street = \"Kerkstraat\"").and_then(|field| printed(&field));
    let number = section.required("house_number", "house_number = \"1\"");
    let number = number.and_then(|field| house_number(&field, "", ""));
    let postcode = section.required("postcode", "postcode = \"1234 AB\"").and_then(|field| postcode(&field));
    let city = section.required("city", "city = \"Utrecht\"").and_then(|field| printed(&field));
    let language = section.required("language", "language = \"nl\"").and_then(|field| language(&field, letter));
    section.finish();
    Some(Seed {
        name: name?,
        street: street?,
        house_number: number?,
        postcode: postcode?,
        city: city?,
        language: language?,
    })
}

fn language(field: &Field<'_>, letter: &LetterNames) -> Option<Language> {
    let language = field.choice(&[("nl", Language::Nl), ("en", Language::En)])?;
    if !letter.may_have_language(language) {
        field.problem("the letter is not written in this language", "choose a language that letter.toml names");
        return None;
    }
    Some(language)
}

/// A text that is printed, blank where it is absent; nothing where it is there and wrong.
fn optional(section: &mut Section<'_>, key: &'static str, example: &'static str) -> Option<String> {
    match section.optional(key, example) {
        Some(field) => printed(&field),
        None => Some(String::new()),
    }
}

/// A text as it is printed.
pub(super) fn printed(field: &Field<'_>) -> Option<String> {
    let cleaned = clean(field.text()?);
    if cleaned.is_err() {
        let hint = "remove characters that control or that cannot be seen";
        field.problem(format!("`{}` holds a character that cannot be printed", field.name()), hint);
    }
    cleaned.ok()
}

fn postcode(field: &Field<'_>) -> Option<String> {
    let postcode = Postcode::parse(field.text()?.trim());
    if postcode.is_none() {
        field
            .problem(format!("`{}` is no postcode", field.name()), "write four digits and two letters, as \"1234 AB\"");
    }
    postcode.map(Postcode::printed)
}

fn house_number(field: &Field<'_>, letter: &str, addition: &str) -> Option<String> {
    let text = printed(field)?;
    if HouseNumber::parse(&text, letter, addition).is_err() {
        let hint = "write the number, with an addition if need be, as \"12\" or \"12a\"";
        field.problem(format!("`{}` is no house number", field.name()), hint);
        return None;
    }
    Some(text)
}
