//! Which letters are shown: one of each combination in use, and the extremes among all.
//!
//! Enters: every letter that would be printed. Leaves: samples, each with what it stands for. Invariants: the people of
//! all combinations together are all people; the same letters give the same samples, in whatever order they come.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use crate::model::exposure::{Certainty, Facts};
use crate::model::outcome::Addressee;
use crate::plan::record::PlannedLetter;

/// What a sample stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// A combination of variant, languages, format and populations.
    Combination,
    /// An extreme among all letters.
    Extreme(Extreme),
    /// What somebody gets who was written to before.
    WrittenBefore,
    /// Somebody made up by whoever looks.
    MadeUp,
}

/// An extreme among all letters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[expect(missing_docs, reason = "the titles say it")]
pub enum Extreme {
    LongestName,
    LongestAddress,
    MostCategories,
    MostPages,
    Foreign,
    Guardian,
    Representative,
    Institution,
}

impl Extreme {
    const ALL: [Self; 8] = [
        Self::LongestName,
        Self::LongestAddress,
        Self::MostCategories,
        Self::MostPages,
        Self::Foreign,
        Self::Guardian,
        Self::Representative,
        Self::Institution,
    ];

    /// For people.
    pub const fn title(self) -> &'static str {
        match self {
            Self::LongestName => "Longest name",
            Self::LongestAddress => "Longest address",
            Self::MostCategories => "Most categories",
            Self::MostPages => "Most pages",
            Self::Foreign => "Address abroad",
            Self::Guardian => "To parents or guardians",
            Self::Representative => "To a representative",
            Self::Institution => "Through an institution",
        }
    }

    /// Whether letters differ in whether they are of this kind at all, rather than in how much.
    const fn is_class(self) -> bool {
        matches!(self, Self::Foreign | Self::Guardian | Self::Representative | Self::Institution)
    }

    /// How far a letter goes; 0 is not of this kind.
    fn measure(self, planned: &PlannedLetter) -> usize {
        let letter = &planned.letter;
        let lines = &letter.destination.reveal().lines;
        let addressed = |addressee| usize::from(letter.addressee == addressee);
        match self {
            Self::LongestName => letter.person.reveal().name_line.chars().count(),
            Self::LongestAddress => lines.iter().map(|line| line.chars().count()).sum(),
            Self::MostCategories => named(&letter.facts),
            Self::MostPages => planned.page_count() as usize,
            Self::Foreign => usize::from(letter.destination.reveal().country != "NL"),
            Self::Guardian => addressed(Addressee::Guardian),
            Self::Representative => addressed(Addressee::Representative),
            Self::Institution => addressed(Addressee::Institution),
        }
    }
}

/// A letter that is shown, and the people it is shown for.
#[derive(Debug, Clone)]
pub struct Sample {
    /// A name for files and places in a page: `a-z`, digits and `-`.
    pub id: String,
    /// What it stands for.
    pub kind: Kind,
    /// The letter, of somebody real.
    pub planned: PlannedLetter,
    /// How many people get a letter like it.
    pub people: u64,
    /// To whom these letters are addressed.
    pub addressees: BTreeMap<&'static str, u64>,
    /// Category → how many of these people have it confirmed, possible, ruled out.
    pub categories: BTreeMap<String, [u64; 3]>,
}

/// What makes a combination: variant, languages, format, populations.
type Combination<'l> = (&'l str, &'static str, &'l str, Vec<&'l str>);

/// The samples: combinations in order, then extremes.
pub fn choose(letters: &[PlannedLetter]) -> Vec<Sample> {
    let mut groups: BTreeMap<Combination<'_>, Vec<&PlannedLetter>> = BTreeMap::new();
    for planned in letters {
        let letter = &planned.letter;
        let populations = letter.facts.populations.iter().map(String::as_str).collect();
        let key = (&*letter.variant, letter.languages.as_str(), &*letter.format, populations);
        groups.entry(key).or_default().push(planned);
    }
    let mut samples: Vec<Sample> = groups
        .into_iter()
        .enumerate()
        .filter_map(|(index, ((variant, languages, format, _), group))| {
            let id = plain(&format!("{:02}-{variant}-{languages}-{format}", index + 1));
            Some(sample(id, Kind::Combination, typical(&group)?, &group))
        })
        .collect();
    assert_eq!(
        samples.iter().map(|sample| sample.people).sum::<u64>(),
        letters.len() as u64,
        "every letter is of one combination"
    );
    for extreme in Extreme::ALL {
        let most = letters.iter().max_by_key(|planned| (extreme.measure(planned), Reverse(planned.letter.case_code)));
        let Some(most) = most.filter(|planned| extreme.measure(planned) > 0) else { continue };
        let like = |planned: &&PlannedLetter| extreme.measure(planned) == extreme.measure(most);
        let group: Vec<&PlannedLetter> =
            if extreme.is_class() { letters.iter().filter(like).collect() } else { vec![most] };
        samples.push(sample(plain(extreme.title()), Kind::Extreme(extreme), most, &group));
    }
    samples
}

/// The letter with the most frequent facts; among equals one to the person at home.
fn typical<'l>(group: &[&'l PlannedLetter]) -> Option<&'l PlannedLetter> {
    let mut frequency: BTreeMap<Vec<(&str, Certainty)>, usize> = BTreeMap::new();
    let known = |facts: &'l Facts| -> Vec<(&'l str, Certainty)> {
        facts.categories.iter().map(|(category, exposed)| (category.as_str(), exposed.certainty)).collect()
    };
    for planned in group {
        *frequency.entry(known(&planned.letter.facts)).or_default() += 1;
    }
    group.iter().copied().min_by_key(|planned| {
        let letter = &planned.letter;
        let away = letter.addressee != Addressee::Oneself || letter.destination.reveal().country != "NL";
        (away, Reverse(frequency[&known(&letter.facts)]), letter.case_code)
    })
}

/// A sample that stands for a group.
pub(super) fn sample(id: String, kind: Kind, planned: &PlannedLetter, group: &[&PlannedLetter]) -> Sample {
    let mut sample = Sample {
        id,
        kind,
        planned: planned.clone(),
        people: group.len() as u64,
        addressees: BTreeMap::new(),
        categories: BTreeMap::new(),
    };
    for planned in group {
        *sample.addressees.entry(planned.letter.addressee.as_str()).or_default() += 1;
        for (category, exposed) in &planned.letter.facts.categories {
            let counts = sample.categories.entry(category.clone()).or_default();
            counts[match exposed.certainty {
                Certainty::Confirmed => 0,
                Certainty::Possible => 1,
                Certainty::RuledOut => 2,
            }] += 1;
        }
    }
    sample
}

/// How many categories a letter names.
fn named(facts: &Facts) -> usize {
    facts.categories.values().filter(|exposed| exposed.certainty != Certainty::RuledOut).count()
}

/// A name of `a-z`, digits and `-` only.
pub(super) fn plain(name: &str) -> String {
    let mut plain = String::with_capacity(name.len());
    for character in name.chars() {
        if character.is_ascii_alphanumeric() {
            plain.push(character.to_ascii_lowercase());
        } else if !plain.ends_with('-') {
            plain.push('-');
        }
    }
    plain.trim_matches('-').to_owned()
}
