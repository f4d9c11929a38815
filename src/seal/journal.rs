//! Who is told what is sealed while it happens, so that a record of it can be kept.
//!
//! Enters: nothing; sealing calls this. Leaves: the contract between sealing and a record. Invariants: `begin` is called
//! before the first package is written; every letter is told once, in the order of the packages; `end` is called after all
//! files were read back from the disk, and before the manifest appears. What was told and not ended does not count. Absent
//! on purpose: the record itself, which the command line brings along.

use super::manifest::Manifest;
use crate::plan::record::PlannedLetter;

/// The record could not be kept; nothing was sealed.
#[derive(Debug)]
pub struct JournalError {
    /// What is wrong, with a hint.
    pub source: Box<dyn std::error::Error + Send + Sync>,
    /// The exit code of the contract.
    pub exit_code: u8,
}

/// A record of what is sealed.
pub trait Journal {
    /// SHA-256 of the manifest, where the record has this run as sealed already.
    fn sealed(&self) -> Option<String>;

    /// Sealing begins; when this returns, the intent is on the disk.
    ///
    /// # Errors
    /// The record cannot be kept.
    fn begin(&mut self) -> Result<(), JournalError>;

    /// A letter stands in package `package` (`<campaign>-p0001`) at this place, from 1.
    ///
    /// # Errors
    /// The record cannot be kept.
    fn letter(&mut self, package: &str, sequence: u64, letter: &PlannedLetter) -> Result<(), JournalError>;

    /// Everything is on the disk and was read back; when this returns, the letters count as sent.
    ///
    /// # Errors
    /// The record cannot be kept.
    fn end(&mut self, manifest: &Manifest, manifest_sha256: &str) -> Result<(), JournalError>;
}
