//! Lists → rows.

pub mod exposure_rows;
pub mod fields;
pub mod packed;
pub mod participant;
pub mod problem;
pub mod read;
pub mod registers;
pub mod report;

pub use fields::Field;
pub use participant::{Participant, ParticipantRow};
pub use problem::{IntakeProblem, ProblemClass};
pub use read::{Intake, read};
pub use registers::Registers;
pub use report::ListReport;
