//! The runs of a ledger: planned, being sealed, sealed.
//!
//! Enters: the events of runs. Leaves: their list, and whether a run may be sealed. Invariants: runs are numbered from 1 in
//! the order in which they were planned; of two runs that were planned from the same memory only the one that is sealed
//! first may be sealed, for the other may write to the same people.

use serde::{Deserialize, Serialize};

use super::book::Ledger;
use super::error::LedgerError;
use super::event::{Event, Kind};
use super::told::{package_numbers, package_of};
use crate::model::case_code::CaseCode;
use crate::seal::manifest::PackageEntry;

/// What is noted when a run is planned.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlannedRun {
    /// The campaign's id.
    pub campaign: String,
    /// The run folder.
    pub folder: String,
    /// SHA-256 of `plan.json`, hex.
    pub plan_sha256: String,
    /// When it was noted, by the machine's clock; nothing is decided by it.
    pub at: String,
    /// The wave that it belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wave: Option<String>,
}

/// What is noted when a run is sealed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SealedRun {
    /// SHA-256 of `manifest.json`, hex.
    pub manifest_sha256: String,
    /// When it was noted, by the machine's clock; nothing is decided by it.
    pub at: String,
    /// Letters to people.
    pub letters: u64,
}

/// How far a run is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum RunState {
    /// Its plan stands.
    Planned,
    /// Sealing has begun; nothing of it counts.
    Sealing,
    /// Its letters count; its manifest may not be there yet.
    Sealed,
    /// Its manifest stands, and its packages may leave.
    Released,
}

/// One run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RunEntry {
    /// 1-based.
    pub number: u32,
    /// How far it is.
    pub state: RunState,
    /// Its plan.
    #[serde(flatten)]
    pub planned: PlannedRun,
    /// Its sealing.
    pub sealed: Option<SealedRun>,
}

/// Where a run stands in the ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// It is not noted.
    New,
    /// It is planned, or sealing was begun.
    Open {
        /// Whether sealing was begun.
        sealing: bool,
    },
    /// It is sealed, and this is its manifest's SHA-256.
    Sealed(String),
}

/// The letters of a sealed run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealedLetters {
    /// SHA-256 of the run's manifest, hex.
    pub manifest_sha256: String,
    /// The packages, as the manifest had them.
    pub packages: Vec<PackageEntry>,
    /// Case code and index of the package of each letter, sorted.
    pub letters: Vec<(CaseCode, u16)>,
}

impl Ledger {
    /// The letters of a run; `None` where it is not sealed.
    ///
    /// # Errors
    /// A damaged file.
    pub fn sealed_letters(&self, run: u32) -> Result<Option<SealedLetters>, LedgerError> {
        let (mut manifest_sha256, mut packages) = (None, Vec::<PackageEntry>::new());
        self.each("run = ?1 AND code IS NULL AND kind IN ('package', 'sealed')", &[&run], |event| {
            match event.kind {
                Kind::Package => packages.push(self.detail(&event)?),
                _ => manifest_sha256 = Some(self.detail::<SealedRun>(&event)?.manifest_sha256),
            }
            Ok(())
        })?;
        let Some(manifest_sha256) = manifest_sha256 else { return Ok(None) };
        let numbers = package_numbers(&packages);
        let mut letters = Vec::new();
        self.each("run = ?1 AND kind = 'letter'", &[&run], |event| {
            let strange = || LedgerError::damaged(self.path(), format!("event {} has no valid detail", event.number));
            let package = package_of(&event).and_then(|package| numbers.get(package)).ok_or_else(strange)?;
            letters.push((event.code.ok_or_else(strange)?, *package));
            Ok(())
        })?;
        letters.sort_unstable();
        Ok(Some(SealedLetters { manifest_sha256, packages, letters }))
    }

