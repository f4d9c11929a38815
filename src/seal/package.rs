//! Writes one package: index, ticket, PDFs, hashes.
//!
//! Enters: what the package holds, as slices of shards. Leaves: the file below `packages/`, its manifest entry and the
//! case codes in it. Invariant: every row of the index names pages that were copied from a shard whose hash is its
//! marker's; the letters of plan and marker are the same, one by one. Memory holds one shard's letters and the
//! package's file list.

use std::io::Read as _;
use std::ops::Range;
use std::path::Path;

use jiff::civil::Date;

use super::archive::{Archive, Lock};
use super::error::SealError;
use super::index::INDEX;
use super::listing::{Listed, Listing};
use super::manifest::{PackageEntry, packages_folder};
use super::packing::{Limits, Packed, Part};
use super::sealing::SealInput;
use super::shards::{SEED_SHARD, ShardData, is_made, read_marker};
use super::ticket::{self, PackedFile, TICKET};
use crate::campaign::vendor::Form;
use crate::plan::record::PlannedLetter;
use crate::render::marker::ShardMarker;
use crate::report::Tally;

/// The control letters, which every package gets.
pub(super) struct Seeds {
    pub(super) marker: ShardMarker,
    pub(super) planned: Vec<PlannedLetter>,
}

impl Seeds {
    fn made(&self) -> u64 {
        self.marker.letters.iter().filter(|letter| is_made(&letter.result)).count() as u64
    }
}

/// Writes packages one after the other.
pub(super) struct PackageWriter<'a, 'i> {
    pub(super) input: &'a SealInput<'i>,
    pub(super) lock: &'a Lock,
    /// Counts what the letters are.
    pub(super) tally: Tally,
    pub(super) limits: Limits,
    pub(super) seeds: Option<Seeds>,
    /// A shard of single PDFs that the package before this one ended in.
    pub(super) open: Option<ShardData>,
}

impl PackageWriter<'_, '_> {
    /// Writes package `id`; gives its manifest entry and the case codes of its letters.
    pub(super) fn write(
        &mut self,
        id: &str,
        packed: &Packed,
        release_date: Date,
    ) -> Result<(PackageEntry, Vec<u64>), SealError> {
        let file = format!("{id}.{}", self.lock.extension());
        let path = packages_folder(self.input.run).join(&file);
        let mut archive = Archive::create(&path, self.lock)?;

        let listed = self.write_index(&mut archive, &path, id, packed)?;
        let letters = listed.codes.len() as u64;
        if letters != packed.letters {
            return Err(SealError::Unbalanced {
                what: format!("{id} was to hold {} letters and lists {letters}", packed.letters),
            });
        }
        let seeds = self.seeds.as_ref().map_or(0, Seeds::made);
        if self.input.campaign.vendor.xjdf {
            archive.begin(TICKET, 0)?;
            let campaign = self.input.campaign;
            ticket::write(&mut archive, &campaign.id, id, &campaign.vendor, &listed.files, letters + seeds)
                .map_err(SealError::writing(&path))?;
            archive.end();
        }
        self.copy_pdfs(&mut archive, packed, &listed.files)?;

        let shipped = archive.finish()?;
        if shipped.zip_bytes > self.limits.bytes() {
            return Err(SealError::Unbalanced { what: format!("{id} became larger than its bound") });
        }
        let entry = PackageEntry {
            id: id.to_owned(),
            file,
            sha256: shipped.sha256,
            plain_sha256: shipped.plain_sha256,
            bytes: shipped.bytes,
            letters,
            seeds,
            pages: listed.pages,
            sheets: listed.sheets,
            release_date,
        };
        Ok((entry, listed.codes))
    }

