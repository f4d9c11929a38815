//! Every wording, tried on invented facts before anybody's letter is made.
//!
//! Enters: a campaign's wordings. Leaves: every fault that any variant, language, format, addressee, population or
//! certainty brings to light. Invariant: a name that is undefined in some branch is found here, not at night.

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;

use super::context::Request;
use super::engine::{Wording, WordingError};
use crate::campaign::settings::Campaign;
use crate::model::exposure::{Certainty, Exposed, Facts};
use crate::model::letter::PersonOnPaper;
use crate::model::outcome::Addressee;

/// Tries all wordings.
///
/// # Errors
/// Every distinct fault, by file and line.
pub fn try_all(campaign: &Campaign, wording: &Wording<'_>) -> Result<(), Vec<WordingError>> {
    let person =
        PersonOnPaper { name_line: "A. B.".to_owned(), salutations: vec!["A. B.".to_owned()], named_inside: false };
    let populations: BTreeSet<&str> = campaign.participants.iter().map(|list| list.population.as_str()).collect();
    let mut trials = Vec::new();
    for &addressee in Addressee::ALL {
        for &population in &populations {
            trials.extend(trial_facts(campaign, population, addressee));
        }
    }
    let faults: BTreeMap<(String, Option<usize>, String), WordingError> = trials
        .par_iter()
        .flat_map_iter(|facts| try_facts(campaign, wording, facts, &person))
        .map(|fault| ((fault.file.clone(), fault.line, fault.message.clone()), fault))
        .collect();
    if faults.is_empty() { Ok(()) } else { Err(faults.into_values().collect()) }
}

/// The faults of all languages, variants and formats for one set of facts.
fn try_facts<'t>(
    campaign: &'t Campaign,
    wording: &'t Wording<'_>,
    facts: &'t Facts,
    person: &'t PersonOnPaper,
) -> impl Iterator<Item = WordingError> + 't {
    let template = &campaign.template;
    let person = template.uses_person.then_some((person, 0));
    template.languages.iter().flat_map(move |&language| {
        template.variants.iter().flat_map(move |variant| {
            template
                .formats
                .iter()
                .filter_map(move |format| wording.render(&Request { language, variant, format, facts, person }).err())
        })
    })
}

/// All categories of each certainty, and some of each, with and without periods and ages.
fn trial_facts(campaign: &Campaign, population: &str, addressee: Addressee) -> Vec<Facts> {
    let certainties = [Certainty::Confirmed, Certainty::Possible, Certainty::RuledOut];
    let date = |text| crate::model::date::PartialDate::parse(text).ok().flatten();
    (0..4)
        .map(|turn| {
            let categories = campaign.template.categories.keys().enumerate().map(|(index, category)| {
                let certainty = match turn {
                    0 | 1 => certainties[turn],
                    _ => certainties[(index + turn) % certainties.len()],
                };
                let (period_from, period_to) =
                    if turn.is_multiple_of(2) { (date("2022-01-01"), date("2025-07-00")) } else { (None, None) };
                (category.clone(), Exposed { certainty, period_from, period_to })
            });
            Facts {
                categories: categories.collect(),
                populations: BTreeSet::from([population.to_owned()]),
                lists: campaign
                    .participants
                    .iter()
                    .filter(|list| list.population == population)
                    .map(|list| list.source.id.clone())
                    .collect(),
                addressee,
                age: (turn > 0).then_some(44),
                country: "NL".to_owned(),
            }
        })
        .collect()
}
