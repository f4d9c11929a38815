//! `meldpost status`: where a run stands, and what is missing.
//!
//! Enters: a run folder. Leaves: the summary of a sealed run, or how far the run is and which command goes on.

use std::path::Path;

use super::exit::Exit;
use super::failure::Failure;
use super::output::Output;
use crate::plan::files;
use crate::render::marker;
use crate::seal::manifest::Manifest;
use crate::seal::summary::Summary;

/// Missing shards that are named one by one.
const NAMED_SHARDS: usize = 10;

/// Says where a run stands.
pub fn status(run: &Path) -> Result<Output, Failure> {
    if let Some(manifest) = manifest(run)? {
        return Ok(sealed(run, &manifest, true));
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
