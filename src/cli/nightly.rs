//! `meldpost run`: from lists to sealed packages; every night, if need be.
//!
//! Enters: a campaign, perhaps a run folder and a wave. Leaves: a sealed run. Invariant: what an earlier run recorded as sent
//! and was killed over is finished first. With a ledger and without `--run`, the last run goes on while its inputs are the
//! same; else a new folder is begun, `runs/<campaign id>` for the first run and `runs/<campaign id>-0002` and so on after it.

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use super::books::Books;
use super::failure::Failure;
use super::lock::Lock;
use super::output::Output;
use super::screen::{Screen, run_span};
use super::{planning, rendering, sealing, status};
use crate::campaign::settings::Campaign;
use crate::plan::files;

/// Makes a run, or goes on with one.
pub fn run(
    campaign: &Campaign,
    run: Option<PathBuf>,
    wave: Option<&str>,
    threads: NonZeroUsize,
    screen: &Screen,
) -> Result<Output, Failure> {
    let mut books = Books::for_planning(campaign)?;
    let mut before = Vec::new();
    if let Some(books) = &mut books {
        for folder in books.unreleased()? {
            before.push(finish(&folder, books, screen)?);
        }
    }
    let run = match run {
        Some(run) => run,
        None => default_run(campaign, books.as_ref(), wave)?,
    };
    let output = whole(campaign, &run, books.as_mut(), wave, threads, screen)?;
    books.map_or(Ok(()), Books::close)?;
    Ok(before.into_iter().rev().fold(output, after))
}

fn whole(
    campaign: &Campaign,
    run: &Path,
    mut books: Option<&mut Books>,
    wave: Option<&str>,
    threads: NonZeroUsize,
    screen: &Screen,
) -> Result<Output, Failure> {
    let _span = run_span(run).entered();
    let _lock = Lock::exclusive(run)?;
    rendering::sweep(run)?;
    planning::plan(campaign, run, books.as_deref_mut(), wave, threads, screen)?;
    // From here on the run folder alone counts, as for the single commands.
    let (planned, plan) = rendering::open(run)?;
    if !run.join("manifest.json").exists() {
        rendering::render(run, &planned, &plan, None, threads, screen)?;
    }
    let sealed = sealing::seal(run, &planned, &plan, books, screen)?;
    Ok(status::sealed(run, &sealed.manifest, false))
}

/// Ends an earlier run whose letters count as sent, and whose manifest a kill kept from appearing.
fn finish(run: &Path, books: &mut Books, screen: &Screen) -> Result<Output, Failure> {
    let (planned, plan) = rendering::open(run)?;
    let _lock = Lock::exclusive(run)?;
    let sealed = sealing::seal(run, &planned, &plan, Some(books), screen)?;
    tracing::warn!(run = %run.display(), "finished an earlier run that was interrupted");
    Ok(status::sealed(run, &sealed.manifest, false))
}

/// The result of a run with that of an earlier one that was finished before it.
fn after(output: Output, earlier: Output) -> Output {
    let mut json = output.json;
    if let Some(object) = json.as_object_mut() {
        let list = object.entry("finished_before").or_insert_with(|| serde_json::json!([]));
        if let Some(list) = list.as_array_mut() {
            list.insert(0, earlier.json);
        }
    }
    Output { text: format!("an earlier run was finished first\n{}\n\n{}", earlier.text, output.text), json }
}

fn default_run(campaign: &Campaign, books: Option<&Books>, wave: Option<&str>) -> Result<PathBuf, Failure> {
    let runs = campaign.folder.join("runs");
    let first = runs.join(&campaign.id);
    let Some(books) = books else { return Ok(first) };
    let known = books.runs()?;
    if let Some(last) = known.last() {
        let folder = PathBuf::from(&last.planned.folder);
        if planning::is_same(campaign, wave, &folder) {
            return Ok(folder);
        }
    }
    let numbered = |number: u32| match number {
        1 => first.clone(),
        _ => runs.join(format!("{}-{number:04}", campaign.id)),
    };
    let next = known.last().map_or(1, |run| run.number + 1);
    // A folder may be there that was planned and killed before the ledger knew it.
    let mut number = next;
    loop {
        let folder = numbered(number);
        if !files::plan_path(&folder).exists() || planning::is_same(campaign, wave, &folder) {
            return Ok(folder);
        }
        number += 1;
    }
}
