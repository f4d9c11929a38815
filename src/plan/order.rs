//! Which letter comes when, in which shard and which package.
//!
//! Enters: measured letters in any order. Leaves: the same letters in print order, and the shards that cut them.
//! Invariants: every letter is in exactly one shard and shards follow one another without gaps; a package is uniform in
//! what the vendor splits by and holds no more letters than a release day; ties are broken by case code, so the order
//! never depends on how the letters came.

use std::cmp::Ordering;

use rayon::prelude::*;

use crate::campaign::vendor::{Form, OrderBy, SplitBy, Vendor};
use crate::model::letter::Destination;

use super::record::{PlannedLetter, ShardPlan};

/// Letters of a shard of single PDFs at most.
const SINGLES_A_SHARD: u32 = 5000;

/// Sorts letters for print and cuts them into shards; `per_package` is how many letters a package may have.
pub fn arrange(vendor: &Vendor, per_package: u32, letters: &mut [PlannedLetter]) -> Vec<ShardPlan> {
    letters.par_sort_by(|one, other| compare(vendor, one, other));
    let per_shard = per_package.min(match vendor.output.form {
        Form::Stream => vendor.output.max_letters_per_file,
        Form::Single => SINGLES_A_SHARD,
    });
    let mut shards: Vec<ShardPlan> = Vec::new();
    let mut in_package = 0;
    for index in 0..letters.len() {
        let new_package = index == 0
            || in_package == per_package
            || classes(vendor, &letters[index - 1], &letters[index]) != Ordering::Equal;
        if new_package {
            in_package = 0;
        }
        in_package += 1;
        match shards.last_mut() {
            Some(shard) if !new_package && shard.letters < u64::from(per_shard) => shard.letters += 1,
            last => {
                let (number, package) = last.map_or((0, 0), |shard| (shard.number, shard.package));
                shards.push(ShardPlan {
                    number: number + 1,
                    first: index as u64,
                    letters: 1,
                    package: package + u32::from(new_package),
                });
            }
        }
    }
    assert_eq!(
        shards.iter().map(|shard| shard.letters).sum::<u64>(),
        letters.len() as u64,
        "every letter is in a shard"
    );
    shards
}

fn compare(vendor: &Vendor, one: &PlannedLetter, other: &PlannedLetter) -> Ordering {
    let (from, to) = (one.letter.destination.reveal(), other.letter.destination.reveal());
    classes(vendor, one, other)
        .then_with(|| is_foreign(from).cmp(&is_foreign(to)))
        // Between its neighbours' postcodes, a protected address would give its own away.
        .then_with(|| from.protected.cmp(&to.protected))
        .then_with(|| if is_foreign(from) { from.country.cmp(&to.country) } else { domestic(vendor, one, other) })
        .then_with(|| one.letter.case_code.cmp(&other.letter.case_code))
}

/// What packages are uniform in.
fn classes(vendor: &Vendor, one: &PlannedLetter, other: &PlannedLetter) -> Ordering {
    let mut order = Ordering::Equal;
    for split in &vendor.output.split_by {
        order = order.then_with(|| match split {
            SplitBy::CountryClass => {
                is_foreign(one.letter.destination.reveal()).cmp(&is_foreign(other.letter.destination.reveal()))
            }
            SplitBy::Sheets => vendor.plex.sheets(one.page_count()).cmp(&vendor.plex.sheets(other.page_count())),
            SplitBy::Language => one.letter.languages.as_str().cmp(other.letter.languages.as_str()),
            SplitBy::Variant => one.letter.variant.cmp(&other.letter.variant),
        });
    }
    order
}

fn domestic(vendor: &Vendor, one: &PlannedLetter, other: &PlannedLetter) -> Ordering {
    let (from, to) = (one.letter.destination.reveal(), other.letter.destination.reveal());
    let mut order = Ordering::Equal;
    for key in &vendor.output.order_by {
        order = order.then_with(|| match key {
            OrderBy::Postcode => from.postcode.cmp(&to.postcode),
            OrderBy::HouseNumber => number(from).cmp(&number(to)).then_with(|| from.house_suffix.cmp(&to.house_suffix)),
            OrderBy::CaseCode => one.letter.case_code.cmp(&other.letter.case_code),
        });
    }
    order
}

fn is_foreign(destination: &Destination) -> bool {
    destination.country != "NL"
}

/// House numbers are compared as numbers; a destination without one comes first.
fn number(destination: &Destination) -> u64 {
    destination.house_number.parse().unwrap_or(0)
}