    fn write_index(
        &mut self,
        archive: &mut Archive<'_>,
        path: &Path,
        id: &str,
        packed: &Packed,
    ) -> Result<Listed, SealError> {
        archive.begin(INDEX, 0)?;
        let mut listing = Listing::new(&mut *archive, &self.input.campaign.vendor, path, id)?;
        let mut sequence = 0;
        for part in &packed.parts {
            let (marker, planned) = read_part(self.input, part)?;
            listing.add(&marker, &planned, part.letters.clone())?;
            let letters = part.letters.clone();
            let made = planned[letters.clone()].iter().zip(&marker.letters[letters]);
            for (planned, _) in made.filter(|(_, letter)| is_made(&letter.result)) {
                self.tally.add(&planned.letter);
                if let Some(journal) = self.input.journal {
                    sequence += 1;
                    journal.borrow_mut().letter(id, sequence, planned)?;
                }
            }
        }
        let letters = listing.listed.codes.len();
        if let Some(Seeds { marker, planned }) = &self.seeds {
            listing.add(marker, planned, 0..planned.len())?;
        }
        let mut listed = listing.finish()?;
        // Control letters are pieces of the package, but nobody's letter.
        listed.codes.truncate(letters);
        archive.end();
        Ok(listed)
    }

    fn copy_pdfs(&mut self, archive: &mut Archive<'_>, packed: &Packed, files: &[PackedFile]) -> Result<(), SealError> {
        let form = self.input.campaign.vendor.output.form;
        let mut files = files.iter();
        for part in &packed.parts {
            let letters =
                self.input.plan.shards.iter().find(|shard| shard.number == part.shard).map_or(0, |shard| shard.letters);
            let marker = read_marker(self.input.run, part.shard, letters, form)?
                .ok_or_else(|| SealError::ShardMissing { numbers: vec![part.shard] })?;
            self.copy_part(archive, &marker, part.letters.clone(), &mut files)?;
        }
        if let Some(seeds) = self.seeds.take() {
            // The shard that is open belongs to the next package; control letters are read beside it.
            let open = self.open.take();
            let copied = self.copy_part(archive, &seeds.marker, 0..seeds.planned.len(), &mut files);
            (self.seeds, self.open) = (Some(seeds), open);
            copied?;
        }
        Ok(())
    }

    fn copy_part<'f>(
        &mut self,
        archive: &mut Archive<'_>,
        marker: &ShardMarker,
        range: Range<usize>,
        files: &mut impl Iterator<Item = &'f PackedFile>,
    ) -> Result<(), SealError> {
        let mut data = match self.open.take() {
            Some(open) if open.number() == marker.number => open,
            _ => ShardData::open(self.input.run, marker)?,
        };
        let unlisted =
            || SealError::Unbalanced { what: format!("shard {} has more files than the index", marker.number) };
        match self.input.campaign.vendor.output.form {
            Form::Stream => {
                let file = files.next().ok_or_else(unlisted)?;
                archive.copy(&file.name, file.bytes, &mut data)?;
            }
            Form::Single => {
                for _ in marker.letters[range].iter().filter(|letter| is_made(&letter.result)) {
                    let file = files.next().ok_or_else(unlisted)?;
                    let (_, copied) = archive.copy(&file.name, file.bytes, &mut (&mut data).take(file.bytes))?;
                    if copied != file.bytes {
                        return Err(SealError::damaged(marker.number, "its data file ends in the middle of a letter"));
                    }
                }
            }
        }
        let cut_short = self.input.campaign.vendor.output.form == Form::Single && !data.is_at_end();
        if !cut_short || marker.number == SEED_SHARD {
            data.finish()
        } else {
            self.open = Some(data);
            Ok(())
        }
    }
}

/// The marker of a part's shard, and its planned letters.
pub(super) fn read_part(input: &SealInput<'_>, part: &Part) -> Result<(ShardMarker, Vec<PlannedLetter>), SealError> {
    let SealInput { run, campaign, plan, letters, .. } = input;
    let missing = || SealError::ShardMissing { numbers: vec![part.shard] };
    let shard = plan.shards.iter().find(|shard| shard.number == part.shard).ok_or_else(missing)?;
    let marker = read_marker(run, shard.number, shard.letters, campaign.vendor.output.form)?.ok_or_else(missing)?;
    let planned = letters(shard.first..shard.first + shard.letters).map_err(|source| SealError::Plan { source })?;
    Ok((marker, planned))
}
