//! Counts of letters while they are packed: what they are, and what they tell.
//!
//! Enters: each packed letter. Leaves: letters by variant and language, and by category and certainty. Invariants: the
//! letters by variant add up to all letters; memory grows with the variants and categories of the campaign, never with
//! the letters. Absent on purpose: the facts themselves, of which there are about as many as people.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::model::exposure::Certainty;
use crate::model::letter::Letter;

use super::reconciliation::{CategoryLine, VariantLine};

/// Counts of letters.
#[derive(Debug, Default)]
pub struct Tally {
    variants: BTreeMap<(Arc<str>, &'static str, Arc<str>), u64>,
    categories: BTreeMap<String, CategoryLine>,
}

impl Tally {
    /// Counts a letter.
    pub fn add(&mut self, letter: &Letter) {
        let key = (Arc::clone(&letter.variant), letter.languages.as_str(), Arc::clone(&letter.format));
        *self.variants.entry(key).or_default() += 1;
        for (category, exposed) in &letter.facts.categories {
            let line = match self.categories.get_mut(category) {
                Some(line) => line,
                None => self.categories.entry(category.clone()).or_insert_with(|| named(category)),
            };
            *match exposed.certainty {
                Certainty::Confirmed => &mut line.confirmed,
                Certainty::Possible => &mut line.possible,
                Certainty::RuledOut => &mut line.ruled_out,
            } += 1;
        }
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
        self.categories.values().cloned().collect()
    }
}

fn named(category: &str) -> CategoryLine {
    CategoryLine { category: category.to_owned(), ..CategoryLine::default() }
}
