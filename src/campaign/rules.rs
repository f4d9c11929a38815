//! `[[variants]]`, `[routing]`, `[limits]` and `[release]` → the rules that decide on people and letters.
//!
//! Enters: the tables. Leaves: checked rules. Invariant: a rule names a variant that the letter has, is an expression,
//! and reads only what is known of a person. Absent on purpose: evaluating rules, which is `routing`'s.

use std::collections::BTreeMap;

use minijinja::Environment;

use crate::model::outcome::Held;

use super::settings::{RoutingChoice, VariantRule, WaveRule};
use super::template_reader::LetterNames;
use super::toml_reader::{Field, Section, names, with_nearest};

/// What a `when` expression may read; the contract's section on letter templates.
const PERSON_FACTS: &[&str] =
    &["certainties", "categories", "populations", "lists", "addressee", "age", "country", "written_before", "wave"];

/// Reasons that `send` may overrule.
const SENDABLE: &[Held] = &[
    Held::ConflictingRecords,
    Held::MinorTwelveToFifteen,
    Held::NotAtAddress,
    Held::AddressUnderInvestigation,
    Held::ProtectedAddress,
];

/// The rules in order. The same variant may stand in several: each is another way to it.
pub(super) fn variants(
    root: &Section<'_>,
    sections: Vec<Section<'_>>,
    letter: &LetterNames,
) -> Option<Vec<VariantRule>> {
    if sections.is_empty() {
        let hint = "add `[[variants]]` with `id` and `when`; `when = \"true\"` is for everybody";
        root.problem("no variant is named, so nobody could get a letter", hint);
        return None;
    }
    let rules: Vec<Option<VariantRule>> = sections.into_iter().map(|section| rule(section, letter)).collect();
    rules.into_iter().collect()
}

fn rule(mut section: Section<'_>, letter: &LetterNames) -> Option<VariantRule> {
    let id = section.required("id", "id = \"confirmed\"").and_then(|field| variant(&field, letter));
    let when = section.required("when", "when = \"'confirmed' in certainties\"");
    let when = when.and_then(|field| expression(&field, letter, PERSON_FACTS));
    section.finish();
    Some(VariantRule { id: id?, when: when? })
}

fn variant(field: &Field<'_>, letter: &LetterNames) -> Option<String> {
    let id = field.text()?;
    if let Some(variants) = &letter.variants
        && !variants.iter().any(|known| known == id)
    {
        let known = variants.iter().map(String::as_str);
        field.unknown_name(id, known.clone(), &format!("the letter has the variants {}", names(known)));
        return None;
    }
    Some(id.to_owned())
}

fn expression(field: &Field<'_>, letter: &LetterNames, facts: &[&str]) -> Option<String> {
    let text = field.prose()?;
    let engine = Environment::new();
    let compiled = match engine.compile_expression(text) {
        Ok(compiled) => compiled,
        Err(error) => {
            let reason = error.detail().map_or_else(|| error.kind().to_string(), str::to_owned);
            let hint = "write an expression, as \"'confirmed' in certainties and age >= 16\"";
            let span = error.range().and_then(|range| field.part(range)).unwrap_or_else(|| field.span());
            field.problem_at(span, format!("`{}` is no expression: {reason}", field.name()), hint);
            return None;
        }
    };
    let mut read: Vec<String> = compiled.undeclared_variables(true).into_iter().collect();
    read.sort();
    let mut sound = true;
    for path in read {
        let (name, part) = path.split_once('.').unwrap_or((&path, ""));
        let otherwise = format!("a rule reads {}", names(facts.iter().copied()));
        let (message, hint) = if !facts.contains(&name) {
            (
                format!("`{}` reads `{name}`, which nobody has", field.name()),
                with_nearest(name, facts.iter().copied(), &otherwise),
            )
        } else if let Some(categories) = &letter.categories
            && name == "categories"
            && !part.is_empty()
            && !categories.contains_key(part)
        {
            let known = categories.keys().map(String::as_str);
            let otherwise = format!("letter.toml has {}", names(known.clone()));
            (format!("`{}` reads the unknown category `{part}`", field.name()), with_nearest(part, known, &otherwise))
        } else {
            continue;
        };
        let span = text.find(&path).and_then(|start| field.part(start..start + path.len()));
        field.problem_at(span.unwrap_or_else(|| field.span()), message, hint);
        sound = false;
    }
    sound.then(|| text.to_owned())
}

