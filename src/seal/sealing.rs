//! Sealing a run, step by step.
//!
//! Enters: a run folder whose shards are rendered. Leaves: packages, final outcomes, report, and last the manifest.
//! Invariant: rows = sum of the outcomes; letters of the outcomes = letters of the packages, each case code once; the
//! manifest exists only when all of this holds. Killed at any moment and called again, it makes the same: everything
//! before the manifest is made anew, everything after it is tidied up. Where a record of sent letters is kept, it decides
//! in between: what it has as sealed is finished and never made anew. Once the manifest exists and packages are
//! encrypted, the rendered PDFs are removed, because they are the same letters in plain; their markers stay, and
//! `reprint` renders again. Memory holds one shard's letters at a time, and 16 bytes a letter: its case code as decided
//! and as packed, which are compared at the end. Absent on purpose: rendering, and keeping packages of an interrupted
//! attempt.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};

use super::archive::Lock;
use super::error::SealError;
use super::journal::{Journal, JournalError};
use super::manifest::{FileHash, HASHED_FILES, Manifest, PackageEntry, Totals, manifest_path, packages_folder};
use super::outcomes::{self, ExposureCounts, FinalOutcomes, HeldLetters};
use super::package::{PackageWriter, Seeds, read_part};
use super::packing::{Limits, Packed, Packer};
use super::release::ReleaseDates;
use super::shards::{SEED_SHARD, is_made, read_marker};
use super::verify::{Keys, verify_run};
use crate::campaign::settings::Campaign;
use crate::campaign::vendor::Encryption;
use crate::model::case_code::CaseCode;
use crate::model::outcome::Outcome;
use crate::model::private::Private;
use crate::plan::record::{Plan, PlannedLetter};
use crate::render::marker::{ShardResult, data_path, marker_name};
use crate::report::{PopulationLine, Report, ReportInput, SignOff, Tally};
use crate::routing::decide;
use crate::store;

/// Reads the letters of a range of the plan; called with a shard's range, or with that of the control letters.
pub type ReadLetters<'a> =
    dyn Fn(Range<u64>) -> Result<Vec<PlannedLetter>, Box<dyn std::error::Error + Send + Sync>> + 'a;

/// What sealing needs.
pub struct SealInput<'a> {
    /// The run folder.
    pub run: &'a Path,
    /// The campaign as planned.
    pub campaign: &'a Campaign,
    /// The plan.
    pub plan: &'a Plan,
    /// The planned letters.
    pub letters: &'a ReadLetters<'a>,
    /// The password, where the vendor profile asks for one; read by the command line.
    pub password: Option<&'a Private<Vec<u8>>>,
    /// Who signed the content off; the report names them.
    pub sign_offs: &'a [SignOff],
    /// The record of what is sealed, where one is kept.
    pub journal: Option<&'a RefCell<dyn Journal + 'a>>,
    /// Is told what is done.
    pub progress: &'a dyn Fn(Progress),
}

/// What sealing has done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// The outcomes are final; so many packages follow.
    Outcomes {
        /// Packages to write.
        packages: u64,
        /// Letters in them.
        letters: u64,
    },
    /// A package is complete.
    Package {
        /// Letters in it.
        letters: u64,
    },
    /// The report is written.
    Report,
    /// The manifest is written: the run is sealed.
    Manifest,
}

/// A sealed run.
#[derive(Debug, Clone)]
pub struct Sealed {
    /// What was sealed.
    pub manifest: Manifest,
    /// Whether an earlier call had sealed the run, so that this one only checked it and tidied up.
    pub already: bool,
}

