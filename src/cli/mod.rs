//! clap arguments and one file a command; the only place that wires stages together.

mod approving;
pub mod args;
mod books;
mod check;
mod clock;
mod entry;
mod environment;
pub mod exit;
mod failure;
mod geometry;
mod letter;
mod lock;
mod nightly;
mod notify;
mod output;
mod planning;
mod preview;
mod proofing;
mod proofs;
mod purge;
mod reconcile;
mod rendering;
mod reprint;
mod screen;
mod sealing;
mod serve;
mod session;
mod sharing;
mod status;
mod synth;
mod verify;
mod work_lists;

pub use entry::main;
