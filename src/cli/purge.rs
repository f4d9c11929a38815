//! `meldpost purge`: removes the personal data of a run when its time is over.
//!
//! Enters: a sealed run. Leaves: manifest, plan, report and ledger, and `purged.json`, which says what was removed. Invariant:
//! nothing is removed while pieces are open, unless that is forced; what is removed is named first, so that a purge that was
//! killed is ended by the next. The lists are removed only where they are still those that the run was made from, and no
//! other run of the ledger that is not purged was made from them.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::books::Books;
use super::exit::Exit;
use super::failure::Failure;
use super::lock::Lock;
use super::output::Output;
use super::{clock, rendering, work_lists};
use crate::campaign::settings::Campaign;
use crate::ledger::Balance;
use crate::plan::files;
use crate::plan::record::Plan;
use crate::seal::manifest::manifest_path;
use crate::store;

/// Says that a run was purged, and of what.
pub const MARK: &str = "purged.json";

/// What a run folder keeps: hashes and counts. Of `feedback/` it keeps the report.
const KEPT: [&str; 7] = ["manifest.json", "plan.json", "report.json", "report.html", "campaign", ".lock", MARK];
/// The ledger of a run whose campaign has none, with what stands beside it.
const OWN_LEDGER: [&str; 3] = ["ledger.sqlite", "ledger.sqlite.head", "ledger.sqlite.lock"];

/// What was removed.
#[derive(Debug, Serialize, Deserialize)]
struct Purged {
    /// When, by the machine's clock.
    at: String,
    /// Files and folders of the run folder.
    removed: Vec<String>,
    /// Lists of the campaign.
    lists: Vec<String>,
    /// Lists that were left, with the reason.
    lists_left: Vec<String>,
    /// Whether pieces were open.
    forced: bool,
}

/// Removes lists, plan, letters and packages.
pub fn purge(run: &Path, keep_ledger: bool, force: bool) -> Result<Output, Failure> {
    let (campaign, plan) = rendering::open(run)?;
    let _lock = Lock::exclusive(run)?;
    if !manifest_path(run).exists() {
        return Err(Failure::with_hint(
            Exit::TryAgain,
            format!("{} is not sealed; only a sealed run can be purged", run.display()),
            "seal it first, or remove the folder by hand: nothing of it counts",
        ));
    }
    let mark = run.join(MARK);
    let purged: Purged = if mark.exists() {
        let damaged = |error: String| Failure::new(Exit::Data, format!("{MARK} is damaged: {error}"));
        let bytes = std::fs::read(&mark).map_err(|error| damaged(error.to_string()))?;
        serde_json::from_slice(&bytes).map_err(|error| damaged(error.to_string()))?
    } else {
        let purged = decide(run, &campaign, &plan, keep_ledger, force)?;
        // It is named before it is gone.
        store::write(&mark, &serde_json::to_vec_pretty(&purged).expect("plain data"))?;
        purged
    };
    for name in &purged.removed {
        let path = run.join(name);
        if path.is_dir() { store::remove_folder(&path)? } else { store::remove(&path)? }
    }
    for list in &purged.lists {
        store::remove(Path::new(list))?;
    }
    tracing::info!(files = purged.removed.len(), lists = purged.lists.len(), "purged");
    let mut text = format!("{}: purged\n  removed: {}", run.display(), purged.removed.join(", "));
    for list in &purged.lists {
        text.push_str(&format!("\n  removed the list {list}"));
    }
    for list in &purged.lists_left {
        text.push_str(&format!("\n  left the list {list}"));
    }
    text.push_str("\n  kept: manifest, plan, reports and ledger, which hold hashes, counts and case codes");
    Ok(Output { text, json: serde_json::to_value(&purged).unwrap_or_default() })
}