/// Seals a run, or checks and tidies up one that is sealed.
pub fn seal(input: &SealInput<'_>) -> Result<Sealed, SealError> {
    store::remove_drafts(input.run)?;
    store::remove_drafts(&packages_folder(input.run))?;
    store::remove_drafts(&input.run.join("shards"))?;
    if manifest_path(input.run).exists() {
        let manifest = verify_run(input.run, &Keys::default())?.manifest;
        tidy_up(input)?;
        return Ok(Sealed { manifest, already: true });
    }
    if let Some(sha256) = input.journal.and_then(|journal| journal.borrow().sealed()) {
        return finish_recorded(input, &sha256);
    }
    let lock = Lock::new(&input.campaign.vendor.encryption, input.password)?;
    let seeds = read_seeds(input);
    let (seeds, seeds_missing) = match seeds {
        Err(SealError::ShardMissing { numbers }) => (None, numbers),
        seeds => (seeds?, Vec::new()),
    };
    let limits = Limits::new(input.campaign, seeds.as_ref().map(|seeds| &seeds.marker));
    let (packed, held) = pack(input, limits, seeds_missing)?;

    let (outcomes, decided) = outcomes::finalise(input.run, input.plan, &held)?;
    let exposures = outcomes::count_exposures(input.run, input.plan)?;
    check_limits(input.campaign, &outcomes, &exposures)?;
    let letters = packed.iter().map(|package| package.letters).sum();
    (input.progress)(Progress::Outcomes { packages: packed.len() as u64, letters });

    if let Some(journal) = input.journal {
        journal.borrow_mut().begin()?;
    }
    let (packages, codes, tally) = write_packages(input, &lock, limits, seeds, &packed)?;
    let totals = Totals::of(input.plan.rows, &packages);
    balance(input.plan, &outcomes, &totals, decided, codes)?;

    let mut manifest = Manifest {
        campaign: input.plan.campaign.clone(),
        date: input.plan.date,
        program: input.plan.program.clone(),
        inputs: input.plan.inputs.clone(),
        template: input.plan.template.clone(),
        fonts: input.plan.fonts.clone(),
        outcomes: outcomes.counts.clone(),
        packages,
        totals,
        files: Vec::new(),
    };
    write_report(input, &manifest, &outcomes, &exposures, &held, &tally)?;
    (input.progress)(Progress::Report);

    manifest.files = hash_files(input)?;
    if manifest.files.iter().any(|file| file.name == "outcomes.csv" && file.sha256 != outcomes.sha256) {
        return Err(SealError::PlanChanged { file: "outcomes.csv" });
    }
    let bytes = manifest.to_bytes().map_err(|error| SealError::Unbalanced { what: error.to_string() })?;
    match input.journal {
        None => store::write(&manifest_path(input.run), &bytes)?,
        Some(journal) => {
            let waiting = waiting_manifest(input.run);
            store::write(&waiting, &bytes)?;
            read_back(input.run, &manifest)?.map_or(Ok(()), |what| Err(SealError::ReadBack { what }))?;
            journal.borrow_mut().end(&manifest, &store::sha256(&bytes))?;
            store::rename(&waiting, &manifest_path(input.run))?;
        }
    }
    (input.progress)(Progress::Manifest);
    tidy_up(input)?;
    Ok(Sealed { manifest, already: false })
}

/// The manifest until the record has the run as sealed.
fn waiting_manifest(run: &Path) -> PathBuf {
    run.join("shards").join("manifest.waiting.json")
}

/// Ends a sealing that was recorded, and killed before the manifest appeared: the packages are those of the record.
fn finish_recorded(input: &SealInput<'_>, sha256: &str) -> Result<Sealed, SealError> {
    let waiting = waiting_manifest(input.run);
    let gone = |what: &str| SealError::Recorded { what: what.to_owned() };
    let bytes = fs::read(&waiting).map_err(|_| gone("the manifest"))?;
    if store::sha256(&bytes) != sha256 {
        return Err(gone("its manifest is another one"));
    }
    let manifest: Manifest = serde_json::from_slice(&bytes).map_err(|_| gone("its manifest cannot be read"))?;
    if let Some(what) = read_back(input.run, &manifest)? {
        return Err(SealError::Recorded { what });
    }
    store::rename(&waiting, &manifest_path(input.run))?;
    (input.progress)(Progress::Manifest);
    tidy_up(input)?;
    Ok(Sealed { manifest, already: false })
}

/// Reads packages and files from the disk; says what is not what the manifest says.
fn read_back(run: &Path, manifest: &Manifest) -> Result<Option<String>, SealError> {
    let packages =
        manifest.packages.iter().map(|package| (packages_folder(run).join(&package.file), package.sha256.as_str()));
    let files = manifest.files.iter().map(|file| (run.join(&file.name), file.sha256.as_str()));
    for (path, expected) in packages.chain(files) {
        let found = store::sha256_file(&path).map_err(SealError::reading(&path))?;
        if found != expected {
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            return Ok(Some(format!("{name} has another sha256 than was written")));
        }
    }
    Ok(None)
}

