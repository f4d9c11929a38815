//! The report as files: JSON and one self-contained HTML page.
//!
//! Enters: a [`Report`]. Leaves: bytes. Invariant: the page loads nothing from anywhere, prints on A4, and every value in
//! it is escaped.

use std::collections::BTreeMap;

use jiff::civil::Date;
use minijinja::syntax::SyntaxConfig;
use minijinja::value::Serde;
use minijinja::{Environment, UndefinedBehavior};
use serde::Serialize;

use super::chart::{Chart, Share, shares};
use super::reasons;
use super::reconciliation::{DayLine, FeedbackDay, FeedbackReport, OutcomeLine, Report};

/// The report could not be drawn: a bug in the page's template.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// The page.
    #[error("the report page cannot be drawn: {0}")]
    Page(#[from] minijinja::Error),
    /// The JSON.
    #[error("the report cannot be written as JSON: {0}")]
    Json(#[from] serde_json::Error),
}

/// The ending makes minijinja escape for HTML.
const NAME: &str = "report.html";

impl Report {
    /// The bytes of `report.json`.
    pub fn to_json(&self) -> Result<Vec<u8>, ReportError> {
        let mut bytes = serde_json::to_vec_pretty(self)?;
        bytes.push(b'\n');
        Ok(bytes)
    }

    /// The text of `report.html`; with what was reported since, where anything was.
    pub fn to_html(&self, feedback: Option<&FeedbackReport>) -> Result<String, ReportError> {
        let mut environment = Environment::new();
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        environment.set_syntax(
            SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).keep_trailing_newline(true).build()?,
        );
        environment.add_filter("grouped", grouped);
        environment.add_template(NAME, include_str!("report.html"))?;
        environment.add_filter("meaning", |reason: &str| reasons::meaning(reason));
        let page = Page {
            report: self,
            rows_by_outcome: self.rows_by_outcome(),
            populations: self.by_population(),
            held: self.of("held"),
            suppressed: self.of("suppressed"),
            rejected: self.of("rejected"),
            daily: Chart::days(&self.numbers(|day| day.letters)),
            planned: Chart::reached(&self.numbers(|day| day.letters_so_far)),
            reported: feedback.and_then(reported),
            posted: feedback.and_then(|feedback| posted(&self.days, feedback)),
            all_runs: feedback
                .filter(|feedback| feedback.runs.len() > 1)
                .and_then(|feedback| all_runs(self.run, feedback)),
            most_in_category: self.categories.iter().map(|line| line.confirmed + line.possible + line.ruled_out).max(),
            feedback,
        };
        Ok(environment.get_template(NAME)?.render(Serde(page))?)
    }

    fn numbers(&self, number: fn(&DayLine) -> u64) -> BTreeMap<Date, Vec<u64>> {
        self.days.iter().map(|day| (day.date, vec![number(day)])).collect()
    }

    fn of(&self, outcome: &str) -> Vec<&OutcomeLine> {
        let mut lines: Vec<_> = self.outcomes.iter().filter(|line| line.outcome == outcome).collect();
        lines.sort_by_key(|line| std::cmp::Reverse(line.rows));
        lines
    }

    fn rows_by_outcome(&self) -> Vec<Share> {
        let sum = |outcome: &str| {
            self.outcomes.iter().filter(|line| line.outcome == outcome).map(|line| line.rows).sum::<u64>()
        };
        shares(&["letter", "merged", "suppressed", "held", "rejected"].map(|outcome| (outcome, sum(outcome))))
    }

    /// Population → people written to, suppressed and held, and rows that are no people of their own.
    fn by_population(&self) -> Vec<PopulationRow<'_>> {
        let mut rows: BTreeMap<&str, PopulationRow<'_>> = BTreeMap::new();
        for line in &self.populations {
            let row = rows.entry(&line.population).or_default();
            row.population = &line.population;
            let count = match line.outcome.as_str() {
                "letter" => &mut row.letter,
                "suppressed" => &mut row.suppressed,
                "held" => &mut row.held,
                "merged" => &mut row.merged,
                _ => &mut row.rejected,
            };
            *count += line.rows;
        }
        rows.into_values().map(|row| PopulationRow { people: row.letter + row.suppressed + row.held, ..row }).collect()
    }
}

/// What the page shows.
#[derive(Serialize)]
struct Page<'a> {
    #[serde(flatten)]
    report: &'a Report,
    rows_by_outcome: Vec<Share>,
    #[serde(rename = "by_population")]
    populations: Vec<PopulationRow<'a>>,
    held: Vec<&'a OutcomeLine>,
    suppressed: Vec<&'a OutcomeLine>,
    rejected: Vec<&'a OutcomeLine>,
    daily: Option<Chart>,
    planned: Option<Chart>,
    reported: Option<Chart>,
    posted: Option<Chart>,
    all_runs: Option<Chart>,
    most_in_category: Option<u64>,
    feedback: Option<&'a FeedbackReport>,
}

/// One population.
#[derive(Default, Serialize)]
struct PopulationRow<'a> {
    population: &'a str,
    people: u64,
    letter: u64,
    suppressed: u64,
    held: u64,
    merged: u64,
    rejected: u64,
}

/// Pieces that were posted, destroyed and returned, by day.
fn reported(feedback: &FeedbackReport) -> Option<Chart> {
    let day = |day: &FeedbackDay| (day.date, vec![day.posted, day.spoiled + day.rejected, day.returned]);
    Chart::days(&feedback.days.iter().map(day).collect())
}

/// Letters that were posted until each day up to that of the report, and on top of them those that were released by then
/// and were not posted.
fn posted(released: &[DayLine], feedback: &FeedbackReport) -> Option<Chart> {
    let mut days: BTreeMap<Date, [u64; 2]> = BTreeMap::new();
    for day in feedback.days.iter().filter(|day| day.posted > 0) {
        days.entry(day.date).or_default()[0] += day.posted;
    }
    if days.is_empty() {
        return None;
    }
    for day in released {
        days.entry(day.date).or_default()[1] += day.letters;
    }
    days.entry(feedback.on).or_default();
    let (mut posted, mut released) = (0, 0);
    let reached = |(date, [more_posted, more_released]): (Date, [u64; 2])| {
        posted += more_posted;
        released += more_released;
        (date, vec![posted, released.max(posted) - posted])
    };
    Chart::reached(&days.into_iter().map(reached).collect())
}

/// Letters of this run and of all others, by release date.
fn all_runs(this: Option<u32>, feedback: &FeedbackReport) -> Option<Chart> {
    let mut days: BTreeMap<Date, Vec<u64>> = BTreeMap::new();
    for line in &feedback.released {
        days.entry(line.date).or_insert_with(|| vec![0; 2])[usize::from(Some(line.run) != this)] += line.letters;
    }
    Chart::days(&days)
}

/// Thousands apart by a narrow no-break space: the same number for readers of every language.
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() * 2);
    for (position, digit) in digits.chars().enumerate() {
        if position > 0 && (digits.len() - position).is_multiple_of(3) {
            text.push('\u{202f}');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::grouped;

    #[test]
    fn numbers_are_grouped_from_the_right() {
        assert_eq!(grouped(7), "7");
        assert_eq!(grouped(941_000), "941\u{202f}000");
        assert_eq!(grouped(1_234_567), "1\u{202f}234\u{202f}567");
    }
}
