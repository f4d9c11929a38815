//! Lists → rows.

mod cell_text;
mod columns;
mod csv;
pub mod exposure_rows;
mod exposures_list;
pub mod fields;
mod keys;
mod list;
mod packed;
mod parquet;
mod parquet_sizes;
pub mod participant;
mod participants;
pub mod problem;
pub mod read;
pub mod registers;
mod registers_list;
pub mod report;
mod rules;
mod source;
mod tally;
mod xlsx;

pub use exposures_list::{postcode_hash, surname_hash};
pub use fields::Field;
pub use participant::{Participant, ParticipantRow};
pub use problem::{IntakeProblem, ProblemClass};
pub use read::{Intake, read};
pub use registers::Registers;
pub use report::ListReport;
