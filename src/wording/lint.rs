//! Plain language: what is too long, too dense or too abbreviated for the person who opens the envelope.
//!
//! Enters: a campaign's wordings, tried on invented facts, and the texts of its categories. Leaves: warnings with file
//! and line, and figures for each language. Invariants: each sentence counts once, however many letters hold it; limits
//! are the letter template's, and what it does not limit is not warned about. Passive sentences are told where a rule
//! is certain enough.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::engine::Wording;
use super::passive::passive;
use super::prose::{self, Paragraph};
use super::readability::Counted;
use super::trace::{Marked, Place, Traced};
use super::trial::{self, Trials};
use crate::campaign::letter_template::LintLimits;
use crate::campaign::settings::Campaign;
use crate::model::language::Language;

/// Characters of a printed line on standard paper: 160 mm of 11 pt Noto Sans, as measured on the shipped letters.
const LINE_CHARACTERS: usize = 80;

/// What a warning is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
#[expect(missing_docs, reason = "the names say it")]
pub enum Rule {
    SentenceLength,
    SentenceAverage,
    Commas,
    ParagraphLength,
    Abbreviation,
    Passive,
    ReadingEase,
}

/// A spot that reads less easily than the letter template allows.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Warning {
    /// The file below the letter template's folder.
    pub file: String,
    /// 1-based line.
    pub line: usize,
    /// What it is about.
    pub rule: Rule,
    /// What was found and what is allowed.
    pub message: String,
}

/// How a language's wording reads as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Figures {
    /// The language.
    pub language: &'static str,
    /// Distinct sentences.
    pub sentences: u64,
    /// Words of a sentence, on average.
    pub words_average: f64,
    /// Words of the longest sentence.
    pub words_max: u64,
    /// Flesch-Douma for Dutch, Flesch for English; higher is easier.
    pub reading_ease: f64,
}

/// What the lint found.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Lint {
    /// By file and line.
    pub warnings: Vec<Warning>,
    /// By language.
    pub figures: Vec<Figures>,
}

/// Reads all wordings of a campaign.
pub fn lint(campaign: &Campaign) -> Lint {
    let limits = &campaign.template.lint;
    let mut warnings = BTreeSet::new();
    let mut readers: BTreeMap<Language, Reader<'_>> =
        campaign.template.languages.iter().map(|&language| (language, Reader::new(language, limits))).collect();
    for (&language, reader) in &mut readers {
        categories(campaign, language, reader, &mut warnings);
    }
    let marked = Marked::new(campaign);
    let tracer = marked.tracer();
    // Without compiled wordings there is no telling which tries give the same text: all are read.
    let wording = Wording::new(campaign).ok();
    let mut asked: BTreeSet<(String, String)> = BTreeSet::new();
    let mut known: BTreeSet<String> = BTreeSet::new();
    for request in Trials::new(campaign).requests() {
        let Some(reader) = readers.get_mut(&request.language) else { continue };
        for file in trial::files(campaign, request.language) {
            let signature = wording.as_ref().map(|wording| wording.file_signature(&file, &request));
            if signature.is_some_and(|signature| !asked.insert((file.clone(), signature))) {
                continue;
            }
            let Some(traced) = tracer.trace(&file, &request) else { continue };
            if known.contains(&traced.text) {
                continue;
            }
            for paragraph in prose::paragraphs(&traced.text) {
                reader.read(&paragraph, |at| place(&traced, &paragraph, at, &file), &mut warnings);
            }
            known.insert(traced.text);
        }
    }
    let mut figures = Vec::new();
    for reader in readers.values() {
        let read = reader.figures();
        reader.judge(&read, campaign, &mut warnings);
        figures.push(read);
    }
    Lint { warnings: warnings.into_iter().collect(), figures }
}

fn place(traced: &Traced, paragraph: &Paragraph, at: usize, file: &str) -> Place {
    let fallback = || Place { file: file.to_owned(), line: 1 };
    traced.place(paragraph.origin(at)).cloned().unwrap_or_else(fallback)
}

/// The texts of `categories.toml`, each where it stands.
fn categories(campaign: &Campaign, language: Language, reader: &mut Reader<'_>, warnings: &mut BTreeSet<Warning>) {
    let file = format!("{}/categories.toml", language.code());
    let source = campaign.template.files.get(&file).map_or("", String::as_str);
    for (id, text) in campaign.template.category_texts.get(&language).into_iter().flatten() {
        let table = source.find(&format!("[{id}]")).unwrap_or_default();
        for text in [&text.label, &text.consequence].into_iter().chain(&text.steps) {
            // A text that is spelt with escapes is shown at its table.
            let at = source[table..].find(text.as_str()).map_or(table, |at| table + at);
            let place = Place { file: file.clone(), line: source[..at].matches('\n').count() + 1 };
            reader.read(&Paragraph::plain(text), |_| place.clone(), warnings);
        }
    }
}

/// Reads the texts of one language.
struct Reader<'a> {
    language: Language,
    limits: &'a LintLimits,
    /// Paragraphs that were read.
    paragraphs: BTreeSet<String>,
    /// Sentences that were read.
    sentences: BTreeSet<String>,
    counted: Counted,
}

