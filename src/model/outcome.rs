//! What became of an input row: the outcomes and reasons of the contract, as types.
//!
//! Enters: nothing. Leaves: the vocabulary that routing decides with and that `outcomes.csv`,
//! `exposure_outcomes.csv`, the manifest and the report print. Invariant: a reason belongs to one outcome, and the
//! order of the variants is the order in which the reasons are tried.

use serde::{Deserialize, Serialize};

/// Declares a reason enum with its spelling in files, `ALL` in order, `as_str` and `parse`.
macro_rules! reasons {
    ($(#[$meta:meta])* $name:ident { $($(#[$variant_meta:meta])* $variant:ident = $text:literal),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum $name {
            $(#[doc = concat!("`", $text, "`")] $(#[$variant_meta])* #[serde(rename = $text)] $variant),+
        }

        impl $name {
            /// Every reason, in the order in which they are tried.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The spelling in files.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $text),+
                }
            }

            /// The reason with this spelling.
            pub fn parse(text: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|reason| reason.as_str() == text)
            }
        }
    };
}

reasons! {
    /// Why a participants row was rejected.
    Rejected {
        UnreadableRow = "unreadable-row",
        InvalidKey = "invalid-key",
        MissingName = "missing-name",
        InvalidDate = "invalid-date",
    }
}

reasons! {
    /// Why a person is left out for good.
    Suppressed {
        Deceased = "deceased",
        DoNotMail = "do-not-mail",
        AlreadyInformed = "already-informed",
        NotAffected = "not-affected",
    }
}

reasons! {
    /// Why a person's letter waits for somebody's decision.
    Held {
        InvalidValue = "invalid-value",
        NoExposure = "no-exposure",
        UnknownCategory = "unknown-category",
        UnreadableExposure = "unreadable-exposure",
        IdentityMismatch = "identity-mismatch",
        ConflictingRecords = "conflicting-records",
        MinorTwelveToFifteen = "minor-12-15",
        RepresentativeUnknown = "representative-unknown",
        UnknownInstitution = "unknown-institution",
        NotAtAddress = "not-at-address",
        AddressUnderInvestigation = "address-under-investigation",
        ProtectedAddress = "protected-address",
        IncompleteAddress = "incomplete-address",
        InvalidPostcode = "invalid-postcode",
        UnknownCountry = "unknown-country",
        LanguageUnavailable = "language-unavailable",
        NoVariant = "no-variant",
        GlyphMissing = "glyph-missing",
        DoesNotFit = "does-not-fit",
        TooManyPages = "too-many-pages",
        /// The finished page failed its check or could not be made at all; not in the contract's table.
        FailedCheck = "failed-check",
    }
}

reasons! {
    /// Why the post brought a letter back.
    ReturnReason {
        Unknown = "unknown",
        Moved = "moved",
        Refused = "refused",
        Deceased = "deceased",
        Incomplete = "incomplete",
    }
}

reasons! {
    /// To whom a letter is addressed.
    Addressee {
        Oneself = "self",
        Guardian = "guardian",
        Representative = "representative",
        Institution = "institution",
    }
}

/// What became of a participants row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Outcome {
    /// The row could not be used; it has no case code.
    Rejected(Rejected),
    /// Another row of the same person carries the outcome.
    Merged,
    /// The person gets no letter, for good.
    Suppressed(Suppressed),
    /// The person would be held, but the campaign's `[routing]` says `suppress` for this reason.
    SuppressedInstead(Held),
    /// The person gets no letter until somebody decides.
    Held(Held),
    /// The person gets a letter.
    Letter(Addressee),
}

impl Outcome {
    /// The outcome's spelling in files.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Rejected(_) => "rejected",
            Self::Merged => "merged",
            Self::Suppressed(_) | Self::SuppressedInstead(_) => "suppressed",
            Self::Held(_) => "held",
            Self::Letter(_) => "letter",
        }
    }

    /// The reason's spelling in files.
    pub const fn reason(self) -> &'static str {
        match self {
            Self::Rejected(reason) => reason.as_str(),
            Self::Merged => "same-person",
            Self::Suppressed(reason) => reason.as_str(),
            Self::Held(reason) | Self::SuppressedInstead(reason) => reason.as_str(),
            Self::Letter(addressee) => addressee.as_str(),
        }
    }

    /// The outcome with these spellings.
    pub fn parse(outcome: &str, reason: &str) -> Option<Self> {
        match outcome {
            "rejected" => Rejected::parse(reason).map(Self::Rejected),
            "merged" => (reason == "same-person").then_some(Self::Merged),
            "suppressed" => Suppressed::parse(reason)
                .map(Self::Suppressed)
                .or_else(|| Held::parse(reason).map(Self::SuppressedInstead)),
            "held" => Held::parse(reason).map(Self::Held),
            "letter" => Addressee::parse(reason).map(Self::Letter),
            _ => None,
        }
    }
}

reasons! {
    /// Why an exposure row was rejected.
    ExposureRejected {
        UnreadableRow = "unreadable-row",
        InvalidKey = "invalid-key",
        InvalidCertainty = "invalid-certainty",
        InvalidDate = "invalid-date",
        UnknownCategory = "unknown-category",
    }
}

/// What became of an exposure row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ExposureOutcome {
    /// The row says something about a person that counts.
    Used,
    /// A wide row without a mark.
    UsedEmpty,
    /// Another row of this person and category is stronger.
    DuplicateWeaker,
    /// Another row of this person and category says the same.
    DuplicateSame,
    /// No participants list has this key.
    OrphanNobody,
    /// Every participants row with this key was rejected.
    OrphanPersonRejected,
    /// The row could not be used.
    Rejected(ExposureRejected),
}

impl ExposureOutcome {
    /// The outcome's and the reason's spelling in files.
    pub const fn as_strs(self) -> (&'static str, &'static str) {
        match self {
            Self::Used => ("used", ""),
            Self::UsedEmpty => ("used", "empty"),
            Self::DuplicateWeaker => ("duplicate", "weaker"),
            Self::DuplicateSame => ("duplicate", "same"),
            Self::OrphanNobody => ("orphan", "nobody"),
            Self::OrphanPersonRejected => ("orphan", "person-rejected"),
            Self::Rejected(reason) => ("rejected", reason.as_str()),
        }
    }
}
