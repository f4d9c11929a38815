//! Whether the files of a campaign are still the ones that are shown.
//!
//! Enters: files and folders. Leaves: a state that equals another one as long as nothing was written. Invariant: it looks
//! at sizes and times only, several times a second, and opens nothing. Links are followed to what they name; their
//! content is read by the campaign's own reader, or not at all.

use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// Folders below a place; a link back to a folder above ends here.
const DEPTH: u32 = 4;

/// Files with their sizes and times.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Seen(Vec<(PathBuf, u64, Option<SystemTime>)>);

/// Looks at these files, and at everything in these folders.
pub fn look(places: &[PathBuf]) -> Seen {
    let mut seen = Seen::default();
    for place in places {
        add(&mut seen, place, DEPTH);
    }
    seen
}

fn add(seen: &mut Seen, place: &Path, depth: u32) {
    let Ok(about) = std::fs::metadata(place) else { return };
    if !about.is_dir() {
        seen.0.push((place.to_owned(), about.len(), about.modified().ok()));
        return;
    }
    let mut below: Vec<PathBuf> =
        std::fs::read_dir(place).into_iter().flatten().flatten().map(|entry| entry.path()).collect();
    below.sort();
    if depth > 0 {
        for place in below {
            add(seen, &place, depth - 1);
        }
    }
}
