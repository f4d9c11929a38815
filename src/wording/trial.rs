//! Every wording, tried on invented facts before anybody's letter is made.
//!
//! Enters: a campaign's wordings. Leaves: every fault that any variant, language, format, addressee, population, category
//! or certainty brings to light; and the tries that together show every text. Invariants: a name that is undefined in
//! some branch is found here, not at night; variants that one language tells apart, each does. A file is rendered once for
//! each set of values that it can tell apart, however many tries there are.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::context::Request;
use super::engine::{Wording, WordingError, subject_file};
use crate::campaign::settings::Campaign;
use crate::model::exposure::{Certainty, Exposed, Facts};
use crate::model::language::Language;
use crate::model::letter::PersonOnPaper;
use crate::model::outcome::Addressee;

/// The facts that wordings are tried on.
pub struct Trials<'c> {
    campaign: &'c Campaign,
    facts: Vec<Facts>,
    person: PersonOnPaper,
}

impl<'c> Trials<'c> {
    /// Invents facts of every addressee, population, category and certainty of this campaign.
    pub fn new(campaign: &'c Campaign) -> Self {
        let populations: BTreeSet<&str> = campaign.participants.iter().map(|list| list.population.as_str()).collect();
        let mut facts = Vec::new();
        for &addressee in Addressee::ALL {
            for &population in &populations {
                facts.extend(mixed_facts(campaign, population, addressee));
            }
        }
        if let Some(&population) = populations.first() {
            facts.extend(single_facts(campaign, population));
        }
        let person =
            PersonOnPaper { name_line: "A. B.".to_owned(), salutations: vec!["A. B.".to_owned()], named_inside: false };
        Self { campaign, facts, person }
    }

    /// Every try. Those that differ in nothing but the variant follow each other.
    pub fn requests(&self) -> impl Iterator<Item = Request<'_>> {
        let template = &self.campaign.template;
        let person = template.uses_person.then_some((&self.person, 0));
        self.facts.iter().flat_map(move |facts| {
            template.languages.iter().flat_map(move |&language| {
                template.formats.iter().flat_map(move |format| {
                    let request = move |variant| Request { language, variant, format, facts, person };
                    template.variants.iter().map(move |variant| request(variant.as_str()))
                })
            })
        })
    }

    /// Tries all wordings; gives the positions, among the tries, of some that together have every text.
    ///
    /// # Errors
    /// Every distinct fault, by file and line.
    pub fn run(&self, wording: &Wording<'_>) -> Result<Vec<usize>, Vec<WordingError>> {
        let mut texts = Texts::default();
        let mut telling = Vec::new();
        let mut likeness = Likeness::default();
        let mut variants: Vec<Vec<Option<usize>>> = Vec::new();
        for (position, request) in self.requests().enumerate() {
            let known = texts.count();
            let files = files(self.campaign, request.language);
            variants.push(files.iter().map(|file| texts.number(wording, file, &request)).collect());
            if texts.count() > known {
                telling.push(position);
            }
            if variants.len() == self.campaign.template.variants.len() {
                likeness.note(request.language, &variants);
                variants.clear();
            }
        }
        let mut faults = texts.faults;
        if faults.is_empty() {
            let found = likeness.faults(self.campaign);
            faults.extend(found.into_iter().map(|fault| (key(&fault), fault)));
        }
        if faults.is_empty() { Ok(telling) } else { Err(faults.into_values().collect()) }
    }
}

/// The files of a language's letter: its parts, then the subject.
pub(super) fn files(campaign: &Campaign, language: Language) -> Vec<String> {
    let parts = campaign.template.wording.get(&language).into_iter().flatten().cloned();
    parts.chain([subject_file(language)]).collect()
}

type Key = (String, Option<usize>, String);

fn key(fault: &WordingError) -> Key {
    (fault.file.clone(), fault.line, fault.message.clone())
}

