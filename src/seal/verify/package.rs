//! Reads one package back, as the print house would.
//!
//! Enters: a package file and keys. Leaves: what it holds, and every finding. Invariant: each entry was read to its
//! end and hashed; each PDF was opened by another library than the one that wrote it. One entry is in memory at a time.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Read;
use std::path::Path;

use hayro_syntax::Pdf;
use serde::Serialize;
use zip::{DateTime, ZipArchive};

use super::finding::{Finding, Findings, VerifyError};
use super::frame::{self, Framed};
use super::index::{self, Index};
use super::opening::{self, Keys, Opened, Seekable};
use super::pieces;
use super::ticket;
use crate::model::private::Private;
use crate::seal::manifest::{Manifest, manifest_path};
use crate::seal::reprint::Reprints;
use crate::store;

/// A package that is as it was sealed, as far as the keys let see.
#[derive(Debug, Clone, Serialize)]
pub struct VerifiedPackage {
    /// `<campaign>-p0001`.
    pub id: String,
    /// SHA-256 of the file, hex.
    pub sha256: String,
    /// Size of the file.
    pub bytes: u64,
    /// Whether `sha256` was compared with that in the package's run: in the manifest, or in the record of reprints.
    pub recorded: bool,
    /// What the package holds; `None`: no key was given, so only the file's hash was computed.
    pub contents: Option<PackageCounts>,
    /// The bits of the case codes of its letters; none where it was not opened.
    #[serde(skip)]
    pub letters: Vec<u64>,
}

/// What an opened package holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PackageCounts {
    /// SHA-256 of its SHA256SUMS, hex.
    pub plain_sha256: String,
    /// Letters to people.
    pub letters: u64,
    /// Control letters.
    pub seeds: u64,
    /// Pages of all PDFs.
    pub pages: u64,
    /// Sheets.
    pub sheets: u64,
}

/// What read-back saw of a package.
pub(super) struct Inspected {
    pub(super) sha256: String,
    pub(super) bytes: u64,
    /// `None`: no key opens it, or it is no package.
    pub(super) contents: Option<PackageCounts>,
    /// Case codes of its letters.
    pub(super) letters: Vec<u64>,
    pub(super) findings: Vec<Finding>,
}

impl Inspected {
    /// What was proven of a package of a run, where nothing was found.
    pub(super) fn verified(self, id: &str) -> VerifiedPackage {
        let Self { sha256, bytes, contents, letters, .. } = self;
        VerifiedPackage { id: id.to_owned(), sha256, bytes, recorded: true, contents, letters }
    }
}

/// Verifies a package by itself; where it still lies in its run, its hash is compared with the run's record too.
pub fn verify_package(path: &Path, keys: &Keys) -> Result<VerifiedPackage, VerifyError> {
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let id = package_id(&name).to_owned();
    let mut inspected = inspect(path, &id, keys);
    let recorded = path.parent().and_then(Path::parent).and_then(|run| recorded(run, &name));
    if let Some(sha256) = &recorded {
        let mut findings = Findings::about(&name);
        findings.equal("its sha256 in the record of its run", &inspected.sha256, sha256);
        inspected.findings.extend(findings.into_vec());
    }
    if inspected.findings.is_empty() {
        Ok(VerifiedPackage { recorded: recorded.is_some(), ..inspected.verified(&id) })
    } else {
        Err(VerifyError { findings: inspected.findings, unsealed: false })
    }
}

/// The hash that a run has of a package: in its manifest, or in its record of packages of spoiled pieces.
fn recorded(run: &Path, name: &str) -> Option<String> {
    let manifest = fs::read(manifest_path(run)).ok()?;
    let manifest: Manifest = serde_json::from_slice(&manifest).ok()?;
    let sealed = manifest.packages.into_iter().find(|package| package.file == name).map(|package| package.sha256);
    let again = || Reprints::read(run).ok()?.reprints.into_iter().find(|reprint| reprint.file == name);
    sealed.or_else(|| again().map(|reprint| reprint.sha256))
}

/// The package's id, from its file name.
fn package_id(name: &str) -> &str {
    name.strip_suffix(".age").unwrap_or(name).strip_suffix(".zip").unwrap_or(name)
}

