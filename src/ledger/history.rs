//! What one person was sent, and what became of it: for the helpdesk.
//!
//! Enters: a case code. Leaves: every letter to it, over all runs, with the moments of its piece. Invariant: a letter of a
//! run that was never sealed is not there.

use serde::Serialize;

use super::book::Ledger;
use super::error::LedgerError;
use super::event::{Event, Kind};
use super::pieces::Status;
use super::reprints::ReprintedPiece;
use super::runs::SealedRun;
use crate::model::case_code::CaseCode;
use crate::seal::manifest::PackageEntry;

/// A letter that somebody was sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SentBefore {
    /// The number of the run.
    pub run: u32,
    /// The run folder.
    pub folder: String,
    /// When the run was sealed.
    pub sealed_at: String,
    /// The package.
    pub package: String,
    /// The first day on which it may be posted.
    pub release_date: String,
    /// The variant.
    pub variant: String,
    /// The language.
    pub language: String,
    /// The format.
    pub format: String,
    /// The wave.
    pub wave: Option<String>,
    /// SHA-256 of what it told, shortened, hex.
    pub content: String,
    /// What was reported of the piece since, and when that happened.
    pub reported: Vec<Reported>,
}

/// One report of a piece.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Reported {
    /// What.
    pub status: &'static str,
    /// When.
    pub at: String,
    /// Why it came back.
    pub reason: Option<&'static str>,
    /// The package of spoiled pieces that it is in since: `r0001`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub package: Option<String>,
}

impl Ledger {
    /// Every letter to this person, in the order of the runs.
    ///
    /// # Errors
    /// A damaged file.
    pub fn history(&self, code: CaseCode) -> Result<Vec<SentBefore>, LedgerError> {
        let mut events: Vec<Event> = Vec::new();
        self.each("code = ?1", &[&code.bits().cast_signed()], |event| {
            events.push(event);
            Ok(())
        })?;
        let runs = self.runs()?;
        let mut history: Vec<SentBefore> = Vec::new();
        for event in &events {
            let strange = || LedgerError::damaged(self.path(), format!("event {} has no valid place", event.number));
            if event.kind != Kind::Letter {
                let letter = history.iter_mut().rfind(|letter| letter.run == event.run).ok_or_else(strange)?;
                if event.kind == Kind::Reprinted {
                    let ReprintedPiece(package, _, at) = self.reprinted(event)?;
                    let status = event.kind.as_str();
                    letter.reported.push(Reported { status, at, reason: None, package: Some(package) });
                    continue;
                }
                let (status, at) = self.reported(event)?;
                let reason = match status {
                    Status::Returned(reason) => Some(reason.as_str()),
                    _ => None,
                };
                letter.reported.push(Reported { status: status.as_str(), at: at.text(), reason, package: None });
                continue;
            }
            let run = runs.iter().find(|run| run.number == event.run).ok_or_else(strange)?;
            let letter = self.letter(event)?;
            let ending = format!("-{}", letter.0);
            let mut package: Option<PackageEntry> = None;
            self.each("run = ?1 AND code IS NULL AND kind = 'package'", &[&event.run], |event| {
                let entry: PackageEntry = self.detail(&event)?;
                if entry.id.ends_with(&ending) {
                    package = Some(entry);
                }
                Ok(())
            })?;
            let package = package.ok_or_else(strange)?;
            let SealedRun { at, .. } = run.sealed.clone().ok_or_else(strange)?;
            history.push(SentBefore {
                run: run.number,
                folder: run.planned.folder.clone(),
                sealed_at: at,
                package: package.id,
                release_date: package.release_date.to_string(),
                variant: letter.2,
                language: letter.3,
                format: letter.4,
                wave: letter.6,
                content: letter.5,
                reported: Vec::new(),
            });
        }
        Ok(history)
    }
}
