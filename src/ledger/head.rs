//! The note beside the ledger that says how far it went.
//!
//! Enters: a ledger that is closed after events were added. Leaves: `<ledger>.head`: number of events, the last hash, and
//! the SHA-256 of the file. Invariant: it is written after the events, so a ledger may be further than its head, but never
//! shorter: rows that were cut off at the end show, and so does a byte that was changed.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::error::LedgerError;
use crate::store;

/// How far the ledger went when it was last closed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Head {
    /// How many events there were.
    pub(super) events: u64,
    /// The hash of the last one, hex.
    pub(super) hash: String,
    /// SHA-256 of the file, hex.
    pub(super) file_sha256: String,
}

/// The note of a ledger.
pub fn head_path(ledger: &Path) -> PathBuf {
    let mut name = ledger.as_os_str().to_owned();
    name.push(".head");
    PathBuf::from(name)
}

/// Reads the note; `None` where there is none yet.
pub(super) fn read(ledger: &Path) -> Result<Option<Head>, LedgerError> {
    let path = head_path(ledger);
    match std::fs::read(&path) {
        Ok(bytes) => serde_json::from_slice(&bytes)
            .map(Some)
            .map_err(|_| LedgerError::damaged(ledger, format!("{} is not what was written", path.display()))),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(LedgerError::Disk { path, what: error.to_string() }),
    }
}

/// Writes the note of a ledger that nobody has open.
pub(super) fn write(ledger: &Path, events: u64, hash: &[u8]) -> Result<(), LedgerError> {
    let file_sha256 = store::sha256_file(ledger)
        .map_err(|error| LedgerError::Disk { path: ledger.to_owned(), what: error.to_string() })?;
    let head = Head { events, hash: hex::encode(hash), file_sha256 };
    let bytes = serde_json::to_vec_pretty(&head).expect("a head is plain data");
    Ok(store::write(&head_path(ledger), &bytes)?)
}
