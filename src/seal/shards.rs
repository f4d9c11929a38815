//! Finished shards as sealing reads them: markers checked against the plan, data files checked against the markers.
//!
//! Enters: the run folder and the plan. Leaves: checked markers and checked bytes. Invariant: a marker that is returned
//! accounts for every planned letter of its shard once, its pages and byte ranges lie side by side without gaps; a data
//! file that was read to its end through [`ShardData`] had the marker's hash. One shard is in memory at a time.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;

use sha2::{Digest, Sha256};

use super::error::SealError;
use crate::campaign::vendor::Form;
use crate::render::marker::{ShardMarker, ShardResult, data_path, marker_path};

/// The number of the shard that holds the control letters.
pub(super) const SEED_SHARD: u32 = 0;

/// The marker of a shard that has this many letters; `None` if there is none or it is torn.
pub(super) fn read_marker(run: &Path, number: u32, letters: u64, form: Form) -> Result<Option<ShardMarker>, SealError> {
    let path = marker_path(run, number);
    let bytes = match fs::read(&path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        read => read.map_err(SealError::reading(&path))?,
    };
    let Ok(marker) = serde_json::from_slice::<ShardMarker>(&bytes) else { return Ok(None) };
    check_marker(&marker, number, letters, form)?;
    Ok(Some(marker))
}

fn check_marker(marker: &ShardMarker, number: u32, letters: u64, form: Form) -> Result<(), SealError> {
    let damaged = |what: String| SealError::damaged(number, what);
    if marker.number != number {
        return Err(damaged(format!("its marker is that of shard {}", marker.number)));
    }
    if marker.letters.len() as u64 != letters {
        return Err(damaged(format!("its marker has {} letters, the plan {letters}", marker.letters.len())));
    }
    let (mut pages_seen, mut bytes_seen) = (0_u64, 0_u64);
    for (position, letter) in marker.letters.iter().enumerate() {
        let ShardResult::Made { first_page, pages, offset, bytes, .. } = &letter.result else { continue };
        let in_place = match form {
            Form::Stream => u64::from(*first_page) == pages_seen + 1,
            Form::Single => *first_page == 1 && *offset == bytes_seen && *bytes > 0,
        };
        if !in_place || *pages == 0 {
            return Err(damaged(format!("letter {} does not follow the one before it", position + 1)));
        }
        pages_seen += u64::from(*pages);
        bytes_seen += bytes;
    }
    if pages_seen != marker.pages {
        return Err(damaged(format!("its letters have {pages_seen} pages, its marker says {}", marker.pages)));
    }
    if form == Form::Single && bytes_seen != marker.bytes {
        return Err(damaged(format!("its letters have {bytes_seen} bytes, its marker says {}", marker.bytes)));
    }
    Ok(())
}

/// Whether a letter of a shard was made.
pub(super) const fn is_made(result: &ShardResult) -> bool {
    matches!(result, ShardResult::Made { .. })
}

/// A shard's data file, hashed while it is read.
pub(super) struct ShardData {
    number: u32,
    file: File,
    hasher: Sha256,
    bytes: u64,
    expected_sha256: String,
    expected_bytes: u64,
}

impl ShardData {
    pub(super) fn open(run: &Path, marker: &ShardMarker) -> Result<Self, SealError> {
        let path = data_path(run, marker.number);
        let file = File::open(&path).map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => SealError::damaged(marker.number, "its data file is missing"),
            _ => SealError::reading(&path)(error),
        })?;
        Ok(Self {
            number: marker.number,
            file,
            hasher: Sha256::new(),
            bytes: 0,
            expected_sha256: marker.sha256.clone(),
            expected_bytes: marker.bytes,
        })
    }

    pub(super) const fn number(&self) -> u32 {
        self.number
    }

    /// Whether every byte that the marker promises was read.
    pub(super) const fn is_at_end(&self) -> bool {
        self.bytes == self.expected_bytes
    }

    /// Checks the file that was read.
    pub(super) fn finish(mut self) -> Result<(), SealError> {
        let beyond = self.file.read(&mut [0]).map_err(|source| SealError::damaged(self.number, source.to_string()))?;
        if beyond > 0 || self.bytes != self.expected_bytes {
            return Err(SealError::damaged(self.number, "its data file has another size than its marker says"));
        }
        if hex::encode(self.hasher.finalize()) != self.expected_sha256 {
            return Err(SealError::damaged(self.number, "its data file has another hash than its marker says"));
        }
        Ok(())
    }
}

impl Read for ShardData {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.file.read(buffer)?;
        self.hasher.update(&buffer[..read]);
        self.bytes += read as u64;
        Ok(read)
    }
}
