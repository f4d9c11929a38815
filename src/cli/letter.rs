//! `meldpost letter`: one person's letter as an accessible digital copy.
//!
//! Enters: a run folder and a case code. Leaves: one PDF, mode 0600. Invariant: it is made from the run folder's plan and
//! campaign alone, before or after sealing; a letter that was held has no copy.

use std::path::{Path, PathBuf};

use super::exit::Exit;
use super::failure::Failure;
use super::output::Output;
use super::{planning, rendering};
use crate::ledger::{Ledger, SentBefore};
use crate::model::case_code::CaseCode;
use crate::model::outcome::Held;
use crate::plan::files;
use crate::plan::letters::{self, LetterReader};
use crate::plan::record::{Plan, PlannedLetter};
use crate::render::copy::{self, CopyError};
use crate::render::marker::{self, ShardMarker, ShardResult};
use crate::store;

/// Writes the copy.
pub fn letter(run: &Path, code: &str, out: Option<&Path>) -> Result<Output, Failure> {
    let code = CaseCode::parse(code).ok_or_else(|| {
        Failure::with_hint(
            Exit::Usage,
            "this is no case code: a character is missing or was copied wrong",
            "copy it from the letter, as XXXX-XXXX-XXXXX; hyphens may be left out",
        )
    })?;
    let (campaign, plan) = rendering::open(run)?;
    let history = match &campaign.ledger {
        Some(settings) => Ledger::open(&settings.file)?.history(code)?,
        None => Vec::new(),
    };
    let planned = find(run, &plan, code).map_err(|failure| elsewhere(failure, &history, &plan))?;
    let wording = planning::wording(&campaign)?;
    let bytes =
        copy::make(&campaign, &planning::press(&campaign), &wording, &planned).map_err(|error| match error {
            CopyError::Wording(error) => {
                let text = campaign.template.files.get(&error.file).cloned();
                Failure::wording(error, text.as_deref())
            }
            error => Failure::new(Exit::Bug, error.to_string()),
        })?;
    let path = out.map_or_else(|| PathBuf::from(format!("{}.pdf", code.printed())), Path::to_owned);
    store::write(&path, &bytes)?;
    let pages = planned.page_count();
    Ok(Output {
        text: format!("{}: {pages} pages, PDF/A-2a and PDF/UA-1{}", path.display(), told(&history)),
        json: serde_json::json!({
            "file": path.display().to_string(),
            "case_code": code.printed(),
            "pages": pages,
            "bytes": bytes.len(),
            "language": planned.letter.languages.as_str(),
            "history": history,
        }),
    })
}

/// What the person was sent and when, over all runs.
fn told(history: &[SentBefore]) -> String {
    let mut text = String::new();
    for letter in history {
        let wave = letter.wave.as_ref().map_or(String::new(), |wave| format!(", wave {wave}"));
        text.push_str(&format!(
            "\nrun {}: {} in {}, {}{wave}, package {}, released {}",
            letter.run, letter.variant, letter.language, letter.format, letter.package, letter.release_date,
        ));
        for reported in &letter.reported {
            let reason = reported.reason.map_or(String::new(), |reason| format!(" ({reason})"));
            let package = reported.package.as_ref().map_or(String::new(), |package| format!(" in {package}"));
            text.push_str(&format!("\n  {} {}{reason}{package}", reported.at, reported.status));
        }
    }
    text
}

/// Names the runs of the campaign that have a letter to this person, where the one that was asked has none.
fn elsewhere(failure: Failure, history: &[SentBefore], plan: &Plan) -> Failure {
    let own = plan.ledger.as_ref().map(|ledger| ledger.run);
    let others: Vec<&str> =
        history.iter().filter(|letter| Some(letter.run) != own).map(|letter| letter.folder.as_str()).collect();
    if others.is_empty() {
        return failure;
    }
    Failure::with_hint(
        failure.exit,
        "this run has no letter with this case code, but the campaign has".to_owned(),
        format!("ask the run that sent it: --run {}", others.join(" or --run ")),
    )
}

fn find(run: &Path, plan: &Plan, code: CaseCode) -> Result<PlannedLetter, Failure> {
    let path = files::letters_path(run);
    let unknown = || {
        Failure::with_hint(
            Exit::Data,
            format!("no letter of this run has the case code {code}"),
            "look it up in outcomes.csv: the person may have been held, suppressed or written to in another run",
        )
    };
    let position = letters::find(&path, code)?.ok_or_else(unknown)?;
    let shard = plan.shards.iter().find(|shard| (shard.first..shard.first + shard.letters).contains(&position));
    if let Some(reason) = shard.map(|shard| held(run, shard.number, code)).transpose()?.flatten() {
        return Err(Failure::with_hint(
            Exit::Data,
            format!("the letter {code} was held: {}", reason.as_str()),
            "a letter that was not sent has no copy; outcomes.csv says more",
        ));
    }
    LetterReader::new(&path).slice(position, 1)?.pop().ok_or_else(unknown)
}

/// Why the letter was held when its shard was rendered; a shard that is not rendered yet has held nobody.
fn held(run: &Path, shard: u32, code: CaseCode) -> Result<Option<Held>, Failure> {
    let path = marker::marker_path(run, shard);
    let bytes = match std::fs::read(&path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        bytes => bytes.map_err(|error| Failure::new(Exit::Data, format!("cannot read {}: {error}", path.display())))?,
    };
    let marker: ShardMarker = serde_json::from_slice(&bytes)
        .map_err(|error| Failure::new(Exit::Data, format!("{} is damaged: {error}", path.display())))?;
    let printed = code.printed();
    Ok(marker.letters.into_iter().find_map(|letter| match letter.result {
        ShardResult::Held { reason, .. } if letter.case_code == printed => Some(reason),
        _ => None,
    }))
}
