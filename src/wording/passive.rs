//! Sentences in which nobody does anything.
//!
//! Enters: a sentence. Leaves: the passive form in it, if there is one. The rules are those of plain-language guides:
//! Dutch `worden` with a participle; English `be` with a participle behind it. Invariant: a warning is worth reading, so
//! Dutch `zijn` with a participle, which may as well be the perfect of an active verb, is left alone.

use super::prose::words;
use crate::model::language::Language;

/// The words that make a sentence passive, such as `wordt gestuurd`.
pub fn passive(sentence: &str, language: Language) -> Option<String> {
    let words: Vec<String> = words(sentence).map(str::to_lowercase).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match language {
        Language::Nl => dutch(&words),
        Language::En => english(&words),
    }
}

const WORDEN: &[&str] = &["word", "wordt", "worden", "werd", "werden", "geworden"];
/// What stands before a noun, so that the word behind it is no participle of the sentence.
const DETERMINERS: &[&str] = &[
    "de", "het", "een", "dit", "dat", "deze", "die", "geen", "uw", "ons", "onze", "hun", "zijn", "haar", "elk", "elke",
];
/// First parts of verbs that are written apart, such as `doorgestuurd`.
const SEPARABLE: &[&str] = &[
    "aan", "achter", "af", "bij", "binnen", "buiten", "dicht", "door", "fijn", "in", "kwijt", "los", "mede", "mee",
    "na", "neer", "om", "onder", "op", "open", "over", "plaats", "samen", "stil", "tegen", "terug", "thuis", "toe",
    "uit", "vast", "vol", "voor", "weer", "weg",
];
/// Words that look like participles and are none.
const NO_PARTICIPLES: &[&str] = &[
    "gegeven",
    "gebied",
    "gezicht",
    "gerecht",
    "geduld",
    "gezond",
    "gebruiken",
    "gebeuren",
    "geloven",
    "gelden",
    "geven",
    "genieten",
    "bericht",
    "besluit",
    "bestand",
    "beleid",
    "bezit",
    "verstand",
    "verband",
    "geweld",
    "gemeenten",
    "bekend",
];

fn dutch(words: &[&str]) -> Option<String> {
    let form = words.iter().find(|word| WORDEN.contains(word))?;
    let participle = words.iter().enumerate().find(|&(at, word)| {
        let noun = at > 0 && DETERMINERS.contains(&words[at - 1]);
        !noun && is_dutch_participle(word)
    })?;
    Some(format!("{form} … {}", participle.1))
}

fn is_dutch_participle(word: &str) -> bool {
    if NO_PARTICIPLES.contains(&word) || WORDEN.contains(&word) {
        return false;
    }
    let stem = SEPARABLE.iter().filter_map(|part| word.strip_prefix(part)).find(|rest| rest.starts_with("ge"));
    let word = stem.unwrap_or(word);
    let weak = word.ends_with('d') || word.ends_with('t');
    let strong = word.ends_with("en");
    let unstressed = ["be", "her", "ont", "ver"].iter().any(|prefix| word.starts_with(prefix));
    word.len() >= 6 && ((word.starts_with("ge") && (weak || strong)) || (unstressed && weak))
}

const BE: &[&str] = &["am", "is", "are", "was", "were", "be", "been", "being"];
/// What may stand between `be` and the participle.
const BETWEEN: &[&str] =
    &["not", "also", "already", "now", "still", "never", "always", "only", "often", "being", "all"];
/// Participles that do not end in `-ed`.
const IRREGULAR: &[&str] = &[
    "brought",
    "bought",
    "built",
    "caught",
    "chosen",
    "cut",
    "done",
    "drawn",
    "driven",
    "found",
    "forgotten",
    "given",
    "heard",
    "held",
    "hidden",
    "kept",
    "known",
    "led",
    "lost",
    "made",
    "meant",
    "paid",
    "put",
    "read",
    "seen",
    "sent",
    "set",
    "shown",
    "sold",
    "spoken",
    "stolen",
    "taken",
    "taught",
    "told",
    "thrown",
    "understood",
    "written",
];
/// Words in `-ed` that say how somebody is.
const ADJECTIVES: &[&str] =
    &["concerned", "interested", "worried", "satisfied", "tired", "pleased", "married", "need", "indeed", "related"];

fn english(words: &[&str]) -> Option<String> {
    words.iter().enumerate().filter(|(_, word)| BE.contains(word)).find_map(|(at, form)| {
        let adverb = |word: &&&str| BETWEEN.contains(*word) || word.ends_with("ly");
        let participle = words[at + 1..].iter().find(|word| !adverb(word))?;
        let regular = participle.len() > 4 && participle.ends_with("ed") && !ADJECTIVES.contains(participle);
        (regular || IRREGULAR.contains(participle)).then(|| format!("{form} … {participle}"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_passive_sentence_is_told_from_an_active_one() {
        for (language, sentence, expected) in [
            (Language::Nl, "De brief wordt morgen verstuurd.", Some("wordt … verstuurd")),
            (Language::Nl, "Uw gegevens werden doorgestuurd.", Some("werden … doorgestuurd")),
            (Language::Nl, "Daar wordt aan gewerkt.", Some("wordt … gewerkt")),
            (Language::Nl, "Wij hebben de gegevens verwijderd.", None),
            (Language::Nl, "Uw gegevens zijn gelekt.", None),
            (Language::Nl, "Dat wordt een lang bericht met gegevens.", None),
            (Language::Nl, "U wordt boos.", None),
            (Language::En, "Your letter was not posted.", Some("was … posted")),
            (Language::En, "The data were recently stolen.", Some("were … stolen")),
            (Language::En, "We have deleted your data.", None),
            (Language::En, "Are you worried?", None),
            (Language::En, "We are sorry.", None),
        ] {
            assert_eq!(passive(sentence, language).as_deref(), expected, "{sentence}");
        }
    }
}
