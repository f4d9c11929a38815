//! All lists of a campaign → rows.
//!
//! Enters: a checked campaign. Leaves: every row of every list, or all problems at once. Invariant: every data row of
//! every list is there exactly once, in the order of lists and rows; no two people share a case code.

use crate::campaign::settings::Campaign;
use crate::model::case_code::{CaseCode, CaseCoder};

use super::exposure_rows::ExposureRows;
use super::keys::collides;
use super::participant::ParticipantRow;
use super::problem::{IntakeProblem, ProblemClass};
use super::registers::Registers;
use super::report::ListReport;
use super::{exposures_list, participants, registers_list};

/// All lists of a campaign, read.
#[derive(Debug, Clone, Default)]
pub struct Intake {
    /// Every row of every participants list, in the order of lists and rows.
    pub participants: Vec<ParticipantRow>,
    /// Case codes of rejected participants rows whose key could be read, sorted.
    pub rejected_codes: Vec<CaseCode>,
    /// Every row of every exposure list.
    pub exposures: ExposureRows,
    /// Who stands in which register.
    pub registers: Registers,
    /// What reading found: participants lists, exposure lists, registers, each in the campaign's order.
    pub lists: Vec<ListReport>,
}

/// Reads all lists. One list stands in memory as text at a time.
///
/// # Errors
/// Every problem of every list, in the order of lists; nobody on any participants list; two people with one case code.
pub fn read(campaign: &Campaign) -> Result<Intake, Vec<IntakeProblem>> {
    let coder = CaseCoder::new(campaign.case_code_key.reveal());
    let (mut intake, mut keys, mut problems) = (Intake::default(), Vec::new(), Vec::new());
    for (index, list) in (0..).zip(&campaign.participants) {
        match participants::read(campaign, &coder, index, list) {
            Ok(read) => {
                append(&mut intake.participants, read.rows);
                intake.rejected_codes.extend(read.rejected_codes);
                append(&mut keys, read.keys);
                intake.lists.push(read.report);
            }
            Err(found) => problems.extend(found),
        }
    }
    intake.exposures.categories = campaign.template.categories.keys().cloned().collect();
    for list in &campaign.exposures {
        match exposures_list::read(campaign, &coder, list, &mut intake.exposures, &mut keys) {
            Ok(report) => intake.lists.push(report),
            Err(found) => problems.extend(found),
        }
    }
    let mut entries = Vec::new();
    for register in &campaign.registers {
        match registers_list::read(&coder, register) {
            Ok((found, report)) => {
                entries.extend(found.iter().map(|keyed| (register.kind, keyed.case_code)));
                keys.extend(found);
                intake.lists.push(report);
            }
            Err(found) => problems.extend(found),
        }
    }
    intake.registers = Registers::new(entries);
    if problems.is_empty() && intake.participants.is_empty() {
        problems.push(IntakeProblem {
            message: "no participants list has a row".to_owned(),
            hint: "a campaign needs somebody to write to; check that the lists are the right ones".to_owned(),
            class: ProblemClass::Data,
        });
    }
    if problems.is_empty() && collides(keys) {
        problems.push(IntakeProblem {
            message: "two different person keys have the same case code".to_owned(),
            hint: "use another case code key for this campaign; people keep no code of earlier letters then".to_owned(),
            class: ProblemClass::Data,
        });
    }
    intake.rejected_codes.sort_unstable();
    if problems.is_empty() { Ok(intake) } else { Err(problems) }
}

/// Adds many values without keeping room that is not needed.
fn append<T>(all: &mut Vec<T>, more: Vec<T>) {
    if all.is_empty() {
        *all = more;
    } else {
        all.reserve_exact(more.len());
        all.extend(more);
    }
}
