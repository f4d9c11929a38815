//! A finished shard: the marker file that makes it count, and what the marker says.
//!
//! Enters: nothing; rendering fills these. Leaves: `shards/00001.json`, beside `shards/00001.pdf`. Invariant: the marker
//! is written last, so a shard without one was never made; it names the data file's hash and every letter of the shard
//! exactly once, in order.
//!
//! The data file of a stream shard is one PDF. The data file of a shard of single PDFs is these PDFs one after the
//! other; each letter's `offset` and `bytes` say where its own stands.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::model::outcome::Held;

/// What `shards/00001.json` says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShardMarker {
    /// 1-based; 0 is the shard of the control letters.
    pub number: u32,
    /// SHA-256 of the data file, hex.
    pub sha256: String,
    /// Size of the data file.
    pub bytes: u64,
    /// Pages in the data file.
    pub pages: u64,
    /// Every letter of the shard, in order.
    pub letters: Vec<ShardLetter>,
}

/// What became of one letter of a shard.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShardLetter {
    /// The case code, printed form.
    pub case_code: String,
    /// Where it stands, or why it does not.
    #[serde(flatten)]
    pub result: ShardResult,
}

/// Where a letter stands in its shard, or why it does not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "result", rename_all = "lowercase")]
pub enum ShardResult {
    /// The letter was made and passed its check.
    Made {
        /// 1-based page in the PDF that holds it (always 1 in a single PDF).
        first_page: u32,
        /// Pages in the file, in duplex with the blank back of a letter of odd length.
        pages: u32,
        /// Single PDFs: where the PDF starts in the data file; streams: 0.
        offset: u64,
        /// Single PDFs: the PDF's size; streams: 0.
        bytes: u64,
        /// Content of sheet 1's DataMatrix; blank where the profile has none.
        mark: String,
    },
    /// The letter is held.
    Held {
        /// The reason.
        reason: Held,
        /// What was found, without personal data.
        detail: String,
    },
}

/// The name of a shard's marker file below a run folder.
pub fn marker_name(number: u32) -> String {
    format!("shards/{number:05}.json")
}

/// The marker file of a shard in a run folder.
pub fn marker_path(run: &Path, number: u32) -> PathBuf {
    run.join(marker_name(number))
}

/// The data file of a shard in a run folder.
pub fn data_path(run: &Path, number: u32) -> PathBuf {
    run.join("shards").join(format!("{number:05}.pdf"))
}
