//! Letters before they are ordered: how many pages they have, and whether they can be printed at all.
//!
//! Enters: routed letters. Leaves: planned letters, and those that cannot be printed, with their reason. Invariants:
//! every letter is in exactly one of both; each distinct wording is laid out once; a wording that does not work is an
//! error of the campaign and stops everything, with all its faults.

use std::collections::{BTreeSet, HashMap};
use std::num::NonZeroUsize;
use std::sync::Arc;

use rayon::prelude::*;

use super::bodies::{Bodies, BodyError};
use super::fit::{Fit, Unfit};
use super::geometry::Geometry;
use super::workers;
use crate::campaign::settings::Campaign;
use crate::model::letter::Letter;
use crate::model::outcome::Held;
use crate::plan::record::PlannedLetter;
use crate::wording::context::Request;

/// A letter that cannot be printed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unprintable {
    /// Index of the participants list.
    pub list: u16,
    /// 1-based data row.
    pub row: u32,
    /// `glyph-missing`, `does-not-fit` or `too-many-pages`.
    pub reason: Held,
    /// Which part; no personal data.
    pub detail: String,
}

/// What measuring leaves behind.
pub struct Measured {
    /// Letters that can be printed, in the order they came.
    pub letters: Vec<PlannedLetter>,
    /// Letters that cannot.
    pub unprintable: Vec<Unprintable>,
}

/// Size of the salutation in each format; the layout sets it so.
const fn salutation_pt(large: bool) -> f64 {
    if large { 16.0 } else { 11.0 }
}

/// Measures letters; `seed` marks them as control letters.
///
/// # Errors
/// Every distinct fault of the wordings in use.
pub fn measure(
    campaign: &Campaign,
    bodies: &Bodies<'_>,
    threads: NonZeroUsize,
    letters: Vec<Letter>,
    seed: bool,
) -> Result<Measured, Vec<BodyError>> {
    let pages = count_pages(campaign, bodies, threads, &letters)?;
    let geometries: HashMap<&str, Geometry> = campaign
        .template
        .formats
        .iter()
        .map(|format| (format.as_str(), Geometry::new(&campaign.vendor, format)))
        .collect();
    let fits: HashMap<&str, Fit<'_>> =
        geometries.iter().map(|(format, geometry)| (*format, Fit::new(geometry))).collect();
    let came = letters.len();
    let fitted: Vec<Result<PlannedLetter, Unprintable>> = letters
        .into_par_iter()
        .zip(pages)
        .map(|(letter, pages)| {
            let (list, row) = (letter.list, letter.row);
            fit(campaign, &fits, letter, pages, seed).map_err(|unfit| Unprintable {
                list,
                row,
                reason: unfit.reason,
                detail: unfit.part.to_owned(),
            })
        })
        .collect();
    let mut measured = Measured { letters: Vec::with_capacity(came), unprintable: Vec::new() };
    for letter in fitted {
        match letter {
            Ok(letter) => measured.letters.push(letter),
            Err(unprintable) => measured.unprintable.push(unprintable),
        }
    }
    assert_eq!(measured.letters.len() + measured.unprintable.len(), came, "every letter is printable or not");
    Ok(measured)
}

/// Letters whose signatures stand in memory as text at a time.
const LETTERS_AT_A_TIME: usize = 1 << 16;

/// Pages of each language's part, for each letter: every distinct wording is laid out once.
fn count_pages(
    campaign: &Campaign,
    bodies: &Bodies<'_>,
    threads: NonZeroUsize,
    letters: &[Letter],
) -> Result<Vec<Vec<u32>>, Vec<BodyError>> {
    let mut numbers: HashMap<Arc<str>, u32> = HashMap::new();
    let mut distinct: Vec<(usize, usize)> = Vec::new();
    let mut asked: Vec<Vec<u32>> = Vec::with_capacity(letters.len());
    for (first, part) in (0..).step_by(LETTERS_AT_A_TIME).zip(letters.chunks(LETTERS_AT_A_TIME)) {
        let signatures: Vec<Vec<Arc<str>>> = part
            .par_iter()
            .map(|letter| {
                let positions = 0..letter.languages.languages().len();
                positions.map(|position| bodies.signature(&request(campaign, letter, position))).collect()
            })
            .collect();
        for (index, signatures) in (first..).zip(signatures) {
            let mut own = Vec::with_capacity(signatures.len());
            for (position, signature) in signatures.into_iter().enumerate() {
                own.push(*numbers.entry(signature).or_insert_with(|| {
                    distinct.push((index, position));
                    u32::try_from(distinct.len() - 1).expect("fewer wordings than letters")
                }));
            }
            asked.push(own);
        }
    }
    drop(numbers);
    let counted = workers::run(threads, distinct.len(), |number| {
        let (index, position) = distinct[number];
        bodies.pages(&request(campaign, &letters[index], position))
    });
    let mut pages = Vec::with_capacity(counted.len());
    let mut faults = Vec::new();
    let mut said = BTreeSet::new();
    for result in counted {
        match result {
            Ok(count) => pages.push(count),
            Err(error) if said.insert(error.to_string()) => faults.push(error),
            Err(_) => {}
        }
    }
    if !faults.is_empty() {
        return Err(faults);
    }
    Ok(asked.into_iter().map(|numbers| numbers.into_iter().map(|number| pages[number as usize]).collect()).collect())
}

/// What a letter asks of the wording in the language at this position.
fn request<'a>(campaign: &Campaign, letter: &'a Letter, position: usize) -> Request<'a> {
    Request {
        language: letter.languages.languages()[position],
        variant: &letter.variant,
        format: &letter.format,
        facts: &letter.facts,
        person: campaign.template.uses_person.then(|| (letter.person.reveal(), position)),
    }
}

fn fit(
    campaign: &Campaign,
    fits: &HashMap<&str, Fit<'_>>,
    letter: Letter,
    pages: Vec<u32>,
    seed: bool,
) -> Result<PlannedLetter, Unfit> {
    let fit = fits.get(&*letter.format).ok_or(Unfit { reason: Held::InvalidValue, part: "format" })?;
    let destination = letter.destination.reveal();
    let content = if campaign.vendor.kix { destination.kix.as_str() } else { "" };
    let address = fit.address(&destination.lines, content)?;
    let printed_kix = if address.kix_fits { content.to_owned() } else { String::new() };
    let person = letter.person.reveal();
    let size = salutation_pt(&*letter.format == "large-print");
    for (&language, salutation) in letter.languages.languages().iter().zip(&person.salutations) {
        let mut texts = vec![format!("{salutation},")];
        if person.named_inside {
            let labels = campaign.template.labels.get(&language);
            let concerning = labels.and_then(|labels| labels.get("concerning")).map_or("", String::as_str);
            texts.push(concerning.replace("{name}", &person.name_line));
        }
        fit.above_body(&texts, size)?;
    }
    if pages.iter().any(|&count| count > campaign.template.pages_max) {
        return Err(Unfit { reason: Held::TooManyPages, part: "letter" });
    }
    Ok(PlannedLetter { printed_lines: address.lines, printed_kix, pages, letter, seed })
}