/// Rendered files, each distinct text once.
#[derive(Default)]
struct Texts {
    /// File and what it can tell apart → the text's number; none where it does not render.
    rendered: HashMap<(String, String), Option<usize>>,
    numbers: HashMap<(String, String), usize>,
    faults: BTreeMap<Key, WordingError>,
}

impl Texts {
    fn count(&self) -> usize {
        self.numbers.len()
    }

    fn number(&mut self, wording: &Wording<'_>, file: &str, request: &Request<'_>) -> Option<usize> {
        let asked = (file.to_owned(), wording.file_signature(file, request));
        if let Some(known) = self.rendered.get(&asked) {
            return *known;
        }
        let number = match wording.render_file(file, request) {
            Ok(text) => {
                let next = self.numbers.len();
                Some(*self.numbers.entry((file.to_owned(), text)).or_insert(next))
            }
            Err(fault) => {
                self.faults.insert(key(&fault), fault);
                None
            }
        };
        self.rendered.insert(asked, number);
        number
    }
}

/// Which variants each language tells apart, and in which of its files.
#[derive(Default)]
struct Likeness {
    /// Position of the file in which a pair of variants first differed, by language.
    apart: BTreeMap<(usize, usize), BTreeMap<Language, usize>>,
}

impl Likeness {
    /// Takes in the texts of all variants, about the same facts in the same format.
    fn note(&mut self, language: Language, variants: &[Vec<Option<usize>>]) {
        for (second, texts) in variants.iter().enumerate() {
            for (first, others) in variants[..second].iter().enumerate() {
                if let Some(file) = texts.iter().zip(others).position(|(text, other)| text != other) {
                    self.apart.entry((first, second)).or_default().entry(language).or_insert(file);
                }
            }
        }
    }

    /// A variant that one language has a text of its own for, and another has not.
    fn faults(&self, campaign: &Campaign) -> Vec<WordingError> {
        let template = &campaign.template;
        let mut faults = Vec::new();
        for (&(first, second), apart) in &self.apart {
            let Some((having, &position)) = apart.first_key_value() else { continue };
            let Some(shown) = files(campaign, *having).into_iter().nth(position) else { continue };
            let name = shown.split_once('/').map_or("", |(_, name)| name);
            for language in template.languages.iter().filter(|language| !apart.contains_key(language)) {
                let (first, second) = (&template.variants[first], &template.variants[second]);
                faults.push(WordingError {
                    file: format!("{}/{name}", language.code()),
                    line: None,
                    range: None,
                    message: format!(
                        "the variants `{first}` and `{second}` have the same letter in language {}, and not in {}",
                        language.code(),
                        having.code()
                    ),
                    hint: Some(format!("write what tells them apart; {shown} does")),
                });
            }
        }
        faults
    }
}

/// One category after the other, and nothing else.
fn single_facts(campaign: &Campaign, population: &str) -> Vec<Facts> {
    let exposed = Exposed { certainty: Certainty::Confirmed, period_from: None, period_to: None };
    let categories = campaign.template.categories.keys();
    categories
        .map(|category| {
            let only = BTreeMap::from([(category.clone(), exposed.clone())]);
            facts(campaign, population, Addressee::Oneself, only, Some(44))
        })
        .collect()
}

/// All categories of each certainty, and some of each, with and without periods and ages.
fn mixed_facts(campaign: &Campaign, population: &str, addressee: Addressee) -> Vec<Facts> {
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
            let age = (turn > 0).then_some(44);
            let facts = facts(campaign, population, addressee, categories.collect(), age);
            Facts { written_before: turn.is_multiple_of(2), ..facts }
        })
        .collect()
}

fn facts(
    campaign: &Campaign,
    population: &str,
    addressee: Addressee,
    categories: BTreeMap<String, Exposed>,
    age: Option<u16>,
) -> Facts {
    let lists = campaign.participants.iter().filter(|list| list.population == population);
    Facts {
        categories,
        populations: BTreeSet::from([population.to_owned()]),
        lists: lists.map(|list| list.source.id.clone()).collect(),
        addressee,
        age,
        country: "NL".to_owned(),
        written_before: false,
        wave: None,
    }
}
