//! What was sealed, printed, posted and returned; the memory across runs.

mod book;
mod check;
mod error;
mod event;
mod head;
mod runs;
mod told;

pub use book::Ledger;
pub use check::{Checked, check};
pub use error::LedgerError;
pub use event::{Event, Kind};
pub use head::head_path;
pub use runs::{PlannedRun, RunEntry, RunState, SealedLetters, SealedRun, Standing};
pub use told::SentLetter;
