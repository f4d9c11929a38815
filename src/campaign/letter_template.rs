//! A letter template as read from its folder: what `letter.toml` names, and every file's text.
//!
//! Enters: nothing; [`super::load`] fills these. Leaves: checked names and file texts. Invariant: each language has the
//! same wording files and the same categories; the hash covers every file.

use std::collections::BTreeMap;

use crate::model::exposure::Nature;
use crate::model::language::Language;

/// A checked letter template.
#[derive(Debug, Clone)]
pub struct LetterTemplate {
    /// The folder's name.
    pub name: String,
    /// Every file of the template by its path below the folder, with `/`, in order; byte for byte.
    pub files: BTreeMap<String, String>,
    /// SHA-256 over the paths and contents, hex.
    pub sha256: String,
    /// Languages the letter is written in.
    pub languages: Vec<Language>,
    /// Variants the wording knows.
    pub variants: Vec<String>,
    /// Formats, `standard` first.
    pub formats: Vec<String>,
    /// Pages of one language at most, without blank backs.
    pub pages_max: u32,
    /// Every category with its nature.
    pub categories: BTreeMap<String, Nature>,
    /// Every category once, in the order in which `letter.toml` names them; a letter names them so too.
    pub category_order: Vec<String>,
    /// Personal values that the wording asks for; `person` or nothing.
    pub uses_person: bool,
    /// Per language, what the wording says of each category.
    pub category_texts: BTreeMap<Language, BTreeMap<String, CategoryText>>,
    /// Per language, the layout's own texts.
    pub labels: BTreeMap<Language, BTreeMap<String, String>>,
    /// Per language, the parts of the body in order of their file names: path below the folder. Files whose names begin
    /// with `_` are no parts; parts include them.
    pub wording: BTreeMap<Language, Vec<String>>,
    /// Limits of the plain-language lint.
    pub lint: LintLimits,
}

/// `[lint]`: above which length, or below which figure, a wording is warned about. What is absent is not checked.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct LintLimits {
    /// Commas in one sentence at most.
    pub commas_max: Option<u32>,
    /// Printed lines of one paragraph at most, on standard paper.
    pub paragraph_lines_max: Option<u32>,
    /// Words in capitals that the reader knows, or that the letter explains.
    pub abbreviations: Vec<String>,
    /// What differs from language to language.
    pub languages: BTreeMap<Language, LanguageLimits>,
}

/// Limits of one language.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct LanguageLimits {
    /// Words of a sentence at most, on average.
    pub sentence_words_average: Option<f64>,
    /// Words of any sentence at most.
    pub sentence_words_max: Option<u32>,
    /// The readability figure at least.
    pub reading_ease_min: Option<f64>,
}

/// What a letter says of one category of data, in one language.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct CategoryText {
    /// What the data are called.
    pub label: String,
    /// What may happen.
    pub consequence: String,
    /// What the person can do.
    pub steps: Vec<String>,
}
