//! What is wrong with a campaign, a profile or a letter template, and what to do about it.
//!
//! Enters: a message, a hint and, where there is one, a place in a file. Leaves: [`Problem`], which says all of it as a
//! `miette::Diagnostic`, and [`Problems`], all of them in the order of the files. Invariant: no secret and no personal
//! value in a message, and none in the text that is shown around the place (see [`Source`]). Absent on purpose:
//! printing; that is the command line's.

use std::cell::RefCell;
use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use miette::{Diagnostic, LabeledSpan, NamedSource, SourceCode};

/// The exit code that a problem leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Exit {
    /// 65: the input data are unusable.
    Data,
    /// 78: the campaign, the wording or a profile is wrong.
    Config,
}

impl Exit {
    /// The number as in sysexits.h.
    pub const fn code(self) -> u8 {
        match self {
            Self::Data => 65,
            Self::Config => 78,
        }
    }
}

/// A file as it may be shown: its name and its text, secrets and personal values covered.
#[derive(Debug, Clone)]
pub struct Source {
    shown: NamedSource<Arc<str>>,
}

impl Source {
    /// A file by the name that messages give it; the text may be blank where the file cannot be read.
    pub fn new(file: impl AsRef<str>, text: impl Into<Arc<str>>) -> Self {
        Self { shown: NamedSource::new(file, text.into()) }
    }

    /// The name that messages give the file.
    pub fn file(&self) -> &str {
        self.shown.name()
    }

    /// The file's text as it may be shown; blank where the file cannot be read.
    pub fn text(&self) -> &str {
        self.shown.inner()
    }

    /// The same file with these byte ranges covered by `*`; line breaks stay, so that lines and columns stay.
    pub(super) fn covered(&self, secrets: &[Range<usize>]) -> Self {
        let mut shown = self.shown.inner().as_bytes().to_vec();
        for secret in secrets {
            for byte in &mut shown[secret.clone()] {
                if *byte != b'\n' {
                    *byte = b'*';
                }
            }
        }
        // A range ends at a character's end, so this covers whole characters and the text stays UTF-8.
        Self::new(self.file(), String::from_utf8_lossy(&shown).as_ref())
    }
}

/// One thing that is wrong, with the place and the way out.
#[derive(Debug, Clone)]
pub struct Problem {
    source: Source,
    span: Option<Range<usize>>,
    message: String,
    hint: String,
    exit: Exit,
}

impl Problem {
    /// A problem of the campaign, the wording or a profile (78); `span` in bytes of the file.
    pub fn config(
        source: &Source,
        span: Option<Range<usize>>,
        message: impl Into<String>,
        hint: impl Into<String>,
    ) -> Self {
        Self { source: source.clone(), span, message: message.into(), hint: hint.into(), exit: Exit::Config }
    }

    /// A problem of the input data (65); `span` in bytes of the file.
    pub fn data(
        source: &Source,
        span: Option<Range<usize>>,
        message: impl Into<String>,
        hint: impl Into<String>,
    ) -> Self {
        Self { exit: Exit::Data, ..Self::config(source, span, message, hint) }
    }

    /// The name of the file.
    pub fn file(&self) -> &str {
        self.source.file()
    }

    /// The file's text as it may be shown; blank where the file cannot be read.
    pub fn source_text(&self) -> &str {
        self.source.text()
    }

    /// The place in bytes of the file's text.
    pub fn span(&self) -> Option<Range<usize>> {
        self.span.clone()
    }

    /// The line of the place, from 1.
    pub fn line(&self) -> Option<usize> {
        self.before().map(|before| before.matches('\n').count() + 1)
    }

    /// The column of the place in characters, from 1.
    pub fn column(&self) -> Option<usize> {
        self.before().map(|before| before.rsplit('\n').next().unwrap_or_default().chars().count() + 1)
    }

    /// What is wrong.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// What to do.
    pub fn hint(&self) -> &str {
        &self.hint
    }

    /// The exit code it leads to.
    pub const fn exit(&self) -> Exit {
        self.exit
    }

    fn before(&self) -> Option<&str> {
        self.span.as_ref().and_then(|span| self.source_text().get(..span.start))
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Where there is no place, nothing else would name the file.
        match self.span {
            Some(_) => formatter.write_str(&self.message),
            None => write!(formatter, "{}: {}", self.file(), self.message),
        }
    }
}

impl std::error::Error for Problem {}

impl Diagnostic for Problem {
    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        Some(Box::new(&self.hint))
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        self.span.as_ref().map(|_| &self.source.shown as &dyn SourceCode)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let span = self.span.clone()?;
        Some(Box::new(std::iter::once(LabeledSpan::new(None, span.start, span.len()))))
    }
}

/// Everything that is wrong, at least one; by file, then by place.
#[derive(Debug, Clone)]
pub struct Problems(Vec<Problem>);

impl Problems {
    /// The problems in order.
    pub fn iter(&self) -> std::slice::Iter<'_, Problem> {
        self.0.iter()
    }

    /// The exit code of all: 78 where any of them is 78.
    pub fn exit(&self) -> Exit {
        self.0.iter().map(Problem::exit).max().unwrap_or(Exit::Config)
    }
}

impl<'a> IntoIterator for &'a Problems {
    type Item = &'a Problem;
    type IntoIter = std::slice::Iter<'a, Problem>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl IntoIterator for Problems {
    type Item = Problem;
    type IntoIter = std::vec::IntoIter<Problem>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl From<Problem> for Problems {
    fn from(problem: Problem) -> Self {
        Self(vec![problem])
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.0.iter().enumerate() {
            if index > 0 {
                writeln!(formatter)?;
            }
            match (problem.line(), problem.column()) {
                (Some(line), Some(column)) => {
                    write!(formatter, "{}:{line}:{column}: {}", problem.file(), problem.message)?;
                }
                _ => write!(formatter, "{problem}")?,
            }
            write!(formatter, "\n  {}", problem.hint)?;
        }
        Ok(())
    }
}

impl std::error::Error for Problems {}

/// Collects problems while files are read, so that all are told at once.
#[derive(Debug, Default)]
pub(super) struct Report(RefCell<Vec<Problem>>);

impl Report {
    /// Notes a problem.
    pub(super) fn add(&self, problem: Problem) {
        self.0.borrow_mut().push(problem);
    }

    /// The value where nothing was noted, else everything that was, in the order of the files.
    pub(super) fn finish<T>(self, value: Option<T>) -> Result<T, Problems> {
        let mut problems = self.0.into_inner();
        match value {
            Some(value) if problems.is_empty() => Ok(value),
            _ => {
                assert!(!problems.is_empty(), "what is refused has a problem");
                let mut files: Vec<String> = Vec::new();
                for problem in &problems {
                    if !files.iter().any(|file| file == problem.file()) {
                        files.push(problem.file().to_owned());
                    }
                }
                let place = |problem: &Problem| files.iter().position(|file| file == problem.file());
                problems.sort_by_key(|problem| (place(problem), problem.span.as_ref().map(|span| span.start)));
                Err(Problems(problems))
            }
        }
    }
}
