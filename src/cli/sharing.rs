//! How many letters share a text, and what it costs where few do.
//!
//! Enters: letters as planned. Leaves: the number of distinct texts, and words for the operator where they are so many
//! that laying them out takes longer than all the rest. Invariant: no value of a person is in it.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::num::NonZeroUsize;

use serde::Serialize;

use super::failure::Failure;
use super::planning;
use crate::campaign::settings::Campaign;
use crate::plan::record::PlannedLetter;
use crate::wording::context::Request;

/// Milliseconds that a text of two pages takes to lay out on one core, measured.
const TEXT_MS: u64 = 20;
/// Milliseconds that a letter takes whose text is there already, measured and rounded up.
const LETTER_MS: u64 = 1;
/// Fewer texts than this are laid out in seconds, whoever shares them.
const TEXTS_MIN: u64 = 500;
/// A text is laid out when it is measured, and again when it is printed.
const TIMES: u64 = 2;

/// How far letters share their texts; a letter in two languages has two.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Sharing {
    /// Letters.
    pub letters: u64,
    /// Distinct texts.
    pub texts: u64,
    /// Distinct texts if the wording did not name the person; none where it does not.
    pub texts_without_person: Option<u64>,
}

impl Sharing {
    /// Counts the texts of these letters.
    pub fn of(campaign: &Campaign, letters: &[PlannedLetter]) -> Result<Self, Failure> {
        let wording = planning::wording(campaign)?;
        let (mut texts, mut unnamed) = (HashSet::new(), HashSet::new());
        for PlannedLetter { letter, .. } in letters {
            for (position, &language) in letter.languages.languages().iter().enumerate() {
                let request = Request {
                    language,
                    variant: &letter.variant,
                    format: &letter.format,
                    facts: &letter.facts,
                    person: None,
                };
                let without = hash(&wording.signature(&request));
                unnamed.insert(without);
                texts.insert(if campaign.template.uses_person {
                    let person = Some((letter.person.reveal(), position));
                    hash(&wording.signature(&Request { person, ..request }))
                } else {
                    without
                });
            }
        }
        Ok(Self {
            letters: letters.len() as u64,
            texts: texts.len() as u64,
            texts_without_person: campaign.template.uses_person.then_some(unnamed.len() as u64),
        })
    }

    /// What to tell the operator; nothing where texts cost little beside the letters themselves.
    pub fn warning(&self, threads: NonZeroUsize) -> Option<String> {
        let Self { letters, texts, texts_without_person } = *self;
        if texts < TEXTS_MIN || texts * TEXT_MS * TIMES <= letters * LETTER_MS {
            return None;
        }
        let time = |texts: u64| {
            let seconds = texts * TEXT_MS * TIMES / 1000 / threads.get() as u64;
            match seconds {
                0..90 => format!("{seconds} seconds"),
                90..5400 => format!("{} minutes", seconds / 60),
                _ => format!("{} hours", seconds / 3600),
            }
        };
        let cost = format!("laying them out takes about {} on {threads} threads", time(texts));
        Some(match texts_without_person {
            Some(shared) => format!(
                "the wording names the person, so {letters} letters need {texts} texts, and {cost}; without the name \
                 they need {shared} texts, and about {}. Take `uses = [\"person\"]` out of letter.toml if the wording \
                 can do without",
                time(shared)
            ),
            None => format!(
                "few people share a text: {letters} letters need {texts} texts, and {cost}. Texts differ by what the \
                 wording asks for: categories with their periods, `lists`, `age`, `country`"
            ),
        })
    }
}

fn hash(signature: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    signature.hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TWO: NonZeroUsize = NonZeroUsize::new(2).unwrap();

    #[test]
    fn only_texts_that_cost_more_than_the_letters_are_warned_about() {
        let warned = |letters, texts| Sharing { letters, texts, texts_without_person: None }.warning(TWO).is_some();
        assert!(!warned(400, 400), "over in seconds");
        assert!(!warned(1_000_000, 5_000), "few beside the letters");
        assert!(warned(1_000_000, 30_000));
        assert!(warned(2_000, 2_000));
    }

    #[test]
    fn a_wording_that_names_the_person_is_told_what_it_costs() {
        let named = Sharing { letters: 200_000, texts: 200_000, texts_without_person: Some(310) };
        let warning = named.warning(TWO).unwrap();
        for said in ["200000 letters need 200000 texts", "about 66 minutes on 2 threads", "310 texts", "6 seconds"] {
            assert!(warning.contains(said), "{said}: {warning}");
        }
    }
}
