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
    let faults: BTreeMap<(String, Option<usize>, String), WordingError> = trials(campaign)
        .par_iter()
        .flat_map_iter(|facts| {
            let mut faults = Vec::new();
            each_about(campaign, facts, &mut |request| faults.extend(wording.render(request).err()));
            faults
        })
        .map(|fault| ((fault.file.clone(), fault.line, fault.message.clone()), fault))
        .collect();
    if faults.is_empty() { Ok(()) } else { Err(faults.into_values().collect()) }
}

/// Makes every request that is tried: addressees, populations, facts, languages, variants and formats.
pub fn each(campaign: &Campaign, mut attempt: impl FnMut(&Request<'_>)) {
    for facts in trials(campaign) {
        each_about(campaign, &facts, &mut attempt);
    }
}

/// Makes every request about one set of facts.
fn each_about(campaign: &Campaign, facts: &Facts, attempt: &mut dyn FnMut(&Request<'_>)) {
    let person =
        PersonOnPaper { name_line: "A. B.".to_owned(), salutations: vec!["A. B.".to_owned()], named_inside: false };
    let person = campaign.template.uses_person.then_some((&person, 0));
    for &language in &campaign.template.languages {
        for variant in &campaign.template.variants {
            for format in &campaign.template.formats {
                attempt(&Request { language, variant, format, facts, person });
            }
        }
    }
}

/// Facts of every addressee and population.
fn trials(campaign: &Campaign) -> Vec<Facts> {
    let populations: BTreeSet<&str> = campaign.participants.iter().map(|list| list.population.as_str()).collect();
    let mut trials = Vec::new();
    for &addressee in Addressee::ALL {
        for &population in &populations {
            trials.extend(trial_facts(campaign, population, addressee));
        }
    }
    trials
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
                written_before: turn.is_multiple_of(2),
                wave: None,
            }
        })
        .collect()
}
