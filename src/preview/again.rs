//! What people get who were written to before: letters that no list asks for today, and a later night will send.
//!
//! Enters: the samples of today's letters, and a campaign that remembers. Leaves: a sample for each variant, language and
//! format that its rules give to somebody who was written to before, and for each wave. Invariant: a sample is shown only
//! where it differs from today's: the rules choose another variant, or the wording knows the difference.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::choose::{Kind, Sample, plain, sample};
use crate::campaign::settings::Campaign;
use crate::model::exposure::Facts;
use crate::plan::record::PlannedLetter;
use crate::routing::RuleProblem;
use crate::routing::variants::{self, Variants};

/// What the name of a wording's file ends with.
const WORDING: &str = ".typ.j2";
/// What a wording calls it.
const NAME: &str = "written_before";

/// Variant, languages and format.
type Form = (Arc<str>, &'static str, Arc<str>);

/// The samples, in the order of variant, language and format.
///
/// # Errors
/// The first rule that is no expression, or that cannot be evaluated.
pub fn again(campaign: &Campaign, samples: &[Sample]) -> Result<Vec<Sample>, RuleProblem> {
    if campaign.ledger.is_none() {
        return Ok(Vec::new());
    }
    let texts = campaign.template.files.iter().filter(|(path, _)| path.ends_with(WORDING));
    let told = texts.into_iter().any(|(_, text)| text.contains(NAME));
    let engine = variants::engine();
    let rules = match Variants::compile(&engine, campaign) {
        Ok(rules) => rules,
        Err(problems) => return problems.into_iter().next().map_or(Ok(Vec::new()), Err),
    };
    let rounds: Vec<Option<String>> =
        std::iter::once(None).chain(campaign.waves.iter().map(|wave| Some(wave.id.clone()))).collect();
    let mut found: BTreeMap<Form, (u64, PlannedLetter)> = BTreeMap::new();
    for today in samples.iter().filter(|sample| sample.kind == Kind::Combination) {
        let letter = &today.planned.letter;
        for wave in &rounds {
            let facts = Facts { written_before: true, wave: wave.clone(), ..Facts::clone(&letter.facts) };
            // Where no rule holds, there is no letter to show; the night on which it matters holds the person.
            let Some(variant) = rules.choose(&facts)? else { continue };
            if variant == letter.variant && !told {
                continue;
            }
            let key = (Arc::clone(&variant), letter.languages.as_str(), Arc::clone(&letter.format));
            if found.get(&key).is_none_or(|(people, _)| *people < today.people) {
                let mut planned = today.planned.clone();
                planned.letter.variant = variant;
                planned.letter.facts = Arc::new(facts);
                found.insert(key, (today.people, planned));
            }
        }
    }
    let shown = found.into_iter().map(|((variant, languages, format), (_, planned))| {
        let id = plain(&format!("again-{variant}-{languages}-{format}"));
        // Nobody gets it today.
        Sample { people: 0, addressees: BTreeMap::new(), ..sample(id, Kind::WrittenBefore, &planned, &[&planned]) }
    });
    Ok(shown.collect())
}
