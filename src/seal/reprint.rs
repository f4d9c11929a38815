//! A package of spoiled pieces, and the run's record of such packages.
//!
//! Enters: pieces of a sealed run, as finished PDFs. Leaves: `packages/<campaign>-r0001…` and, last, its entry in
//! `reprints.json`. Invariant: a piece keeps its case code and its pages; each package counts as one more attempt of every
//! piece in it, never as a further letter. Absent on purpose: control letters that nobody asked for, release dates, and
//! the outcomes, which a reprint does not change.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::archive::{Archive, Lock};
use super::error::SealError;
use super::index::INDEX;
use super::listing::{Listed, Listing};
use super::manifest::packages_folder;
use super::ticket::{self, TICKET};
use crate::campaign::settings::Campaign;
use crate::campaign::vendor::Form;
use crate::model::case_code::CaseCode;
use crate::model::private::Private;
use crate::plan::record::PlannedLetter;
use crate::render::marker::{ShardMarker, ShardResult};
use crate::store;

/// The name of the record below a run folder.
const REPRINTS: &str = "reprints.json";

/// The first attempt is the letter's own package.
const FIRST_ATTEMPT: u32 = 1;

/// `reprints.json`: every package of spoiled pieces of a run. It survives as long as the run folder does.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reprints {
    /// In the order in which they were made.
    pub reprints: Vec<Reprint>,
}

/// One package of spoiled pieces.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reprint {
    /// `<campaign>-r0001`.
    pub id: String,
    /// The file's name below `packages/`.
    pub file: String,
    /// SHA-256 of the file as shipped, hex.
    pub sha256: String,
    /// SHA-256 of the package's SHA256SUMS, hex.
    pub plain_sha256: String,
    /// Size of the file as shipped.
    pub bytes: u64,
    /// Letters to people.
    pub letters: u64,
    /// Control letters.
    pub seeds: u64,
    /// Pages, blank backs included.
    pub pages: u64,
    /// Sheets.
    pub sheets: u64,
    /// Every piece by case code, with how often it has been made now: 2 after the first reprint.
    pub attempts: BTreeMap<String, u32>,
}

impl Reprint {
    /// Whether these and no other pieces are in it.
    pub fn is_of(&self, codes: &BTreeSet<CaseCode>) -> bool {
        let own: BTreeSet<CaseCode> = self.attempts.keys().filter_map(|code| CaseCode::parse(code)).collect();
        own == *codes
    }
}

impl Reprints {
    /// Reads the record of a run; there is none before the first reprint.
    pub fn read(run: &Path) -> Result<Self, SealError> {
        let path = reprints_path(run);
        let bytes = match fs::read(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Self::default()),
            read => read.map_err(SealError::reading(&path))?,
        };
        serde_json::from_slice(&bytes).map_err(|_| SealError::SealedChanged { file: REPRINTS.to_owned() })
    }

    /// How often a piece has been made so far.
    pub fn attempts(&self, code: &str) -> u32 {
        self.reprints.iter().filter_map(|reprint| reprint.attempts.get(code)).max().copied().unwrap_or(FIRST_ATTEMPT)
    }
}

/// The record of reprints in a run folder.
pub fn reprints_path(run: &Path) -> PathBuf {
    run.join(REPRINTS)
}

/// One file of a reprint, or the single PDFs of one shard one after the other.
pub struct ReprintData {
    /// The pieces, in print order.
    pub planned: Vec<PlannedLetter>,
    /// Where each stands in `data`; its number has no meaning.
    pub marker: ShardMarker,
    /// The PDFs.
    pub data: Vec<u8>,
}

/// What a package of spoiled pieces is made of.
pub struct ReprintInput<'a> {
    /// The run folder.
    pub run: &'a Path,
    /// The campaign as planned.
    pub campaign: &'a Campaign,
    /// The pieces.
    pub files: &'a [ReprintData],
    /// The password, where the vendor profile asks for one.
    pub password: Option<&'a Private<Vec<u8>>>,
}

