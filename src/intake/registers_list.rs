//! A register → case codes.
//!
//! Enters: the table of one register. Leaves: the case code of every row. Invariant: a row whose key or date cannot be
//! read stops the plan: a missed death is worse than a late night. Absent on purpose: the content of dates and notes,
//! which decide nothing.

use crate::campaign::settings::Register;
use crate::model::case_code::CaseCoder;
use crate::model::date::PartialDate;

use super::columns::{Need, Wanted};
use super::fields::{DATE, NOTE, PERSON_KEY};
use super::keys::{Key, Keyed};
use super::list::MappedList;
use super::problem::{IntakeProblem, ListName};
use super::report::{ListKind, ListReport, Occurrences, Rule};
use super::tally::{Tally, WHOLE_ROW};

/// What each kind of unreadable row is called, and what to do.
const UNREADABLE: [(&str, Rule, &str, &str); 3] = [
    (WHOLE_ROW, Rule::Fields, "another number of fields than the header", "correct the rows; registers are read whole"),
    (PERSON_KEY, Rule::Key, "a key that cannot be read", "correct the keys, or the `key` of the register"),
    (DATE, Rule::Date, "a date that cannot be read", "write dates as 2025-05-31 or 31-05-2025, or leave them blank"),
];

/// Reads a register.
///
/// # Errors
/// Every problem of the file and its header, and every kind of row that cannot be read.
pub fn read(coder: &CaseCoder, register: &Register) -> Result<(Vec<Keyed>, ListReport), Vec<IntakeProblem>> {
    let source = &register.source;
    let name = ListName { kind: "register", id: &source.id, path: &source.path };
    let wanted = [(PERSON_KEY, Need::Required), (DATE, Need::Optional), (NOTE, Need::Optional)]
        .map(|(field, need)| Wanted::field(field, &source.columns, need));
    let opened = MappedList::open(name, source, &wanted)?;
    let slices = opened.scan(
        || (Vec::new(), Tally::default()),
        |(keys, tally): &mut (Vec<Keyed>, Tally), row, cells| {
            let Some(cells) = cells else { return tally.note(WHOLE_ROW, Rule::Fields, row) };
            tally.fill(cells);
            match Key::read(source.key, cells[0]) {
                Some(key) => keys.push(key.keyed(coder)),
                None => tally.note(PERSON_KEY, Rule::Key, row),
            }
            if PartialDate::parse(cells[1]).is_err() {
                tally.note(DATE, Rule::Date, row);
            }
        },
    )?;
    let (mut keys, mut tally, mut offset) = (Vec::new(), Tally::default(), 0);
    for ((slice_keys, slice_tally), count) in slices {
        keys.extend(slice_keys);
        tally.append(slice_tally, offset);
        offset += count;
    }
    let found = UNREADABLE.iter().filter_map(|&(field, rule, what, hint)| {
        let rows = tally.found(field, rule)?;
        Some(name.data(format!("{} with {what}: {}", count(rows), numbers(rows)), hint))
    });
    let problems: Vec<IntakeProblem> = found.collect();
    if problems.is_empty() { Ok((keys, opened.into_report(ListKind::Register, offset, tally))) } else { Err(problems) }
}

/// `1 row`, `3 rows`.
fn count(found: &Occurrences) -> String {
    format!("{} row{}", found.count, if found.count == 1 { "" } else { "s" })
}

/// `row 3`, `rows 3, 17, …`.
fn numbers(found: &Occurrences) -> String {
    let shown: Vec<String> = found.first_rows.iter().map(u32::to_string).collect();
    let more = if found.count > shown.len() as u64 { ", …" } else { "" };
    format!("{} {}{more}", if found.count == 1 { "row" } else { "rows" }, shown.join(", "))
}
