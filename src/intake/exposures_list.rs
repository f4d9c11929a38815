//! An exposure list, long or wide → rows and marks.
//!
//! Enters: the table of one list. Leaves: every data row once, with its marks or why it is rejected. Invariant: the
//! reasons are tried in the contract's order; the key is gone when the row is there. Absent on purpose: whose row it
//! is, and whether the confirm fields agree, which needs the participants.
//!
//! A wide row is one row: a cell that is no certainty rejects it whole, and then none of its marks counts.

use std::hash::{DefaultHasher, Hash, Hasher};

use crate::campaign::settings::{Campaign, ConfirmField, ExposureLayout, ExposureList, KeyKind};
use crate::model::case_code::{CaseCode, CaseCoder};
use crate::model::date::PartialDate;
use crate::model::exposure::Certainty;
use crate::model::outcome::ExposureRejected;
use crate::model::text::folded;

use super::columns::{Need, Wanted, column_name};
use super::exposure_rows::{ConfirmValues, ExposureRow, ExposureRows, Mark};
use super::fields::{BIRTH_DATE, CATEGORY, CERTAINTY, DATASET, Field, PERIOD_FROM, PERIOD_TO, PERSON_KEY};
use super::keys::{Key, Keyed};
use super::list::MappedList;
use super::problem::{IntakeProblem, ListName};
use super::report::{ListKind, ListReport, Rule};
use super::tally::{Tally, WHOLE_ROW};

/// The wanted fields of both layouts, before the layout's own.
const COMMON: [&str; 7] =
    [PERSON_KEY, BIRTH_DATE, Field::Postcode.as_str(), Field::Surname.as_str(), PERIOD_FROM, PERIOD_TO, DATASET];
/// The wanted fields of the long layout after the common ones.
const LONG: [(&str, Need); 2] = [(CATEGORY, Need::Required), (CERTAINTY, Need::Optional)];

/// What a slice of rows leaves behind; `marks_end` counts within the slice.
#[derive(Default)]
struct Slice {
    rows: Vec<ExposureRow>,
    marks: Vec<Mark>,
    confirm: Vec<ConfirmValues>,
    keys: Vec<Keyed>,
    tally: Tally,
}

/// Reads an exposure list to the end of `all`, and its keys to the end of `keys`.
///
/// # Errors
/// Every problem of the file and its header, and of categories that the campaign names.
pub fn read(
    campaign: &Campaign,
    coder: &CaseCoder,
    list: &ExposureList,
    all: &mut ExposureRows,
    keys: &mut Vec<Keyed>,
) -> Result<ListReport, Vec<IntakeProblem>> {
    let source = &list.source;
    let name = ListName { kind: "exposure list", id: &source.id, path: &source.path };
    let wanted = wanted(name, campaign, list)?;
    let opened = MappedList::open(name, source, &wanted)?;
    let category_of = |wanted: &Wanted| all.categories.iter().position(|known| *known == wanted.field);
    let categories: Vec<u16> = match list.layout {
        ExposureLayout::Long => Vec::new(),
        ExposureLayout::Wide(_) => {
            let columns = wanted[COMMON.len()..].iter();
            columns.filter_map(category_of).filter_map(|index| u16::try_from(index).ok()).collect()
        }
    };
    if matches!(list.layout, ExposureLayout::Wide(_)) && opened.picks()[COMMON.len()..].iter().all(Option::is_none) {
        return Err(vec![name.data(
            "no column is named like a category of the letter",
            "name the columns in the campaign: categories = { category = \"their column\" }",
        )]);
    }
    let reader = RowReader {
        campaign,
        coder,
        key_kind: source.key,
        confirm: &list.confirm,
        known: &all.categories,
        wide: matches!(list.layout, ExposureLayout::Wide(_)).then_some(categories),
    };
    let slices = opened.scan(Slice::default, |slice, row, cells| reader.read(slice, row, cells))?;

    let marks: usize = slices.iter().map(|(slice, _)| slice.marks.len()).sum();
    if u32::try_from(all.marks.len() + marks).is_err() {
        return Err(vec![name.data("more exposures than can be numbered", "split the campaign")]);
    }
    all.rows.reserve_exact(slices.iter().map(|(slice, _)| slice.rows.len()).sum());
    all.marks.reserve_exact(marks);
    let (mut confirm, mut tally, mut offset) = (Vec::new(), Tally::default(), 0);
    for (slice, count) in slices {
        let before = u32::try_from(all.marks.len()).unwrap_or(u32::MAX);
        all.rows.extend(slice.rows.into_iter().map(|row| ExposureRow { marks_end: row.marks_end + before, ..row }));
        all.marks.extend(slice.marks);
        confirm.extend(slice.confirm);
        keys.extend(slice.keys);
        tally.append(slice.tally, offset);
        offset += count;
    }
    all.rows_per_list.push(offset);
    all.confirm.push(confirm);
    Ok(opened.into_report(ListKind::Exposures, offset, tally))
}

