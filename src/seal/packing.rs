//! Which letters go into which package.
//!
//! Enters: what each shard made, in plan order. Leaves: packages as slices of shards. Invariant: order is the plan's;
//! a package never mixes planned packages; no package is empty; streams are never cut, single PDFs are cut between
//! letters; sizes are upper bounds, so that a package that was planned to fit does fit.

use std::ops::Range;

use super::error::SealError;
use super::shards::is_made;
use crate::campaign::settings::Campaign;
use crate::campaign::vendor::Form;
use crate::render::marker::{ShardMarker, ShardResult};

/// Upper bound of what one letter adds to the index, and one file to archive, ticket and checksums.
const ROW_BYTES: u64 = 384;
const FILE_BYTES: u64 = 1024;
/// Upper bound of what a package has before its first letter.
const EMPTY_BYTES: u64 = 8 << 10;

/// A slice of a shard in a package.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Part {
    pub(super) shard: u32,
    /// Positions in the shard's marker, held letters included.
    pub(super) letters: Range<usize>,
}

/// What one package holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Packed {
    pub(super) parts: Vec<Part>,
    pub(super) letters: u64,
}

/// The limits of a package.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    form: Form,
    letters: u64,
    mib: u32,
    /// Upper bound of what control letters add to each package.
    seed_bytes: u64,
}

impl Limits {
    pub(super) fn new(campaign: &Campaign, seeds: Option<&ShardMarker>) -> Self {
        let output = &campaign.vendor.output;
        let letters = campaign.letters_a_package();
        let seed_bytes =
            seeds.map_or(0, |marker| deflated(marker.bytes) + added(marker.letters.len() as u64, output.form));
        Self { form: output.form, letters: u64::from(letters), mib: output.max_package_mib, seed_bytes }
    }

    /// Bytes that a package may have before encryption.
    pub(super) const fn bytes(&self) -> u64 {
        (self.mib as u64) << 20
    }
}

/// Upper bound of what deflate makes of this many bytes.
const fn deflated(bytes: u64) -> u64 {
    bytes + (bytes >> 10) + 64
}

const fn added(letters: u64, form: Form) -> u64 {
    match form {
        Form::Stream => letters * ROW_BYTES + FILE_BYTES,
        Form::Single => letters * (ROW_BYTES + FILE_BYTES),
    }
}

/// Fills packages with shards in plan order.
#[derive(Debug)]
pub(super) struct Packer {
    limits: Limits,
    planned_package: u32,
    open: Packed,
    open_bytes: u64,
    packages: Vec<Packed>,
}

impl Packer {
    pub(super) const fn new(limits: Limits) -> Self {
        let open = Packed { parts: Vec::new(), letters: 0 };
        Self { limits, planned_package: 0, open, open_bytes: 0, packages: Vec::new() }
    }

    /// Packs the next shard of the plan.
    pub(super) fn push(&mut self, planned_package: u32, marker: &ShardMarker) -> Result<(), SealError> {
        if planned_package != self.planned_package {
            self.close();
            self.planned_package = planned_package;
        }
        match self.limits.form {
            Form::Stream => {
                let letters = marker.letters.iter().filter(|letter| is_made(&letter.result)).count() as u64;
                let part = Part { shard: marker.number, letters: 0..marker.letters.len() };
                self.place(part, letters, deflated(marker.bytes) + added(letters, Form::Stream))
            }
            Form::Single => marker.letters.iter().enumerate().try_for_each(|(position, letter)| {
                let ShardResult::Made { bytes, .. } = letter.result else { return Ok(()) };
                let part = Part { shard: marker.number, letters: position..position + 1 };
                self.place(part, 1, deflated(bytes) + added(1, Form::Single))
            }),
        }
    }

    /// Every package, in order.
    pub(super) fn finish(mut self) -> Vec<Packed> {
        self.close();
        self.packages
    }

    fn place(&mut self, part: Part, letters: u64, bytes: u64) -> Result<(), SealError> {
        if letters == 0 {
            return Ok(());
        }
        let empty = EMPTY_BYTES + self.limits.seed_bytes;
        if empty + bytes > self.limits.bytes() {
            return Err(SealError::TooLarge { shard: part.shard, max_mib: self.limits.mib });
        }
        if self.open.letters + letters > self.limits.letters || empty + self.open_bytes + bytes > self.limits.bytes() {
            self.close();
        }
        self.open.letters += letters;
        self.open_bytes += bytes;
        match self.open.parts.last_mut() {
            Some(last) if last.shard == part.shard => last.letters.end = part.letters.end,
            _ => self.open.parts.push(part),
        }
        Ok(())
    }

    fn close(&mut self) {
        self.open_bytes = 0;
        let open = std::mem::replace(&mut self.open, Packed { parts: Vec::new(), letters: 0 });
        if open.letters > 0 {
            self.packages.push(open);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Limits, Packed, Packer, Part};
    use crate::campaign::vendor::Form;
    use crate::model::outcome::Held;
    use crate::render::marker::{ShardLetter, ShardMarker, ShardResult};

    const MIB: u64 = 1 << 20;

    fn marker(number: u32, sizes: &[u64]) -> ShardMarker {
        let mut offset = 0;
        let letters = sizes.iter().map(|&bytes| {
            let result = if bytes == 0 {
                ShardResult::Held { reason: Held::GlyphMissing, detail: String::new() }
            } else {
                ShardResult::Made { first_page: 1, pages: 2, offset, bytes, mark: String::new() }
            };
            offset += bytes;
            ShardLetter { case_code: String::new(), result }
        });
        let letters = letters.collect();
        ShardMarker { number, sha256: String::new(), bytes: offset, pages: 0, letters }
    }

    fn packed(form: Form, letters: u64, shards: &[(u32, &[u64])]) -> Vec<Packed> {
        let mut packer = Packer::new(Limits { form, letters, mib: 10, seed_bytes: 0 });
        for (number, (package, sizes)) in (1..).zip(shards) {
            packer.push(*package, &marker(number, sizes)).expect("each fits");
        }
        packer.finish()
    }

    #[test]
    fn streams_are_never_cut_and_planned_packages_never_mix() {
        let packages = packed(Form::Stream, 100, &[(1, &[4 * MIB]), (1, &[4 * MIB]), (1, &[4 * MIB]), (2, &[MIB])]);
        let shards: Vec<Vec<u32>> =
            packages.iter().map(|package| package.parts.iter().map(|part| part.shard).collect()).collect();
        assert_eq!(shards, [vec![1, 2], vec![3], vec![4]]);
    }

    #[test]
    fn single_pdfs_are_cut_between_letters_and_held_ones_take_no_room() {
        let packages = packed(Form::Single, 100, &[(1, &[4 * MIB, 0, 4 * MIB, 4 * MIB]), (1, &[MIB])]);
        let parts: Vec<_> = packages.into_iter().map(|package| (package.letters, package.parts)).collect();
        let part = |shard, letters| Part { shard, letters };
        assert_eq!(parts, [(2, vec![part(1, 0..3)]), (2, vec![part(1, 3..4), part(2, 0..1)])]);
    }

    #[test]
    fn a_package_without_letters_vanishes() {
        assert_eq!(packed(Form::Stream, 100, &[(1, &[0, 0]), (2, &[MIB])]).len(), 1);
    }

    #[test]
    fn a_package_holds_no_more_letters_than_allowed() {
        let letters: Vec<u64> =
            packed(Form::Single, 2, &[(1, &[1; 5])]).iter().map(|package| package.letters).collect();
        assert_eq!(letters, [2, 2, 1]);
    }
}
