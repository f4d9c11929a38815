//! What a package's index lists, while it is written.
//!
//! Enters: planned letters and markers, shard by shard. Leaves: the rows of the index, and their sums. Invariant: plan
//! and marker name the same letters, one by one; held letters are skipped; every row points into a listed file.

use std::io::Write;
use std::ops::Range;
use std::path::Path;

use super::error::SealError;
use super::index::{IndexWriter, Place};
use super::ticket::PackedFile;
use crate::campaign::vendor::{Form, Vendor};
use crate::plan::record::PlannedLetter;
use crate::render::marker::{ShardMarker, ShardResult};

/// What the index lists, summed up.
#[derive(Default)]
pub(super) struct Listed {
    pub(super) files: Vec<PackedFile>,
    /// Case codes in the order of the rows.
    pub(super) codes: Vec<u64>,
    pub(super) pages: u64,
    pub(super) sheets: u64,
}

/// An index that is being written.
pub(super) struct Listing<'a, W: Write> {
    index: IndexWriter<'a, W>,
    vendor: &'a Vendor,
    path: &'a Path,
    package: &'a str,
    pub(super) listed: Listed,
}

impl<'a, W: Write> Listing<'a, W> {
    /// Starts the index of a package whose file is at `path`.
    pub(super) fn new(out: W, vendor: &'a Vendor, path: &'a Path, package: &'a str) -> Result<Self, SealError> {
        let index = IndexWriter::new(out, vendor).map_err(SealError::writing(path))?;
        Ok(Self { index, vendor, path, package, listed: Listed::default() })
    }

    /// Lists a slice of a shard.
    pub(super) fn add(
        &mut self,
        marker: &ShardMarker,
        planned: &[PlannedLetter],
        range: Range<usize>,
    ) -> Result<(), SealError> {
        if planned.len() != marker.letters.len() {
            return Err(SealError::damaged(marker.number, "its marker has another number of letters than the plan"));
        }
        let form = self.vendor.output.form;
        let listed = &mut self.listed;
        if form == Form::Stream {
            let name = format!("streams/{}-{:04}.pdf", self.package, listed.files.len() + 1);
            listed.files.push(PackedFile { name, pages: marker.pages, bytes: marker.bytes });
        }
        for (planned, letter) in planned[range.clone()].iter().zip(&marker.letters[range]) {
            let case_code = planned.letter.case_code;
            if letter.case_code != case_code.printed() {
                return Err(SealError::damaged(marker.number, "its marker names other letters than the plan"));
            }
            let ShardResult::Made { first_page, pages, bytes, mark, .. } = &letter.result else { continue };
            if form == Form::Single {
                let name = format!("letters/{}.pdf", letter.case_code);
                listed.files.push(PackedFile { name, pages: u64::from(*pages), bytes: *bytes });
            }
            let file = listed.files.last().map_or("", |file| &file.name);
            let place = Place { file, first_page: *first_page, pages: *pages, mark };
            self.index.push(planned, &place).map_err(SealError::writing(self.path))?;
            listed.codes.push(case_code.bits());
            listed.pages += u64::from(*pages);
            listed.sheets += u64::from(self.vendor.plex.sheets(*pages));
        }
        Ok(())
    }

    /// Ends the index.
    pub(super) fn finish(self) -> Result<Listed, SealError> {
        self.index.finish().map_err(SealError::writing(self.path))?;
        Ok(self.listed)
    }
}
