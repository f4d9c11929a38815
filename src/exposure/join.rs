//! Exposure rows × people: who is exposed to what, and what became of every row.
//!
//! Enters: all rows of all lists. Leaves: each person's exposures by case code, and one outcome for every exposure row.
//! Invariant: the strongest certainty decides, the first in the lists' order among equals; a row that was rejected or
//! that nobody has says nothing. Absent on purpose: text; polars joins and sorts columns of numbers only.
//!
//! Periods of one person and category are united over all rows that do not rule the category out: what a list rules out
//! for 2019 is no part of what leaked. A wide row has one outcome for all its marks: `used` if one of them is,
//! otherwise `weaker` if one of them is, otherwise `same`. A row that nobody has is an orphan, with or without marks.

use polars::prelude::*;

use crate::campaign::settings::Campaign;
use crate::intake::Intake;
use crate::intake::exposure_rows::{ExposureRow, ExposureRows, Mark};
use crate::model::case_code::CaseCode;
use crate::model::date::PartialDate;
use crate::model::exposure::{Certainty, Exposed};
use crate::model::outcome::{ExposureOutcome, ExposureRejected};

use super::confirm;
use super::identity::People;
use super::person::{Exposures, Flags, PersonEntry};

/// Joins all exposure rows with the people of the participants lists.
pub fn join(intake: &Intake, campaign: &Campaign) -> Exposures {
    let people = People::of(&intake.participants);
    let rows = &intake.exposures;
    let person_of_row = person_of_row(rows, &people);
    let mut outcomes: Vec<ExposureOutcome> = rows
        .rows
        .iter()
        .zip(&person_of_row)
        .map(|(row, person)| first_outcome(row, *person, &intake.rejected_codes))
        .collect();
    let mut flags = vec![Flags::default(); people.codes.len()];
    for (row, person) in rows.rows.iter().zip(&person_of_row) {
        if let (Some(person), true) = (person, row.holds) {
            let flags = &mut flags[*person as usize];
            let unknown = row.rejected == Some(ExposureRejected::UnknownCategory);
            flags.unknown_category |= unknown;
            flags.unreadable |= !unknown;
        }
    }
    for person in confirm::mismatches(intake, campaign, &people, &person_of_row) {
        flags[person as usize].identity_mismatch = true;
    }
    let marks = sorted_marks(rows, &person_of_row);
    let mut joined = Exposures {
        categories: rows.categories.clone(),
        rows_per_list: rows.rows_per_list.clone(),
        ..Exposures::default()
    };
    let mut next = 0;
    for (person, (&case_code, &flags)) in (0_u32..).zip(people.codes.iter().zip(&flags)) {
        let before = joined.exposed.len();
        while marks.get(next).is_some_and(|mark| mark.person == person) {
            let same_category = |mark: &&SortedMark| (mark.person, mark.category) == (person, marks[next].category);
            let group = marks[next..].iter().take_while(same_category).count();
            joined.overruled += decide(&marks[next..next + group], &rows.marks, &mut outcomes, &mut joined.exposed);
            next += group;
        }
        if joined.exposed.len() > before || flags != Flags::default() {
            let exposed_end = u32::try_from(joined.exposed.len()).unwrap_or(u32::MAX);
            joined.people.push(PersonEntry { case_code, exposed_end, flags });
        }
    }
    assert_eq!(next, marks.len(), "every mark belongs to somebody");
    joined.outcomes = outcomes;
    joined
}

/// The outcome as far as it does not depend on other rows; rows with marks wait as empty ones.
fn first_outcome(row: &ExposureRow, person: Option<u32>, rejected_codes: &[CaseCode]) -> ExposureOutcome {
    if let Some(reason) = row.rejected {
        return ExposureOutcome::Rejected(reason);
    }
    let person_rejected = || row.case_code.is_some_and(|code| rejected_codes.binary_search(&code).is_ok());
    match person {
        Some(_) => ExposureOutcome::UsedEmpty,
        None if person_rejected() => ExposureOutcome::OrphanPersonRejected,
        None => ExposureOutcome::OrphanNobody,
    }
}

/// The index of each row's person, if a participants list has one.
fn person_of_row(rows: &ExposureRows, people: &People) -> Vec<Option<u32>> {
    let known = (0_u32..).zip(&rows.rows).filter_map(|(index, row)| Some((index, row.case_code?.bits())));
    let (index, code): (Vec<u32>, Vec<u64>) = known.unzip();
    let people_frame = frame(vec![
        UInt64Chunked::from_vec("code".into(), people.codes.iter().map(|code| code.bits()).collect()).into_column(),
        UInt32Chunked::from_vec("person".into(), (0_u32..).take(people.codes.len()).collect()).into_column(),
    ]);
    let joined = frame(vec![
        UInt64Chunked::from_vec("code".into(), code).into_column(),
        UInt32Chunked::from_vec("row".into(), index).into_column(),
    ])
    .inner_join(&people_frame, ["code"], ["code"])
    .expect("columns of numbers can be joined");
    let mut person_of_row = vec![None; rows.rows.len()];
    for (row, person) in numbers(&joined, "row").zip(numbers(&joined, "person")) {
        person_of_row[row as usize] = Some(person);
    }
    person_of_row
}

