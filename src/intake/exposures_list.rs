//! An exposure list, long or wide → rows and marks.
//!
//! Enters: the table of one list. Leaves: every data row once, with its marks or why it is rejected. Invariant: the
//! reasons are tried in the contract's order; the key is gone when the row is there. Absent on purpose: whose row it
//! is, and whether the confirm fields agree, which needs the participants.
//!
//! A wide row is one row: a cell that is no certainty rejects it whole, and then none of its marks counts.

use std::hash::{DefaultHasher, Hash, Hasher};

use crate::campaign::settings::{Campaign, ConfirmField, ExposureLayout, ExposureList, KeyKind};
use crate::model::case_code::CaseCoder;
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
const COMMON: [&str; 4] = [PERSON_KEY, BIRTH_DATE, Field::Postcode.as_str(), Field::Surname.as_str()];
/// The wanted fields of the long layout after the common ones.
const LONG: [&str; 5] = [CATEGORY, CERTAINTY, PERIOD_FROM, PERIOD_TO, DATASET];

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
    let confirms = |field: &str| list.confirm.iter().any(|confirm| confirm.as_str() == field);
    // In a wide list a column `birth_date` is the category, unless it confirms or the campaign says that it is the field.
    let otherwise = if matches!(list.layout, ExposureLayout::Long) { Need::Optional } else { Need::Ignored };
    let mut wanted: Vec<Wanted> = COMMON
        .map(|field| {
            let needed = field == PERSON_KEY || confirms(field);
            Wanted::field(field, columns, if needed { Need::Required } else { otherwise })
        })
        .into();
    let categories = match &list.layout {
        ExposureLayout::Long => {
            wanted.extend(LONG.map(|field| {
                let need = if field == CATEGORY { Need::Required } else { Need::Optional };
                Wanted::field(field, columns, need)
            }));
            return Ok(wanted);
        }
        ExposureLayout::Wide(categories) => categories,
    };
    let common = wanted.iter().filter(|common| common.need != Need::Ignored);
    let taken: Vec<String> = common.map(|common| common.column().to_owned()).collect();
    let mut problems = Vec::new();
    for (category, column) in categories {
        if !campaign.template.categories.contains_key(category) {
            problems.push(name.campaign(
                format!("`categories` names `{category}`, which is no category of the letter"),
                "write a category of letter.toml left of the equals sign and their column right of it",
            ));
        } else if taken.contains(&column_name(column)) {
            problems.push(name.campaign(
                format!("`categories` names the column of another field for `{category}`"),
                "a column that confirms, or holds the key, is never a category",
            ));
        }
    }
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
        let (mut case_code, mut rejected, mut holds) = (None, Some(ExposureRejected::UnreadableRow), false);
        let mut confirm = ConfirmValues::default();
        if let Some(cells) = cells {
            slice.tally.fill(cells);
            if let Some(key) = Key::read(self.key_kind, cells[0]) {
                let keyed = key.keyed(self.coder);
                slice.keys.push(keyed);
                case_code = Some(keyed.case_code);
                let marks_before = slice.marks.len();
                (rejected, holds) = match self.marks(slice, row, cells, &mut confirm) {
                    Ok(()) => (None, false),
                    Err((reason, holds)) => {
                        slice.marks.truncate(marks_before);
                        (Some(reason), holds)
                    }
                };
            } else {
                slice.tally.note(PERSON_KEY, Rule::Key, row);
                rejected = Some(ExposureRejected::InvalidKey);
            }
        } else {
            slice.tally.note(WHOLE_ROW, Rule::Fields, row);
        }
        let marks_end = u32::try_from(slice.marks.len()).unwrap_or(u32::MAX);
        slice.rows.push(ExposureRow { case_code, marks_end, rejected, holds });
        if !self.confirm.is_empty() {
            slice.confirm.push(confirm);
        }
    }

    /// Adds the row's marks, or says why the row is rejected.
    fn marks(&self, slice: &mut Slice, row: u32, cells: &[&str], confirm: &mut ConfirmValues) -> Result<(), Refused> {
        let own = &cells[COMMON.len()..];
        let mut invalid_certainty = |text: &str| match Certainty::parse(text) {
            Some(certainty) => Ok(certainty),
            None => {
                slice.tally.note(CERTAINTY, Rule::Code, row);
                Err((ExposureRejected::InvalidCertainty, true))
            }
        };
        if let Some(categories) = &self.wide {
            for (&category, text) in categories.iter().zip(own).filter(|(_, text)| !text.trim().is_empty()) {
                let certainty = invalid_certainty(text)?;
                slice.marks.push(Mark { category, certainty, period_from: None, period_to: None });
            }
            *confirm = self.confirm_values(&mut slice.tally, row, cells)?;
            return Ok(());
        }
        let certainty = if own[1].trim().is_empty() { Certainty::Confirmed } else { invalid_certainty(own[1])? };
        let period_from = date(&mut slice.tally, PERIOD_FROM, row, own[2])?;
        let period_to = date(&mut slice.tally, PERIOD_TO, row, own[3])?;
        *confirm = self.confirm_values(&mut slice.tally, row, cells)?;
        let category = self.known.iter().position(|known| known.eq_ignore_ascii_case(own[0].trim()));
        let Some(category) = category.and_then(|index| u16::try_from(index).ok()) else {
            slice.tally.note(CATEGORY, Rule::Code, row);
            return Err((ExposureRejected::UnknownCategory, certainty != Certainty::RuledOut));
        };
        slice.marks.push(Mark { category, certainty, period_from, period_to });
        Ok(())
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
