//! Why a list cannot be used.
//!
//! Enters: list, file, line or row, field. Leaves: a message with a hint, and an exit class. Invariant: no value of a
//! row is in a message, nor a header that could be a row of people.

/// A problem that stops the plan.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}\nhint: {hint}")]
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

/// How messages name a list.
#[derive(Debug, Clone, Copy)]
pub struct ListName<'a> {
    /// `participants list`, `exposure list`, `register`.
    pub kind: &'static str,
    /// The list's id.
    pub id: &'a str,
    /// The path as the campaign spells it.
    pub path: &'a str,
}

impl ListName<'_> {
    /// A problem of the data.
    pub fn data(self, what: impl AsRef<str>, hint: impl Into<String>) -> IntakeProblem {
        self.problem(what.as_ref(), hint.into(), ProblemClass::Data)
    }

    /// A problem of the campaign.
    pub fn campaign(self, what: impl AsRef<str>, hint: impl Into<String>) -> IntakeProblem {
        self.problem(what.as_ref(), hint.into(), ProblemClass::Campaign)
    }

    /// The problem of a file that its format's reader gives up on.
    pub fn damaged(self, format: &str) -> IntakeProblem {
        self.data(
            format!("this is no readable {format} file; it is damaged, cut off or of another format"),
            "fetch the file again and compare its size or hash with the sender's",
        )
    }

    fn problem(self, what: &str, hint: String, class: ProblemClass) -> IntakeProblem {
        IntakeProblem { message: format!("{} `{}` ({}): {what}", self.kind, self.id, self.path), hint, class }
    }
}
