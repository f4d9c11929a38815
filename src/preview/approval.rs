//! Sign-offs: who said yes to which content, and what changed since.
//!
//! Enters: a campaign's content and its folder. Leaves: `approvals.toml`, which names every sign-off with the hash of
//! each part, and `approvals/`, which keeps each approved text once, by its hash. Both belong into version control,
//! which is what shows that nobody signed for another. Invariants: a sign-off is added, never changed; it counts for
//! exactly the content that it names; the kept texts only show what changed and decide nothing. Absent on purpose: the
//! clock, which the caller reads.

use std::collections::{BTreeMap, BTreeSet};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::changes::{self, LineChange};
use super::content::{self, Content};
use crate::store::{self, StoreError};

/// The file below the campaign's folder.
pub const FILE: &str = "approvals.toml";
/// The folder below the campaign's folder that keeps approved texts.
pub const TEXTS: &str = "approvals";
/// A name on a sign-off has at most this many characters.
pub const NAME_MAX: usize = 80;

const HEAD: &str = "\
# Who signed off what. `meldpost approve` adds to this file; keep it in version control, together with approvals/, which
# holds the approved texts by their hash. A sign-off counts for exactly the parts that it names.
";

/// One sign-off.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Approval {
    /// Who.
    pub by: String,
    /// When, RFC 3339 in UTC, to the second.
    pub at: String,
    /// The program that showed the proofs; a newer one may be used.
    pub program: String,
    /// The hash over all parts.
    pub sha256: String,
    /// Part by name → SHA-256, hex.
    pub parts: BTreeMap<String, String>,
}

/// `approvals.toml`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Approvals {
    /// Every sign-off, in the order in which they were made.
    #[serde(default, rename = "approval")]
    pub all: Vec<Approval>,
}

/// Sign-offs cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("{}: {what}", path.display())]
pub struct ApprovalError {
    /// The file.
    pub path: PathBuf,
    /// What is wrong.
    pub what: String,
}

/// One part that is not as it was approved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The part's name.
    pub part: String,
    /// How.
    pub how: How,
}

/// How a part changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum How {
    /// It was not there.
    Added,
    /// It is gone.
    Removed,
    /// These lines are different.
    Lines(Vec<LineChange>),
    /// It has another hash, and the approved text was not kept.
    Altered,
}

impl Approvals {
    /// Reads the sign-offs of a folder; none where there is no file.
    ///
    /// # Errors
    /// A file that cannot be read, or in which a hash was changed by hand.
    pub fn read(folder: &Path) -> Result<Self, ApprovalError> {
        let path = folder.join(FILE);
        let error = |what: String| ApprovalError { path: path.clone(), what };
        let text = match std::fs::read_to_string(&path) {
            Err(reason) if reason.kind() == ErrorKind::NotFound => return Ok(Self::default()),
            text => text.map_err(|reason| error(format!("cannot be read: {reason}")))?,
        };
        let approvals: Self =
            toml::from_str(&text).map_err(|reason| error(format!("is no list of sign-offs: {}", reason.message())))?;
        for (number, approval) in approvals.all.iter().enumerate() {
            if content::sha256(&approval.parts) != approval.sha256 {
                return Err(error(format!("sign-off {} was changed by hand: its hashes do not agree", number + 1)));
            }
        }
        Ok(approvals)
    }

    /// Who signed off exactly this content, each person once, as they spelt their names.
    pub fn names(&self, content: &Content) -> Vec<&str> {
        let sha256 = content::sha256(&content.hashes());
        let mut seen = BTreeSet::new();
        self.all
            .iter()
            .filter(|approval| approval.sha256 == sha256)
            .map(|approval| approval.by.as_str())
            .filter(|name| seen.insert(same_name(name)))
            .collect()
    }

