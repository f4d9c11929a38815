//! `meldpost verify`: a run folder with its ledger, one package, or a ledger alone.
//!
//! Enters: a path and the keys at hand. Leaves: what was proven, or everything that does not hold.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use super::environment::ProcessEnvironment;
use super::exit::Exit;
use super::failure::Failure;
use super::output::Output;
use crate::campaign::{self, Environment};
use crate::ledger::{self, Checked, Ledger};
use crate::model::case_code::CaseCode;
use crate::model::private::Private;
use crate::plan::files;
use crate::seal::manifest::{Manifest, manifest_path};
use crate::seal::reprint::Reprints;
use crate::seal::{self, Keys};
use crate::store;

/// Verifies and says what was proven.
pub fn verify(path: &Path, identity: Option<&Path>, password: Option<&str>) -> Result<Output, Failure> {
    let keys = keys(identity, password)?;
    if !path.exists() {
        return Err(Failure::with_hint(
            Exit::Usage,
            format!("{} is not there", path.display()),
            "name a run folder, or one package: a .zip or .zip.age file",
        ));
    }
    if path.is_dir() {
        run(path, &keys)
    } else if is_database(path) {
        ledger_alone(path)
    } else {
        package(path, &keys)
    }
}

fn keys(identity: Option<&Path>, password: Option<&str>) -> Result<Keys, Failure> {
    let age_identities = match identity {
        Some(file) => Some(Private::new(std::fs::read_to_string(file).map_err(|error| {
            Failure::with_hint(
                Exit::Usage,
                format!("the identity file {} cannot be read: {error}", file.display()),
                "name the file that holds the AGE-SECRET-KEY-1… line",
            )
        })?)),
        None => None,
    };
    let zip_password = match password {
        Some(name) => Some(Private::new(ProcessEnvironment.variable(name).ok_or_else(|| {
            Failure::with_hint(
                Exit::Usage,
                format!("the variable {name} is not set"),
                "put the package's password into it; never on the command line",
            )
        })?)),
        None => None,
    };
    Ok(Keys { age_identities, zip_password })
}

/// Whether a file begins as databases do.
fn is_database(path: &Path) -> bool {
    let mut begin = [0; 15];
    File::open(path).and_then(|mut file| file.read_exact(&mut begin)).is_ok() && &begin == b"SQLite format 3"
}

fn ledger_alone(path: &Path) -> Result<Output, Failure> {
    let checked = ledger::check(path)?;
    let text = format!("{}: verified\n  {}", path.display(), said(checked));
    Ok(Output { text, json: serde_json::json!({ "verified": true, "ledger": checked }) })
}

fn said(checked: Checked) -> String {
    let bytes = if checked.bytes_compared {
        "and every byte of it"
    } else {
        "but not its bytes: a killed command left it open; the next one closes it"
    };
    format!("{} events of the ledger follow from one another, {bytes}", checked.events)
}

/// The ledger of the run's campaign, and what it says of this run.
fn with_ledger(run: &Path, manifest: &Manifest) -> Result<Option<Checked>, Failure> {
    let plan = files::read(run).map_err(|error| Failure::new(Exit::Data, error.to_string()))?;
    let Some(memory) = plan.ledger else { return Ok(None) };
    let campaign = campaign::load_planned(&files::campaign_path(run))?;
    let Some(settings) = campaign.ledger else { return Ok(None) };
    let checked = ledger::check(&settings.file)?;
    let ledger = Ledger::open(&settings.file)?;
    let found = ledger.sealed_letters(memory.run)?;
    let manifest_sha256 = store::sha256_file(&manifest_path(run))
        .map_err(|error| Failure::new(Exit::CannotWrite, format!("cannot read the manifest: {error}")))?;
    let differs = |what: &str| {
        Failure::with_hint(
            Exit::Data,
            format!("run {} in the ledger {} {what}", memory.run, settings.file.display()),
            "put the newest copies of the ledger and of the run folder back",
        )
    };
    match found {
        None => return Err(differs("was never sealed, but its folder is")),
        Some(found) if found.manifest_sha256 != manifest_sha256 => {
            return Err(differs("was sealed with another manifest"));
        }
        Some(found) if found.codes != letters(run)? || found.codes.len() as u64 != manifest.totals.letters => {
            return Err(differs("has other letters than outcomes.csv"));
        }
        Some(_) => {}
    }
    let (noted, made) = (ledger.reprints(memory.run)?, Reprints::read(run)?.reprints);
    let same = noted.iter().zip(&made).all(|(noted, made)| (&noted.id, &noted.sha256) == (&made.id, &made.sha256));
    if !same || noted.len() > made.len() {
        return Err(differs("has other packages of spoiled pieces than reprints.json"));
    }
    if let Some(made) = made.get(noted.len()) {
        return Err(Failure::with_hint(
            Exit::TryAgain,
            format!("the ledger does not have {} yet: a reprint was interrupted", made.id),
            format!("meldpost reconcile --run {} notes it", run.display()),
        ));
    }
    Ok(Some(checked))
}

