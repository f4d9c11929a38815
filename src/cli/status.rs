//! `meldpost status`: where a run stands, and what is missing.
//!
//! Enters: a run folder. Leaves: the summary of a sealed run, or how far the run is and which command goes on.

use std::path::Path;

use super::exit::Exit;
use super::failure::Failure;
use super::output::Output;
use crate::campaign;
use crate::ledger::{Ledger, RunEntry, RunState};
use crate::plan::files;
use crate::render::marker;
use crate::seal::manifest::Manifest;
use crate::seal::reprint::{Reprint, Reprints};
use crate::seal::summary::Summary;

/// Missing shards that are named one by one.
const NAMED_SHARDS: usize = 10;

/// Says where a run stands.
pub fn status(run: &Path) -> Result<Output, Failure> {
    let Output { mut text, mut json } = standing(run)?;
    if let Some(runs) = runs(run)? {
        text.push_str(&table(&runs));
        if let Some(object) = json.as_object_mut() {
            object.insert("runs".to_owned(), serde_json::to_value(&runs).unwrap_or_default());
        }
    }
    Ok(Output { text, json })
}

/// Every run of the campaign, where it has a ledger.
fn runs(run: &Path) -> Result<Option<Vec<RunEntry>>, Failure> {
    let Ok(campaign) = campaign::load_planned(&files::campaign_path(run)) else { return Ok(None) };
    match campaign.ledger {
        Some(settings) => Ok(Some(Ledger::open(&settings.file)?.runs()?)),
        None => Ok(None),
    }
}

/// Runs that are listed one by one.
const LISTED_RUNS: usize = 12;

fn table(runs: &[RunEntry]) -> String {
    let mut text = format!("\n{:>5}  {:<9}{:>9}  {:<21}folder", "run", "state", "letters", "sealed at");
    let hidden = runs.len().saturating_sub(LISTED_RUNS);
    for run in &runs[hidden..] {
        let state = match run.state {
            RunState::Planned => "planned",
            RunState::Sealing => "sealing",
            RunState::Sealed => "recorded",
            RunState::Released => "sealed",
        };
        let (letters, at) =
            run.sealed.as_ref().map_or((String::new(), ""), |sealed| (sealed.letters.to_string(), sealed.at.as_str()));
        let folder = Path::new(&run.planned.folder).file_name().unwrap_or_default().to_string_lossy();
        let wave = run.planned.wave.as_ref().map_or(String::new(), |wave| format!(" (wave {wave})"));
        text.push_str(&format!("\n{:>5}  {state:<9}{letters:>9}  {at:<21}{folder}{wave}", run.number));
    }
    if hidden > 0 {
        text.push_str(&format!("\n       and {hidden} earlier ones; --json lists all"));
    }
    text
}

fn standing(run: &Path) -> Result<Output, Failure> {
    if let Some(manifest) = manifest(run)? {
        let Output { mut text, mut json } = sealed(run, &manifest, true);
        let reprints = Reprints::read(run)?.reprints;
        text.push_str(&printed_again(&reprints));
        if let Some(object) = json.as_object_mut() {
            object.insert("reprints".to_owned(), reprints.iter().map(counts).collect());
        }
        return Ok(Output { text, json });
    }
    let plan = match files::read(run) {
        Ok(plan) => plan,
        Err(error) if error.absent => {
            return Err(Failure::with_hint(
                Exit::Usage,
                format!("{} is not a run folder, or nothing was planned in it yet", run.display()),
                "start with: meldpost run CAMPAIGN",
            ));
        }
        Err(error) => return Err(Failure::new(Exit::Config, error.to_string())),
    };
    let missing: Vec<u32> = plan
        .shards_to_render()
        .filter(|shard| !marker::marker_path(run, shard.number).exists())
        .map(|shard| shard.number)
        .collect();
    let (shards, rendered) = (plan.shards_to_render().count(), plan.shards_to_render().count() - missing.len());
    let mut text = format!(
        "{}: planned, not sealed\n  {} rows, {} letters\n  {rendered} of {shards} shards rendered",
        plan.campaign, plan.rows, plan.letters,
    );
    if missing.is_empty() {
        text.push_str(&format!("\nnext: meldpost seal --run {}", run.display()));
    } else {
        let named: Vec<String> = missing.iter().take(NAMED_SHARDS).map(u32::to_string).collect();
        let more = missing.len().saturating_sub(NAMED_SHARDS);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        text.push_str(&format!(
            "\n  missing: {}{more}\nnext: meldpost render --run {}",
            named.join(", "),
            run.display()
        ));
    }
    let json = serde_json::json!({
        "state": if missing.is_empty() { "rendered" } else { "planned" },
        "campaign": plan.campaign,
        "rows": plan.rows,
        "letters": plan.letters,
        "shards": shards,
        "missing_shards": missing,
    });
    Ok(Output { text, json })
}

/// Packages of spoiled pieces that are listed one by one.
const LISTED_REPRINTS: usize = 6;

fn printed_again(reprints: &[Reprint]) -> String {
    let hidden = reprints.len().saturating_sub(LISTED_REPRINTS);
    let mut text = String::new();
    for Reprint { id, letters, seeds, pages, sheets, .. } in &reprints[hidden..] {
        text.push_str(&format!(
            "\nprinted again: {id}, {letters} letters, {seeds} control letters, {pages} pages on {sheets} sheets"
        ));
    }
    if hidden > 0 {
        text.push_str(&format!("\n  and {hidden} earlier packages; --json lists all"));
    }
    text
}

fn counts(reprint: &Reprint) -> serde_json::Value {
    let Reprint { id, file, sha256, letters, seeds, pages, sheets, .. } = reprint;
    serde_json::json!({
        "id": id, "file": file, "sha256": sha256, "letters": letters, "seeds": seeds, "pages": pages, "sheets": sheets,
    })
}

/// The summary of a sealed run.
pub fn sealed(run: &Path, manifest: &Manifest, state: bool) -> Output {
    let summary = Summary::new(run, manifest);
    let mut json = serde_json::to_value(&summary).unwrap_or_default();
    if let (true, Some(object)) = (state, json.as_object_mut()) {
        object.insert("state".to_owned(), "sealed".into());
    }
    let text = if state { format!("sealed\n{summary}") } else { summary.to_string() };
    Output { text, json }
}

/// The manifest of a sealed run, `None` while there is none.
fn manifest(run: &Path) -> Result<Option<Manifest>, Failure> {
    let path = run.join("manifest.json");
    match std::fs::read(&path) {
        Ok(bytes) => serde_json::from_slice(&bytes)
            .map(Some)
            .map_err(|error| Failure::new(Exit::Data, format!("{} is damaged: {error}", path.display()))),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Failure::new(Exit::CannotWrite, format!("cannot read {}: {error}", path.display()))),
    }
}
