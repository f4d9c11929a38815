//! Letters in the ledger: what is noted of each, and who was told what.
//!
//! Enters: sealed letters. Leaves: everybody's last letter. Invariant: a letter counts when its run is sealed; one whose
//! transaction was never committed is not there.

use std::collections::BTreeMap;

use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};

use super::book::Ledger;
use super::error::LedgerError;
use super::event::{Event, Kind};
use super::pieces::Status;
use crate::model::case_code::CaseCode;
use crate::model::earlier::{Content, Earlier};
use crate::seal::manifest::PackageEntry;

/// What is noted of a letter, as a JSON list in this order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SentLetter(
    /// The package in its run: `p0001`.
    pub String,
    /// The place in the package, from 1.
    pub u64,
    /// The variant.
    pub String,
    /// `nl`, `en` or `nl+en`.
    pub String,
    /// The format.
    pub String,
    /// The content, hex.
    pub String,
    /// The wave.
    pub Option<String>,
);

impl SentLetter {
    /// What it tells about the person.
    pub fn content(&self) -> Option<Content> {
        let mut content = Content::default();
        hex::decode_to_slice(&self.5, &mut content).ok()?;
        Some(content)
    }
}

impl Ledger {
    /// Adds a letter to the open transaction.
    ///
    /// # Errors
    /// The disk.
    pub fn add_letter(&mut self, run: u32, code: CaseCode, letter: &SentLetter) -> Result<(), LedgerError> {
        self.add(run, Kind::Letter, Some(code), serde_json::to_string(letter).expect("plain data"))
    }

    /// Everybody who was written to.
    ///
    /// # Errors
    /// A damaged file.
    pub fn earlier(&self, wave: Option<String>) -> Result<Earlier, LedgerError> {
        let mut earlier = Earlier::new(wave);
        self.each("kind IN ('letter', 'returned')", &[], |event| {
            let strange = || LedgerError::damaged(self.path(), format!("event {} has no valid detail", event.number));
            let code = event.code.ok_or_else(strange)?;
            if let Kind::Returned = event.kind {
                if let (Status::Returned(reason), _) = self.reported(&event)? {
                    earlier.came_back(code, event.run, reason);
                }
                return Ok(());
            }
            let letter = self.letter(&event)?;
            earlier.sent(code, event.run, letter.content().ok_or_else(strange)?, letter.6.as_deref());
            Ok(())
        })?;
        Ok(earlier)
    }

    /// How many of these people, sorted by code, have a letter in each sealed run but this one.
    ///
    /// # Errors
    /// A damaged file.
    pub fn letters_elsewhere(&self, run: u32, codes: &[CaseCode]) -> Result<BTreeMap<u32, u64>, LedgerError> {
        let mut letters = BTreeMap::new();
        if codes.is_empty() {
            return Ok(letters);
        }
        self.each("kind = 'letter' AND run <> ?1", &[&run], |event| {
            if event.code.is_some_and(|code| codes.binary_search(&code).is_ok()) {
                *letters.entry(event.run).or_default() += 1;
            }
            Ok(())
        })?;
        Ok(letters)
    }

    /// What an event of a letter says.
    pub(super) fn letter(&self, event: &Event) -> Result<SentLetter, LedgerError> {
        self.detail(event)
    }
}

/// The index of each package among those of its run, by the name that letters know it by: `p0001`.
pub(super) fn package_numbers(packages: &[PackageEntry]) -> BTreeMap<String, u16> {
    let short = |package: &PackageEntry| package.id.rsplit('-').next().unwrap_or_default().to_owned();
    packages.iter().map(short).zip(0..).collect()
}

/// The package of a letter: the first of the seven parts of its detail.
pub(super) fn package_of(event: &Event) -> Option<&str> {
    type Rest = IgnoredAny;
    type Parts<'a> = (&'a str, Rest, Rest, Rest, Rest, Rest, Rest);
    serde_json::from_str::<Parts<'_>>(&event.detail).ok().map(|parts| parts.0)
}