fn decide(run: &Path, campaign: &Campaign, plan: &Plan, keep_ledger: bool, force: bool) -> Result<Purged, Failure> {
    let (books, number) = Books::for_feedback(run, campaign, plan)?;
    let open = Balance::of(books.pieces(number)?.all.iter()).open;
    if open > 0 && !force {
        return Err(Failure::with_hint(
            Exit::TryAgain,
            format!("{open} letters of {} are open: nobody reported that they were posted", run.display()),
            "reconcile what the print house reported, or purge with --force",
        ));
    }
    let own = campaign.ledger.is_none();
    let others = others(run, &books)?;
    books.close()?;
    let mut removed = Vec::new();
    let entries = std::fs::read_dir(run)
        .map_err(|error| Failure::new(Exit::CannotWrite, format!("cannot read {}: {error}", run.display())))?;
    for entry in entries.flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        let ledger = OWN_LEDGER.contains(&name.as_str());
        if name == work_lists::FOLDER {
            removed.extend(lists_in(&entry.path())?);
        } else if !KEPT.contains(&name.as_str()) && !(ledger && (keep_ledger || !own)) {
            removed.push(name);
        }
    }
    removed.sort();
    let (mut lists, mut lists_left) = (Vec::new(), Vec::new());
    for (file, sha256, shown) in listed(campaign, plan) {
        let now = store::sha256_file(&file).ok();
        let shared = others.contains(sha256);
        if now.as_deref() == Some(sha256) && !shared && !own {
            lists.push(file.to_string_lossy().into_owned());
        } else if let Some(now) = now {
            let why = match (now == sha256, shared) {
                (false, _) => "it is another one by now",
                (true, true) => "another run was made from it too",
                (true, false) => "remove it by hand: without a ledger nobody knows whether another run needs it",
            };
            lists_left.push(format!("{shown}: {why}"));
        } else if own {
            lists_left.push(format!("{shown}: it is not known where it is; remove it by hand"));
        }
    }
    Ok(Purged { at: clock::now(), removed, lists, lists_left, forced: open > 0 })
}

/// The work lists; the report that stands beside them says what became of the letters, and of nobody's.
fn lists_in(folder: &Path) -> Result<Vec<String>, Failure> {
    let entries = std::fs::read_dir(folder)
        .map_err(|error| Failure::new(Exit::CannotWrite, format!("cannot read {}: {error}", folder.display())))?;
    let names = entries.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned());
    let lists = names.filter(|name| !["report.html", "report.json"].contains(&name.as_str()));
    Ok(lists.map(|name| format!("{}/{name}", work_lists::FOLDER)).collect())
}

/// The lists of the run: where they are, what they were, how the campaign calls them.
fn listed<'a>(campaign: &Campaign, plan: &'a Plan) -> impl Iterator<Item = (PathBuf, &'a str, &'a str)> {
    // The ledger's path begins with the campaign's folder; paths of lists start there.
    let relative = toml::from_str::<toml::Table>(&campaign.source)
        .ok()
        .and_then(|table| Some(table.get("ledger")?.get("path")?.as_str()?.to_owned()));
    let folder = campaign.ledger.as_ref().zip(relative).and_then(|(settings, relative)| {
        let depth = Path::new(&relative).components().count();
        settings.file.ancestors().nth(depth).map(Path::to_owned)
    });
    plan.inputs.iter().map(move |input| {
        let file = folder.as_ref().map_or_else(|| PathBuf::from(&input.path), |folder| folder.join(&input.path));
        (file, input.sha256.as_str(), input.path.as_str())
    })
}

/// Hashes of the lists of all other runs that are not purged.
fn others(run: &Path, books: &Books) -> Result<BTreeSet<String>, Failure> {
    let own = std::path::absolute(run).unwrap_or_else(|_| run.to_owned());
    let mut hashes = BTreeSet::new();
    for other in books.runs()? {
        let folder = PathBuf::from(&other.planned.folder);
        if folder == own || folder.join(MARK).exists() {
            continue;
        }
        if let Ok(plan) = files::read(&folder) {
            hashes.extend(plan.inputs.into_iter().map(|input| input.sha256));
        }
    }
    Ok(hashes)
}