/// Tells which letters stand in which package of a run that is sealed.
///
/// # Errors
/// A run whose markers or plan are no longer what was sealed, or what `tell` fails with.
pub fn list_letters(
    input: &SealInput<'_>,
    manifest: &Manifest,
    tell: &mut dyn FnMut(&str, u64, &PlannedLetter) -> Result<(), JournalError>,
) -> Result<(), SealError> {
    let seeds = read_seeds(input)?;
    let limits = Limits::new(input.campaign, seeds.as_ref().map(|seeds| &seeds.marker));
    let (packed, _) = pack(input, limits, Vec::new())?;
    if packed.iter().map(|package| package.letters).ne(manifest.packages.iter().map(|package| package.letters)) {
        return Err(SealError::Unbalanced { what: "the shards give other packages than the manifest has".to_owned() });
    }
    for (package, entry) in packed.iter().zip(&manifest.packages) {
        let mut sequence = 0;
        for part in &package.parts {
            let (marker, planned) = read_part(input, part)?;
            let range = part.letters.clone();
            let made = planned[range.clone()].iter().zip(&marker.letters[range]);
            for (planned, _) in made.filter(|(_, letter)| is_made(&letter.result)) {
                sequence += 1;
                tell(&entry.id, sequence, planned)?;
            }
        }
    }
    Ok(())
}

fn read_seeds(input: &SealInput<'_>) -> Result<Option<Seeds>, SealError> {
    let count = u64::from(input.plan.seeds);
    if count == 0 || input.plan.shards.is_empty() {
        return Ok(None);
    }
    let marker = read_marker(input.run, SEED_SHARD, count, input.campaign.vendor.output.form)?
        .ok_or_else(|| SealError::ShardMissing { numbers: vec![SEED_SHARD] })?;
    if !marker.letters.iter().any(|letter| is_made(&letter.result)) {
        return Ok(None);
    }
    let first = input.plan.letters;
    let planned = (input.letters)(first..first + count).map_err(|source| SealError::Plan { source })?;
    Ok(Some(Seeds { marker, planned }))
}

/// Reads every marker once: which letters go where, and which were held. `missing` are shards known to be missing.
fn pack(input: &SealInput<'_>, limits: Limits, mut missing: Vec<u32>) -> Result<(Vec<Packed>, HeldLetters), SealError> {
    let mut packer = Packer::new(limits);
    let mut held = HeldLetters::new();
    for shard in &input.plan.shards {
        let Some(marker) = read_marker(input.run, shard.number, shard.letters, input.campaign.vendor.output.form)?
        else {
            missing.push(shard.number);
            continue;
        };
        for letter in &marker.letters {
            let ShardResult::Held { reason, detail } = &letter.result else { continue };
            let code = CaseCode::parse(&letter.case_code)
                .ok_or_else(|| SealError::damaged(shard.number, "its marker has a case code that is none"))?;
            let becomes = decide::outcome_of(input.campaign, *reason).unwrap_or(Outcome::Held(*reason));
            held.insert(code.bits(), (becomes, detail.clone()));
        }
        packer.push(shard.package, &marker)?;
    }
    missing.sort_unstable();
    if missing.is_empty() { Ok((packer.finish(), held)) } else { Err(SealError::ShardMissing { numbers: missing }) }
}

fn check_limits(campaign: &Campaign, outcomes: &FinalOutcomes, exposures: &ExposureCounts) -> Result<(), SealError> {
    let rows = |reasons: &std::collections::BTreeMap<String, u64>| reasons.values().sum::<u64>();
    let gates = [
        (
            "participants",
            outcomes.counts.rejected_rows(),
            outcomes.counts.rows(),
            campaign.max_rejected_percent,
            "max_rejected_percent",
        ),
        (
            "exposure",
            exposures.get("rejected").map_or(0, rows),
            exposures.values().map(rows).sum(),
            campaign.max_unusable_exposures_percent,
            "max_unusable_exposures_percent",
        ),
    ];
    for (kind, rejected, rows, limit, setting) in gates {
        #[expect(clippy::cast_precision_loss, reason = "row counts are far below 2^52")]
        let above = rejected as f64 * 100.0 > limit * rows as f64;
        if above {
            return Err(SealError::TooManyRejected { kind, rejected, rows, limit, setting });
        }
    }
    Ok(())
}

fn write_packages(
    input: &SealInput<'_>,
    lock: &Lock,
    limits: Limits,
    seeds: Option<Seeds>,
    packed: &[Packed],
) -> Result<(Vec<PackageEntry>, Vec<u64>, Tally), SealError> {
    let folder = packages_folder(input.run);
    store::folder(&folder)?;
    for entry in fs::read_dir(&folder).map_err(SealError::reading(&folder))? {
        // Without a manifest, whatever lies here is what an interrupted attempt left.
        store::remove(&entry.map_err(SealError::reading(&folder))?.path())?;
    }
    let mut writer = PackageWriter { input, lock, tally: Tally::default(), limits, seeds, open: None };
    let mut dates = ReleaseDates::new(input.plan.date, input.campaign.release_per_day);
    let mut packages = Vec::with_capacity(packed.len());
    let mut codes = Vec::new();
    for (number, package) in (1..).zip(packed) {
        let id = format!("{}-p{number:04}", input.plan.campaign);
        let (entry, mut package_codes) = writer.write(&id, package, dates.next(package.letters))?;
        (input.progress)(Progress::Package { letters: entry.letters });
        packages.push(entry);
        codes.append(&mut package_codes);
    }
    Ok((packages, codes, writer.tally))
}

