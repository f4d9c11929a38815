//! What is known of a person's exposure, without the person.
//!
//! Enters: joined exposures. Leaves: the facts that choose a variant and fill the wording. Invariant: these facts hold
//! no name, address, key or case code, so that a wording that reads only them can be shared by many people.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::date::PartialDate;
use super::outcome::Addressee;

/// How sure it is that a category of data leaked; ordered from weak to strong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Certainty {
    /// Known not to have leaked.
    RuledOut,
    /// Cannot be ruled out.
    Possible,
    /// Known to have leaked.
    Confirmed,
}

impl Certainty {
    /// The spelling in lists and wordings.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::RuledOut => "ruled_out",
            Self::Possible => "possible",
            Self::Confirmed => "confirmed",
        }
    }

    /// The certainty with this spelling, in any case, spaces around it ignored.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        [Self::RuledOut, Self::Possible, Self::Confirmed]
            .into_iter()
            .find(|certainty| certainty.as_str().eq_ignore_ascii_case(text))
    }
}

/// The kind of data a category holds; decides on minors and on the tone of the wording.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "the names are the contract's own")]
pub enum Nature {
    Ordinary,
    Contact,
    Identity,
    Identifier,
    Health,
    Criminal,
    Financial,
    Security,
}

/// One category of one person's data.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Exposed {
    /// How sure it is.
    pub certainty: Certainty,
    /// First day that the data concern, where a list says so.
    pub period_from: Option<PartialDate>,
    /// Last day that the data concern, where a list says so.
    pub period_to: Option<PartialDate>,
}

/// All facts about one person's exposure; many people share the same facts.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Facts {
    /// Category id → what is known of it, the ruled-out ones included.
    pub categories: BTreeMap<String, Exposed>,
    /// The populations of all participants lists that the person stands in.
    pub populations: BTreeSet<String>,
    /// The ids of all participants lists that the person stands in.
    pub lists: BTreeSet<String>,
    /// To whom the letter is addressed.
    pub addressee: Addressee,
    /// Age in years on the campaign's date, the youngest that a partial birth date allows.
    pub age: Option<u16>,
    /// ISO 3166-1 alpha-2 code of the country the letter goes to.
    pub country: String,
    /// Whether the ledger knows an earlier letter to the person.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub written_before: bool,
    /// The wave for which the person was selected.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wave: Option<String>,
}

impl Facts {
    /// The certainties that occur among confirmed and possible exposures.
    pub fn certainties(&self) -> BTreeSet<Certainty> {
        self.categories
            .values()
            .map(|exposed| exposed.certainty)
            .filter(|&certainty| certainty != Certainty::RuledOut)
            .collect()
    }
}