/// What a wave's rule may read.
const WAVE_FACTS: &[&str] = &["certainties", "categories", "populations", "lists", "addressee", "age", "returned"];

/// The waves in order; each name stands once.
pub(super) fn waves(sections: Vec<Section<'_>>, letter: &LetterNames) -> Option<Vec<WaveRule>> {
    let mut waves: Vec<WaveRule> = Vec::new();
    let mut sound = true;
    for mut section in sections {
        let id = section.required("id", "id = \"returned\"").and_then(|field| {
            let id = field.text()?;
            let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
            if id.len() > 40 || !id.bytes().all(plain) {
                field.problem("`id` is no name of a wave", "write 1 to 40 of a-z, 0-9 and `-`");
                return None;
            }
            if waves.iter().any(|wave| wave.id == id) {
                field.problem("two waves have this name", "give each wave a name of its own");
                return None;
            }
            Some(id.to_owned())
        });
        let when = section.required("when", "when = \"returned == 'moved'\"");
        let when = when.and_then(|field| expression(&field, letter, WAVE_FACTS));
        section.finish();
        match (id, when) {
            (Some(id), Some(when)) => waves.push(WaveRule { id, when }),
            _ => sound = false,
        }
    }
    sound.then_some(waves)
}

/// What to do with held reasons; those that are not named keep the contract's default.
pub(super) fn routing(field: &Field<'_>) -> Option<BTreeMap<Held, RoutingChoice>> {
    let choices = [("hold", RoutingChoice::Hold), ("suppress", RoutingChoice::Suppress), ("send", RoutingChoice::Send)];
    // A page that failed its check is never anybody's to wave through.
    let reasons: Vec<(String, Held)> = Held::ALL
        .iter()
        .filter(|&&reason| reason != Held::FailedCheck)
        .map(|reason| (reason.as_str().replace('-', "_"), *reason))
        .collect();
    let mut routing = BTreeMap::new();
    let mut sound = true;
    for (key, field) in field.section()?.entries("address_under_investigation = \"hold\"") {
        let Some(&(_, reason)) = reasons.iter().find(|(known, _)| known == key) else {
            let known = reasons.iter().map(|(known, _)| known.as_str());
            field.unknown_key(key, known.clone(), &format!("reasons are {}", names(known)));
            sound = false;
            continue;
        };
        match field.choice(&choices) {
            Some(RoutingChoice::Send) if !SENDABLE.contains(&reason) => {
                let sendable: Vec<String> = SENDABLE.iter().map(|reason| reason.as_str().replace('-', "_")).collect();
                let hint = format!(
                    "write \"hold\" or \"suppress\"; \"send\" is for {}",
                    names(sendable.iter().map(String::as_str))
                );
                field.problem(format!("`{}` cannot be sent", field.name()), hint);
                sound = false;
            }
            Some(choice) => drop(routing.insert(reason, choice)),
            None => sound = false,
        }
    }
    sound.then_some(routing)
}

/// The two limits in percent; 1.0 each where the campaign says nothing.
pub(super) fn limits(field: Option<&Field<'_>>) -> Option<(f64, f64)> {
    let Some(field) = field else { return Some((1.0, 1.0)) };
    let mut section = field.section()?;
    let rejected = section.optional("max_rejected_percent", "max_rejected_percent = 1.0");
    let unusable = section.optional("max_unusable_exposures_percent", "max_unusable_exposures_percent = 1.0");
    let [rejected, unusable] =
        [rejected, unusable].map(|field| field.map_or(Some(1.0), |field| field.number(0.0..=100.0)));
    section.finish();
    Some((rejected?, unusable?))
}

/// `[approval]`: how many different people must sign off.
pub(super) fn approvals_required(field: &Field<'_>) -> Option<u32> {
    let mut section = field.section()?;
    let required = section.required("required", "required = 2").and_then(|field| field.integer(1..=9));
    section.finish();
    required
}

/// Letters that a release date holds at most.
pub(super) fn per_day(field: &Field<'_>) -> Option<u32> {
    let mut section = field.section()?;
    let per_day = section.required("per_day", "per_day = 50000").and_then(|field| field.integer(1..=u32::MAX));
    section.finish();
    per_day
}
