//! Reads a sealed run back: manifest, files, outcomes, packages, and that they agree.
//!
//! Enters: the run folder and keys. Leaves: what was proven, or every finding. Invariant: the manifest is trusted for
//! nothing that a file can prove; packages that no key opens are compared by their outer hash, and the result says so.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use rayon::prelude::*;
use serde::Serialize;

use super::finding::{Finding, Findings, VerifyError};
use super::opening::Keys;
use super::outcomes;
use super::package::{Inspected, VerifiedPackage, inspect};
use crate::model::case_code::CaseCode;
use crate::plan::record::Plan;
use crate::seal::manifest::{FileHash, HASHED_FILES, Manifest, PackageEntry, Totals, manifest_path, packages_folder};
use crate::seal::reprint::{Reprint, Reprints};
use crate::store;

/// A run that is as it was sealed.
#[derive(Debug, Clone, Serialize)]
pub struct Verified {
    /// What was sealed.
    pub manifest: Manifest,
    /// Every package; those that no key opened have no contents.
    pub packages: Vec<VerifiedPackage>,
    /// Every package of spoiled pieces, likewise.
    pub reprints: Vec<VerifiedPackage>,
}

impl Verified {
    /// Packages of which only the outer hash was compared.
    pub fn unopened(&self) -> usize {
        self.packages.iter().chain(&self.reprints).filter(|package| package.contents.is_none()).count()
    }
}

/// Verifies a run.
pub fn verify_run(run: &Path, keys: &Keys) -> Result<Verified, VerifyError> {
    let manifest = read_manifest(run)?;
    let mut findings = Vec::new();
    findings.extend(check_manifest(run, &manifest));
    findings.extend(check_files(run, &manifest));

    let mut about = Findings::about("outcomes.csv");
    let rows = outcomes::participants(run, &manifest.inputs, &mut about);
    if rows.counts != manifest.outcomes {
        about.add("its rows by outcome and reason are not those of the manifest");
    }
    findings.extend(about.into_vec());
    let mut about = Findings::about("exposure_outcomes.csv");
    outcomes::exposures(run, &manifest.inputs, &mut about);
    findings.extend(about.into_vec());

    let reprints = Reprints::read(run).unwrap_or_else(|_| {
        let what = "cannot be read".to_owned();
        findings.push(Finding { file: "reprints.json".to_owned(), what });
        Reprints::default()
    });
    findings.extend(check_folder(run, &manifest, &reprints));
    let folder = packages_folder(run);
    let inspected: Vec<Inspected> =
        manifest.packages.par_iter().map(|package| inspect(&folder.join(&package.file), &package.id, keys)).collect();
    for (entry, package) in manifest.packages.iter().zip(&inspected) {
        findings.extend(package.findings.iter().cloned());
        findings.extend(check_entry(entry, package));
    }
    if inspected.iter().all(|package| package.contents.is_some()) {
        findings.extend(check_letters(&rows.letters, &inspected));
    }
    let mut printed_again = Vec::new();
    for reprint in &reprints.reprints {
        let package = inspect(&folder.join(&reprint.file), &reprint.id, keys);
        findings.extend(check_reprint(reprint, &package, &rows.letters));
        printed_again.push(package.verified(&reprint.id));
    }
    if !findings.is_empty() {
        return Err(VerifyError { findings, unsealed: false });
    }
    let packages =
        manifest.packages.iter().zip(inspected).map(|(entry, package)| package.verified(&entry.id)).collect();
    Ok(Verified { manifest, packages, reprints: printed_again })
}

fn read_manifest(run: &Path) -> Result<Manifest, VerifyError> {
    let path = manifest_path(run);
    let failed = |what: String, unsealed| VerifyError {
        findings: vec![Finding { file: "manifest.json".to_owned(), what }],
        unsealed,
    };
    let bytes =
        fs::read(&path).map_err(|error| failed(format!("cannot be read: {error}\nhint: seal the run first"), true))?;
    let manifest: Manifest =
        serde_json::from_slice(&bytes).map_err(|error| failed(format!("is no manifest: {error}"), false))?;
    if manifest.to_bytes().ok() == Some(bytes) {
        Ok(manifest)
    } else {
        Err(failed("was edited after it was written".to_owned(), false))
    }
}

/// The manifest against the plan, and against its own sums.
fn check_manifest(run: &Path, manifest: &Manifest) -> Vec<Finding> {
    let mut about = Findings::about("manifest.json");
    match fs::read(run.join("plan.json"))
        .map_err(|error| error.to_string())
        .and_then(|bytes| serde_json::from_slice::<Plan>(&bytes).map_err(|error| error.to_string()))
    {
        Err(error) => about.add(format!("plan.json cannot be compared: {error}")),
        Ok(plan) => {
            about.equal("its campaign", &manifest.campaign, &plan.campaign);
            about.equal("its date", &manifest.date, &plan.date);
            about.equal("its rows", &manifest.totals.rows, &plan.rows);
            for (same, what) in [
                (manifest.program == plan.program, "program"),
                (manifest.inputs == plan.inputs, "inputs"),
                (manifest.template == plan.template, "template"),
                (manifest.fonts == plan.fonts, "fonts"),
            ] {
                if !same {
                    about.add(format!("its {what} are not those of plan.json"));
                }
            }
        }
    }
    let listed: u64 = manifest.inputs.iter().filter(|input| input.kind == "participants").map(|input| input.rows).sum();
    about.equal("rows of the participants lists", &listed, &manifest.totals.rows);
    about.equal("rows with an outcome", &manifest.outcomes.rows(), &manifest.totals.rows);
    about.equal("letters of the packages", &manifest.totals.letters, &manifest.outcomes.letter);
    if manifest.totals != Totals::of(manifest.totals.rows, &manifest.packages) {
        about.add("its totals are not the sums over its packages");
    }
    for (number, package) in (1..).zip(&manifest.packages) {
        about.equal("a package's id", &package.id, &format!("{}-p{number:04}", manifest.campaign));
    }
    about.into_vec()
}

