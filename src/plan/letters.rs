//! `plan.parquet`: one row a letter, in print order, control letters last.
//!
//! Enters: planned letters. Leaves: the file, and any slice of it read back. Invariants: what is read equals what was
//! written; rows are written in groups, so that a shard reads its own rows only. This is the one place beside intake and
//! exposure that knows polars.

use std::collections::HashMap;
use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use polars::prelude::*;
use rayon::prelude::*;

use super::record::PlannedLetter;
use crate::model::case_code::CaseCode;
use crate::model::exposure::Facts;
use crate::model::language::LanguageChoice;
use crate::model::letter::{Destination, Letter, PersonOnPaper};
use crate::model::outcome::Addressee;
use crate::model::private::Private;
use crate::store::{self, StoreError};

/// Rows of one group in the file.
const ROWS_A_GROUP: usize = 5000;
/// Groups that are prepared at the same time.
const GROUPS_AT_A_TIME: usize = 8;
/// Separates the lines of an address and the salutations within a cell.
const LINES: char = '\n';

/// The letters of a plan could not be written or read.
#[derive(Debug, thiserror::Error)]
pub enum LettersError {
    /// The disk refused.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The file cannot be opened.
    #[error("cannot read plan.parquet: {0}")]
    Open(#[from] std::io::Error),
    /// The file is no plan.
    #[error("plan.parquet is damaged: {0}; plan the run again in a new folder")]
    Damaged(String),
}

impl From<PolarsError> for LettersError {
    fn from(error: PolarsError) -> Self {
        Self::Damaged(error.to_string())
    }
}

/// Writes the letters of a plan.
///
/// # Errors
/// The disk.
pub fn write(path: &Path, letters: &[PlannedLetter]) -> Result<(), LettersError> {
    let mut draft = store::create(path)?;
    let schema = frame(&[])?.schema().as_ref().clone();
    let mut writer =
        ParquetWriter::new(&mut draft).with_compression(ParquetCompression::Uncompressed).batched(&schema)?;
    for groups in letters.chunks(ROWS_A_GROUP * GROUPS_AT_A_TIME) {
        let frames: PolarsResult<Vec<DataFrame>> = groups.par_chunks(ROWS_A_GROUP).map(frame).collect();
        for frame in frames? {
            writer.write_batch(&frame)?;
        }
    }
    writer.finish()?;
    drop(writer);
    Ok(draft.commit()?)
}

/// Distinct facts that are remembered at a time.
const FACTS_MAX: usize = 4096;

/// Reads slices of the letters of a plan; equal facts are mostly shared between letters.
pub struct LetterReader<'a> {
    path: &'a Path,
    facts: std::sync::Mutex<HashMap<String, Arc<Facts>>>,
}

impl<'a> LetterReader<'a> {
    /// Reads from this file.
    pub fn new(path: &'a Path) -> Self {
        Self { path, facts: std::sync::Mutex::default() }
    }

    /// Reads some letters.
    ///
    /// # Errors
    /// A file that is not there or not what was written.
    pub fn slice(&self, first: u64, count: u64) -> Result<Vec<PlannedLetter>, LettersError> {
        let place = |number: u64| {
            usize::try_from(number)
                .map_err(|_| LettersError::Damaged("it names more letters than memory can hold".into()))
        };
        // By groups: any other way of reading goes through all that stands before the slice.
        let frame = ParquetReader::new(File::open(self.path)?)
            .with_slice(Some((place(first)?, place(count)?)))
            .read_parallel(ParallelStrategy::RowGroups)
            .finish()?;
        if frame.height() as u64 != count {
            return Err(LettersError::Damaged(format!("{count} letters were planned, {} are there", frame.height())));
        }
        let mut facts = self.facts.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        letters(&frame, &mut facts)
    }
}

/// The position of the letter with this case code; nothing where no letter has it.
///
/// # Errors
/// A file that is not there or not what was written.
pub fn find(path: &Path, code: CaseCode) -> Result<Option<u64>, LettersError> {
    let frame = ParquetReader::new(File::open(path)?)
        .with_columns(Some(vec!["case_code".to_owned()]))
        .read_parallel(ParallelStrategy::RowGroups)
        .finish()?;
    let printed = code.printed();
    let codes = frame.column("case_code")?.str()?.clone();
    Ok(codes.iter().position(|known| known == Some(printed.as_str())).map(|position| position as u64))
}