/// The id of the next package of spoiled pieces.
pub fn next_id(campaign: &Campaign, reprints: &Reprints) -> String {
    format!("{}-r{:04}", campaign.id, reprints.reprints.len() + 1)
}

/// Packs spoiled pieces and records the package.
pub fn reprint(input: &ReprintInput<'_>) -> Result<Reprint, SealError> {
    let ReprintInput { run, campaign, files, .. } = *input;
    let vendor = &campaign.vendor;
    store::remove_drafts(&packages_folder(run))?;
    let mut reprints = Reprints::read(run)?;
    let id = next_id(campaign, &reprints);
    let lock = Lock::new(&vendor.encryption, input.password)?;
    let file = format!("{id}.{}", lock.extension());
    let path = packages_folder(run).join(&file);
    let pieces = files.iter().map(|file| file.planned.len() as u64).sum::<u64>();
    let too_much = SealError::ReprintTooLarge {
        letters: vendor.output.max_letters_per_package,
        max_mib: vendor.output.max_package_mib,
    };
    if pieces > u64::from(vendor.output.max_letters_per_package) {
        return Err(too_much);
    }

    let mut archive = Archive::create(&path, &lock)?;
    archive.begin(INDEX, 0)?;
    let mut listing = Listing::new(&mut archive, vendor, &path, &id)?;
    for file in files {
        listing.add(&file.marker, &file.planned, 0..file.planned.len())?;
    }
    let listed = listing.finish()?;
    archive.end();
    if vendor.xjdf {
        archive.begin(TICKET, 0)?;
        ticket::write(&mut archive, &campaign.id, &id, vendor, &listed.files, pieces)
            .map_err(SealError::writing(&path))?;
        archive.end();
    }
    write_pdfs(&mut archive, &path, vendor.output.form, files, &listed)?;
    let shipped = archive.finish()?;
    if shipped.zip_bytes > u64::from(vendor.output.max_package_mib) << 20 {
        store::remove(&path)?;
        return Err(too_much);
    }

    let planned = || files.iter().flat_map(|file| &file.planned);
    let seeds = planned().filter(|planned| planned.seed).count() as u64;
    let attempt = |planned: &PlannedLetter| {
        let code = planned.letter.case_code.printed();
        let attempts = reprints.attempts(&code) + 1;
        (code, attempts)
    };
    let reprint = Reprint {
        attempts: planned().map(attempt).collect(),
        id,
        file,
        sha256: shipped.sha256,
        plain_sha256: shipped.plain_sha256,
        bytes: shipped.bytes,
        letters: pieces - seeds,
        seeds,
        pages: listed.pages,
        sheets: listed.sheets,
    };
    reprints.reprints.push(reprint.clone());
    let mut json =
        serde_json::to_vec_pretty(&reprints).map_err(|error| SealError::Unbalanced { what: error.to_string() })?;
    json.push(b'\n');
    store::write(&reprints_path(run), &json)?;
    Ok(reprint)
}

fn write_pdfs(
    archive: &mut Archive<'_>,
    path: &Path,
    form: Form,
    files: &[ReprintData],
    listed: &Listed,
) -> Result<(), SealError> {
    let whole = |file: &'_ ReprintData| (0, file.data.len());
    let places = files.iter().flat_map(|file| match form {
        Form::Stream => vec![(file, whole(file))],
        Form::Single => {
            let singles = file.marker.letters.iter().filter_map(|letter| match letter.result {
                ShardResult::Made { offset, bytes, .. } => {
                    Some((usize::try_from(offset).ok()?, usize::try_from(bytes).ok()?))
                }
                ShardResult::Held { .. } => None,
            });
            singles.map(|place| (file, place)).collect()
        }
    });
    for (packed, (file, (offset, bytes))) in listed.files.iter().zip(places) {
        let data = file.data.get(offset..offset + bytes).ok_or_else(|| SealError::Unbalanced {
            what: format!("{} lies outside of what was rendered", packed.name),
        })?;
        archive.begin(&packed.name, packed.bytes)?;
        archive.write_all(data).map_err(SealError::writing(path))?;
        archive.end();
    }
    Ok(())
}
