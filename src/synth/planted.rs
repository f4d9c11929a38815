//! What was planted, counted: what a run of the campaign must find.
//!
//! Enters: one outcome a row. Leaves: `planted.json`. Invariant: the counts say what the contract makes of the rows, and
//! come from the plan of the cases, never from the code that reads and decides.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::cases::Case;
use crate::model::outcome::{ExposureOutcome, Outcome};

/// The counts of one population.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Planted {
    /// People by case.
    pub cases: BTreeMap<Case, u64>,
    /// Participants rows by list.
    pub rows: BTreeMap<&'static str, u64>,
    /// Participants rows by outcome and reason.
    pub outcomes: BTreeMap<(&'static str, &'static str), u64>,
    /// Exposure rows by list.
    pub exposure_rows: BTreeMap<&'static str, u64>,
    /// Exposure rows by outcome and reason.
    pub exposure_outcomes: BTreeMap<(&'static str, &'static str), u64>,
    /// Register rows by register.
    pub register_rows: BTreeMap<&'static str, u64>,
    /// Letters by language.
    pub languages: BTreeMap<&'static str, u64>,
    /// Letters in large print.
    pub large_print: u64,
    /// Letters to other countries.
    pub abroad: u64,
}

impl Planted {
    /// Counts a participants row.
    pub fn row(&mut self, list: &'static str, outcome: Outcome) {
        *self.rows.entry(list).or_default() += 1;
        *self.outcomes.entry((outcome.as_str(), outcome.reason())).or_default() += 1;
    }

    /// Counts an exposure row.
    pub fn exposure_row(&mut self, list: &'static str, outcome: ExposureOutcome) {
        *self.exposure_rows.entry(list).or_default() += 1;
        *self.exposure_outcomes.entry(outcome.as_strs()).or_default() += 1;
    }

    /// The file's content.
    pub fn json(&self, people: u64, seed: u64) -> Value {
        let cases: BTreeMap<&str, u64> = self.cases.iter().map(|(case, count)| (case.as_str(), *count)).collect();
        json!({
            "people": people,
            "seed": seed,
            "rows": self.rows.values().sum::<u64>(),
            "exposure_rows": self.exposure_rows.values().sum::<u64>(),
            "outcomes": by_reason(&self.outcomes),
            "exposure_outcomes": by_reason(&self.exposure_outcomes),
            "letters": { "languages": self.languages, "large_print": self.large_print, "abroad": self.abroad },
            "lists": { "participants": self.rows, "exposures": self.exposure_rows, "registers": self.register_rows },
            "cases": cases,
        })
    }
}

fn by_reason(counts: &BTreeMap<(&'static str, &'static str), u64>) -> Value {
    let mut outcomes = Map::new();
    for ((outcome, reason), count) in counts {
        let reasons = outcomes.entry(*outcome).or_insert_with(|| json!({}));
        reasons[*reason] = json!(count);
    }
    Value::Object(outcomes)
}