fn frame(letters: &[PlannedLetter]) -> PolarsResult<DataFrame> {
    let texts = |name: &str, text: &dyn Fn(&PlannedLetter) -> String| -> Column {
        Column::new(name.into(), letters.iter().map(text).collect::<Vec<_>>())
    };
    let destination = |read: fn(&Destination) -> &str| {
        move |planned: &PlannedLetter| read(planned.letter.destination.reveal()).to_owned()
    };
    let joined = |lines: &[String]| lines.join("\n");
    let columns = vec![
        texts("case_code", &|planned| planned.letter.case_code.printed()),
        Column::new("list".into(), letters.iter().map(|planned| u32::from(planned.letter.list)).collect::<Vec<_>>()),
        Column::new("row".into(), letters.iter().map(|planned| planned.letter.row).collect::<Vec<_>>()),
        texts("addressee", &|planned| planned.letter.addressee.as_str().to_owned()),
        texts("variant", &|planned| planned.letter.variant.to_string()),
        texts("languages", &|planned| planned.letter.languages.as_str().to_owned()),
        texts("format", &|planned| planned.letter.format.to_string()),
        texts("facts", &|planned| serde_json::to_string(&*planned.letter.facts).unwrap_or_default()),
        texts("name_line", &|planned| planned.letter.person.reveal().name_line.clone()),
        texts("salutations", &|planned| joined(&planned.letter.person.reveal().salutations)),
        Column::new(
            "named_inside".into(),
            letters.iter().map(|planned| planned.letter.person.reveal().named_inside).collect::<Vec<_>>(),
        ),
        texts("lines", &|planned| joined(&planned.letter.destination.reveal().lines)),
        texts("country", &destination(|to| &to.country)),
        texts("postcode", &destination(|to| &to.postcode)),
        texts("house_number", &destination(|to| &to.house_number)),
        texts("house_suffix", &destination(|to| &to.house_suffix)),
        texts("kix", &destination(|to| &to.kix)),
        Column::new(
            "protected".into(),
            letters.iter().map(|planned| planned.letter.destination.reveal().protected).collect::<Vec<_>>(),
        ),
        texts("printed_lines", &|planned| joined(&planned.printed_lines)),
        texts("printed_kix", &|planned| planned.printed_kix.clone()),
        texts("pages", &|planned| planned.pages.iter().map(u32::to_string).collect::<Vec<_>>().join("+")),
        Column::new("seed".into(), letters.iter().map(|planned| planned.seed).collect::<Vec<_>>()),
    ];
    DataFrame::new(letters.len(), columns)
}

fn letters(frame: &DataFrame, known: &mut HashMap<String, Arc<Facts>>) -> Result<Vec<PlannedLetter>, LettersError> {
    let text = |name: &str| frame.column(name).and_then(|column| column.str().cloned());
    let truth = |name: &str| frame.column(name).and_then(|column| column.bool().cloned());
    let number = |name: &str| frame.column(name).and_then(|column| column.u32().cloned());
    let damaged = |what: &str| LettersError::Damaged(format!("a row has no valid {what}"));

    let (codes, lists, rows) = (text("case_code")?, number("list")?, number("row")?);
    let (addressees, variants) = (text("addressee")?, text("variant")?);
    let (languages, formats, facts) = (text("languages")?, text("format")?, text("facts")?);
    let (names, salutations, inside) = (text("name_line")?, text("salutations")?, truth("named_inside")?);
    let (lines, countries, postcodes) = (text("lines")?, text("country")?, text("postcode")?);
    let (numbers, suffixes) = (text("house_number")?, text("house_suffix")?);
    let (kix, protected) = (text("kix")?, truth("protected")?);
    let (printed_lines, printed_kix) = (text("printed_lines")?, text("printed_kix")?);
    let (pages, seeds) = (text("pages")?, truth("seed")?);

    let owned = |column: &StringChunked, row: usize, what: &str| {
        column.get(row).map(str::to_owned).ok_or_else(|| damaged(what))
    };
    let split = |column: &StringChunked, row: usize, what: &str| -> Result<Vec<String>, LettersError> {
        Ok(column.get(row).ok_or_else(|| damaged(what))?.split(LINES).map(str::to_owned).collect())
    };
    (0..frame.height())
        .map(|row| {
            let facts_text = facts.get(row).ok_or_else(|| damaged("facts"))?;
            let facts = if let Some(facts) = known.get(facts_text) {
                Arc::clone(facts)
            } else {
                if known.len() >= FACTS_MAX {
                    known.clear();
                }
                let facts: Arc<Facts> = Arc::new(serde_json::from_str(facts_text).map_err(|_| damaged("facts"))?);
                known.insert(facts_text.to_owned(), Arc::clone(&facts));
                facts
            };
            let letter = Letter {
                case_code: codes.get(row).and_then(CaseCode::parse).ok_or_else(|| damaged("case code"))?,
                list: lists.get(row).and_then(|list| u16::try_from(list).ok()).ok_or_else(|| damaged("list"))?,
                row: rows.get(row).ok_or_else(|| damaged("row"))?,
                addressee: addressees.get(row).and_then(Addressee::parse).ok_or_else(|| damaged("addressee"))?,
                variant: owned(&variants, row, "variant")?.into(),
                languages: languages
                    .get(row)
                    .and_then(LanguageChoice::parse_index)
                    .ok_or_else(|| damaged("languages"))?,
                format: owned(&formats, row, "format")?.into(),
                facts,
                person: Private::new(PersonOnPaper {
                    name_line: owned(&names, row, "name line")?,
                    salutations: split(&salutations, row, "salutations")?,
                    named_inside: inside.get(row).ok_or_else(|| damaged("named_inside"))?,
                }),
                destination: Private::new(Destination {
                    lines: split(&lines, row, "lines")?,
                    country: owned(&countries, row, "country")?,
                    postcode: owned(&postcodes, row, "postcode")?,
                    house_number: owned(&numbers, row, "house number")?,
                    house_suffix: owned(&suffixes, row, "house suffix")?,
                    kix: owned(&kix, row, "KIX")?,
                    protected: protected.get(row).ok_or_else(|| damaged("protected"))?,
                }),
            };
            Ok(PlannedLetter {
                letter,
                printed_lines: split(&printed_lines, row, "printed lines")?,
                printed_kix: owned(&printed_kix, row, "printed KIX")?,
                pages: pages
                    .get(row)
                    .and_then(|pages| pages.split('+').map(|count| count.parse().ok()).collect())
                    .ok_or_else(|| damaged("pages"))?,
                seed: seeds.get(row).ok_or_else(|| damaged("seed"))?,
            })
        })
        .collect()
}
