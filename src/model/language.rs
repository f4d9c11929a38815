//! Languages of letters and what a person asked for.
//!
//! Enters: codes from lists and templates. Leaves: checked languages. Invariant: a choice lists each language once,
//! Dutch first.

use serde::{Deserialize, Serialize};

/// A language that letters are written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    /// Dutch.
    Nl,
    /// English.
    En,
}

impl Language {
    /// Every language, in the order in which they stand in a letter in several languages.
    pub const ALL: &'static [Self] = &[Self::Nl, Self::En];

    /// The ISO 639-1 code, which is also the folder's name in a letter template.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Nl => "nl",
            Self::En => "en",
        }
    }

    /// The language with this ISO 639-1 code, in any case.
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|language| language.code().eq_ignore_ascii_case(code))
    }
}

/// The languages that one person's letter is written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum LanguageChoice {
    /// Dutch first, then English, each complete.
    #[serde(rename = "nl+en")]
    Both,
    /// One language.
    #[serde(untagged)]
    One(Language),
}

impl LanguageChoice {
    /// The languages in the order in which they stand in the letter.
    pub const fn languages(self) -> &'static [Language] {
        match self {
            Self::One(Language::Nl) => &[Language::Nl],
            Self::One(Language::En) => &[Language::En],
            Self::Both => Language::ALL,
        }
    }

    /// The spelling in `index.csv`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::One(language) => language.code(),
            Self::Both => "nl+en",
        }
    }

    /// The choice with the spelling of `index.csv`.
    pub fn parse_index(text: &str) -> Option<Self> {
        if text == "nl+en" { Some(Self::Both) } else { Language::parse(text).map(Self::One) }
    }

    /// The choice that a participants list spells `nl`, `en` or `both`, in any case.
    pub fn parse_list(text: &str) -> Option<Self> {
        if text.eq_ignore_ascii_case("both") { Some(Self::Both) } else { Language::parse(text).map(Self::One) }
    }
}
