//! Why a list cannot be used.
//!
//! Enters: list, file, line or row, field. Leaves: a message with a hint, and an exit class. Invariant: no value of a
//! row is in a message.

/// A problem that stops the plan.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct IntakeProblem {
    /// The list's id, and the file as the campaign spells it, with what is wrong where.
    pub message: String,
    /// What to do.
    pub hint: String,
    /// Who has to change something.
    pub class: ProblemClass,
}

/// Who has to change something, as the exit code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ProblemClass {
    /// 65: the input data is unusable.
    Data,
    /// 78: the campaign is wrong.
    Campaign,
}
