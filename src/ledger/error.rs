//! Why the ledger cannot be used, with the exit code that each reason has.
//!
//! Enters: what the database or a check found. Leaves: one error with a hint. Invariant: no message holds a case code
//! unless the ledger was damaged there, and nothing else of any person.

use std::path::{Path, PathBuf};

use crate::store::StoreError;

/// The ledger cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    /// The file is not there although something says that there was one.
    #[error(
        "the ledger {} is not there\nhint: put it back from a copy; without it nobody knows who was written to. For a new start remove {}.head too",
        .0.display(), .0.display()
    )]
    Missing(PathBuf),
    /// The file is not what was written.
    #[error(
        "the ledger {} was changed or is damaged: {what}\nhint: put it back from a copy; nothing is sent until it is whole",
        path.display()
    )]
    Damaged {
        /// The ledger.
        path: PathBuf,
        /// What differs, and where.
        what: String,
    },
    /// Another process uses it.
    #[error("another command works on the ledger {}\nhint: wait until it has ended, then run this one again", .0.display())]
    Busy(PathBuf),
    /// The disk refused.
    #[error(
        "cannot write the ledger {}: {what}\nhint: make room or give write access, then run the same command again: what was made is kept",
        path.display()
    )]
    Disk {
        /// The ledger.
        path: PathBuf,
        /// What the database said.
        what: String,
    },
    /// A file beside it could not be written.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The statement is wrong: a bug.
    #[error("the ledger {} cannot be asked: {what}", path.display())]
    Asked {
        /// The ledger.
        path: PathBuf,
        /// What the database said.
        what: String,
    },
    /// The run was planned before another one was sealed.
    #[error(
        "run {run} cannot be sealed: run {by} was sealed after it was planned, and may have written to the same people\nhint: plan anew into a new run folder"
    )]
    Overtaken {
        /// This run.
        run: u32,
        /// The one that was sealed.
        by: u32,
    },
    /// The number of the run belongs to another one.
    #[error("run {run} of the ledger is another run than this one\nhint: plan anew into a new run folder")]
    OtherRun {
        /// The number.
        run: u32,
    },
    /// The run counts as sealed, but its folder is no longer what was sealed.
    #[error(
        "the ledger says that run {run} was sealed, but its folder lacks what was sealed\nhint: put the run folder back from a copy; the letters count as sent and are not made again"
    )]
    Gone {
        /// The run.
        run: u32,
    },
    /// The packages of spoiled pieces in the run folder are not those that were noted.
    #[error(
        "the ledger {} has other packages of spoiled pieces of run {run} than reprints.json\nhint: put the newest copies of the ledger and of the run folder back; nothing was made",
        path.display()
    )]
    OtherReprints {
        /// The ledger.
        path: PathBuf,
        /// The run.
        run: u32,
    },
    /// The run has a manifest that the ledger does not know.
    #[error(
        "run {run} was sealed, but the ledger {} does not know it\nhint: the ledger is older than the run: put the newest copy back",
        path.display()
    )]
    Unknown {
        /// The ledger.
        path: PathBuf,
        /// The run.
        run: u32,
    },
}

impl LedgerError {
    /// The exit code of the contract.
    pub const fn exit_code(&self) -> u8 {
        match self {
            Self::Damaged { .. } | Self::Gone { .. } | Self::OtherReprints { .. } | Self::Unknown { .. } => 65,
            Self::Asked { .. } => 70,
            Self::Disk { .. } | Self::Store(_) => 73,
            Self::Busy(_) => 75,
            Self::Missing(_) | Self::Overtaken { .. } | Self::OtherRun { .. } => 78,
        }
    }

    /// What the database said, sorted by what helps.
    pub(super) fn of(path: &Path) -> impl FnOnce(rusqlite::Error) -> Self + '_ {
        use rusqlite::ErrorCode;
        move |error| {
            let (path, what) = (path.to_owned(), error.to_string());
            match error.sqlite_error_code() {
                Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => Self::Damaged { path, what },
                Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Self::Busy(path),
                Some(
                    ErrorCode::DiskFull
                    | ErrorCode::ReadOnly
                    | ErrorCode::CannotOpen
                    | ErrorCode::PermissionDenied
                    | ErrorCode::SystemIoFailure
                    | ErrorCode::FileLockingProtocolFailed,
                ) => Self::Disk { path, what },
                _ => Self::Asked { path, what },
            }
        }
    }

    pub(super) fn damaged(path: &Path, what: impl Into<String>) -> Self {
        Self::Damaged { path: path.to_owned(), what: what.into() }
    }
}