/// The files that the manifest names by hash.
fn check_files(run: &Path, manifest: &Manifest) -> Vec<Finding> {
    let mut found = Vec::new();
    let (own, markers) = manifest.files.split_at(HASHED_FILES.len().min(manifest.files.len()));
    let is_marker =
        |file: &FileHash| file.name.strip_prefix("shards/").is_some_and(|name| name.strip_suffix(".json").is_some());
    if !own.iter().map(|file| file.name.as_str()).eq(HASHED_FILES.iter().copied()) || !markers.iter().all(is_marker) {
        let what = "its files are not the agreed ones".to_owned();
        found.push(Finding { file: "manifest.json".to_owned(), what });
    }
    for file in &manifest.files {
        let mut about = Findings::about(&file.name);
        match store::sha256_file(&run.join(&file.name)) {
            Ok(sha256) if sha256 == file.sha256 => {}
            Ok(_) => about.add("was changed: its sha256 is not that of the manifest"),
            Err(error) => about.add(format!("cannot be read: {error}")),
        }
        found.extend(about.into_vec());
    }
    found.extend(check_report(run, manifest));
    found
}

/// What the report repeats of the manifest: an edit of one of them shows against the other.
fn check_report(run: &Path, manifest: &Manifest) -> Vec<Finding> {
    #[derive(serde::Deserialize)]
    struct Repeated {
        packages: Vec<PackageEntry>,
        totals: Totals,
    }
    let mut about = Findings::about("report.json");
    let report =
        fs::read(run.join("report.json")).ok().and_then(|bytes| serde_json::from_slice::<Repeated>(&bytes).ok());
    if report.is_none_or(|report| report.packages != manifest.packages || report.totals != manifest.totals) {
        about.add("its packages or totals are not those of the manifest");
    }
    about.into_vec()
}

/// `packages/` holds what the manifest and the record of reprints list and nothing else.
fn check_folder(run: &Path, manifest: &Manifest, reprints: &Reprints) -> Vec<Finding> {
    let mut about = Findings::about("packages/");
    let printed_again = reprints.reprints.iter().map(|reprint| reprint.file.as_str());
    let expected: BTreeSet<&str> =
        manifest.packages.iter().map(|package| package.file.as_str()).chain(printed_again).collect();
    match fs::read_dir(packages_folder(run)) {
        Err(error) => about.add(format!("cannot be read: {error}")),
        Ok(entries) => {
            let names: BTreeSet<String> =
                entries.flatten().map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
            for name in names.iter().filter(|name| !expected.contains(name.as_str())) {
                about.add(format!("{name} does not belong in it"));
            }
        }
    }
    about.into_vec()
}

/// A package against its entry in the manifest.
fn check_entry(entry: &PackageEntry, package: &Inspected) -> Vec<Finding> {
    let mut about = Findings::about(&entry.file);
    about.equal("its sha256", &package.sha256, &entry.sha256);
    about.equal("its bytes", &package.bytes, &entry.bytes);
    if let Some(contents) = &package.contents {
        about.equal("the sha256 of its SHA256SUMS", &contents.plain_sha256, &entry.plain_sha256);
        about.equal("its letters", &contents.letters, &entry.letters);
        about.equal("its control letters", &contents.seeds, &entry.seeds);
        about.equal("its pages", &contents.pages, &entry.pages);
        about.equal("its sheets", &contents.sheets, &entry.sheets);
    }
    about.into_vec()
}

/// A package of spoiled pieces against its record; its letters are those of the run, and none further.
fn check_reprint(reprint: &Reprint, package: &Inspected, decided: &[u64]) -> Vec<Finding> {
    let mut about = Findings::about(&reprint.file);
    about.equal("its sha256", &package.sha256, &reprint.sha256);
    about.equal("its bytes", &package.bytes, &reprint.bytes);
    if let Some(contents) = &package.contents {
        about.equal("the sha256 of its SHA256SUMS", &contents.plain_sha256, &reprint.plain_sha256);
        about.equal("its letters", &contents.letters, &reprint.letters);
        about.equal("its control letters", &contents.seeds, &reprint.seeds);
    }
    for code in package.letters.iter().filter(|code| decided.binary_search(code).is_err()) {
        about.add(format!("{} stands in it but gets no letter", CaseCode::from_bits(*code)));
    }
    let mut findings = about.into_vec();
    findings.extend(package.findings.iter().cloned());
    findings
}

/// Every letter of the outcomes stands in exactly one package, and nobody else's does.
fn check_letters(decided: &[u64], packages: &[Inspected]) -> Vec<Finding> {
    let mut about = Findings::about("outcomes.csv");
    let mut packed: Vec<u64> = packages.iter().flat_map(|package| package.letters.iter().copied()).collect();
    packed.sort_unstable();
    for pair in packed.windows(2).filter(|pair| pair[0] == pair[1]) {
        about.add(format!("{} stands in more than one package", CaseCode::from_bits(pair[0])));
    }
    for code in decided.iter().filter(|code| packed.binary_search(code).is_err()) {
        about.add(format!("{} gets a letter but stands in no package", CaseCode::from_bits(*code)));
    }
    for code in packed.iter().filter(|code| decided.binary_search(code).is_err()) {
        about.add(format!("{} stands in a package but gets no letter", CaseCode::from_bits(*code)));
    }
    about.into_vec()
}