    /// Every run, in order.
    ///
    /// # Errors
    /// A damaged file.
    pub fn runs(&self) -> Result<Vec<RunEntry>, LedgerError> {
        let mut runs: Vec<RunEntry> = Vec::new();
        self.each("code IS NULL", &[], |event| {
            match event.kind {
                Kind::Planned => runs.push(RunEntry {
                    number: event.run,
                    state: RunState::Planned,
                    planned: self.detail(&event)?,
                    sealed: None,
                }),
                Kind::Sealing | Kind::Sealed | Kind::Released => {
                    let Some(run) = runs.iter_mut().find(|run| run.number == event.run) else {
                        return Err(LedgerError::damaged(
                            self.path(),
                            format!("event {} is about a run that was never planned", event.number),
                        ));
                    };
                    run.state = match event.kind {
                        Kind::Sealed => {
                            run.sealed = Some(self.detail(&event)?);
                            RunState::Sealed
                        }
                        Kind::Released => RunState::Released,
                        _ => RunState::Sealing,
                    };
                }
                _ => {}
            }
            Ok(())
        })?;
        Ok(runs)
    }

    /// The packages of all sealed runs, each with the number of its run.
    ///
    /// # Errors
    /// A damaged file.
    pub fn packages(&self) -> Result<Vec<(u32, PackageEntry)>, LedgerError> {
        let mut packages = Vec::new();
        // Packages are noted in the transaction that seals their run.
        self.each("code IS NULL AND kind = 'package'", &[], |event| {
            packages.push((event.run, self.detail(&event)?));
            Ok(())
        })?;
        Ok(packages)
    }

    /// The detail of an event of a run.
    pub(super) fn detail<T: serde::de::DeserializeOwned>(&self, event: &Event) -> Result<T, LedgerError> {
        serde_json::from_str(&event.detail)
            .map_err(|_| LedgerError::damaged(self.path(), format!("event {} has no valid detail", event.number)))
    }

    /// The number of the next run.
    ///
    /// # Errors
    /// A damaged file.
    pub fn next_run(&self) -> Result<u32, LedgerError> {
        Ok(self.runs()?.iter().map(|run| run.number).max().unwrap_or(0) + 1)
    }

    /// Where a run stands that has this number and this plan, and was planned when the ledger had `events` events.
    ///
    /// # Errors
    /// A number that belongs to another run, or another run that was sealed since.
    pub fn standing(&self, run: u32, plan_sha256: &str, events: u64) -> Result<Standing, LedgerError> {
        let runs = self.runs()?;
        let own = runs.iter().find(|entry| entry.number == run);
        if own.is_some_and(|entry| entry.planned.plan_sha256 != plan_sha256) {
            return Err(LedgerError::OtherRun { run });
        }
        if let Some(sealed) = own.and_then(|entry| entry.sealed.as_ref()) {
            return Ok(Standing::Sealed(sealed.manifest_sha256.clone()));
        }
        let mut by = None;
        self.each("code IS NULL AND number > ?1", &[&events.cast_signed()], |event| {
            if event.kind == Kind::Sealed && event.run != run {
                by.get_or_insert(event.run);
            }
            Ok(())
        })?;
        match (by, own) {
            (Some(by), _) => Err(LedgerError::Overtaken { run, by }),
            (None, None) => Ok(Standing::New),
            (None, Some(entry)) => Ok(Standing::Open { sealing: entry.state == RunState::Sealing }),
        }
    }

    /// Notes a plan.
    ///
    /// # Errors
    /// The disk.
    pub fn note_planned(&mut self, run: u32, planned: &PlannedRun) -> Result<(), LedgerError> {
        self.note(run, Kind::Planned, serde_json::to_string(planned).expect("plain data"))
    }

    /// Notes that sealing begins.
    ///
    /// # Errors
    /// The disk.
    pub fn note_sealing(&mut self, run: u32, at: &str) -> Result<(), LedgerError> {
        self.note(run, Kind::Sealing, serde_json::json!({ "at": at }).to_string())
    }

    /// Notes that the manifest of a sealed run stands.
    ///
    /// # Errors
    /// The disk.
    pub fn note_released(&mut self, run: u32) -> Result<(), LedgerError> {
        self.note(run, Kind::Released, "{}".to_owned())
    }

    /// Adds the end of sealing to the open transaction, which holds the run's letters, and commits it.
    ///
    /// # Errors
    /// The disk.
    pub fn commit_sealed(&mut self, run: u32, sealed: &SealedRun) -> Result<(), LedgerError> {
        self.add(run, Kind::Sealed, None, serde_json::to_string(sealed).expect("plain data"))?;
        self.commit()
    }
}
