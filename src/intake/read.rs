//! All lists of a campaign → rows.
//!
//! Enters: a checked campaign. Leaves: every row of every list, or all problems at once. Invariant: every data row of
//! every list is there exactly once, in the order of lists and rows.

use crate::model::case_code::CaseCode;

use super::exposure_rows::ExposureRows;
use super::participant::ParticipantRow;
use super::registers::Registers;
use super::report::ListReport;

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
