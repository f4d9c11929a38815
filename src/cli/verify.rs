//! `meldpost verify`: a run folder with its ledger, one package, or a ledger alone.
//!
//! Enters: a path and the keys at hand. Leaves: what was proven, or everything that does not hold.

use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use super::environment::ProcessEnvironment;
use super::exit::Exit;
use super::failure::Failure;
use super::output::Output;
use crate::campaign::{self, Environment};
use crate::ledger::{self, Checked, Ledger, ReprintedPackage, SealedLetters};
use crate::model::case_code::CaseCode;
use crate::model::private::Private;
use crate::plan::files;
use crate::seal::manifest::{Manifest, manifest_path};
use crate::seal::reprint::Reprints;
use crate::seal::{self, Keys, Verified};
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

/// What was seen of the ledger of a run's campaign.
enum Seen {
    /// The campaign has none.
    None,
    /// The folder that it should be in is not on this machine: the run was copied.
    Away(PathBuf),
    /// It is whole, and what it says of the run is so.
    Whole(Checked),
}

impl Seen {
    fn text(&self, proven: &str) -> String {
        match self {
            Self::None => String::new(),
            Self::Away(path) => format!(
                "\n  the ledger was not looked at: the folder of {} is not on this machine; verify where it is",
                path.display()
            ),
            Self::Whole(checked) => format!("\n  {}; {proven}", said(*checked)),
        }
    }

    /// As `ledger` in the JSON.
    fn json(&self) -> serde_json::Value {
        match self {
            Self::None => serde_json::Value::Null,
            Self::Away(path) => serde_json::json!({ "not_looked_at": path }),
            Self::Whole(checked) => serde_json::json!(checked),
        }
    }
}

/// The ledger of a run: where it is, the run's number in it, what it has of the run. A folder that is there without its
/// ledger is a failure; where even the folder is not there, the run was copied to another machine.
fn with_ledger(
    run: &Path,
    hold: impl FnOnce(&SealedLetters, &[ReprintedPackage], &dyn Fn(String) -> Failure) -> Result<(), Failure>,
) -> Result<Seen, Failure> {
    let plan = files::read(run).map_err(|error| Failure::new(Exit::Data, error.to_string()))?;
    let campaign = campaign::load_planned(&files::campaign_path(run))?;
    let (Some(memory), Some(settings)) = (plan.ledger, campaign.ledger) else { return Ok(Seen::None) };
    if !settings.file.exists() && !settings.file.parent().is_some_and(Path::exists) {
        return Ok(Seen::Away(settings.file));
    }
    let checked = ledger::check(&settings.file)?;
    let differs = |what: String| {
        Failure::with_hint(
            Exit::Data,
            format!("run {} in the ledger {} {what}", memory.run, settings.file.display()),
            "put the newest copies of the ledger and of the run folder back",
        )
    };
    let ledger = Ledger::open(&settings.file)?;
    let found = ledger.sealed_letters(memory.run)?;
    let found = found.ok_or_else(|| differs("was never sealed, but its folder is".to_owned()))?;
    let manifest_sha256 = store::sha256_file(&manifest_path(run))
        .map_err(|error| Failure::new(Exit::CannotWrite, format!("cannot read the manifest: {error}")))?;
    if found.manifest_sha256 != manifest_sha256 {
        return Err(differs("was sealed with another manifest".to_owned()));
    }
    hold(&found, &ledger.reprints(memory.run)?, &differs)?;
    Ok(Seen::Whole(checked))
}

/// Holds the letters of a sealed run against those that the ledger has, package by package where it was opened.
fn same_letters(
    run: &Path,
    verified: &Verified,
    found: &SealedLetters,
    differs: &dyn Fn(String) -> Failure,
) -> Result<(), Failure> {
    if found.packages != verified.manifest.packages {
        return Err(differs("has other packages than the manifest".to_owned()));
    }
    if !found.letters.iter().map(|(code, _)| *code).eq(letters(run)?) {
        return Err(differs("has other letters than outcomes.csv".to_owned()));
    }
    let mut noted = vec![Vec::new(); found.packages.len()];
    for (code, package) in &found.letters {
        noted[usize::from(*package)].push(code.bits());
    }
    for (noted, package) in noted.into_iter().zip(&verified.packages).filter(|(_, package)| package.contents.is_some())
    {
        let mut opened = package.letters.clone();
        opened.sort_unstable();
        if noted != opened {
            return Err(differs(format!("has other letters in {} than the package", package.id)));
        }
    }
    Ok(())
}

/// Holds the record of packages of spoiled pieces against those that the ledger has.
fn same_reprints(run: &Path, noted: &[ReprintedPackage], differs: &dyn Fn(String) -> Failure) -> Result<(), Failure> {
    let made = Reprints::read(run)?.reprints;
    let same = noted.iter().zip(&made).all(|(noted, made)| (&noted.id, &noted.sha256) == (&made.id, &made.sha256));
    if !same || noted.len() > made.len() {
        return Err(differs("has other packages of spoiled pieces than reprints.json".to_owned()));
    }
    if let Some(made) = made.get(noted.len()) {
        return Err(Failure::with_hint(
            Exit::TryAgain,
            format!("the ledger does not have {} yet: a reprint was interrupted", made.id),
            format!("meldpost reconcile --run {} notes it", run.display()),
        ));
    }
    Ok(())
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
    let ledger = with_ledger(run, |found, _, differs| {
        if found.letters.len() as u64 == manifest.totals.letters && found.packages == manifest.packages {
            Ok(())
        } else {
            Err(differs("has other letters or packages than the manifest".to_owned()))
        }
    })?;
    let text = format!(
        "{}: purged; plan, report and manifest are as they were sealed{}",
        run.display(),
        ledger.text("it has the letters of this run")
    );
    Ok(Output { text, json: serde_json::json!({ "verified": true, "purged": true, "ledger": ledger.json() }) })
}

fn run(path: &Path, keys: &Keys) -> Result<Output, Failure> {
    if path.join(super::purge::MARK).exists() {
        return purged(path);
    }
    let verified = seal::verify_run(path, keys)?;
    let ledger = with_ledger(path, |found, reprints, differs| {
        same_letters(path, &verified, found, differs)?;
        same_reprints(path, reprints, differs)
    })?;
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
    if !verified.reprints.is_empty() {
        text.push_str(&format!("\n  {} packages of spoiled pieces too", verified.reprints.len()));
    }
    if unopened > 0 {
        text.push_str(&format!(
            "\n  {unopened} encrypted packages were checked by their outer hash only; give --identity or --password-env to open them"
        ));
    }
    text.push_str(&ledger.text("it has the letters of this run"));
    let json = serde_json::json!({
        "verified": true,
        "ledger": ledger.json(),
        "totals": totals,
        "packages": verified.manifest.packages.len(),
        "reprints": verified.reprints.len(),
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
    if !verified.recorded {
        text.push_str("\n  no run around it names it: the outer hash was not compared with a record");
    }
    let json = serde_json::json!({
        "verified": verified.contents.is_some(),
        "id": verified.id,
        "sha256": verified.sha256,
        "bytes": verified.bytes,
        "recorded": verified.recorded,
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