/// Reads a package to its end.
pub(super) fn inspect(path: &Path, id: &str, keys: &Keys) -> Inspected {
    let mut about = Findings::about(path.file_name().unwrap_or_default().to_string_lossy());
    let mut inner = Vec::new();
    let bytes = fs::metadata(path).map_or(0, |metadata| metadata.len());
    let sha256 = store::sha256_file(path).map_err(|error| format!("cannot be read: {error}"));
    let read = match &sha256 {
        Ok(_) => read(path, id, keys, &mut about, &mut inner),
        Err(what) => Err(what.clone()),
    };
    let (contents, letters) = match read {
        Ok(Some((counts, letters))) => (Some(counts), letters),
        Ok(None) => (None, Vec::new()),
        Err(what) => {
            about.add(what);
            (None, Vec::new())
        }
    };
    let mut findings = about.into_vec();
    findings.append(&mut inner);
    Inspected { sha256: sha256.unwrap_or_default(), bytes, contents, letters, findings }
}

/// Reads the package, its letters' case codes too; `None` where no key at hand opens it.
fn read(
    path: &Path,
    id: &str,
    keys: &Keys,
    about: &mut Findings,
    inner: &mut Vec<Finding>,
) -> Result<Option<(PackageCounts, Vec<u64>)>, String> {
    let Opened::Zip(bytes) = opening::open(path, keys)? else { return Ok(None) };
    let mut archive = ZipArchive::new(bytes).map_err(|error| format!("is no zip archive: {error}"))?;
    let encrypted = (0..archive.len()).any(|entry| archive.by_index_raw(entry).is_ok_and(|entry| entry.encrypted()));
    if encrypted && keys.zip_password.is_none() {
        return Ok(None);
    }
    if archive.offset() > 0 || !archive.comment().is_empty() || archive.has_duplicate_names() {
        about.add("the archive has bytes or names that do not belong in it");
    }
    if let Err(error) = archive.validate_header_consistency() {
        about.add(format!("the archive's headers contradict each other: {error}"));
    }
    check_frame(path, keys, &mut archive).unwrap_or_else(|what| about.add(what));
    let mut entries = Entries { archive, password: keys.zip_password.as_ref(), hashes: BTreeMap::new() };
    let index = read_index(&mut entries, id, inner);
    read_ticket(&mut entries, id, &index, inner);
    check_names(&entries, &index, about);
    for file in &index.files {
        let mut about = Findings::about(format!("{id}: {}", file.name));
        match entries.read(&file.name).map(Pdf::new) {
            Err(what) => about.add(what),
            Ok(Err(_)) => about.add("is no PDF"),
            Ok(Ok(pdf)) => {
                about.equal("its pages", &(pdf.pages().len() as u64), &file.pages);
                pieces::check(&pdf, &file.pieces, &mut about);
            }
        }
        inner.extend(about.into_vec());
    }
    let plain_sha256 = check_sums(&mut entries, id, inner);
    let counts = PackageCounts {
        plain_sha256,
        letters: index.letters.len() as u64,
        seeds: index.seeds,
        pages: index.pages(),
        sheets: index.sheets,
    };
    Ok(Some((counts, index.letters)))
}

/// The bytes around the entries; they are read from the file anew, as they stand there.
fn check_frame(path: &Path, keys: &Keys, archive: &mut ZipArchive<Box<dyn Seekable>>) -> Result<(), String> {
    let mut framed = Vec::with_capacity(archive.len());
    for position in 0..archive.len() {
        let entry = archive.by_index_raw(position).map_err(|error| format!("its directory cannot be read: {error}"))?;
        framed.push(Framed {
            name: String::from_utf8_lossy(entry.name_raw()).into_owned(),
            crc32: entry.crc32(),
            packed_bytes: entry.compressed_size(),
            bytes: entry.size(),
            aes: entry.encrypted(),
        });
    }
    match opening::open(path, keys)? {
        Opened::Zip(mut bytes) => frame::check(&mut bytes, &framed),
        Opened::Locked => Ok(()),
    }
}

/// The archive, and the hash of every entry that was read; `None` where it could not be, which is a finding of its own.
struct Entries<'a> {
    archive: ZipArchive<Box<dyn Seekable>>,
    password: Option<&'a Private<Vec<u8>>>,
    hashes: BTreeMap<String, Option<String>>,
}

