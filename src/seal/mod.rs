//! Rendered shards → sealed packages, manifest and report; and the read-back that proves them again.

mod archive;
mod error;
mod hashed;
mod index;
mod journal;
mod listing;
pub mod manifest;
mod outcomes;
mod package;
mod packing;
mod release;
pub mod reprint;
mod sealing;
mod shards;
pub mod spoiled;
pub mod spreadsheet;
pub mod summary;
mod ticket;
mod verify;

pub use archive::MIN_PASSWORD_CHARACTERS;
pub use error::SealError;
pub use journal::{Journal, JournalError};
pub use sealing::{Progress, ReadLetters, SealInput, Sealed, list_letters, seal};
pub use verify::{Finding, Keys, PackageCounts, Verified, VerifiedPackage, VerifyError, verify_package, verify_run};
