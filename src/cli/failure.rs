//! Why a command ended early, for people and for schedulers.
//!
//! Enters: the errors of all stages. Leaves: diagnostics with hints, and an exit code. Invariant: everything that is
//! wrong is told at once; no personal data is in it.

use miette::{Diagnostic, LabeledSpan, NamedSource, Report};

use super::exit::Exit;
use crate::campaign::{Problem, Problems};
use crate::intake::{IntakeProblem, ProblemClass};
use crate::plan::letters::LettersError;
use crate::render::bodies::BodyError;
use crate::render::shard::RenderError;
use crate::routing::{RoutingError, RuleProblem};
use crate::seal::{SealError, VerifyError};
use crate::store::StoreError;
use crate::wording::engine::WordingError;

/// Why a command ended early.
#[derive(Debug)]
pub struct Failure {
    /// The exit code.
    pub exit: Exit,
    /// What is wrong, all of it.
    pub reports: Vec<Report>,
}

/// A message with a hint and, where there is one, the spot in a file.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
struct Message {
    message: String,
    hint: Option<String>,
    spot: Option<(NamedSource<String>, LabeledSpan)>,
}

impl Diagnostic for Message {
    fn help<'a>(&'a self) -> Option<Box<dyn std::fmt::Display + 'a>> {
        self.hint.as_ref().map(|hint| Box::new(hint) as Box<dyn std::fmt::Display>)
    }

    fn source_code(&self) -> Option<&dyn miette::SourceCode> {
        self.spot.as_ref().map(|(source, _)| source as &dyn miette::SourceCode)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        self.spot.as_ref().map(|(_, label)| Box::new(std::iter::once(label.clone())) as Box<dyn Iterator<Item = _>>)
    }
}

impl Failure {
    /// One message; a hint may follow on a line that starts with `hint: `.
    pub fn new(exit: Exit, message: impl AsRef<str>) -> Self {
        Self { exit, reports: vec![report(message.as_ref())] }
    }

    /// One message with what to do.
    pub fn with_hint(exit: Exit, message: impl Into<String>, hint: impl Into<String>) -> Self {
        let message = Message { message: message.into(), hint: Some(hint.into()), spot: None };
        Self { exit, reports: vec![Report::new(message)] }
    }

    /// Several failures as one; the gravest exit code counts, a wrong campaign before bad data.
    pub fn all(failures: impl IntoIterator<Item = Self>) -> Option<Self> {
        failures.into_iter().reduce(|mut all, next| {
            all.exit = all.exit.max(next.exit);
            all.reports.extend(next.reports);
            all
        })
    }

    /// A wording's fault, shown at its spot in the file.
    pub fn wording(error: WordingError, text: Option<&str>) -> Self {
        let spot = error.range.clone().zip(text).map(|(range, text)| {
            let label = LabeledSpan::new(Some("here".to_owned()), range.start, range.len());
            (NamedSource::new(&error.file, text.to_owned()), label)
        });
        let message = match &spot {
            Some(_) => error.message.clone(),
            None => error.to_string(),
        };
        Self { exit: Exit::Config, reports: vec![Report::new(Message { message, hint: error.hint, spot })] }
    }

    /// A body's fault; the files are the letter template's.
    pub fn body(error: BodyError, files: &std::collections::BTreeMap<String, String>) -> Self {
        match error {
            BodyError::Wording(error) => {
                let text = files.get(&error.file).cloned();
                Self::wording(error, text.as_deref())
            }
            BodyError::Form(_) => Self::with_hint(
                Exit::Config,
                error.to_string(),
                "leave out of layout.typ what a printed page cannot hold",
            ),
            BodyError::Panic => Self::with_hint(
                Exit::Config,
                error.to_string(),
                "correct the wording; every value is already escaped, so the fault is in the file's own text",
            ),
        }
    }
}

fn report(text: &str) -> Report {
    let (message, hint) = match text.split_once("\nhint: ") {
        Some((message, hint)) => (message.to_owned(), Some(hint.to_owned())),
        None => (text.to_owned(), None),
    };
    Report::new(Message { message, hint, spot: None })
}

impl From<Problems> for Failure {
    fn from(problems: Problems) -> Self {
        let exit = Exit::from_code(problems.exit().code());
        Self { exit, reports: problems.into_iter().map(|problem: Problem| Report::new(problem)).collect() }
    }
}

impl From<Vec<IntakeProblem>> for Failure {
    fn from(problems: Vec<IntakeProblem>) -> Self {
        let config = problems.iter().any(|problem| problem.class == ProblemClass::Campaign);
        Self {
            exit: if config { Exit::Config } else { Exit::Data },
            reports: problems.iter().map(|problem| report(&problem.to_string())).collect(),
        }
    }
}

impl From<Vec<RuleProblem>> for Failure {
    fn from(problems: Vec<RuleProblem>) -> Self {
        Self { exit: Exit::Config, reports: problems.iter().map(|problem| report(&problem.to_string())).collect() }
    }
}

impl From<RoutingError> for Failure {
    fn from(error: RoutingError) -> Self {
        Self::new(Exit::Config, error.to_string())
    }
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self::with_hint(
            Exit::CannotWrite,
            error.to_string(),
            "make room or give write access, then run the same command again: what was made is kept",
        )
    }
}

impl From<LettersError> for Failure {
    fn from(error: LettersError) -> Self {
        match error {
            LettersError::Store(error) => error.into(),
            error => Self::new(Exit::Data, error.to_string()),
        }
    }
}

impl From<RenderError> for Failure {
    fn from(error: RenderError) -> Self {
        match error {
            RenderError::Store(error) => error.into(),
            error @ RenderError::Compose { .. } => Self::new(Exit::Bug, error.to_string()),
        }
    }
}

impl From<SealError> for Failure {
    fn from(error: SealError) -> Self {
        Self::new(Exit::from_code(error.exit_code()), error.to_string())
    }
}

impl From<VerifyError> for Failure {
    fn from(error: VerifyError) -> Self {
        Self::new(Exit::from_code(error.exit_code()), error.to_string())
    }
}