/// The fields and categories that are looked for.
fn wanted(name: ListName<'_>, campaign: &Campaign, list: &ExposureList) -> Result<Vec<Wanted>, Vec<IntakeProblem>> {
    let columns = &list.source.columns;
    let mut wanted: Vec<Wanted> = COMMON
        .map(|field| {
            let confirms = list.confirm.iter().any(|confirm| confirm.as_str() == field);
            let need = match &list.layout {
                _ if field == PERSON_KEY || confirms => Need::Required,
                // In a wide list a column `birth_date` is the category, unless it confirms or `columns` has it.
                ExposureLayout::Wide(_) if campaign.template.categories.contains_key(field) => Need::Ignored,
                _ => Need::Optional,
            };
            Wanted::field(field, columns, need)
        })
        .into();
    let categories = match &list.layout {
        ExposureLayout::Long => {
            wanted.extend(LONG.map(|(field, need)| Wanted::field(field, columns, need)));
            return Ok(wanted);
        }
        ExposureLayout::Wide(categories) => categories,
    };
    let common = wanted.iter().filter(|common| common.need != Need::Ignored);
    let taken: Vec<String> = common.map(|common| common.column().to_owned()).collect();
    let claimed = categories.iter().filter(|(_, column)| taken.contains(&column_name(column)));
    let problems: Vec<IntakeProblem> = claimed
        .map(|(category, _)| {
            name.campaign(
                format!("`categories` names the column of another field for `{category}`"),
                "a column that confirms, or holds the key, is never a category",
            )
        })
        .collect();
    if !problems.is_empty() {
        return Err(problems);
    }
    if categories.is_empty() {
        let free = campaign.template.categories.keys().filter(|category| !taken.contains(category));
        wanted.extend(free.map(|category| Wanted { field: category.clone(), named: None, need: Need::Optional }));
    } else {
        wanted.extend(categories.iter().map(|(category, column)| Wanted {
            field: category.clone(),
            named: Some(column_name(column)),
            need: Need::Required,
        }));
    }
    Ok(wanted)
}

/// Reads the rows of one list.
struct RowReader<'a> {
    campaign: &'a Campaign,
    coder: &'a CaseCoder,
    key_kind: KeyKind,
    confirm: &'a [ConfirmField],
    known: &'a [String],
    /// The category of each cell after the common ones; nothing for a long list.
    wide: Option<Vec<u16>>,
}

/// Why a row is rejected, and whether it holds the person nevertheless.
type Refused = (ExposureRejected, bool);

