//! One letter as decided: everything that rendering and packing need to know, and nothing else.
//!
//! Enters: a routed person. Leaves: a row of `plan.parquet`. Invariant: the person key is not in it; what is printed
//! is decided here and never again.

use std::sync::Arc;

use super::case_code::CaseCode;
use super::exposure::Facts;
use super::language::LanguageChoice;
use super::outcome::Addressee;
use super::private::Private;

/// A person who gets a letter, as routing decided.
#[derive(Debug, Clone)]
pub struct Letter {
    /// The reference printed on the letter.
    pub case_code: CaseCode,
    /// Index of the participants list whose row carries the outcome.
    pub list: u16,
    /// 1-based data row in that list.
    pub row: u32,
    /// To whom the letter is addressed.
    pub addressee: Addressee,
    /// The campaign's variant.
    pub variant: Arc<str>,
    /// The languages of the letter.
    pub languages: LanguageChoice,
    /// The letter template's format: `standard`, `large-print`.
    pub format: Arc<str>,
    /// The exposure's facts, shared by everybody who has the same.
    pub facts: Arc<Facts>,
    /// The person the letter is about.
    pub person: Private<PersonOnPaper>,
    /// The destination.
    pub destination: Private<Destination>,
}

/// What is printed of the person.
#[derive(Clone, PartialEq, Eq)]
pub struct PersonOnPaper {
    /// `J.A. van den Berg`: the person the letter is about.
    pub name_line: String,
    /// One salutation for each of the letter's languages, in their order, without a closing comma.
    pub salutations: Vec<String>,
    /// Whether the letter names the person inside, because it is addressed to somebody else.
    pub named_inside: bool,
}

/// Where the letter goes.
#[derive(Clone, PartialEq, Eq)]
pub struct Destination {
    /// The address block, 3 to 6 lines, not yet measured against the window.
    pub lines: Vec<String>,
    /// ISO 3166-1 alpha-2.
    pub country: String,
    /// `1234AB`; blank abroad and for locations without one.
    pub postcode: String,
    /// House, PO box or reply number; blank where there is none.
    pub house_number: String,
    /// House letter and addition, for the order of letters.
    pub house_suffix: String,
    /// KIX content; blank where there is none.
    pub kix: String,
    /// A protected address: `postcode` and `kix` stay out of the index.
    pub protected: bool,
}