/// The case codes of the letters of `outcomes.csv`, sorted.
fn letters(run: &Path) -> Result<Vec<CaseCode>, Failure> {
    let damaged = |error: csv::Error| Failure::new(Exit::Data, format!("outcomes.csv cannot be read: {error}"));
    let mut rows = csv::Reader::from_path(run.join("outcomes.csv")).map_err(damaged)?;
    let (mut codes, mut row) = (Vec::new(), csv::StringRecord::new());
    while rows.read_record(&mut row).map_err(damaged)? {
        if row.get(2) == Some("letter") {
            codes.extend(row.get(4).and_then(CaseCode::parse));
        }
    }
    codes.sort_unstable();
    Ok(codes)
}

/// A purged run has no letters any more: its report and its ledger are what can be checked.
fn purged(run: &Path) -> Result<Output, Failure> {
    let unusable = |what: String| Failure::new(Exit::Data, format!("{}: {what}", run.display()));
    let bytes = std::fs::read(manifest_path(run)).map_err(|error| unusable(format!("manifest.json: {error}")))?;
    let manifest: Manifest =
        serde_json::from_slice(&bytes).map_err(|error| unusable(format!("manifest.json: {error}")))?;
    for file in
        manifest.files.iter().filter(|file| ["plan.json", "report.json", "report.html"].contains(&file.name.as_str()))
    {
        let found =
            store::sha256_file(&run.join(&file.name)).map_err(|error| unusable(format!("{}: {error}", file.name)))?;
        if found != file.sha256 {
            return Err(unusable(format!("{} was changed: its sha256 is not that of the manifest", file.name)));
        }
    }
    let plan = files::read(run).map_err(|error| Failure::new(Exit::Data, error.to_string()))?;
    let ledger = match (plan.ledger, campaign::load_planned(&files::campaign_path(run))?.ledger) {
        (Some(memory), Some(settings)) => {
            let checked = ledger::check(&settings.file)?;
            let sealed = Ledger::open(&settings.file)?.sealed_letters(memory.run)?;
            if sealed.is_none_or(|sealed| {
                sealed.manifest_sha256 != store::sha256(&bytes) || sealed.codes.len() as u64 != manifest.totals.letters
            }) {
                return Err(unusable("the ledger has this run with another manifest or other letters".to_owned()));
            }
            Some(checked)
        }
        _ => None,
    };
    let mut text = format!("{}: purged; plan, report and manifest are as they were sealed", run.display());
    if let Some(checked) = ledger {
        text.push_str(&format!("\n  {}; it has the letters of this run", said(checked)));
    }
    Ok(Output { text, json: serde_json::json!({ "verified": true, "purged": true, "ledger": ledger }) })
}

fn run(path: &Path, keys: &Keys) -> Result<Output, Failure> {
    if path.join(super::purge::MARK).exists() {
        return purged(path);
    }
    let verified = seal::verify_run(path, keys)?;
    let ledger = with_ledger(path, &verified.manifest)?;
    let totals = &verified.manifest.totals;
    let unopened = verified.unopened();
    let mut text = format!(
        "{}: verified\n  {} rows have one outcome each\n  {} letters in {} packages, {} pages on {} sheets",
        path.display(),
        totals.rows,
        totals.letters,
        totals.packages,
        totals.pages,
        totals.sheets,
    );
    if unopened > 0 {
        text.push_str(&format!(
            "\n  {unopened} encrypted packages were checked by their outer hash only; give --identity or --password-env to open them"
        ));
    }
    if let Some(checked) = ledger {
        text.push_str(&format!("\n  {}; it has the letters of this run", said(checked)));
    }
    let json = serde_json::json!({
        "verified": true,
        "ledger": ledger,
        "totals": totals,
        "packages": verified.manifest.packages.len(),
        "unopened": unopened,
    });
    Ok(Output { text, json })
}

fn package(path: &Path, keys: &Keys) -> Result<Output, Failure> {
    let verified = seal::verify_package(path, keys)?;
    let mut text = format!("{}: {} bytes, sha256 {}", path.display(), verified.bytes, verified.sha256);
    match &verified.contents {
        Some(contents) => text.push_str(&format!(
            "\n  verified: {} letters, {} control letters, {} pages on {} sheets",
            contents.letters, contents.seeds, contents.pages, contents.sheets
        )),
        None => text.push_str(
            "\n  not opened: only the outer hash was taken; give --identity FILE (age) or --password-env NAME (AES)",
        ),
    }
    if !verified.in_manifest {
        text.push_str("\n  no manifest beside it: the outer hash was not compared with one");
    }
    let json = serde_json::json!({
        "verified": verified.contents.is_some(),
        "id": verified.id,
        "sha256": verified.sha256,
        "bytes": verified.bytes,
        "in_manifest": verified.in_manifest,
        "contents": verified.contents.as_ref().map(|contents| serde_json::json!({
            "plain_sha256": contents.plain_sha256,
            "letters": contents.letters,
            "seeds": contents.seeds,
            "pages": contents.pages,
            "sheets": contents.sheets,
        })),
    });
    Ok(Output { text, json })
}
