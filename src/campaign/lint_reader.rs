//! `[lint]` of `letter.toml` → [`LintLimits`].
//!
//! Enters: the table. Leaves: the limits of the plain-language lint. Invariant: a limit that is misspelt is a problem,
//! never silently no limit; what is absent is not checked.

use std::collections::BTreeMap;

use super::letter_template::{LanguageLimits, LintLimits};
use super::toml_reader::{Field, Section};
use crate::model::language::Language;

/// The limits; nothing where one of them is wrong.
pub(super) fn read(field: &Field<'_>) -> Option<LintLimits> {
    let mut section = field.section()?;
    let commas_max = optional(section.optional("commas_max", "commas_max = 1"), |field| field.integer(0..=20));
    let paragraph_lines_max =
        optional(section.optional("paragraph_lines_max", "paragraph_lines_max = 6"), |field| field.integer(1..=60));
    let abbreviations = optional(section.optional("abbreviations", "abbreviations = [\"BSN\"]"), |field| {
        let words = field.elements()?;
        words.iter().map(|word| word.text().map(str::to_owned)).collect::<Option<Vec<_>>>()
    });
    let mut languages = BTreeMap::new();
    let mut sound = true;
    for (language, code, example) in [(Language::Nl, "nl", "[lint.nl]"), (Language::En, "en", "[lint.en]")] {
        if let Some(field) = section.optional(code, example) {
            match field.section().and_then(language_limits) {
                Some(limits) => _ = languages.insert(language, limits),
                None => sound = false,
            }
        }
    }
    section.finish();
    Some(LintLimits {
        commas_max: commas_max?,
        paragraph_lines_max: paragraph_lines_max?,
        abbreviations: abbreviations?.unwrap_or_default(),
        languages: sound.then_some(languages)?,
    })
}

fn language_limits(mut section: Section<'_>) -> Option<LanguageLimits> {
    let average = section.optional("sentence_words_average", "sentence_words_average = 12.0");
    let average = optional(average, |field| field.number(1.0..=100.0));
    let longest = section.optional("sentence_words_max", "sentence_words_max = 22");
    let longest = optional(longest, |field| field.integer(1..=200));
    let ease = section.optional("reading_ease_min", "reading_ease_min = 60.0");
    let ease = optional(ease, |field| field.number(0.0..=120.0));
    section.finish();
    Some(LanguageLimits { sentence_words_average: average?, sentence_words_max: longest?, reading_ease_min: ease? })
}

/// What a field that may be absent says; nothing where it is there and wrong.
#[expect(clippy::option_option, reason = "absent and wrong are different things")]
fn optional<T>(field: Option<Field<'_>>, read: impl FnOnce(&Field<'_>) -> Option<T>) -> Option<Option<T>> {
    match field {
        None => Some(None),
        Some(field) => read(&field).map(Some),
    }
}
