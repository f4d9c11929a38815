//! Person keys → case codes, and the proof that no two people share one.
//!
//! Enters: a key as typed, and its kind. Leaves: the case code and an independent hash, which only serves to find two
//! keys behind one code. Invariant: no key leaves this file, in no form from which it could be read. Absent on purpose:
//! keeping hashes after all lists were compared.

use std::borrow::Cow;
use std::hash::{DefaultHasher, Hash, Hasher};

use rayon::prelude::*;
use unicode_normalization::{UnicodeNormalization, is_nfc};

use crate::campaign::settings::KeyKind;
use crate::model::bsn;
use crate::model::case_code::{CaseCode, CaseCoder};

/// Digits and letters that a key has at least to be searched inside other words of a reference.
const SEARCHED_INSIDE: usize = 5;

/// A key's case code and its second hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Keyed {
    /// The case code.
    pub case_code: CaseCode,
    /// A hash of kind and key that has nothing to do with the case code.
    pub check: u64,
}

/// A key that could be read.
pub struct Key {
    kind: KeyKind,
    normalised: String,
}

impl Key {
    /// Reads a key: citizen service numbers by their rule, opaque keys trimmed and NFC, case kept.
    pub fn read(kind: KeyKind, typed: &str) -> Option<Self> {
        let normalised = match kind {
            KeyKind::Bsn => bsn::normalise(typed)?,
            KeyKind::Opaque => composed(typed.trim()).into_owned(),
        };
        (!normalised.is_empty()).then_some(Self { kind, normalised })
    }

    /// The case code and the second hash.
    pub fn keyed(&self, coder: &CaseCoder) -> Keyed {
        let mut hasher = DefaultHasher::new();
        (self.kind.as_str(), &self.normalised).hash(&mut hasher);
        Keyed { case_code: coder.code(self.kind.as_str(), &self.normalised), check: hasher.finish() }
    }
}

/// Whether a reference of the list's owner is or holds the row's key, as typed or as read: then nobody may see it.
/// Citizen numbers are searched in the reference's digits whatever stands between them; opaque keys as a word of
/// their own, and also inside words when they are long enough not to be there by chance.
pub fn holds_key(reference: &str, typed: &str, key: Option<&Key>) -> bool {
    let typed = typed.trim();
    if typed.is_empty() || reference.is_empty() {
        return false;
    }
    if holds_text(reference, typed) {
        return true;
    }
    key.is_some_and(|key| match key.kind {
        KeyKind::Opaque => holds_text(reference, &key.normalised),
        KeyKind::Bsn => {
            let digits: String = reference.chars().filter(char::is_ascii_digit).collect();
            digits.contains(&key.normalised)
                || key.normalised.strip_prefix('0').is_some_and(|unpadded| digits.contains(unpadded))
        }
    })
}

/// Whether `key` stands in the reference, in any case.
fn holds_text(reference: &str, key: &str) -> bool {
    let (reference, key) = (composed(reference).to_lowercase(), composed(key).to_lowercase());
    let inside = key.chars().count() >= SEARCHED_INSIDE;
    reference.match_indices(&key).any(|(at, found)| {
        let is_word = |neighbour: Option<char>| !neighbour.is_some_and(char::is_alphanumeric);
        inside || is_word(reference[..at].chars().next_back()) && is_word(reference[at + found.len()..].chars().next())
    })
}

/// The text in NFC.
pub fn composed(text: &str) -> Cow<'_, str> {
    if text.is_ascii() || is_nfc(text) { Cow::Borrowed(text) } else { Cow::Owned(text.nfc().collect()) }
}

/// Whether two different keys have the same case code.
pub fn collides(mut keys: Vec<Keyed>) -> bool {
    keys.par_sort_unstable();
    keys.par_windows(2).any(|pair| pair[0].case_code == pair[1].case_code && pair[0].check != pair[1].check)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn coder() -> CaseCoder {
        CaseCoder::new(b"0123456789abcdef")
    }

    fn keyed(kind: KeyKind, typed: &str) -> Option<Keyed> {
        Key::read(kind, typed).map(|key| key.keyed(&coder()))
    }

    #[test]
    fn spellings_of_one_key_are_one_person_and_kinds_are_not() {
        assert_eq!(keyed(KeyKind::Bsn, "111.222.333"), keyed(KeyKind::Bsn, "111222333"));
        assert_eq!(keyed(KeyKind::Opaque, " caf\u{65}\u{301} "), keyed(KeyKind::Opaque, "caf\u{e9}"));
        assert_ne!(keyed(KeyKind::Opaque, "A1"), keyed(KeyKind::Opaque, "a1"));
        assert_ne!(keyed(KeyKind::Opaque, "111222333"), keyed(KeyKind::Bsn, "111222333"));
        assert_eq!(keyed(KeyKind::Bsn, "111222334"), None);
        assert_eq!(keyed(KeyKind::Opaque, "  "), None);
    }

    #[test]
    fn a_reference_that_is_or_holds_the_key_is_found() {
        let holds = |kind, typed, reference| holds_key(reference, typed, Key::read(kind, typed).as_ref());
        assert!(holds(KeyKind::Bsn, "111.222.333", "111222333"));
        assert!(holds(KeyKind::Bsn, "111222333", "LAB-111.222.333/2"));
        assert!(holds(KeyKind::Bsn, "12345672", "ref 12345672"));
        assert!(holds(KeyKind::Bsn, "111222334", "111222334"), "a mistyped number is still somebody's");
        assert!(!holds(KeyKind::Bsn, "111222333", "LAB-0001"));
        assert!(holds(KeyKind::Opaque, "P-17", "p-17"));
        assert!(holds(KeyKind::Opaque, "P-17", "lab/P-17/x"));
        assert!(!holds(KeyKind::Opaque, "7", "LAB-0017"));
        assert!(holds(KeyKind::Opaque, "AB123", "xAB1234"));
        assert!(!holds(KeyKind::Opaque, "", "LAB-0017"));
    }

    #[test]
    fn two_keys_behind_one_code_are_found() {
        let one = Keyed { case_code: CaseCode::from_bits(7), check: 1 };
        assert!(!collides(vec![one, one, Keyed { case_code: CaseCode::from_bits(8), check: 2 }]));
        assert!(collides(vec![one, Keyed { case_code: CaseCode::from_bits(9), check: 1 }, Keyed { check: 2, ..one }]));
    }
}
