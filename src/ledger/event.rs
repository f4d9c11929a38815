//! One event of the ledger, and the hash that ties it to the one before.
//!
//! Enters: what happened. Leaves: an event with its hash. Invariant: the hash covers every field and the hash of the event
//! before, each field with its length, so that no two different histories have the same last hash. Events hold case codes,
//! names of packages, variants and files, and nothing else of any person.

use sha2::{Digest, Sha256};

use crate::model::case_code::CaseCode;

/// What stands before the first event: the name of the format.
const FORMAT: &[u8] = b"meldpost-ledger-1\n";

/// A SHA-256.
pub type Hash = [u8; 32];

/// Declares the kinds of events with their spelling in the file.
macro_rules! kinds {
    ($($(#[$meta:meta])* $kind:ident = $text:literal),+ $(,)?) => {
        /// What an event is about.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Kind {
            $($(#[$meta])* $kind),+
        }

        impl Kind {
            /// The spelling in the file.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$kind => $text),+
                }
            }

            /// The kind with this spelling.
            pub fn parse(text: &str) -> Option<Self> {
                match text {
                    $($text => Some(Self::$kind),)+
                    _ => None,
                }
            }
        }
    };
}

kinds! {
    /// A run was planned; the detail is JSON.
    Planned = "planned",
    /// A run is about to be sealed; nothing of it counts yet.
    Sealing = "sealing",
    /// Somebody's letter is in a package.
    Letter = "letter",
    /// A package is complete; the detail is its entry of the manifest.
    Package = "package",
    /// A run is sealed: all its letters count from here on. The detail is JSON.
    Sealed = "sealed",
    /// The manifest of a sealed run stands, and its packages may leave.
    Released = "released",
    /// A package of spoiled pieces is complete; the detail is JSON.
    Reprint = "reprint",
    /// A piece is in a package of spoiled pieces; the detail is a JSON list.
    Reprinted = "reprinted",
    /// A feedback file was read; the detail is JSON.
    Feedback = "feedback",
    /// A piece was printed.
    Printed = "printed",
    /// A piece is in its envelope.
    Inserted = "inserted",
    /// A piece is with the post.
    Posted = "posted",
    /// A piece was destroyed.
    Spoiled = "spoiled",
    /// A piece was not taken by the print house.
    Rejected = "rejected",
    /// A piece came back.
    Returned = "returned",
}

/// One event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// 1, 2, 3 and so on, without gaps.
    pub number: u64,
    /// What it is about.
    pub kind: Kind,
    /// The number of the run.
    pub run: u32,
    /// The piece, where the event is about one.
    pub code: Option<CaseCode>,
    /// The rest, in the form of its kind.
    pub detail: String,
    /// SHA-256 over this event and the hash of the one before.
    pub hash: Hash,
}

/// The hash before the first event.
pub(super) fn origin() -> Hash {
    Sha256::digest(FORMAT).into()
}

/// The hash of an event that follows one with the hash `before`.
pub(super) fn hash(before: &Hash, number: u64, kind: &str, run: u32, code: Option<u64>, detail: &str) -> Hash {
    let mut hasher = Sha256::new();
    hasher.update(before);
    hasher.update(number.to_le_bytes());
    hasher.update((kind.len() as u64).to_le_bytes());
    hasher.update(kind);
    hasher.update(run.to_le_bytes());
    hasher.update([u8::from(code.is_some())]);
    hasher.update(code.unwrap_or_default().to_le_bytes());
    hasher.update((detail.len() as u64).to_le_bytes());
    hasher.update(detail);
    hasher.finalize().into()
}
