//! What read-back found wrong: every finding, not only the first.
//!
//! Enters: findings of the single checks. Leaves: one error that lists them. Invariant: a finding names the file and what
//! differs; case codes may stand in it, because a difference is named by them, but nothing else of a person.

use std::fmt;

/// One thing that is not as it was sealed.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Finding {
    /// The file, as seen from the run folder or from the package.
    pub file: String,
    /// What differs.
    pub what: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}: {}", self.file, self.what)
    }
}

/// Something is not as it was sealed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct VerifyError {
    /// Every finding, in the order of the checks.
    pub findings: Vec<Finding>,
    /// There is no manifest: the run was never sealed, which is no damage.
    pub unsealed: bool,
}

impl VerifyError {
    /// The exit code of the contract.
    pub const fn exit_code(&self) -> u8 {
        if self.unsealed { 75 } else { 65 }
    }
}

impl fmt::Display for VerifyError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut findings = self.findings.iter();
        if let Some(first) = findings.next() {
            write!(out, "{first}")?;
        }
        findings.try_for_each(|finding| write!(out, "\n{finding}"))
    }
}

/// The same difference in many rows is told this often, then summed up.
const REPEATS: usize = 20;

/// Collects findings about one file.
#[derive(Debug)]
pub(super) struct Findings {
    file: String,
    found: Vec<Finding>,
    unlisted: usize,
}

impl Findings {
    pub(super) fn about(file: impl Into<String>) -> Self {
        Self { file: file.into(), found: Vec::new(), unlisted: 0 }
    }

    pub(super) fn add(&mut self, what: impl Into<String>) {
        if self.found.len() < REPEATS {
            self.found.push(Finding { file: self.file.clone(), what: what.into() });
        } else {
            self.unlisted += 1;
        }
    }

    /// Adds a finding unless both are equal.
    pub(super) fn equal<T: PartialEq + fmt::Display + ?Sized>(&mut self, what: &str, found: &T, expected: &T) {
        if found != expected {
            self.add(format!("{what}: found {found}, expected {expected}"));
        }
    }

    pub(super) fn into_vec(mut self) -> Vec<Finding> {
        if self.unlisted > 0 {
            let what = format!("{} more findings like these", self.unlisted);
            self.found.push(Finding { file: self.file, what });
        }
        self.found
    }
}