impl<'a> Reader<'a> {
    fn new(language: Language, limits: &'a LintLimits) -> Self {
        Self { language, limits, paragraphs: BTreeSet::new(), sentences: BTreeSet::new(), counted: Counted::default() }
    }

    fn read(&mut self, paragraph: &Paragraph, place: impl Fn(usize) -> Place, warnings: &mut BTreeSet<Warning>) {
        let mut warn = |at: usize, rule: Rule, message: String| {
            let Place { file, line } = place(at);
            warnings.insert(Warning { file, line, rule, message });
        };
        if self.paragraphs.insert(paragraph.text.clone()) {
            let lines = paragraph.text.chars().count().div_ceil(LINE_CHARACTERS);
            if let Some(max) = self.limits.paragraph_lines_max.map(|max| max as usize).filter(|max| lines > *max) {
                warn(
                    0,
                    Rule::ParagraphLength,
                    format!("the paragraph has about {lines} printed lines, and {max} are enough"),
                );
            }
            for (at, word) in abbreviations(&paragraph.text) {
                if !self.limits.abbreviations.iter().any(|known| known == word) {
                    warn(
                        at,
                        Rule::Abbreviation,
                        format!("`{word}` is an abbreviation; write it out, or list it in [lint]"),
                    );
                }
            }
        }
        let limits = self.limits.languages.get(&self.language).copied().unwrap_or_default();
        for range in paragraph.sentences() {
            let sentence = &paragraph.text[range.clone()];
            if !self.sentences.insert(sentence.to_owned()) {
                continue;
            }
            self.counted.add(sentence, self.language);
            let length = prose::words(sentence).count();
            if let Some(max) = limits.sentence_words_max.map(|max| max as usize).filter(|max| length > *max) {
                warn(
                    range.start,
                    Rule::SentenceLength,
                    format!("the sentence has {length} words, and {max} are enough"),
                );
            }
            let commas = sentence.matches(", ").count();
            if let Some(max) = self.limits.commas_max.map(|max| max as usize).filter(|max| commas > *max) {
                warn(range.start, Rule::Commas, format!("the sentence has {commas} commas, and {max} will do"));
            }
            if let Some(form) = passive(sentence, self.language) {
                warn(range.start, Rule::Passive, format!("`{form}` hides who does it; say who"));
            }
        }
    }

    fn figures(&self) -> Figures {
        Figures {
            language: self.language.code(),
            sentences: self.counted.sentences,
            words_average: self.counted.words_average(),
            words_max: self.counted.longest,
            reading_ease: self.counted.reading_ease(self.language),
        }
    }

    /// Warnings about the language as a whole stand where its limits are.
    fn judge(&self, read: &Figures, campaign: &Campaign, warnings: &mut BTreeSet<Warning>) {
        let limits = self.limits.languages.get(&self.language).copied().unwrap_or_default();
        let file = "letter.toml";
        let source = campaign.template.files.get(file).map_or("", String::as_str);
        let at = source.find(&format!("[lint.{}]", self.language.code())).unwrap_or_default();
        let mut warn = |rule, message| {
            warnings.insert(Warning {
                file: file.to_owned(),
                line: source[..at].matches('\n').count() + 1,
                rule,
                message,
            });
        };
        if let Some(max) = limits.sentence_words_average.filter(|max| read.words_average > *max) {
            let average = read.words_average;
            warn(Rule::SentenceAverage, format!("sentences have {average:.1} words on average, and {max} are enough"));
        }
        if let Some(min) = limits.reading_ease_min.filter(|min| read.sentences > 0 && read.reading_ease < *min) {
            let ease = read.reading_ease;
            warn(
                Rule::ReadingEase,
                format!("the reading ease is {ease:.0}, and {min} is the least; try shorter words"),
            );
        }
    }
}

/// Short forms that are written without stops too.
const SHORTENED: &[&str] = &["bijv", "bv", "enz", "evt", "excl", "incl", "nr", "tel", "etc", "approx", "dept", "resp"];

/// Words in capitals (`BSN`), with stops inside (`o.a.`) or cut short (`bijv.`), with their places.
fn abbreviations(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.split(' ')
        .scan(0, |next, word| {
            let at = *next;
            *next += word.len() + 1;
            Some((at, word))
        })
        .filter_map(|(at, word)| {
            let bare = word.trim_matches(|character: char| !character.is_alphanumeric() && character != '.');
            let core = bare.trim_matches('.');
            let letters = core.chars().filter(|character| character.is_alphabetic()).count();
            let capitals = letters > 1
                && core.chars().all(|character| character.is_uppercase() || character.is_numeric() || character == '-')
                && !core.chars().any(char::is_numeric);
            let stops =
                bare.ends_with('.') && core.contains('.') && core.split('.').all(|part| part.chars().count() == 1);
            let shortened = SHORTENED.contains(&core.to_lowercase().as_str());
            (capitals || (stops && letters > 1) || shortened).then_some((at, core))
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_abbreviation_is_what_a_reader_must_decode() {
        let text = "Uw BSN (o.a.) bij Z-CERT, bijv. U of ik. Bel NL12 A. de Wit, tel. 0800. EU";
        let found: Vec<&str> = abbreviations(text).map(|(_, word)| word).collect();
        assert_eq!(found, ["BSN", "o.a", "Z-CERT", "bijv", "tel", "EU"]);
    }
}
