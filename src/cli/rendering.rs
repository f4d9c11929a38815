//! A planned run → rendered shards.
//!
//! Enters: a run folder. Leaves: a data file and a marker for each shard. Invariant: a shard whose marker stands is not
//! made again; the letters are made from the run folder alone, by the program version and the fonts that planned them.

use std::num::NonZeroUsize;
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};

use super::approving;
use super::args::ShardChoice;
use super::exit::Exit;
use super::failure::Failure;
use super::planning;
use super::screen::Screen;
use crate::campaign::settings::Campaign;
use crate::campaign::{self};
use crate::plan::files;
use crate::plan::letters::LetterReader;
use crate::plan::record::{Plan, ShardPlan};
use crate::render::bodies::Bodies;
use crate::render::covers::CoverPress;
use crate::render::shard::ShardPress;
use crate::render::{fonts, marker, workers};
use crate::store;

/// Ends the name of the file by which a process claims a shard.
const CLAIM: &str = "claim";

/// Reads a planned run, and makes sure that this program may go on with it.
pub fn open(run: &Path) -> Result<(Campaign, Plan), Failure> {
    let plan = files::read(run).map_err(|error| {
        let hint = if error.absent {
            "plan it first: meldpost plan CAMPAIGN --run DIR"
        } else {
            "this run was planned by another version of the program; plan into a new run folder"
        };
        let message = if error.absent { format!("{} is not a planned run", run.display()) } else { error.to_string() };
        Failure::with_hint(Exit::Config, message, hint)
    })?;
    let folder = files::campaign_path(run);
    let campaign = campaign::load_planned(&folder)?;
    let mut changed = Vec::new();
    if planning::program() != plan.program || fonts::builtin().hashes != plan.fonts {
        changed.push("it was planned by another version of the program, or with other fonts");
    }
    if store::sha256(campaign.source.as_bytes()) != plan.campaign_sha256
        || store::sha256(campaign.vendor.source.as_bytes()) != plan.vendor_sha256
        || campaign.template.sha256 != plan.template.sha256
    {
        changed.push("the copy of the campaign in it was changed");
    }
    if changed.is_empty() {
        approving::demand(&campaign, &folder)?;
        Ok((campaign, plan))
    } else {
        Err(Failure::with_hint(
            Exit::Config,
            format!("{} cannot be gone on with: {}", run.display(), changed.join("; ")),
            "plan into a new run folder, or use the program version that planned this one",
        ))
    }
}

/// Removes what killed processes left behind; nobody else may be at work in the folder.
pub fn sweep(run: &Path) -> Result<(), Failure> {
    let shards = run.join("shards");
    store::remove_drafts(&shards)?;
    let claims = std::fs::read_dir(&shards).into_iter().flatten().flatten().map(|entry| entry.path());
    for claim in claims.filter(|path| path.extension().is_some_and(|extension| extension == CLAIM)) {
        store::remove(&claim)?;
    }
    Ok(())
}

/// Renders the shards that are asked for and not there yet.
pub fn render(
    run: &Path,
    campaign: &Campaign,
    plan: &Plan,
    choice: Option<ShardChoice>,
    threads: NonZeroUsize,
    screen: &Screen,
) -> Result<(), Failure> {
    store::folder(&run.join("shards"))?;
    let asked: Vec<ShardPlan> = plan
        .shards_to_render()
        .filter(|shard| match choice {
            Some(ShardChoice::Every { first, of }) => shard.number.saturating_sub(1) % of == first - 1,
            _ => true,
        })
        .filter(|shard| !marker::marker_path(run, shard.number).exists())
        .collect();
    if asked.is_empty() {
        return Ok(());
    }
    let wording = planning::wording(campaign)?;
    let press = planning::press(campaign);
    let bodies = Bodies::new(campaign, wording, &press);
    let shards = ShardPress::new(campaign, &bodies, CoverPress::new(&press, campaign));
    let path = files::letters_path(run);
    let reader = LetterReader::new(&path);
    let bar = screen.letters("letters", asked.iter().map(|shard| shard.letters).sum());
    let failed = AtomicBool::new(false);
    let span = tracing::Span::current();
    let results = workers::run(threads, asked.len(), |index| {
        let _span = span.enter();
        let shard = &asked[index];
        if failed.load(Ordering::Relaxed) {
            return Ok(());
        }
        let rendered = one(run, shard, choice, &reader, &shards);
        if rendered.is_err() {
            failed.store(true, Ordering::Relaxed);
        }
        bar.inc(shard.letters);
        tracing::info!(shard = shard.number, letters = shard.letters, done = bar.position(), "shard");
        rendered
    });
    bar.finish_and_clear();
    Failure::all(results.into_iter().filter_map(Result::err)).map_or(Ok(()), Err)
}

fn one(
    run: &Path,
    shard: &ShardPlan,
    choice: Option<ShardChoice>,
    reader: &LetterReader<'_>,
    shards: &ShardPress<'_>,
) -> Result<(), Failure> {
    let claim = match choice {
        Some(ShardChoice::Auto) => match Claim::take(run, shard.number)? {
            Some(claim) => Some(claim),
            None => return Ok(()),
        },
        _ => None,
    };
    if marker::marker_path(run, shard.number).exists() {
        return Ok(());
    }
    let letters = reader.slice(shard.first, shard.letters)?;
    shards.render(run, shard.number, &letters)?;
    drop(claim);
    Ok(())
}

/// A shard that this process makes and no other one that was started with `--shard auto`.
struct Claim {
    path: std::path::PathBuf,
    _file: std::fs::File,
}

impl Claim {
    fn take(run: &Path, number: u32) -> Result<Option<Self>, Failure> {
        let path = run.join("shards").join(format!("{number:05}.{CLAIM}"));
        let cannot = |error: std::io::Error| {
            Failure::new(Exit::CannotWrite, format!("cannot write {}: {error}", path.display()))
        };
        let file = std::fs::OpenOptions::new()
            .create(true)
            .write(true)
            .truncate(false)
            .mode(0o600)
            .open(&path)
            .map_err(cannot)?;
        match file.try_lock() {
            Ok(()) => Ok(Some(Self { path, _file: file })),
            Err(std::fs::TryLockError::WouldBlock) => Ok(None),
            Err(std::fs::TryLockError::Error(error)) => Err(cannot(error)),
        }
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        // Whoever takes the claim next looks for the marker first.
        let _ = std::fs::remove_file(&self.path);
    }
}
