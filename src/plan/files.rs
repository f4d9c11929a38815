//! The files of a plan in a run folder.
//!
//! Enters: a plan, its letters and the outcomes of all rows. Leaves: `campaign/`, `plan.parquet`, `outcomes.csv`,
//! `exposure_outcomes.csv` and, last, `plan.json`. Invariant: a run is planned if and only if `plan.json` is there, and
//! it names the hash of each of the others.

use std::io::Write;
use std::path::{Path, PathBuf};

use super::record::Plan;
use crate::campaign::settings::Campaign;
use crate::exposure::Exposures;
use crate::routing::RowOutcome;
use crate::seal::spreadsheet::guarded;
use crate::store::{self, StoreError};

/// `plan.json` of a run folder.
pub fn plan_path(run: &Path) -> PathBuf {
    run.join("plan.json")
}

/// `plan.parquet` of a run folder.
pub fn letters_path(run: &Path) -> PathBuf {
    run.join("plan.parquet")
}

/// The copy of the campaign in a run folder.
pub fn campaign_path(run: &Path) -> PathBuf {
    run.join("campaign")
}

/// A plan that cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("{}: {what}", path.display())]
pub struct PlanError {
    /// `plan.json`.
    pub path: PathBuf,
    /// What is wrong.
    pub what: String,
    /// Whether the file is simply not there.
    pub absent: bool,
}

/// Reads `plan.json`.
///
/// # Errors
/// A run that is not planned, or a plan of another program.
pub fn read(run: &Path) -> Result<Plan, PlanError> {
    let path = plan_path(run);
    let bytes = std::fs::read(&path).map_err(|error| PlanError {
        path: path.clone(),
        absent: error.kind() == std::io::ErrorKind::NotFound,
        what: error.to_string(),
    })?;
    serde_json::from_slice(&bytes).map_err(|error| PlanError { path, what: error.to_string(), absent: false })
}

/// Writes `plan.json`; from now on the run is planned.
///
/// # Errors
/// The disk.
pub fn commit(run: &Path, plan: &Plan) -> Result<(), StoreError> {
    let json = serde_json::to_vec_pretty(plan).expect("a plan is plain data");
    store::write(&plan_path(run), &json)
}

/// Copies what the letters are made from.
///
/// # Errors
/// The disk.
pub fn copy_campaign(run: &Path, campaign: &Campaign) -> Result<(), StoreError> {
    let folder = campaign_path(run);
    // What a plan that was killed left there may be of another campaign.
    store::remove_folder(&folder)?;
    for (path, bytes) in campaign.files_for_run() {
        let path = folder.join(path);
        store::folder(path.parent().unwrap_or(&folder))?;
        store::write(&path, &bytes)?;
    }
    Ok(())
}

/// Writes `outcomes.csv` and returns its SHA-256.
///
/// # Errors
/// The disk.
pub fn write_outcomes(run: &Path, campaign: &Campaign, rows: &[RowOutcome]) -> Result<String, StoreError> {
    let path = run.join("outcomes.csv");
    let lists: Vec<&str> = campaign.participants.iter().map(|list| list.source.id.as_str()).collect();
    write_csv(&path, &["list", "row", "outcome", "reason", "case_code", "source_ref", "detail"], |csv| {
        for row in rows {
            csv.write_record([
                lists[usize::from(row.list)],
                &row.row.to_string(),
                row.outcome.as_str(),
                row.outcome.reason(),
                &row.case_code.map(|code| code.printed()).unwrap_or_default(),
                &guarded(row.source_ref.reveal()),
                &guarded(&row.detail),
            ])?;
        }
        Ok(())
    })
}

/// Writes `exposure_outcomes.csv` and returns its SHA-256.
///
/// # Errors
/// The disk.
pub fn write_exposure_outcomes(run: &Path, campaign: &Campaign, exposures: &Exposures) -> Result<String, StoreError> {
    write_csv(&run.join("exposure_outcomes.csv"), &["list", "row", "outcome", "reason"], |csv| {
        let mut outcomes = exposures.outcomes.iter();
        for (list, &rows) in campaign.exposures.iter().zip(&exposures.rows_per_list) {
            for (row, outcome) in (1..=rows).zip(outcomes.by_ref()) {
                let (outcome, reason) = outcome.as_strs();
                csv.write_record([&list.source.id, &row.to_string(), outcome, reason])?;
            }
        }
        assert!(outcomes.next().is_none(), "every exposure row belongs to a list");
        Ok(())
    })
}

fn write_csv(
    path: &Path,
    header: &[&str],
    rows: impl FnOnce(&mut csv::Writer<&mut HashingDraft>) -> Result<(), csv::Error>,
) -> Result<String, StoreError> {
    let error = |error: csv::Error| StoreError { path: path.to_owned(), source: error.into() };
    let mut draft = HashingDraft { draft: store::create(path)?, hasher: sha2::Sha256::default() };
    let mut csv = csv::Writer::from_writer(&mut draft);
    csv.write_record(header).map_err(error)?;
    rows(&mut csv).map_err(error)?;
    csv.flush().map_err(|source| StoreError { path: path.to_owned(), source })?;
    drop(csv);
    let HashingDraft { draft, hasher } = draft;
    draft.commit()?;
    Ok(hex::encode(sha2::Digest::finalize(hasher)))
}

/// A draft that hashes what is written to it.
struct HashingDraft {
    draft: store::Draft,
    hasher: sha2::Sha256,
}

impl Write for HashingDraft {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let written = self.draft.write(bytes)?;
        sha2::Digest::update(&mut self.hasher, &bytes[..written]);
        Ok(written)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.draft.flush()
    }
}
