//! Why sealing stopped, with the exit code each reason has.
//!
//! Enters: what a step found. Leaves: one error with a hint. Invariant: no message holds personal data; shards, files
//! and packages are named by number or path.

use std::io;
use std::path::{Path, PathBuf};

use super::journal::JournalError;
use super::verify::VerifyError;
use crate::bundle::compose::ComposeError;
use crate::store::StoreError;

/// Sealing stopped; nothing counts until the manifest is written.
#[derive(Debug, thiserror::Error)]
pub enum SealError {
    /// Some shards have no marker, or one that cannot be read.
    #[error("{} missing\nhint: render the run again; finished shards are kept", listed(numbers))]
    ShardMissing {
        /// Every such shard, ascending; 0 is the shard of the control letters.
        numbers: Vec<u32>,
    },
    /// A shard is there but is not what its marker or the plan says.
    #[error("shard {number} is damaged: {what}\nhint: remove shards/{number:05}.json and render the run again")]
    ShardDamaged {
        /// The shard.
        number: u32,
        /// What differs.
        what: String,
    },
    /// The planned letters could not be read.
    #[error("the planned letters cannot be read: {source}\nhint: plan the campaign again into a new run folder")]
    Plan {
        /// What the reader said.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// More rows were rejected than the campaign allows.
    #[error(
        "{rejected} of {rows} {kind} rows were rejected, which is more than the {limit} % that the campaign allows\nhint: repair the lists, or raise `{setting}` in [limits]"
    )]
    TooManyRejected {
        /// `participants` or `exposure`.
        kind: &'static str,
        /// Rejected rows.
        rejected: u64,
        /// All rows.
        rows: u64,
        /// The limit in percent.
        limit: f64,
        /// The setting that holds the limit.
        setting: &'static str,
    },
    /// A file of the plan was changed after planning.
    #[error("{file} is not what the plan wrote\nhint: plan the campaign again into a new run folder")]
    PlanChanged {
        /// The file's name in the run folder.
        file: &'static str,
    },
    /// A file of a sealed run is no longer what was sealed.
    #[error(
        "{file} was changed since the run was sealed\nhint: look with `meldpost verify` at what else was changed; nothing was made"
    )]
    SealedChanged {
        /// The file's name in the run folder.
        file: String,
    },
    /// The profile's password or recipients cannot be used.
    #[error("packages cannot be encrypted: {what}")]
    Encryption {
        /// What is wrong, with a hint.
        what: String,
    },
    /// One file alone is larger than a package may be.
    #[error(
        "shard {shard} alone is larger than the {max_mib} MiB a package may have\nhint: lower `max_letters_per_file` in the vendor profile and plan again"
    )]
    TooLarge {
        /// The shard.
        shard: u32,
        /// The limit.
        max_mib: u32,
    },
    /// More spoiled pieces than one package may hold.
    #[error(
        "a package may have {letters} letters and {max_mib} MiB, and these pieces are more\nhint: make several lists of codes, and a package of each"
    )]
    ReprintTooLarge {
        /// Letters that a package may have.
        letters: u32,
        /// Size that a package may have.
        max_mib: u32,
    },
    /// What a shard gives now is not what was sealed.
    #[error(
        "these would not be the same letters: {what}\nhint: look with `meldpost verify` at what was changed in the run folder; nothing was made"
    )]
    OtherLetters {
        /// What differs.
        what: String,
    },
    /// Pages of spoiled pieces could not be put together.
    #[error(transparent)]
    Compose(#[from] ComposeError),
    /// The books do not balance.
    #[error("the books do not balance: {what}\nhint: this is a bug; nothing was sealed")]
    Unbalanced {
        /// Both sides of the sum.
        what: String,
    },
    /// The run is sealed already, but is no longer what was sealed.
    #[error("the run is sealed, but it was changed since\n{0}")]
    Changed(#[from] VerifyError),
    /// A file could not be read.
    #[error("cannot read {}: {source}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A file could not be written.
    #[error("cannot write {}: {source}", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A file could not be written.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The record of what is sealed could not be kept.
    #[error("{}", .0.source)]
    Journal(JournalError),
    /// The disk gives back other bytes than were written.
    #[error("what was written reads back differently: {what}\nhint: check the disk, then run the same command again")]
    ReadBack {
        /// The file.
        what: String,
    },
    /// The record has the run as sealed, but its files are no longer there.
    #[error(
        "the ledger has this run as sealed, but its folder lacks what was sealed: {what}\nhint: put the run folder back from a copy; its letters count as sent and are not made again"
    )]
    Recorded {
        /// What is missing or differs.
        what: String,
    },
    /// The report could not be drawn.
    #[error(transparent)]
    Report(#[from] crate::report::ReportError),
}

impl From<JournalError> for SealError {
    fn from(error: JournalError) -> Self {
        Self::Journal(error)
    }
}

impl SealError {
    /// The exit code of the contract.
    pub const fn exit_code(&self) -> u8 {
        match self {
            Self::TooManyRejected { .. }
            | Self::PlanChanged { .. }
            | Self::SealedChanged { .. }
            | Self::OtherLetters { .. }
            | Self::ReprintTooLarge { .. }
            | Self::Recorded { .. }
            | Self::Changed(_) => 65,
            Self::Journal(error) => error.exit_code,
            Self::Plan { .. } | Self::Compose(_) | Self::Unbalanced { .. } | Self::Report(_) => 70,
            Self::ReadBack { .. } | Self::Read { .. } | Self::Write { .. } | Self::Store(_) => 73,
            Self::ShardMissing { .. } | Self::ShardDamaged { .. } => 75,
            Self::Encryption { .. } | Self::TooLarge { .. } => 78,
        }
    }

    pub(super) fn reading(path: &Path) -> impl FnOnce(io::Error) -> Self + '_ {
        move |source| Self::Read { path: path.to_owned(), source }
    }

    pub(super) fn writing(path: &Path) -> impl FnOnce(io::Error) -> Self + '_ {
        move |source| Self::Write { path: path.to_owned(), source }
    }

    pub(super) fn damaged(number: u32, what: impl Into<String>) -> Self {
        Self::ShardDamaged { number, what: what.into() }
    }
}

/// Subject and verb: the first numbers, and how many more there are.
fn listed(numbers: &[u32]) -> String {
    const SHOWN: usize = 10;
    let shown: Vec<String> = numbers.iter().take(SHOWN).map(u32::to_string).collect();
    match (numbers.len(), numbers.len().saturating_sub(SHOWN)) {
        (1, _) => format!("shard {} is", shown.join(", ")),
        (_, 0) => format!("shards {} are", shown.join(", ")),
        (_, more) => format!("shards {} and {more} more are", shown.join(", ")),
    }
}
