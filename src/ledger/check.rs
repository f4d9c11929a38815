//! Reads the whole ledger back: every event, every hash, every byte.
//!
//! Enters: the file, untouched by any code that writes it. Leaves: how many events it has, or everything that is wrong.
//! Invariant: a changed byte, a changed, added, removed or moved row is found. A ledger that is further than its head was
//! left by a process that was killed; its bytes cannot be compared until the next command has closed it, its events can.

use std::path::Path;

use super::book::Ledger;
use super::error::LedgerError;
use super::event;
use super::head;
use crate::store;

/// What a whole ledger has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
pub struct Checked {
    /// Events.
    pub events: u64,
    /// Whether the bytes of the file are those that its head names.
    pub bytes_compared: bool,
}

/// Checks a ledger.
///
/// # Errors
/// [`LedgerError::Damaged`] with the first thing that is not as it was written.
pub fn check(path: &Path) -> Result<Checked, LedgerError> {
    // The bytes come first: opening the database may already complain about the one that was changed.
    let head = head::read(path)?;
    let wal = {
        let mut name = path.as_os_str().to_owned();
        name.push("-wal");
        Path::new(&name).exists()
    };
    let bytes = match &head {
        Some(head) if !wal => {
            let sha256 = store::sha256_file(path).map_err(|error| match error.kind() {
                std::io::ErrorKind::NotFound => LedgerError::Missing(path.to_owned()),
                _ => LedgerError::Disk { path: path.to_owned(), what: error.to_string() },
            })?;
            Some(sha256 == head.file_sha256)
        }
        _ => None,
    };
    let ledger = Ledger::open(path)?;
    if let Some(said) = ledger.structure()? {
        return Err(LedgerError::damaged(path, said));
    }
    let (mut events, mut before) = (0, event::origin());
    ledger.each("TRUE", &[], |found| {
        events += 1;
        if found.number != events {
            return Err(LedgerError::damaged(path, format!("event {events} is missing")));
        }
        let code = found.code.map(|code| code.bits());
        before = event::hash(&before, found.number, found.kind.as_str(), found.run, code, &found.detail);
        if before != found.hash {
            return Err(LedgerError::damaged(path, format!("event {events} or the one before it was changed")));
        }
        Ok(())
    })?;
    let complete = head.as_ref().is_some_and(|head| head.events == events);
    if complete && bytes == Some(false) {
        return Err(LedgerError::damaged(path, "its events are whole, but bytes of the file were changed"));
    }
    Ok(Checked { events, bytes_compared: complete && bytes == Some(true) })
}
