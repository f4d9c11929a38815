//! Counts of letters while they are packed: what they are, and what they tell.
//!
//! Enters: each packed letter. Leaves: letters by variant and language, and by category and certainty. Invariant: the
//! letters by variant add up to all letters. Facts that letters share are counted once, and spelt out at the end.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use crate::model::exposure::{Certainty, Facts};
use crate::model::letter::Letter;

use super::reconciliation::{CategoryLine, VariantLine};

/// Counts of letters.
#[derive(Debug, Default)]
pub struct Tally {
    variants: BTreeMap<(Arc<str>, &'static str, Arc<str>), u64>,
    /// By address: a reader of planned letters shares equal facts.
    facts: HashMap<*const Facts, (Arc<Facts>, u64)>,
}

impl Tally {
    /// Counts a letter.
    pub fn add(&mut self, letter: &Letter) {
        let key = (Arc::clone(&letter.variant), letter.languages.as_str(), Arc::clone(&letter.format));
        *self.variants.entry(key).or_default() += 1;
        self.facts.entry(Arc::as_ptr(&letter.facts)).or_insert_with(|| (Arc::clone(&letter.facts), 0)).1 += 1;
    }

    /// Letters by variant, language and format.
    pub fn variants(&self) -> Vec<VariantLine> {
        let line = |((variant, language, format), &letters): (&(Arc<str>, &str, Arc<str>), &u64)| VariantLine {
            variant: variant.to_string(),
            language: (*language).to_owned(),
            format: format.to_string(),
            letters,
        };
        self.variants.iter().map(line).collect()
    }

    /// Letters by category and certainty; one that names three categories counts in three lines.
    pub fn categories(&self) -> Vec<CategoryLine> {
        let mut lines: BTreeMap<&str, CategoryLine> = BTreeMap::new();
        for (facts, letters) in self.facts.values() {
            for (category, exposed) in &facts.categories {
                let line = lines.entry(category).or_default();
                match exposed.certainty {
                    Certainty::Confirmed => line.confirmed += letters,
                    Certainty::Possible => line.possible += letters,
                    Certainty::RuledOut => line.ruled_out += letters,
                }
            }
        }
        let named = |(category, line): (&str, CategoryLine)| CategoryLine { category: category.to_owned(), ..line };
        lines.into_iter().map(named).collect()
    }
}
