//! How easy a text reads, by formulas that others have published.
//!
//! Enters: sentences. Leaves: words a sentence and a reading ease: Flesch (1948) for English, Douma's adaptation (1960)
//! for Dutch; 60 and more is plain language in both. Invariant: words without a letter count as one syllable; syllables
//! are counted by vowel groups, as the formulas' own authors allow.

use super::prose::words;
use crate::model::language::Language;

/// What was counted in a text.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counted {
    /// Sentences.
    pub sentences: u64,
    /// Words in them.
    pub words: u64,
    /// Syllables of the words.
    pub syllables: u64,
    /// Words of the longest sentence.
    pub longest: u64,
}

impl Counted {
    /// Counts a sentence in.
    pub fn add(&mut self, sentence: &str, language: Language) {
        let mut length = 0;
        for word in words(sentence) {
            length += 1;
            self.syllables += syllables(word, language);
        }
        self.sentences += 1;
        self.words += length;
        self.longest = self.longest.max(length);
    }

    /// Words of a sentence, on average.
    pub fn words_average(&self) -> f64 {
        ratio(self.words, self.sentences)
    }

    /// The reading ease; higher is easier.
    pub fn reading_ease(&self, language: Language) -> f64 {
        let (per_word, per_sentence) = (ratio(self.syllables, self.words), self.words_average());
        match language {
            Language::Nl => 206.84 - 0.77 * (100.0 * per_word) - 0.93 * per_sentence,
            Language::En => 206.835 - 84.6 * per_word - 1.015 * per_sentence,
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "a letter has far fewer words than 2^52")]
fn ratio(part: u64, whole: u64) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}

/// Dutch vowel groups that are one syllable, longest first.
const NL_GROUPS: &[&str] = &[
    "eeuw", "ieuw", "aai", "ooi", "oei", "eeu", "ieu", "aa", "ee", "oo", "uu", "ie", "oe", "eu", "ui", "ij", "ou",
    "au", "ei", "ai",
];
/// English vowel groups that are two syllables.
const EN_SPLIT: &[&str] = &["ia", "io", "iu", "eo", "ua", "uo"];
/// English endings in which such a group is one syllable.
const EN_JOINED: &[&str] = &["tion", "sion", "cian", "cial", "tial", "cious", "tious", "gion"];

/// Syllables of a word.
pub fn syllables(word: &str, language: Language) -> u64 {
    let word = word.to_lowercase();
    let count = word
        .split(|character: char| !character.is_alphabetic())
        .map(|part| match language {
            Language::Nl => dutch(part),
            Language::En => english(part),
        })
        .sum();
    u64::max(count, 1)
}

fn dutch(word: &str) -> u64 {
    let mut count = 0;
    let mut rest = word;
    while let Some(first) = rest.chars().next() {
        let group = NL_GROUPS.iter().find(|group| rest.starts_with(**group));
        if group.is_some() || is_vowel(first) {
            count += 1;
        }
        rest = &rest[group.map_or(first.len_utf8(), |group| group.len())..];
    }
    count
}

fn english(word: &str) -> u64 {
    let mut count = 0;
    let mut in_group = false;
    for character in word.chars() {
        let vowel = is_vowel(character);
        count += u64::from(vowel && !in_group);
        in_group = vowel;
    }
    let occurrences = |groups: &[&str]| groups.iter().map(|group| word.matches(group).count() as u64).sum::<u64>();
    count += occurrences(EN_SPLIT);
    count = count.saturating_sub(occurrences(EN_JOINED));
    // A silent e: `made`, `leaked`, `dates`; but `table`, `posted`, `cases`.
    let before = |ending: &str| word.strip_suffix(ending).and_then(|stem| stem.chars().next_back());
    let silent = before("e").is_some_and(|last| !is_vowel(last) && last != 'l')
        || before("le").is_some_and(is_vowel)
        || before("ed").is_some_and(|last| !is_vowel(last) && !matches!(last, 't' | 'd'))
        || before("es").is_some_and(|last| !is_vowel(last) && !matches!(last, 's' | 'c' | 'z' | 'g' | 'x' | 'h'));
    if silent && count > 1 { count - 1 } else { count }
}

fn is_vowel(character: char) -> bool {
    matches!(
        character,
        'a' | 'e' | 'i' | 'o' | 'u' | 'y' | 'ä' | 'á' | 'à' | 'é' | 'è' | 'ë' | 'ê' | 'ï' | 'í' | 'ö' | 'ó' | 'ü'
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dutch_syllables_go_by_vowel_groups() {
        for (word, count) in [
            ("gegevens", 3),
            ("laboratorium", 6),
            ("nieuw", 1),
            ("patiënt", 3),
            ("mogelijk", 3),
            ("excuses", 3),
            ("huisarts", 2),
            ("e-mail", 2),
            ("2025", 1),
            ("BSN", 1),
            ("leeuwen", 2),
            ("onderzoek", 3),
        ] {
            assert_eq!(syllables(word, Language::Nl), count, "{word}");
        }
    }

    #[test]
    fn english_syllables_know_the_silent_e() {
        for (word, count) in [
            ("leaked", 1),
            ("made", 1),
            ("table", 2),
            ("whole", 1),
            ("posted", 2),
            ("information", 4),
            ("data", 2),
            ("criminals", 3),
            ("laboratory", 5),
            ("cases", 2),
            ("please", 1),
            ("0800", 1),
        ] {
            assert_eq!(syllables(word, Language::En), count, "{word}");
        }
    }

    #[test]
    fn the_formulas_are_the_published_ones() {
        let counted = Counted { sentences: 10, words: 100, syllables: 150, longest: 12 };
        assert!((counted.reading_ease(Language::Nl) - (206.84 - 115.5 - 9.3)).abs() < 1e-9);
        assert!((counted.reading_ease(Language::En) - (206.835 - 126.9 - 10.15)).abs() < 1e-9);
    }
}
