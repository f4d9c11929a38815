//! `outcomes.csv` becomes final, and both outcome files are counted.
//!
//! Enters: the files as planned, and what only rendering could find. Leaves: the final file, counts, and the case codes
//! of the letters. Invariant: the final file is always made from the planned one, whose hash the plan knows: a copy of
//! it stays beside the shards until the manifest exists, so a sealing that was killed after the rename starts from the
//! same bytes. Rows stream through; memory holds 8 bytes a letter.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};

use super::error::SealError;
use super::hashed::Hashed;
use super::manifest::OutcomeCounts;
use super::spreadsheet::guarded;
use crate::model::case_code::CaseCode;
use crate::model::outcome::Outcome;
use crate::plan::record::Plan;
use crate::store;

/// The outcomes of the participants rows.
const OUTCOMES: &str = "outcomes.csv";
/// The outcomes of the exposure rows.
const EXPOSURE_OUTCOMES: &str = "exposure_outcomes.csv";

/// Columns of `outcomes.csv` by position.
const LIST: usize = 0;
const OUTCOME: usize = 2;
const REASON: usize = 3;
const CASE_CODE: usize = 4;
const DETAIL: usize = 6;

/// Letters that rendering took out: case code → what becomes of the row, by the campaign's `[routing]`, and why.
pub(super) type HeldLetters = BTreeMap<u64, (Outcome, String)>;

/// What the final outcomes say.
pub(super) struct FinalOutcomes {
    pub(super) counts: OutcomeCounts,
    pub(super) sha256: String,
    /// List → outcome and reason → rows.
    pub(super) by_list: BTreeMap<String, BTreeMap<(&'static str, &'static str), u64>>,
}

/// The planned outcomes while the final ones replace them.
pub(super) fn planned_copy(run: &Path) -> PathBuf {
    run.join("shards").join("outcomes.planned.csv")
}

/// Makes `outcomes.csv` final: the letters that rendering held are no letters there. Gives the case codes of the letters
/// too, in the file's order.
pub(super) fn finalise(run: &Path, plan: &Plan, held: &HeldLetters) -> Result<(FinalOutcomes, Vec<u64>), SealError> {
    let path = run.join(OUTCOMES);
    let copy = planned_copy(run);
    let is_planned = |path: &Path| hash(path).map(|sha256| sha256.as_ref() == Some(&plan.outcomes_sha256));
    if is_planned(&path)? {
        if held.is_empty() {
            return rewrite(&path, io::sink(), held);
        }
        let mut draft = store::create(&copy)?;
        let mut planned = File::open(&path).map_err(SealError::reading(&path))?;
        io::copy(&mut planned, &mut draft).map_err(SealError::writing(&copy))?;
        draft.commit()?;
    } else if !is_planned(&copy)? {
        return Err(SealError::PlanChanged { file: OUTCOMES });
    }
    let mut draft = store::create(&path)?;
    let outcomes = rewrite(&copy, &mut draft, held)?;
    draft.commit()?;
    Ok(outcomes)
}

fn hash(path: &Path) -> Result<Option<String>, SealError> {
    match store::sha256_file(path) {
        Ok(sha256) => Ok(Some(sha256)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(SealError::reading(path)(error)),
    }
}

fn rewrite(planned: &Path, out: impl Write, held: &HeldLetters) -> Result<(FinalOutcomes, Vec<u64>), SealError> {
    let file = File::open(planned).map_err(SealError::reading(planned))?;
    let mut rows = csv::ReaderBuilder::new().has_headers(false).from_reader(BufReader::new(file));
    let mut hashed = Hashed::new(out);
    let mut final_rows = csv::Writer::from_writer(BufWriter::with_capacity(1 << 18, &mut hashed));
    let mut counts = OutcomeCounts::default();
    let mut letters = Vec::new();
    let mut by_list = BTreeMap::new();
    let mut found = 0;
    let mut row = csv::StringRecord::new();
    let mut is_header = true;
    while rows.read_record(&mut row).map_err(|error| SealError::reading(planned)(error.into()))? {
        if std::mem::take(&mut is_header) {
            final_rows.write_record(&row).map_err(|error| SealError::writing(planned)(error.into()))?;
            continue;
        }
        let field = |position: usize| row.get(position).unwrap_or_default();
        let mut outcome = Outcome::parse(field(OUTCOME), field(REASON))
            .ok_or_else(|| SealError::Unbalanced { what: format!("{OUTCOMES} has an unknown outcome") })?;
        let code = CaseCode::parse(field(CASE_CODE)).map(CaseCode::bits);
        match (outcome, code.and_then(|code| held.get(&code))) {
            (Outcome::Letter(_), Some((becomes, detail))) => {
                outcome = *becomes;
                found += 1;
                let detail = guarded(detail);
                let fields = row.iter().enumerate().map(|(position, field)| match position {
                    OUTCOME => outcome.as_str(),
                    REASON => outcome.reason(),
                    DETAIL => &detail,
                    _ => field,
                });
                final_rows.write_record(fields)
            }
            _ => final_rows.write_record(&row),
        }
        .map_err(|error| SealError::writing(planned)(error.into()))?;
        if let Outcome::Letter(_) = outcome {
            letters.push(
                code.ok_or_else(|| SealError::Unbalanced {
                    what: format!("{OUTCOMES} has a letter without case code"),
                })?,
            );
        }
        counts.add(outcome);
        let list = field(LIST);
        let reasons = match by_list.get_mut(list) {
            Some(reasons) => reasons,
            None => by_list.entry(list.to_owned()).or_insert_with(BTreeMap::new),
        };
        *reasons.entry((outcome.as_str(), outcome.reason())).or_default() += 1;
    }
    final_rows.flush().map_err(SealError::writing(planned))?;
    drop(final_rows);
    if found != held.len() {
        return Err(SealError::Unbalanced {
            what: format!("rendering held {} letters, {OUTCOMES} knows {found} of them", held.len()),
        });
    }
    let (_, sha256, _) = hashed.finish();
    Ok((FinalOutcomes { counts, sha256, by_list }, letters))
}

/// Exposure rows by outcome and reason.
pub(super) type ExposureCounts = BTreeMap<String, BTreeMap<String, u64>>;

/// Counts `exposure_outcomes.csv`, which must still be what the plan wrote.
pub(super) fn count_exposures(run: &Path, plan: &Plan) -> Result<ExposureCounts, SealError> {
    let path = run.join(EXPOSURE_OUTCOMES);
    if hash(&path)?.as_ref() != Some(&plan.exposure_outcomes_sha256) {
        return Err(SealError::PlanChanged { file: EXPOSURE_OUTCOMES });
    }
    let file = File::open(&path).map_err(SealError::reading(&path))?;
    let mut rows = csv::Reader::from_reader(BufReader::new(file));
    let mut counts = ExposureCounts::new();
    let mut row = csv::StringRecord::new();
    while rows.read_record(&mut row).map_err(|error| SealError::reading(&path)(error.into()))? {
        let (outcome, reason) = (row.get(OUTCOME).unwrap_or_default(), row.get(REASON).unwrap_or_default());
        match counts.get_mut(outcome).and_then(|reasons| reasons.get_mut(reason)) {
            Some(count) => *count += 1,
            None => {
                counts.entry(outcome.to_owned()).or_default().insert(reason.to_owned(), 1);
            }
        }
    }
    Ok(counts)
}
