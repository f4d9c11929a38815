//! A participants list → rows with case codes.
//!
//! Enters: the table of one list. Leaves: every data row once, read or rejected, and what was found on the way.
//! Invariant: the reasons for rejecting are tried in the contract's order; the key is gone when the row is there; a
//! rejected row has no case code, but the code is kept beside the rows so that its exposures are known for orphans of
//! a rejected person. Absent on purpose: codes and addresses, which routing decides about.
//!
//! A name is missing when none can be printed: the surname is blank or `.`, unless the partner's is used alone
//! (`name_usage` P) and known. A `.` leaves this file as blank.

use std::borrow::Cow;

use crate::campaign::settings::{Campaign, KeyKind, ParticipantsList};
use crate::model::case_code::{CaseCode, CaseCoder};
use crate::model::date::PartialDate;
use crate::model::outcome::Rejected;
use crate::model::private::Private;

use super::columns::{Need, Wanted};
use super::fields::{BIRTH_DATE, DEATH_DATE, Field, PERSON_KEY, SOURCE_REF};
use super::keys::{Key, Keyed, composed, holds_key};
use super::list::MappedList;
use super::participant::{Participant, ParticipantRow};
use super::problem::{IntakeProblem, ListName};
use super::report::{ListKind, ListReport, Rule};
use super::rules;
use super::tally::{Tally, WHOLE_ROW};

/// The fields that are wanted before those of [`Field::ALL`].
const FIRST: [&str; 4] = [PERSON_KEY, BIRTH_DATE, DEATH_DATE, SOURCE_REF];

/// A participants list, read.
pub struct ParticipantsRead {
    /// Every data row, in order.
    pub rows: Vec<ParticipantRow>,
    /// Case codes of rejected rows whose key could be read.
    pub rejected_codes: Vec<CaseCode>,
    /// The keys of all rows that have one, to find collisions.
    pub keys: Vec<Keyed>,
    /// What reading found.
    pub report: ListReport,
}

/// What a slice of rows leaves behind.
#[derive(Default)]
struct Slice {
    rows: Vec<ParticipantRow>,
    rejected_codes: Vec<CaseCode>,
    keys: Vec<Keyed>,
    tally: Tally,
}

/// Reads a participants list.
///
/// # Errors
/// Every problem of the file and its header.
pub fn read(
    campaign: &Campaign,
    coder: &CaseCoder,
    index: u16,
    list: &ParticipantsList,
) -> Result<ParticipantsRead, Vec<IntakeProblem>> {
    let source = &list.source;
    let name = ListName { kind: "participants list", id: &source.id, path: &source.path };
    let required = [PERSON_KEY, Field::Surname.as_str()];
    let wanted: Vec<Wanted> = FIRST
        .into_iter()
        .chain(Field::ALL.iter().map(|field| field.as_str()))
        .map(|field| {
            let need = if required.contains(&field) { Need::Required } else { Need::Optional };
            Wanted::field(field, &source.columns, need)
        })
        .collect();
    let opened = MappedList::open(name, source, &wanted)?;
    let reader = RowReader { campaign, coder, list: index, key_kind: source.key };
    let slices = opened.scan(Slice::default, |slice, row, cells| reader.read(slice, row, cells))?;

    let mut rows = Vec::with_capacity(slices.iter().map(|(slice, _)| slice.rows.len()).sum());
    let (mut rejected_codes, mut keys, mut tally, mut offset) = (Vec::new(), Vec::new(), Tally::default(), 0);
    for (slice, count) in slices {
        rows.extend(slice.rows.into_iter().map(|row| ParticipantRow { row: row.row + offset, ..row }));
        rejected_codes.extend(slice.rejected_codes);
        keys.extend(slice.keys);
        tally.append(slice.tally, offset);
        offset += count;
    }
    Ok(ParticipantsRead {
        rows,
        rejected_codes,
        keys,
        report: opened.into_report(ListKind::Participants, offset, tally),
    })
}

/// Reads the rows of one list.
struct RowReader<'a> {
    campaign: &'a Campaign,
    coder: &'a CaseCoder,
    list: u16,
    key_kind: KeyKind,
}

impl RowReader<'_> {
    /// Reads one row into the slice.
    fn read(&self, slice: &mut Slice, row: u32, cells: Option<&[&str]>) {
        let list = self.list;
        let Some(cells) = cells else {
            slice.tally.note(WHOLE_ROW, Rule::Fields, row);
            let (read, source_ref) = (Err(Rejected::UnreadableRow), Private::default());
            slice.rows.push(ParticipantRow { list, row, read, case_code: None, source_ref });
            return;
        };
        slice.tally.fill(cells);
        let typed_key = cells[0];
        let key = Key::read(self.key_kind, typed_key);
        let keyed = key.as_ref().map(|key| key.keyed(self.coder));
        slice.keys.extend(keyed);

        let mut source_ref = composed(cells[3].trim());
        if holds_key(&source_ref, typed_key, key.as_ref()) {
            slice.tally.note(SOURCE_REF, Rule::HoldsKey, row);
            source_ref = Cow::Borrowed("");
        }
        let read = if keyed.is_some() {
            self.participant(&mut slice.tally, row, cells)
        } else {
            slice.tally.note(PERSON_KEY, Rule::Key, row);
            Err(Rejected::InvalidKey)
        };
        let case_code = keyed.map(|keyed| keyed.case_code);
        if read.is_err() {
            slice.rejected_codes.extend(case_code);
        }
        slice.rows.push(ParticipantRow {
            list,
            row,
            case_code: case_code.filter(|_| read.is_ok()),
            read,
            source_ref: Private::new(source_ref.into()),
        });
    }

    /// The row's content, or the first reason after the key's to reject it.
    fn participant(&self, tally: &mut Tally, row: u32, cells: &[&str]) -> Result<Participant, Rejected> {
        let texts: Vec<Cow<'_, str>> = cells[FIRST.len()..].iter().map(|cell| composed(cell.trim())).collect();
        let text = |field: Field| match (field, &*texts[field as usize]) {
            (Field::Surname | Field::PartnerSurname, ".") => "",
            (_, text) => text,
        };
        let birth_date = PartialDate::parse(cells[1])
            .ok()
            .filter(|birth_date| !birth_date.is_some_and(|birth_date| birth_date.is_after(self.campaign.date)));
        let death_date = PartialDate::parse(cells[2]).ok();
        let dates = [(BIRTH_DATE, birth_date), (DEATH_DATE, death_date)];
        for (field, _) in dates.into_iter().filter(|(_, date)| date.is_none()) {
            tally.note(field, Rule::Date, row);
        }
        let partner_alone = text(Field::NameUsage).eq_ignore_ascii_case("P") && !text(Field::PartnerSurname).is_empty();
        if text(Field::Surname).is_empty() && !partner_alone {
            tally.note(Field::Surname.as_str(), Rule::Blank, row);
            return Err(Rejected::MissingName);
        }
        let (Some(birth_date), Some(death_date)) = (birth_date, death_date) else { return Err(Rejected::InvalidDate) };
        let participant = Participant::new(text, birth_date, death_date);
        rules::outside(self.campaign, &participant, |field, rule| tally.note(field.as_str(), rule, row));
        Ok(participant)
    }
}