impl Entries<'_> {
    fn read(&mut self, name: &str) -> Result<Vec<u8>, String> {
        let bytes = self.read_entry(name);
        self.hashes.insert(name.to_owned(), bytes.as_ref().ok().map(|bytes| store::sha256(bytes)));
        bytes
    }

    fn read_entry(&mut self, name: &str) -> Result<Vec<u8>, String> {
        let position = self.archive.index_for_name(name).ok_or("is missing")?;
        let encrypted = self.archive.by_index_raw(position).is_ok_and(|entry| entry.encrypted());
        let entry = match self.password {
            Some(password) if encrypted => self.archive.by_index_decrypt(position, password.reveal()),
            _ => self.archive.by_index(position),
        };
        let mut entry = entry.map_err(|error| format!("cannot be opened: {error}"))?;
        let is_dated = entry.last_modified().is_some_and(|modified| modified != DateTime::DEFAULT);
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes).map_err(|error| format!("cannot be read: {error}"))?;
        if is_dated {
            return Err("has a time of its own".to_owned());
        }
        Ok(bytes)
    }

    fn names(&self) -> Vec<String> {
        self.archive.file_names_raw().map(|name| String::from_utf8_lossy(name).into_owned()).collect()
    }
}

fn read_index(entries: &mut Entries<'_>, id: &str, inner: &mut Vec<Finding>) -> Index {
    let mut about = Findings::about(format!("{id}: index.csv"));
    let index = match entries.read("index.csv") {
        Ok(bytes) => index::check(&bytes, id, &mut about),
        Err(what) => {
            about.add(what);
            Index::default()
        }
    };
    inner.extend(about.into_vec());
    index
}

fn read_ticket(entries: &mut Entries<'_>, id: &str, index: &Index, inner: &mut Vec<Finding>) {
    if !entries.names().iter().any(|name| name == "job.xjdf") {
        return;
    }
    let mut about = Findings::about(format!("{id}: job.xjdf"));
    match entries.read("job.xjdf") {
        Ok(bytes) => ticket::check(&bytes, id, index, &mut about),
        Err(what) => about.add(what),
    }
    inner.extend(about.into_vec());
}

/// Exactly the entries that belong in the package, in their order.
fn check_names(entries: &Entries<'_>, index: &Index, findings: &mut Findings) {
    let names = entries.names();
    let ticket = names.iter().filter(|name| *name == "job.xjdf").map(String::as_str);
    let files = index.files.iter().map(|file| file.name.as_str());
    let expected: Vec<&str> = ["index.csv"].into_iter().chain(ticket).chain(files).chain(["SHA256SUMS"]).collect();
    let belonging: BTreeSet<&str> = expected.iter().copied().collect();
    for name in names.iter().filter(|name| !belonging.contains(name.as_str())) {
        findings.add(format!("{name} does not belong in it"));
    }
    let mut sorted: Vec<&str> = names.iter().map(String::as_str).collect();
    sorted.sort_unstable();
    if sorted.into_iter().eq(belonging) && names != expected {
        findings.add("its entries stand in another order");
    }
}

/// Every entry has the hash that SHA256SUMS names, and SHA256SUMS names nothing else.
fn check_sums(entries: &mut Entries<'_>, id: &str, inner: &mut Vec<Finding>) -> String {
    let mut about = Findings::about(format!("{id}: SHA256SUMS"));
    let bytes = entries.read("SHA256SUMS").unwrap_or_else(|what| {
        about.add(what);
        Vec::new()
    });
    let text = String::from_utf8_lossy(&bytes);
    let mut listed = BTreeMap::new();
    for line in text.lines() {
        match line.split_once("  ") {
            Some((sha256, name)) if sha256.len() == 64 => {
                if listed.insert(name, sha256).is_some() {
                    about.add(format!("{name} is listed twice"));
                }
            }
            _ => about.add("a line is not `hash  name`"),
        }
    }
    for (name, found) in &entries.hashes {
        match listed.remove(name.as_str()) {
            Some(expected) if found.as_deref().is_none_or(|found| found == expected) => {}
            Some(_) => about.add(format!("{name} has another hash")),
            None if name == "SHA256SUMS" => {}
            None => about.add(format!("{name} is not listed")),
        }
    }
    for name in listed.keys() {
        about.add(format!("{name} is listed, but was not read"));
    }
    inner.extend(about.into_vec());
    store::sha256(&bytes)
}