impl RowReader<'_> {
    /// Reads one row into the slice.
    fn read(&self, slice: &mut Slice, row: u32, cells: Option<&[&str]>) {
        let (mut case_code, mut confirm) = (None, ConfirmValues::default());
        let read = self.keyed_row(slice, row, cells, &mut case_code, &mut confirm);
        let (rejected, holds) = read.map_or_else(|(reason, holds)| (Some(reason), holds), |()| (None, false));
        let marks_end = u32::try_from(slice.marks.len()).unwrap_or(u32::MAX);
        slice.rows.push(ExposureRow { case_code, marks_end, rejected, holds });
        if !self.confirm.is_empty() {
            slice.confirm.push(confirm);
        }
    }

    /// Reads the key, then the rest.
    fn keyed_row(
        &self,
        slice: &mut Slice,
        row: u32,
        cells: Option<&[&str]>,
        case_code: &mut Option<CaseCode>,
        confirm: &mut ConfirmValues,
    ) -> Result<(), Refused> {
        let Some(cells) = cells else {
            slice.tally.note(WHOLE_ROW, Rule::Fields, row);
            return Err((ExposureRejected::UnreadableRow, false));
        };
        slice.tally.fill(cells);
        let Some(key) = Key::read(self.key_kind, cells[0]) else {
            slice.tally.note(PERSON_KEY, Rule::Key, row);
            return Err((ExposureRejected::InvalidKey, false));
        };
        let keyed = key.keyed(self.coder);
        slice.keys.push(keyed);
        *case_code = Some(keyed.case_code);
        self.marks(slice, row, cells, confirm)
    }

    /// Adds the row's marks, or adds none and says why the row is rejected.
    fn marks(&self, slice: &mut Slice, row: u32, cells: &[&str], confirm: &mut ConfirmValues) -> Result<(), Refused> {
        let own = &cells[COMMON.len()..];
        let stated: Vec<(Option<u16>, &str)> = match &self.wide {
            Some(categories) => {
                let marked = categories.iter().zip(own).filter(|(_, text)| !text.trim().is_empty());
                marked.map(|(&category, &text)| (Some(category), text)).collect()
            }
            None => vec![(self.category(own[0]), own[1])],
        };
        let certainties = stated.iter().map(|(_, text)| certainty(text)).collect::<Option<Vec<_>>>();
        let certainties = certainties.ok_or_else(|| {
            slice.tally.note(CERTAINTY, Rule::Code, row);
            (ExposureRejected::InvalidCertainty, true)
        })?;
        let period_from = date(&mut slice.tally, PERIOD_FROM, row, cells[4])?;
        let period_to = date(&mut slice.tally, PERIOD_TO, row, cells[5])?;
        *confirm = self.confirm_values(&mut slice.tally, row, cells)?;
        for ((category, _), certainty) in stated.into_iter().zip(certainties) {
            let Some(category) = category else {
                slice.tally.note(CATEGORY, Rule::Code, row);
                return Err((ExposureRejected::UnknownCategory, certainty != Certainty::RuledOut));
            };
            slice.marks.push(Mark { category, certainty, period_from, period_to });
        }
        Ok(())
    }

    /// The index of a category that the letter knows, in any case.
    fn category(&self, text: &str) -> Option<u16> {
        let text = text.trim();
        let index = self.known.iter().position(|known| known.eq_ignore_ascii_case(text))?;
        u16::try_from(index).ok()
    }

    /// What the row says of the confirm fields; the birth date must be one even where nothing is confirmed.
    fn confirm_values(&self, tally: &mut Tally, row: u32, cells: &[&str]) -> Result<ConfirmValues, Refused> {
        let birth_date = date(tally, BIRTH_DATE, row, cells[1])?;
        if birth_date.is_some_and(|birth_date| birth_date.is_after(self.campaign.date)) {
            tally.note(BIRTH_DATE, Rule::Date, row);
            return Err((ExposureRejected::InvalidDate, true));
        }
        if self.confirm.is_empty() {
            return Ok(ConfirmValues::default());
        }
        Ok(ConfirmValues { birth_date, postcode: postcode_hash(cells[2]), surname: surname_hash(cells[3]) })
    }
}

/// The certainty that a cell states; blank is confirmed.
fn certainty(text: &str) -> Option<Certainty> {
    if text.trim().is_empty() { Some(Certainty::Confirmed) } else { Certainty::parse(text) }
}

/// A date of an exposure row.
fn date(tally: &mut Tally, field: &'static str, row: u32, text: &str) -> Result<Option<PartialDate>, Refused> {
    PartialDate::parse(text).map_err(|_| {
        tally.note(field, Rule::Date, row);
        (ExposureRejected::InvalidDate, true)
    })
}

/// A hash by which postcodes are compared, spaces and case ignored; 0 for a blank one.
pub fn postcode_hash(text: &str) -> u64 {
    hash(&text.chars().filter(|character| !character.is_whitespace()).flat_map(char::to_uppercase).collect::<String>())
}

/// A hash by which surnames are compared, folded; 0 for a blank one and for `.`.
pub fn surname_hash(text: &str) -> u64 {
    let folded = folded(text);
    if folded == "." { 0 } else { hash(&folded) }
}

/// A hash that is 0 for blank text only.
fn hash(text: &str) -> u64 {
    if text.is_empty() {
        return 0;
    }
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    hasher.finish().max(1)
}
