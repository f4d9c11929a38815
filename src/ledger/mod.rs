//! What was sealed, printed, posted and returned; the memory across runs.

mod book;
mod check;
mod error;
mod event;
mod feedback;
mod head;
mod history;
mod moment;
mod pieces;
mod reprints;
mod runs;
mod told;
pub mod working_days;

pub use book::Ledger;
pub use check::{Checked, check};
pub use error::LedgerError;
pub use event::{Event, Kind};
pub use feedback::{Applied, Exception, Feedback, FeedbackError, FeedbackFile, Problem};
pub use head::head_path;
pub use history::{Reported, SentBefore};
pub use moment::Moment;
pub use pieces::{Balance, Day, Piece, PieceState, Pieces, Status};
pub use reprints::{ReprintedPackage, ReprintedPiece};
pub use runs::{PlannedRun, RunEntry, RunState, SealedLetters, SealedRun, Standing};
pub use told::SentLetter;