/// A mark in the order in which marks are decided.
struct SortedMark {
    person: u32,
    category: u32,
    /// Index of its row.
    row: u32,
    /// Index among all marks.
    mark: u32,
}

/// The marks of all people, by person, category, certainty from strong to weak, and order.
fn sorted_marks(rows: &ExposureRows, person_of_row: &[Option<u32>]) -> Vec<SortedMark> {
    let [mut person, mut category, mut weakness, mut row_of, mut mark_of] = [const { Vec::<u32>::new() }; 5];
    let mut mark = 0;
    for (index, (row, person_index)) in (0_u32..).zip(rows.rows.iter().zip(person_of_row)) {
        while mark < row.marks_end {
            if let Some(person_index) = *person_index {
                let Mark { category: id, certainty, .. } = rows.marks[mark as usize];
                person.push(person_index);
                category.push(u32::from(id));
                weakness.push(Certainty::Confirmed as u32 - certainty as u32);
                row_of.push(index);
                mark_of.push(mark);
            }
            mark += 1;
        }
    }
    let columns =
        [("person", person), ("category", category), ("weakness", weakness), ("mark", mark_of), ("row", row_of)];
    let sorted = frame(
        columns.into_iter().map(|(name, values)| UInt32Chunked::from_vec(name.into(), values).into_column()).collect(),
    )
    .sort(["person", "category", "weakness", "mark"], SortMultipleOptions::default())
    .expect("columns of numbers can be sorted");
    let columns = numbers(&sorted, "person").zip(numbers(&sorted, "category"));
    columns
        .zip(numbers(&sorted, "row").zip(numbers(&sorted, "mark")))
        .map(|((person, category), (row, mark))| SortedMark { person, category, row, mark })
        .collect()
}

/// Decides on all marks of one person and category; returns how many a stronger one overruled.
fn decide(
    group: &[SortedMark],
    marks: &[Mark],
    outcomes: &mut [ExposureOutcome],
    exposed: &mut Vec<(u16, Exposed)>,
) -> u64 {
    let Some(first) = group.first() else { return 0 };
    let winner = marks[first.mark as usize];
    let (mut period_from, mut period_to, mut overruled) = (None, None, 0);
    for (position, sorted) in group.iter().enumerate() {
        let mark = marks[sorted.mark as usize];
        let outcome = match (position, mark.certainty == winner.certainty) {
            (0, _) => ExposureOutcome::Used,
            (_, true) => ExposureOutcome::DuplicateSame,
            (_, false) => ExposureOutcome::DuplicateWeaker,
        };
        overruled += u64::from(outcome == ExposureOutcome::DuplicateWeaker);
        let row = &mut outcomes[sorted.row as usize];
        *row = more_telling(*row, outcome);
        if mark.certainty != Certainty::RuledOut || winner.certainty == Certainty::RuledOut {
            period_from = earliest(period_from, mark.period_from);
            period_to = latest(period_to, mark.period_to);
        }
    }
    exposed.push((winner.category, Exposed { certainty: winner.certainty, period_from, period_to }));
    overruled
}

/// The outcome of a row one of whose marks has `outcome` and the others `row`.
fn more_telling(row: ExposureOutcome, outcome: ExposureOutcome) -> ExposureOutcome {
    let rank = |outcome| match outcome {
        ExposureOutcome::Used => 3,
        ExposureOutcome::DuplicateWeaker => 2,
        ExposureOutcome::DuplicateSame => 1,
        _ => 0,
    };
    if rank(outcome) > rank(row) { outcome } else { row }
}

/// The earlier of two first days, as far as they are known.
fn earliest(one: Option<PartialDate>, other: Option<PartialDate>) -> Option<PartialDate> {
    one.into_iter().chain(other).min()
}

/// The later of two last days, as far as they are known; an unknown month or day may be the last.
fn latest(one: Option<PartialDate>, other: Option<PartialDate>) -> Option<PartialDate> {
    let last = |date: &PartialDate| {
        let known = |part: u8| if part == 0 { u8::MAX } else { part };
        (date.year, known(date.month), known(date.day))
    };
    one.into_iter().chain(other).max_by_key(last)
}

/// A frame of columns of one length.
pub(super) fn frame(columns: Vec<Column>) -> DataFrame {
    DataFrame::new_infer_height(columns).expect("the columns have one length and different names")
}

/// A column of numbers without gaps.
pub(super) fn numbers<'a>(frame: &'a DataFrame, name: &str) -> impl Iterator<Item = u32> + use<'a> {
    let column = frame.column(name).and_then(Column::u32).expect("a column of numbers");
    column.into_no_null_iter()
}