/// Rows = outcomes; letters = packed letters, each once.
fn balance(
    plan: &Plan,
    outcomes: &FinalOutcomes,
    totals: &Totals,
    mut decided: Vec<u64>,
    mut packed: Vec<u64>,
) -> Result<(), SealError> {
    let unbalanced = |what: String| Err(SealError::Unbalanced { what });
    let rows = outcomes.counts.rows();
    if rows != plan.rows {
        return unbalanced(format!("{} rows came in, {rows} have an outcome", plan.rows));
    }
    let letters = outcomes.counts.letter;
    if letters != totals.letters {
        return unbalanced(format!("{letters} letters were decided, {} were packed", totals.letters));
    }
    decided.sort_unstable();
    packed.sort_unstable();
    if decided != packed {
        return unbalanced("the letters that were packed are not those that were decided".to_owned());
    }
    if packed.windows(2).any(|pair| pair[0] == pair[1]) {
        return unbalanced("a letter stands in two packages".to_owned());
    }
    Ok(())
}

fn write_report(
    input: &SealInput<'_>,
    manifest: &Manifest,
    outcomes: &FinalOutcomes,
    exposures: &ExposureCounts,
    held: &HeldLetters,
    tally: &Tally,
) -> Result<(), SealError> {
    let encryption = match &input.campaign.vendor.encryption {
        Encryption::None => "none",
        Encryption::Age(_) => "age",
        Encryption::ZipAes256(_) => "zip-aes256",
    };
    let mut held_by_rendering = std::collections::BTreeMap::new();
    for (outcome, _) in held.values() {
        *held_by_rendering.entry(outcome.reason().to_owned()).or_default() += 1;
    }
    let report = Report::new(ReportInput {
        manifest,
        exposures,
        held_by_rendering,
        vendor: &input.campaign.vendor.name,
        encryption,
        seeds_planned: u64::from(input.plan.seeds),
        populations: populations(input.campaign, outcomes),
        tally,
        sign_offs: input.sign_offs,
        run: input.plan.ledger.as_ref().map(|ledger| (ledger.run, ledger.wave.clone())),
    });
    store::write(&input.run.join("report.json"), &report.to_json()?)?;
    store::write(&input.run.join("report.html"), report.to_html(None)?.as_bytes())?;
    Ok(())
}

/// Rows by the population of their list, outcome and reason.
fn populations(campaign: &Campaign, outcomes: &FinalOutcomes) -> Vec<PopulationLine> {
    let mut counts: BTreeMap<(&str, &str, &str), u64> = BTreeMap::new();
    for list in &campaign.participants {
        for (&(outcome, reason), rows) in outcomes.by_list.get(&list.source.id).into_iter().flatten() {
            *counts.entry((&list.population, outcome, reason)).or_default() += rows;
        }
    }
    let line = |((population, outcome, reason), rows): ((&str, &str, &str), u64)| PopulationLine {
        population: population.to_owned(),
        outcome: outcome.to_owned(),
        reason: reason.to_owned(),
        rows,
    };
    counts.into_iter().map(line).collect()
}

/// The run's own files, and the markers of its shards: `reprint` takes pages from where they say.
fn hash_files(input: &SealInput<'_>) -> Result<Vec<FileHash>, SealError> {
    let hash = |name: String| {
        let path = input.run.join(&name);
        let sha256 = store::sha256_file(&path).map_err(SealError::reading(&path))?;
        Ok(FileHash { name, sha256 })
    };
    let markers = input.plan.shards_to_render().map(|shard| marker_name(shard.number));
    HASHED_FILES.iter().map(|&name| name.to_owned()).chain(markers).map(hash).collect()
}

/// Removes what a sealed run needs no more.
fn tidy_up(input: &SealInput<'_>) -> Result<(), SealError> {
    store::remove(&outcomes::planned_copy(input.run))?;
    if matches!(input.campaign.vendor.encryption, Encryption::None) {
        return Ok(());
    }
    let numbers: BTreeSet<u32> = input.plan.shards.iter().map(|shard| shard.number).chain([SEED_SHARD]).collect();
    for number in numbers {
        store::remove(&data_path(input.run, number))?;
    }
    Ok(())
}
