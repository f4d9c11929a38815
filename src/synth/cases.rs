//! What is planted: every case, how often, and what must become of it.
//!
//! Enters: nothing. Leaves: the cases, and a thousand of them in proportion. Invariant: a thousand people hold every case
//! at least once, so the outcomes of a thousand are known before anything runs; what is expected is said here by the
//! contract's table, not by the code that decides. Absent on purpose: how a case looks in the lists, see
//! [`super::person`].

use crate::model::outcome::{Addressee, Held, Outcome, Rejected, Suppressed};

/// People in one round of all cases.
pub const ROUND: usize = 1000;

/// Declares [`Case`] with its name, its number among a thousand and its outcome.
macro_rules! cases {
    ($($(#[$meta:meta])* $variant:ident = $name:literal, $share:literal, $outcome:expr;)+) => {
        /// A kind of person.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Case {
            $($(#[$meta])* $variant),+
        }

        impl Case {
            /// Every case.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The name in `planted.json`.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $name),+ }
            }

            /// How many among a thousand people, besides [`Case::Plain`], who are the rest.
            const fn share(self) -> usize {
                match self { $(Self::$variant => $share),+ }
            }

            /// What becomes of the person's first row; further rows are merged unless their maker says otherwise.
            pub const fn outcome(self) -> Outcome {
                match self { $(Self::$variant => $outcome),+ }
            }
        }
    };
}

const ONESELF: Outcome = Outcome::Letter(Addressee::Oneself);

cases! {
    /// Nothing special.
    Plain = "plain", 0, ONESELF;
    /// A PO box or a reply number.
    PoBox = "po-box", 4, ONESELF;
    /// A houseboat: a description in the place of street and number.
    Location = "location", 2, ONESELF;
    /// Opposite or near a house number.
    Designation = "designation", 2, ONESELF;
    /// `12a` in the number's field.
    NumberWithAddition = "number-with-addition", 3, ONESELF;
    /// An address in another country.
    Abroad = "abroad", 10, ONESELF;
    /// Two lists agree about the person.
    TwoLists = "two-lists", 25, ONESELF;
    /// Three lists agree about the person.
    ThreeLists = "three-lists", 3, ONESELF;
    /// The same list has the person twice.
    TwiceInOneList = "twice-in-one-list", 2, ONESELF;
    /// A name that a template engine, a spreadsheet or a typesetter could run.
    Hostile = "hostile-text", 3, ONESELF;
    /// A key written with full stops.
    DottedKey = "dotted-key", 3, ONESELF;
    /// The list owner's reference is the key.
    KeyAsReference = "key-as-reference", 1, ONESELF;
    /// Day or month of birth unknown.
    PartialBirthDate = "partial-birth-date", 4, ONESELF;
    /// No birth date at all.
    NoBirthDate = "no-birth-date", 1, ONESELF;
    /// A name that takes two lines.
    LongName = "long-name", 2, ONESELF;
    /// Twelve on the letter's date, no data on health.
    TwelveToday = "twelve-today", 1, ONESELF;
    /// Twelve to fifteen, no data on health.
    TeenWithoutHealth = "teen-without-health", 1, ONESELF;
    /// From the prison's list, but free: at the own address.
    Released = "released", 1, ONESELF;
    /// One list's row is rejected, another's is good.
    RejectedElsewhere = "rejected-elsewhere", 1, ONESELF;
    /// A second exposure list says the same.
    ExposedTwice = "exposed-twice", 5, ONESELF;
    /// A second exposure list is less sure.
    ExposedWeaker = "exposed-weaker", 5, ONESELF;
    /// A wide exposure row without any mark, and long rows.
    EmptyWideRow = "empty-wide-row", 2, ONESELF;
    /// A category that nobody knows, but ruled out.
    UnknownRuledOut = "unknown-category-ruled-out", 1, ONESELF;
    /// Beside this person, exposures of somebody whom no list has.
    BesideStranger = "beside-stranger", 2, ONESELF;
    /// Beside this person, an exposure row with too few fields.
    BesideTornExposure = "beside-torn-exposure", 1, ONESELF;
    /// Beside this person, an exposure row whose key is none.
    BesideInvalidExposure = "beside-invalid-exposure", 1, ONESELF;

    /// Under twelve.
    Child = "child", 5, Outcome::Letter(Addressee::Guardian);
    /// Twelve on the day after the letter's date.
    TwelveTomorrow = "twelve-tomorrow", 1, Outcome::Letter(Addressee::Guardian);
    /// Somebody acts for the person.
    Represented = "represented", 5, Outcome::Letter(Addressee::Representative);
    /// In an institution.
    Institution = "institution", 3, Outcome::Letter(Addressee::Institution);

    /// Died, by the list or a register.
    Deceased = "deceased", 8, Outcome::Suppressed(Suppressed::Deceased);
    /// Wants no mail.
    DoNotMail = "do-not-mail", 2, Outcome::Suppressed(Suppressed::DoNotMail);
    /// Was told before.
    AlreadyInformed = "already-informed", 4, Outcome::Suppressed(Suppressed::AlreadyInformed);
    /// Everything is ruled out.
    NotAffected = "not-affected", 20, Outcome::Suppressed(Suppressed::NotAffected);

    /// A code that nobody knows, or a character that cannot be seen.
    InvalidValue = "invalid-value", 3, Outcome::Held(Held::InvalidValue);
    /// No exposure row at all.
    NoExposure = "no-exposure", 4, Outcome::Held(Held::NoExposure);
    /// A category that nobody knows.
    UnknownCategory = "unknown-category", 1, Outcome::Held(Held::UnknownCategory);
    /// An exposure row whose certainty or date cannot be read.
    UnreadableExposure = "unreadable-exposure", 2, Outcome::Held(Held::UnreadableExposure);
    /// Exposure and participants list do not agree about the birth date, or one has none.
    IdentityMismatch = "identity-mismatch", 1, Outcome::Held(Held::IdentityMismatch);
    /// Two lists do not agree about the person.
    ConflictingRecords = "conflicting-records", 3, Outcome::Held(Held::ConflictingRecords);
    /// Twelve to fifteen, data on health.
    TeenWithHealth = "teen-with-health", 2, Outcome::Held(Held::MinorTwelveToFifteen);
    /// Somebody acts for the person, but not known who or as what.
    RepresentativeUnknown = "representative-unknown", 1, Outcome::Held(Held::RepresentativeUnknown);
    /// In an institution that the campaign does not have.
    UnknownInstitution = "unknown-institution", 1, Outcome::Held(Held::UnknownInstitution);
    /// Moved away, by the list or by returned mail.
    NotAtAddress = "not-at-address", 2, Outcome::Held(Held::NotAtAddress);
    /// The municipality doubts the address.
    AddressUnderInvestigation = "address-under-investigation", 2, Outcome::Held(Held::AddressUnderInvestigation);
    /// A secret address, by the list or a register; the campaign holds it.
    ProtectedAddress = "protected-address", 2, Outcome::Held(Held::ProtectedAddress);
    /// A part of the address is missing, or the number is a range.
    IncompleteAddress = "incomplete-address", 3, Outcome::Held(Held::IncompleteAddress);
    /// No such postcode.
    InvalidPostcode = "invalid-postcode", 2, Outcome::Held(Held::InvalidPostcode);
    /// No such country.
    UnknownCountry = "unknown-country", 1, Outcome::Held(Held::UnknownCountry);
    /// A language that the letter lacks.
    LanguageUnavailable = "language-unavailable", 2, Outcome::Held(Held::LanguageUnavailable);
    /// Listed as uncertain, but a leak is confirmed.
    NoVariant = "no-variant", 1, Outcome::Held(Held::NoVariant);
    /// A name in a script that the letter's font lacks.
    GlyphMissing = "glyph-missing", 1, Outcome::Held(Held::GlyphMissing);
    /// A name that is longer than the window.
    DoesNotFit = "does-not-fit", 1, Outcome::Held(Held::DoesNotFit);
    /// Everything leaked, in large print.
    TooManyPages = "too-many-pages", 1, Outcome::Held(Held::TooManyPages);

    /// Too few fields.
    TornRow = "torn-row", 2, Outcome::Rejected(Rejected::UnreadableRow);
    /// A number that the eleven test refuses, or none.
    InvalidKey = "invalid-key", 2, Outcome::Rejected(Rejected::InvalidKey);
    /// No surname.
    MissingName = "missing-name", 1, Outcome::Rejected(Rejected::MissingName);
    /// A birth date that no calendar has, or after the letter's date.
    InvalidDate = "invalid-date", 1, Outcome::Rejected(Rejected::InvalidDate);
}

impl Case {
    /// A thousand people in proportion, not yet in any order.
    pub fn round() -> Vec<Self> {
        let mut round: Vec<Self> = Self::ALL.iter().flat_map(|&case| std::iter::repeat_n(case, case.share())).collect();
        assert!(round.len() < ROUND, "plain people are the rest");
        round.resize(ROUND, Self::Plain);
        round
    }

    /// Whether a participants row of the person is rejected.
    pub const fn rejects_a_row(self) -> bool {
        matches!(self.outcome(), Outcome::Rejected(_)) || matches!(self, Self::RejectedElsewhere)
    }

    /// Whether an exposure row of the person, or beside it, is rejected.
    pub const fn rejects_an_exposure(self) -> bool {
        matches!(
            self,
            Self::UnknownRuledOut
                | Self::BesideTornExposure
                | Self::BesideInvalidExposure
                | Self::UnknownCategory
                | Self::UnreadableExposure
        )
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn a_round_plants_every_reason_of_the_outcome_table() {
        let planted: BTreeSet<Outcome> = Case::round().iter().map(|case| case.outcome()).collect();
        let wanted: BTreeSet<Outcome> = Rejected::ALL
            .iter()
            .map(|&reason| Outcome::Rejected(reason))
            .chain(Suppressed::ALL.iter().map(|&reason| Outcome::Suppressed(reason)))
            .chain(Held::ALL.iter().filter(|&&reason| reason != Held::FailedCheck).map(|&reason| Outcome::Held(reason)))
            .chain(Addressee::ALL.iter().map(|&addressee| Outcome::Letter(addressee)))
            .collect();
        assert_eq!(planted, wanted);
    }

    #[test]
    fn about_ninety_two_percent_get_a_letter() {
        let letters = Case::round().iter().filter(|case| matches!(case.outcome(), Outcome::Letter(_))).count();
        assert!((915..=930).contains(&letters), "{letters}");
    }
}
