//! Packages of spoiled pieces in the ledger.
//!
//! Enters: the run folder's record of such packages. Leaves: an event for each package and each letter in it, all together
//! or not at all. Invariants: a package is noted once; a letter in it is one of the run. Absent on purpose: control letters,
//! which are pieces of a package and nobody's letter.

use serde::{Deserialize, Serialize};

use super::book::Ledger;
use super::error::LedgerError;
use super::event::{Event, Kind};
use crate::model::case_code::CaseCode;
use crate::seal::reprint::Reprint;

/// What is noted of a package of spoiled pieces.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReprintedPackage {
    /// `<campaign>-r0001`.
    pub id: String,
    /// SHA-256 of the file as shipped, hex.
    pub sha256: String,
    /// SHA-256 of the package's SHA256SUMS, hex.
    pub plain_sha256: String,
    /// Letters to people.
    pub letters: u64,
    /// Control letters.
    pub seeds: u64,
    /// When it was noted, by the machine's clock; nothing is decided by it.
    pub at: String,
}

/// What is noted of a letter in such a package, as a JSON list in this order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReprintedPiece(
    /// The package: `r0001`.
    pub String,
    /// How often the piece was made, this time included.
    pub u32,
    /// When it was noted, by the machine's clock; nothing is decided by it.
    pub String,
);

impl Ledger {
    /// The packages of spoiled pieces of a run, in the order in which they were made.
    ///
    /// # Errors
    /// A damaged file.
    pub fn reprints(&self, run: u32) -> Result<Vec<ReprintedPackage>, LedgerError> {
        let mut packages = Vec::new();
        self.each("run = ?1 AND code IS NULL AND kind = 'reprint'", &[&run], |event| {
            packages.push(self.detail(&event)?);
            Ok(())
        })?;
        Ok(packages)
    }

    /// Notes those of these packages that are not noted yet; gives their ids.
    ///
    /// # Errors
    /// A package that differs from the one that was noted, one with letters that the run does not have, or the disk.
    pub fn note_reprints(&mut self, run: u32, reprints: &[Reprint], at: &str) -> Result<Vec<String>, LedgerError> {
        let known = self.reprints(run)?;
        let same = |(known, reprint): (&ReprintedPackage, &Reprint)| {
            (&known.id, &known.sha256) == (&reprint.id, &reprint.sha256)
        };
        if known.len() > reprints.len() || !known.iter().zip(reprints).all(same) {
            return Err(LedgerError::OtherReprints { path: self.path().to_owned(), run });
        }
        let mut noted = Vec::new();
        for reprint in &reprints[known.len()..] {
            let letters = self.letters_among(run, reprint)?;
            if letters.len() as u64 != reprint.letters {
                return Err(LedgerError::OtherReprints { path: self.path().to_owned(), run });
            }
            let package = ReprintedPackage {
                id: reprint.id.clone(),
                sha256: reprint.sha256.clone(),
                plain_sha256: reprint.plain_sha256.clone(),
                letters: reprint.letters,
                seeds: reprint.seeds,
                at: at.to_owned(),
            };
            self.begin()?;
            self.add(run, Kind::Reprint, None, serde_json::to_string(&package).expect("plain data"))?;
            let short = package.id.rsplit('-').next().unwrap_or_default();
            for (code, attempts) in letters {
                let piece = ReprintedPiece(short.to_owned(), attempts, at.to_owned());
                self.add(run, Kind::Reprinted, Some(code), serde_json::to_string(&piece).expect("plain data"))?;
            }
            self.commit()?;
            noted.push(package.id);
        }
        Ok(noted)
    }

    /// The pieces of a package that are letters of the run, with how often each was made.
    fn letters_among(&self, run: u32, reprint: &Reprint) -> Result<Vec<(CaseCode, u32)>, LedgerError> {
        let mut letters = Vec::new();
        for (code, &attempts) in &reprint.attempts {
            let Some(code) = CaseCode::parse(code) else { continue };
            let mut is_letter = false;
            self.each("code = ?1 AND run = ?2 AND kind = 'letter'", &[&code.bits().cast_signed(), &run], |_| {
                is_letter = true;
                Ok(())
            })?;
            if is_letter {
                letters.push((code, attempts));
            }
        }
        Ok(letters)
    }

    /// What an event of a piece in such a package says.
    pub(super) fn reprinted(&self, event: &Event) -> Result<ReprintedPiece, LedgerError> {
        self.detail(event)
    }
}
