//! Exit codes, as schedulers read them (the names are those of sysexits).
//!
//! Enters: what a command found. Leaves: one number. Invariant: the numbers are the contract's.

use std::process::ExitCode;

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Exit {
    /// Done and accounted for.
    Ok = 0,
    /// The command line makes no sense.
    Usage = 64,
    /// The input data is unusable, or more rows were rejected than the campaign allows.
    Data = 65,
    /// A bug of this program.
    Bug = 70,
    /// Something cannot be written.
    CannotWrite = 73,
    /// Try again: another run holds the lock, or a shard is missing.
    TryAgain = 75,
    /// The campaign, the wording or a profile is wrong.
    Config = 78,
}

impl Exit {
    /// The exit with this number; an unknown number is a bug.
    pub const fn from_code(code: u8) -> Self {
        match code {
            0 => Self::Ok,
            64 => Self::Usage,
            65 => Self::Data,
            73 => Self::CannotWrite,
            75 => Self::TryAgain,
            78 => Self::Config,
            _ => Self::Bug,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}
