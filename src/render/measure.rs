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
    let came = letters.len();
    let fitted: Vec<Result<PlannedLetter, Unprintable>> = letters
        .into_par_iter()
        .zip(pages)
        .map(|(letter, pages)| {
            let (list, row) = (letter.list, letter.row);
            fit(campaign, &geometries, letter, pages, seed).map_err(|unfit| Unprintable {
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

/// The wordings that a letter asks for: what distinguishes them cheaply, before any wording is rendered.
type RequestKey = (usize, Arc<str>, Arc<str>, usize, Option<usize>);

/// Pages of each language's part, for each letter.
fn count_pages(
    campaign: &Campaign,
    bodies: &Bodies<'_>,
    threads: NonZeroUsize,
    letters: &[Letter],
) -> Result<Vec<Vec<u32>>, Vec<BodyError>> {
    let mut numbers: HashMap<RequestKey, usize> = HashMap::new();
    let mut distinct: Vec<(usize, usize)> = Vec::new();
    let mut asked: Vec<Vec<usize>> = Vec::with_capacity(letters.len());
    for (index, letter) in letters.iter().enumerate() {
        let own = campaign.template.uses_person.then_some(index);
        let facts = Arc::as_ptr(&letter.facts) as usize;
        let languages = 0..letter.languages.languages().len();
        asked.push(
            languages
                .map(|position| {
                    let language = letter.languages.languages()[position] as usize;
                    let key = (facts, Arc::clone(&letter.variant), Arc::clone(&letter.format), language, own);
                    *numbers.entry(key).or_insert_with(|| {
                        distinct.push((index, position));
                        distinct.len() - 1
                    })
                })
                .collect(),
        );
    }
    let counted = workers::run(threads, distinct.len(), |number| {
        let (index, position) = distinct[number];
        let letter = &letters[index];
        let request = Request {
            language: letter.languages.languages()[position],
            variant: &letter.variant,
            format: &letter.format,
            facts: &letter.facts,
            person: campaign.template.uses_person.then(|| (letter.person.reveal(), position)),
        };
        let signature = bodies.signature(&request);
        bodies.get(&signature, &request).map(|body| body.pages())
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
    Ok(asked.into_iter().map(|numbers| numbers.into_iter().map(|number| pages[number]).collect()).collect())
}

fn fit(
    campaign: &Campaign,
    geometries: &HashMap<&str, Geometry>,
    letter: Letter,
    pages: Vec<u32>,
    seed: bool,
) -> Result<PlannedLetter, Unfit> {
    let geometry = geometries.get(&*letter.format).ok_or(Unfit { reason: Held::InvalidValue, part: "format" })?;
    let fit = Fit::new(geometry);
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