    /// The last sign-off of a content that as many people signed as the campaign asks for; where nobody asks, one is
    /// enough.
    pub fn last(&self, required: u32) -> Option<&Approval> {
        let enough = |approval: &&Approval| {
            let same = self.all.iter().filter(|other| other.sha256 == approval.sha256);
            same.map(|other| same_name(&other.by)).collect::<BTreeSet<_>>().len() >= required.max(1) as usize
        };
        self.all.iter().rev().find(enough)
    }

    /// Adds a sign-off and keeps the texts it is about. Whether it was added: a person signs the same content once.
    ///
    /// # Errors
    /// The disk.
    pub fn add(
        &mut self,
        folder: &Path,
        content: &Content,
        by: &str,
        at: &str,
        program: &str,
    ) -> Result<bool, StoreError> {
        if self.names(content).iter().any(|name| same_name(name) == same_name(by)) {
            return Ok(false);
        }
        store::folder(&folder.join(TEXTS))?;
        for part in content.parts.values() {
            let path = text_path(folder, &part.sha256);
            if let Some(text) = &part.text
                && kept(folder, &part.sha256).is_none()
            {
                store::write(&path, text.as_bytes())?;
            }
        }
        let parts = content.hashes();
        self.all.push(Approval {
            by: by.to_owned(),
            at: at.to_owned(),
            program: program.to_owned(),
            sha256: content::sha256(&parts),
            parts,
        });
        self.write(folder)?;
        Ok(true)
    }

    /// Writes the file into a folder.
    ///
    /// # Errors
    /// The disk.
    pub fn write(&self, folder: &Path) -> Result<(), StoreError> {
        let list = toml::to_string(self).expect("sign-offs are plain data");
        store::write(&folder.join(FILE), format!("{HEAD}\n{list}").as_bytes())
    }
}

impl Approval {
    /// What is different now, by part.
    pub fn changes(&self, folder: &Path, content: &Content) -> Vec<Change> {
        let names: BTreeSet<&String> = self.parts.keys().chain(content.parts.keys()).collect();
        names
            .into_iter()
            .filter_map(|name| {
                let how = match (self.parts.get(name), content.parts.get(name)) {
                    (Some(then), Some(now)) if *then == now.sha256 => return None,
                    (Some(then), Some(now)) => match (kept(folder, then), &now.text) {
                        (Some(then), Some(now)) => How::Lines(changes::lines(&then, now)),
                        _ => How::Altered,
                    },
                    (None, _) => How::Added,
                    (_, None) => How::Removed,
                };
                Some(Change { part: name.clone(), how })
            })
            .collect()
    }

    /// The approved text of a part; none where it was not kept, or not as it was.
    pub fn text(&self, folder: &Path, part: &str) -> Option<String> {
        kept(folder, self.parts.get(part)?)
    }
}

/// A name as a sign-off carries it: one line, single spaces; nothing where it is none.
pub fn name(text: &str) -> Option<String> {
    let name = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let plain = name.chars().any(char::is_alphabetic) && !name.chars().any(char::is_control);
    (plain && name.chars().count() <= NAME_MAX).then_some(name)
}

/// What makes two names one person's.
fn same_name(name: &str) -> String {
    name.to_lowercase()
}

fn text_path(folder: &Path, sha256: &str) -> PathBuf {
    folder.join(TEXTS).join(format!("{sha256}.txt"))
}

fn kept(folder: &Path, sha256: &str) -> Option<String> {
    // A hash from the file becomes part of a path.
    if sha256.len() != 64 || !sha256.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    let text = std::fs::read_to_string(text_path(folder, sha256)).ok()?;
    (store::sha256(text.as_bytes()) == sha256).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_has_letters_and_stands_on_one_line() {
        assert_eq!(name("  A.  de\nWit "), Some("A. de Wit".to_owned()));
        for text in ["", " ", "12", "\u{7}a", &"a".repeat(81)] {
            assert_eq!(name(text), None, "{text:?}");
        }
    }
}
