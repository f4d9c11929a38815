//! Who was written to before, and what they were told.
//!
//! Enters: letters of earlier runs, in the order in which they were sealed. Leaves: for each person the last letter's
//! content. Invariant: the content is what a letter tells about the person and nothing else: a corrected wording, another
//! language or another address do not make a letter new. Absent on purpose: where this is kept.

use std::collections::HashMap;

use sha2::{Digest, Sha256};

use super::case_code::CaseCode;
use super::exposure::Exposed;
use super::outcome::ReturnReason;

/// What a letter tells about a person: equal contents are the same message.
pub type Content = [u8; 16];

/// The content of a letter: which letter it is, and each category with its certainty and period.
pub fn content<'a>(letter: &str, categories: impl Iterator<Item = (&'a str, &'a Exposed)>) -> Content {
    let mut categories: Vec<_> = categories.collect();
    categories.sort_unstable_by_key(|&(category, _)| category);
    let mut hasher = Sha256::new();
    hasher.update(letter);
    for (category, exposed) in categories {
        let date = |date: Option<super::date::PartialDate>| date.map_or(String::new(), |date| date.iso());
        let (from, to) = (date(exposed.period_from), date(exposed.period_to));
        for part in ["\n", category, " ", exposed.certainty.as_str(), " ", &from, " ", &to] {
            hasher.update(part);
        }
    }
    let digest: [u8; 32] = hasher.finalize().into();
    let mut content = Content::default();
    content.copy_from_slice(&digest[..16]);
    content
}

/// The last letter that somebody was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Told {
    /// The run that it was part of.
    pub run: u32,
    /// What it told.
    pub content: Content,
    /// Why it came back, if it did.
    pub returned: Option<ReturnReason>,
    /// Whether any letter of the wave that is being planned was sent to this person.
    pub in_wave: bool,
}

/// Everybody who was written to before.
#[derive(Debug, Clone, Default)]
pub struct Earlier {
    people: HashMap<CaseCode, Told>,
    wave: Option<String>,
}

impl Earlier {
    /// Nobody yet; the runs to come belong to this wave.
    pub fn new(wave: Option<String>) -> Self {
        Self { people: HashMap::new(), wave }
    }

    /// A letter that was sent, after those that were added before.
    pub fn sent(&mut self, code: CaseCode, run: u32, content: Content, wave: Option<&str>) {
        let before = self.people.get(&code).is_some_and(|told| told.in_wave);
        let in_wave = before || (wave.is_some() && wave == self.wave.as_deref());
        self.people.insert(code, Told { run, content, returned: None, in_wave });
    }

    /// This person's letter of a run came back; only that of the last letter counts.
    pub fn came_back(&mut self, code: CaseCode, run: u32, reason: ReturnReason) {
        if let Some(told) = self.people.get_mut(&code).filter(|told| told.run == run) {
            told.returned = Some(reason);
        }
    }

    /// The last letter to this person.
    pub fn of(&self, code: CaseCode) -> Option<Told> {
        self.people.get(&code).copied()
    }

    /// The wave that is being planned.
    pub fn wave(&self) -> Option<&str> {
        self.wave.as_deref()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::exposure::Certainty;

    fn exposed(certainty: Certainty) -> Exposed {
        Exposed { certainty, period_from: None, period_to: None }
    }

    #[test]
    fn the_content_is_the_letter_with_each_category_and_its_certainty_in_any_order() {
        let (sure, unsure) = (exposed(Certainty::Confirmed), exposed(Certainty::Possible));
        let told = content("note", [("bsn", &sure), ("name", &unsure)].into_iter());
        assert_eq!(told, content("note", [("name", &unsure), ("bsn", &sure)].into_iter()));
        let others = [
            content("other", [("bsn", &sure), ("name", &unsure)].into_iter()),
            content("note", [("bsn", &sure), ("name", &sure)].into_iter()),
            content("note", [("bsn", &sure)].into_iter()),
            content("note", std::iter::empty()),
        ];
        assert!(!others.contains(&told));
    }

    #[test]
    fn the_last_letter_counts_and_a_wave_is_remembered_behind_it() {
        let code = CaseCode::from_bits(7);
        let mut earlier = Earlier::new(Some("again".to_owned()));
        earlier.sent(code, 1, [1; 16], Some("again"));
        earlier.came_back(code, 1, ReturnReason::Moved);
        assert_eq!(earlier.of(code).and_then(|told| told.returned), Some(ReturnReason::Moved));
        earlier.sent(code, 2, [2; 16], None);
        earlier.came_back(code, 1, ReturnReason::Unknown);
        assert_eq!(earlier.of(code), Some(Told { run: 2, content: [2; 16], returned: None, in_wave: true }));
        assert_eq!(earlier.of(CaseCode::from_bits(8)), None);
    }
}
