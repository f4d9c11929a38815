//! All rows → all outcomes and all letters.
//!
//! Enters: a checked campaign, its rows, its joined exposures, and who was written to before. Leaves: [`Routed`]. Invariant, asserted: as many
//! outcomes as rows, in their order, and as many letters as outcomes that say `letter`; neither depends on the number of
//! threads. Absent on purpose: any decision about a person, see [`super::decide`].

use std::borrow::Cow;
use std::sync::Arc;

use rayon::prelude::*;

use crate::campaign::settings::{Campaign, ParticipantsList};
use crate::exposure::Exposures;
use crate::intake::{Intake, ParticipantRow};
use crate::model::case_code::CaseCode;
use crate::model::earlier::Earlier;
use crate::model::letter::Letter;
use crate::model::outcome::{Outcome, Rejected};
use crate::model::private::Private;

use super::decide::{Desk, Stop, decide};
use super::persons::{Person, Persons};
use super::rules::{RoutingError, check_rules};
use super::sharing::SharedFacts;
use super::variants::{self, Variants};
use super::waves::Wave;

/// Persons that are decided about before their letters are put away; bounds what is held twice.
const PERSONS_AT_ONCE: usize = 32 * 1024;

/// What became of everybody.
#[derive(Debug)]
pub struct Routed {
    /// One outcome for each participants row, in the order of lists and rows.
    pub rows: Vec<RowOutcome>,
    /// The letters, in the order of the rows that carry them.
    pub letters: Vec<Letter>,
}

/// What became of one participants row.
#[derive(Debug, Clone)]
pub struct RowOutcome {
    /// Index of the list in the campaign's participants lists.
    pub list: u16,
    /// 1-based data row in that list.
    pub row: u32,
    /// What became of it.
    pub outcome: Outcome,
    /// The person's case code; none for rejected rows.
    pub case_code: Option<CaseCode>,
    /// The list owner's own reference.
    pub source_ref: Private<Box<str>>,
    /// The field or check that brought it about; never a value.
    pub detail: Cow<'static, str>,
}

/// Decides about every person.
///
/// # Errors
/// The campaign's rules for variants, if one of them is wrong.
///
/// # Panics
/// When a row has no outcome or two, or letters and outcomes differ in number: a bug.
pub fn route(
    campaign: &Campaign,
    intake: &Intake,
    exposures: &Exposures,
    earlier: &Earlier,
) -> Result<Routed, RoutingError> {
    let problems = check_rules(campaign);
    if !problems.is_empty() {
        return Err(RoutingError { problems });
    }
    let engine = variants::engine();
    let variants = Variants::compile(&engine, campaign).map_err(|problems| RoutingError { problems })?;
    let formats: Vec<Arc<str>> = campaign.template.formats.iter().map(|format| Arc::from(format.as_str())).collect();
    let facts = SharedFacts::new(&campaign.participants);
    let registers = &intake.registers;
    let wave = Wave::compile(&engine, campaign, earlier.wave())?;
    let desk = Desk {
        campaign,
        registers,
        exposures,
        variants: &variants,
        facts: &facts,
        formats: &formats,
        earlier,
        wave: wave.as_ref(),
    };

    let persons = Persons::group(&intake.participants);
    let mut fates = Fates::of_rejected(&intake.participants);
    let mut letters = Vec::with_capacity(persons.len());
    for start in (0..persons.len()).step_by(PERSONS_AT_ONCE) {
        let end = persons.len().min(start + PERSONS_AT_ONCE);
        let decisions: Vec<_> = (start..end).into_par_iter().map(|index| decide(&persons.get(index), &desk)).collect();
        for (index, decision) in (start..end).zip(decisions) {
            let person = persons.get(index);
            match decision {
                Ok(letter) => {
                    fates.settle(&person, Outcome::Letter(letter.addressee), Cow::Borrowed(""), campaign);
                    letters.push(letter);
                }
                Err(Stop::Outcome(outcome, detail)) => fates.settle(&person, outcome, detail, campaign),
                Err(Stop::Rule(problem)) => return Err(problem.into()),
            }
        }
    }
    let routed = Routed { rows: fates.into_rows(&intake.participants), letters };
    routed.assert_conserved(intake);
    Ok(routed)
}

impl Routed {
    /// Nobody lost, nobody twice.
    fn assert_conserved(&self, intake: &Intake) {
        assert_eq!(self.rows.len(), intake.participants.len(), "rows read and outcomes differ in number");
        let said = self.rows.iter().filter(|row| matches!(row.outcome, Outcome::Letter(_)));
        let agree = said.zip(&self.letters).all(|(row, letter)| {
            (row.case_code, row.list, row.row) == (Some(letter.case_code), letter.list, letter.row)
        });
        let said = self.rows.iter().filter(|row| matches!(row.outcome, Outcome::Letter(_))).count();
        assert!(agree && said == self.letters.len(), "letters and outcomes that say `letter` differ");
    }
}

/// What became of each row so far, by index.
struct Fates(Vec<Option<(Outcome, Cow<'static, str>)>>);

impl Fates {
    /// Rejected rows have an outcome already, all others have none.
    fn of_rejected(rows: &[ParticipantRow]) -> Self {
        let fate = |row: &ParticipantRow| {
            let reason = *row.read.as_ref().err()?;
            Some((Outcome::Rejected(reason), Cow::Borrowed(rejected_detail(reason))))
        };
        Self(rows.iter().map(fate).collect())
    }

    /// The person's first row carries the outcome, the others are merged into it.
    fn settle(&mut self, person: &Person<'_>, outcome: Outcome, detail: Cow<'static, str>, campaign: &Campaign) {
        let mut indices = person.indices();
        let first = indices.next();
        for index in indices {
            self.set(index, Outcome::Merged, Cow::Owned(merged_detail(person, &campaign.participants)));
        }
        if let Some(first) = first {
            self.set(first, outcome, detail);
        }
    }

    fn set(&mut self, index: usize, outcome: Outcome, detail: Cow<'static, str>) {
        let before = self.0[index].replace((outcome, detail));
        assert!(before.is_none(), "a row has two outcomes");
    }

    fn into_rows(self, rows: &[ParticipantRow]) -> Vec<RowOutcome> {
        let with_fate = rows.iter().zip(self.0);
        with_fate
            .map(|(row, fate)| {
                let (outcome, detail) = fate.expect("every row is rejected or belongs to a person");
                let (list, source_ref) = (row.list, row.source_ref.clone());
                RowOutcome { list, row: row.row, outcome, case_code: row.case_code, source_ref, detail }
            })
            .collect()
    }
}

/// The row that carries the person's outcome, by list and number.
fn merged_detail(person: &Person<'_>, lists: &[ParticipantsList]) -> String {
    let carrier = person.carrier();
    format!("carried by {} row {}", lists[usize::from(carrier.list)].source.id, carrier.row)
}

/// The field that a rejected row was rejected for.
const fn rejected_detail(reason: Rejected) -> &'static str {
    match reason {
        Rejected::UnreadableRow => "number of fields",
        Rejected::InvalidKey => "person_key",
        Rejected::MissingName => "surname",
        Rejected::InvalidDate => "birth_date or death_date",
    }
}
