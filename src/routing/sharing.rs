//! Facts that many people have in common, held once.
//!
//! Enters: what is known of one person's exposure. Leaves: the same facts as everybody else who has them, with the
//! variant they choose. Invariant: equal facts are one allocation, and their variant is chosen once; which thread came
//! first makes no difference to what is shared. Absent on purpose: anything personal.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Arc, Mutex, PoisonError};

use crate::campaign::settings::ParticipantsList;
use crate::exposure::PersonExposure;
use crate::model::exposure::{Exposed, Facts};
use crate::model::outcome::Addressee;

/// Locks that share the facts among them, so that threads seldom wait.
const LOCKS: u64 = 64;

/// What decides the facts, borrowed.
#[derive(Clone, Copy)]
pub struct Seen<'a> {
    /// What is known of each category.
    pub exposure: PersonExposure<'a>,
    /// Indices of the participants lists that the person stands in, in order, each once.
    pub lists: &'a [u16],
    /// To whom the letter is addressed.
    pub addressee: Addressee,
    /// Age in years.
    pub age: Option<u16>,
    /// ISO 3166-1 alpha-2.
    pub country: &'a str,
    /// Whether the ledger knows an earlier letter.
    pub written_before: bool,
    /// The wave for which the person was selected.
    pub wave: Option<&'a str>,
}

/// Facts with the variant they choose; `None` where no rule holds.
pub type Chosen = (Arc<Facts>, Option<Arc<str>>);

/// The facts of all persons.
pub struct SharedFacts<'a> {
    participants: &'a [ParticipantsList],
    locks: Vec<Mutex<HashMap<u64, Vec<Entry>>>>,
}

/// Facts that somebody had.
struct Entry {
    exposed: Box<[(u16, Exposed)]>,
    lists: Box<[u16]>,
    chosen: Chosen,
}

impl<'a> SharedFacts<'a> {
    /// No facts yet.
    pub fn new(participants: &'a [ParticipantsList]) -> Self {
        Self { participants, locks: (0..LOCKS).map(|_| Mutex::default()).collect() }
    }

    /// The shared facts that equal what was seen; `choose` is asked for the variant the first time.
    ///
    /// # Errors
    /// What `choose` fails with.
    pub fn share<E>(
        &self,
        seen: Seen<'_>,
        choose: impl FnOnce(&Facts) -> Result<Option<Arc<str>>, E>,
    ) -> Result<Chosen, E> {
        let hash = seen.hash();
        // A lock is poisoned where `choose` panicked; the entries before it are whole.
        let lock = usize::try_from(hash % LOCKS).unwrap_or(0);
        let mut entries = self.locks[lock].lock().unwrap_or_else(PoisonError::into_inner);
        let entries = entries.entry(hash).or_default();
        if let Some(entry) = entries.iter().find(|entry| entry.equals(&seen)) {
            return Ok(entry.chosen.clone());
        }
        let facts = self.spelt_out(&seen);
        let variant = choose(&facts)?;
        let chosen = (Arc::new(facts), variant);
        entries.push(Entry {
            exposed: seen.exposure.exposed().into(),
            lists: seen.lists.into(),
            chosen: chosen.clone(),
        });
        Ok(chosen)
    }

    /// The facts, spelt out.
    pub fn spelt_out(&self, seen: &Seen<'_>) -> Facts {
        let lists = || seen.lists.iter().map(|&list| &self.participants[usize::from(list)]);
        Facts {
            categories: seen.exposure.categories(),
            populations: lists().map(|list| list.population.clone()).collect(),
            lists: lists().map(|list| list.source.id.clone()).collect(),
            addressee: seen.addressee,
            age: seen.age,
            country: seen.country.to_owned(),
            written_before: seen.written_before,
            wave: seen.wave.map(str::to_owned),
        }
    }
}

impl Seen<'_> {
    fn hash(&self) -> u64 {
        let mut hasher = DefaultHasher::new();
        (self.exposure.exposed(), self.lists, self.addressee, self.age, self.country).hash(&mut hasher);
        (self.written_before, self.wave).hash(&mut hasher);
        hasher.finish()
    }
}

impl Entry {
    /// Whether these are the facts that were seen; populations follow from the lists.
    fn equals(&self, seen: &Seen<'_>) -> bool {
        let facts = &self.chosen.0;
        *self.exposed == *seen.exposure.exposed()
            && *self.lists == *seen.lists
            && facts.addressee == seen.addressee
            && facts.age == seen.age
            && facts.country == seen.country
            && facts.written_before == seen.written_before
            && facts.wave.as_deref() == seen.wave
    }
}
