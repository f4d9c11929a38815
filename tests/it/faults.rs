//! Faults put into finished letters on purpose: the check of finished pages must find each.

use std::sync::Arc;

use meldpost::campaign;
use meldpost::campaign::settings::Campaign;
use meldpost::model::exposure::{Certainty, Exposed};
use meldpost::plan::files;
use meldpost::plan::letters::LetterReader;
use meldpost::plan::record::PlannedLetter;
use meldpost::render::check::content::FoundPage;
use meldpost::render::check::verdict::{Fault, Inspector};
use meldpost::render::marker::{ShardMarker, ShardResult, data_path, marker_path};

use crate::harness::{CAMPAIGN, RUN, Work, pages};

/// A rendered shard: each letter as planned, with its pages as they stand in the finished file.
struct Shard {
    campaign: Campaign,
    letters: Vec<PlannedLetter>,
    pages: Vec<Vec<FoundPage>>,
    _work: Work,
}

fn shard() -> Shard {
    let work = Work::people(12);
    work.replace("vendors/press.toml", "max_letters_per_file = 2", "max_letters_per_file = 12");
    work.replace("vendors/press.toml", "max_letters_per_package = 4", "max_letters_per_package = 12");
    work.meldpost(["plan", CAMPAIGN, "--run", RUN]).ends(0);
    work.meldpost(["render", "--run", RUN]).ends(0);
    let run = work.run_folder();
    let campaign = campaign::load_planned(&files::campaign_path(&run)).expect("a campaign");
    let plan = files::read(&run).expect("a plan");
    let first = plan.shards.iter().max_by_key(|shard| shard.letters).expect("a shard");
    assert!(first.letters > 3, "letters to swap");
    let letters = LetterReader::new(&files::letters_path(&run)).slice(first.first, first.letters).expect("letters");
    let marker: ShardMarker =
        serde_json::from_slice(&std::fs::read(marker_path(&run, first.number)).expect("a marker")).expect("a marker");
    let mut found = pages(std::fs::read(data_path(&run, first.number)).expect("a stream")).into_iter();
    let pages = marker
        .letters
        .iter()
        .map(|letter| match letter.result {
            ShardResult::Made { pages, .. } => found.by_ref().take(pages as usize).collect(),
            ShardResult::Held { .. } => panic!("every letter was made"),
        })
        .collect();
    Shard { campaign, letters, pages, _work: work }
}

impl Shard {
    /// What the check says of a letter with these pages.
    fn check(&self, planned: &PlannedLetter, pages: &[FoundPage]) -> Result<(), Fault> {
        let inspector = Inspector::new(&self.campaign);
        let pages: Vec<_> = pages.iter().map(|page| page.digested(|content| inspector.body(&content))).collect();
        inspector.check(planned, &pages)
    }

    /// Why the check refuses a letter with these pages.
    fn refuses(&self, planned: &PlannedLetter, pages: &[FoundPage]) -> String {
        self.check(planned, pages).expect_err("the fault is found").detail
    }

    /// Two letters of as many pages that differ in what `differ` compares.
    fn pair(&self, differ: impl Fn(&PlannedLetter, &PlannedLetter) -> bool) -> (usize, usize) {
        for one in 0..self.letters.len() {
            for other in 0..self.letters.len() {
                if self.pages[one].len() == self.pages[other].len() && differ(&self.letters[one], &self.letters[other])
                {
                    return (one, other);
                }
            }
        }
        panic!("the shard has no such pair");
    }
}

#[test]
fn every_letter_passes_as_it_was_made() {
    let shard = shard();
    for (planned, pages) in shard.letters.iter().zip(&shard.pages) {
        assert_eq!(shard.check(planned, pages), Ok(()));
    }
}

#[test]
fn a_body_swapped_between_two_people_is_found() {
    let mut shard = shard();
    let (one, other) = shard.pair(|one, other| {
        one.letter.languages == other.letter.languages
            && one.letter.facts.categories.len() != other.letter.facts.categories.len()
    });
    for page in 0..shard.pages[one].len() {
        let (first, second) = (shard.pages[one][page].forms.clone(), shard.pages[other][page].forms.clone());
        shard.pages[one][page].forms = second;
        shard.pages[other][page].forms = first;
    }
    let said = shard.refuses(&shard.letters[one], &shard.pages[one]);
    assert!(said.contains("categories"), "{said}");
}

#[test]
fn a_stale_cover_is_found() {
    let shard = shard();
    let (one, other) = shard.pair(|one, other| {
        one.letter.case_code != other.letter.case_code && one.letter.languages == other.letter.languages
    });
    let said = shard.refuses(&shard.letters[one], &shard.pages[other]);
    assert!(said.contains("not this person's"), "{said}");
}

#[test]
fn a_dropped_page_is_found() {
    let mut shard = shard();
    shard.pages[0].pop();
    let said = shard.refuses(&shard.letters[0], &shard.pages[0]);
    assert!(said.contains("pages were found"), "{said}");
}

#[test]
fn a_category_too_many_and_one_too_few_are_found() {
    let shard = shard();
    let planned = &shard.letters[0];
    let mut more = planned.clone();
    let facts = Arc::make_mut(&mut more.letter.facts);
    let mut known = shard.campaign.template.categories.keys();
    let missing = known.find(|category| !facts.categories.contains_key(*category)).cloned();
    let category = missing.expect("a category that the person lacks");
    facts.categories.insert(category, Exposed { certainty: Certainty::Possible, period_from: None, period_to: None });
    assert!(shard.refuses(&more, &shard.pages[0]).contains("categories"));
    let mut less = planned.clone();
    Arc::make_mut(&mut less.letter.facts).categories.pop_first();
    assert!(shard.refuses(&less, &shard.pages[0]).contains("categories"));
}

#[test]
fn a_shifted_address_is_found() {
    let mut shard = shard();
    shard.campaign.vendor.window.left_mm += 4.0;
    let said = shard.refuses(&shard.letters[0], &shard.pages[0]);
    assert!(said.contains("window") || said.contains("safe area"), "{said}");
    shard.campaign.vendor.window.left_mm -= 4.0;
    shard.campaign.vendor.window.top_mm += 4.0;
    let said = shard.refuses(&shard.letters[0], &shard.pages[0]);
    assert!(said.contains("window"), "{said}");
}

#[test]
fn a_mark_that_is_missing_or_on_a_back_is_found() {
    let mut shard = shard();
    shard.pages[0][0].own.areas.pop();
    let said = shard.refuses(&shard.letters[0], &shard.pages[0]);
    assert!(said.contains("marks"), "{said}");
}
