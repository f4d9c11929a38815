//! The lists that somebody has to work on after feedback was read.
//!
//! Enters: the pieces of a run as the ledger has them now. Leaves: in the run folder's `feedback/`, what is overdue, what is
//! to be printed again and what came back; and the rows of a feedback file that had no effect. Invariant: a list has every
//! piece of its kind, however many there are, and is written row by row: a night on which nothing was posted has a million.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::Path;

use jiff::civil::Date;
use serde::Serialize;

use super::exit::Exit;
use super::failure::Failure;
use super::purge;
use crate::ledger::{Feedback, PieceState, Pieces, working_days};
use crate::model::case_code::CaseCode;
use crate::model::outcome::ReturnReason;
use crate::store::{self, Draft, StoreError};

/// The folder of the lists, in a run folder.
pub const FOLDER: &str = "feedback";
/// Overdue letters that are named where there is no room for all.
const FIRST: usize = 8;

/// The letters that should be with the post by now.
#[derive(Debug, Default, Serialize)]
pub struct Overdue {
    /// How many.
    pub letters: u64,
    /// The first of them, by case code.
    pub first: Vec<OverdueLetter>,
    /// The list of all, in the run folder.
    pub list: String,
}

/// A letter that should be with the post by now.
#[derive(Debug, Serialize)]
pub struct OverdueLetter {
    /// Whose it is.
    pub case_code: String,
    /// Its package.
    pub package: String,
    /// Where it is.
    pub state: PieceState,
    /// When it could have been posted.
    pub release_date: Date,
    /// When it should have been posted.
    pub due: Date,
}

/// A CSV file that appears when it is whole.
struct List<'a> {
    path: &'a Path,
    csv: csv::Writer<Draft>,
}

impl<'a> List<'a> {
    fn create<const N: usize>(path: &'a Path, header: [&str; N]) -> Result<Self, Failure> {
        let mut list = Self { path, csv: csv::Writer::from_writer(store::create(path)?) };
        list.row(header)?;
        Ok(list)
    }

    fn row<const N: usize>(&mut self, fields: [&str; N]) -> Result<(), Failure> {
        let failed = |error: csv::Error| StoreError { path: self.path.to_owned(), source: error.into() };
        Ok(self.csv.write_record(fields).map_err(failed)?)
    }

    fn commit(self) -> Result<(), Failure> {
        let draft = self
            .csv
            .into_inner()
            .map_err(|error| StoreError { path: self.path.to_owned(), source: error.into_error() })?;
        Ok(draft.commit()?)
    }
}

/// Writes the lists anew; gives what is overdue on a day, `days` working days after its release.
pub fn write(run: &Path, pieces: &Pieces, days: u32, on: Date) -> Result<Overdue, Failure> {
    store::folder(&run.join(FOLDER))?;
    write_spoiled(&run.join(FOLDER).join("spoiled.txt"), pieces)?;
    write_returned(run, pieces)?;
    write_overdue(run, pieces, days, on)
}

fn write_overdue(run: &Path, pieces: &Pieces, days: u32, on: Date) -> Result<Overdue, Failure> {
    let name = format!("{FOLDER}/overdue.csv");
    let path = run.join(&name);
    let mut list = List::create(&path, ["case_code", "package", "state", "release_date", "due"])?;
    let due: Vec<(Date, [String; 2])> = pieces
        .packages
        .iter()
        .map(|package| {
            let due = working_days::after(package.release_date, days);
            (due, [package.release_date.to_string(), due.to_string()])
        })
        .collect();
    let mut overdue = Overdue { list: name, ..Overdue::default() };
    for piece in pieces.all.iter().filter(|piece| piece.state.is_open()) {
        let package = usize::from(piece.package);
        let (due, [release, due_text]) = &due[package];
        if *due >= on {
            continue;
        }
        let (code, package) = (piece.code.printed(), &pieces.packages[package]);
        list.row([&code, &package.id, piece.state.as_str(), release, due_text])?;
        overdue.letters += 1;
        if overdue.first.len() < FIRST {
            overdue.first.push(OverdueLetter {
                case_code: code,
                package: package.id.clone(),
                state: piece.state,
                release_date: package.release_date,
                due: *due,
            });
        }
    }
    list.commit()?;
    Ok(overdue)
}

/// Case codes and nothing else: `reprint --codes` reads them.
fn write_spoiled(path: &Path, pieces: &Pieces) -> Result<(), Failure> {
    let mut spoiled = store::create(path)?;
    for piece in pieces.all.iter().filter(|piece| matches!(piece.state, PieceState::Spoiled | PieceState::Rejected)) {
        writeln!(spoiled, "{}", piece.code).map_err(|source| StoreError { path: path.to_owned(), source })?;
    }
    Ok(spoiled.commit()?)
}

/// A piece that came back, and the row of the list that its person stands in.
struct Returned {
    reason: ReturnReason,
    code: CaseCode,
    origin: Option<Origin>,
}

/// Where somebody stands, and the list owner's reference.
struct Origin {
    list: u16,
    row: Box<str>,
    reference: Box<str>,
}

fn write_returned(run: &Path, pieces: &Pieces) -> Result<(), Failure> {
    let mut returned: Vec<Returned> = pieces
        .all
        .iter()
        .filter_map(|piece| match piece.state {
            PieceState::Returned(reason) => Some(Returned { reason, code: piece.code, origin: None }),
            _ => None,
        })
        .collect();
    let lists = if run.join(purge::MARK).exists() { Vec::new() } else { find(run, &mut returned)? };
    returned.sort_unstable_by_key(|returned| (returned.reason, returned.code));
    let path = run.join(FOLDER).join("returned.csv");
    let mut list = List::create(&path, ["case_code", "reason", "at", "list", "row", "source_ref"])?;
    for returned in &returned {
        let at = pieces.returned_at.get(&returned.code).map(|at| at.text()).unwrap_or_default();
        let [origin, row, reference] = match &returned.origin {
            Some(Origin { list, row, reference }) => [&*lists[usize::from(*list)], row, reference],
            None => [""; 3],
        };
        list.row([&returned.code.printed(), returned.reason.as_str(), &at, origin, row, reference])?;
    }
    list.commit()
}

/// Looks up where people stand; gives the names of the lists. `returned` is in the order of its codes.
fn find(run: &Path, returned: &mut [Returned]) -> Result<Vec<String>, Failure> {
    let mut lists: Vec<String> = Vec::new();
    if returned.is_empty() {
        return Ok(lists);
    }
    let path = run.join("outcomes.csv");
    let damaged = |what: String| {
        Failure::with_hint(
            Exit::Data,
            format!("{} {what}", path.display()),
            "the feedback was read; put the file back from a copy, and reconcile again",
        )
    };
    let unreadable = |error: csv::Error| damaged(format!("cannot be read: {error}"));
    let mut rows = csv::Reader::from_path(&path).map_err(unreadable)?;
    let mut row = csv::StringRecord::new();
    let mut missing = returned.len();
    while rows.read_record(&mut row).map_err(unreadable)? {
        if row.get(2) != Some("letter") {
            continue;
        }
        let Some(code) = row.get(4).and_then(CaseCode::parse) else { continue };
        let Ok(place) = returned.binary_search_by_key(&code, |returned| returned.code) else { continue };
        let list = lists.iter().position(|list| *list == row[0]).unwrap_or_else(|| {
            lists.push(row[0].to_owned());
            lists.len() - 1
        });
        let list = u16::try_from(list).map_err(|_| damaged("names more lists than a campaign has".to_owned()))?;
        let field = |index: usize| row.get(index).unwrap_or_default().into();
        missing -= usize::from(returned[place].origin.is_none());
        returned[place].origin = Some(Origin { list, row: field(1), reference: field(5) });
    }
    if missing > 0 {
        return Err(damaged(format!("does not name {missing} of the people whose letters came back")));
    }
    Ok(lists)
}

/// Writes the rows of the feedback file of this number that had no effect; gives the list's name, where there are any.
pub fn write_exceptions(run: &Path, number: usize, feedback: &Feedback) -> Result<Option<String>, Failure> {
    if feedback.exceptions.is_empty() {
        return Ok(None);
    }
    store::folder(&run.join(FOLDER))?;
    let name = format!("{FOLDER}/exceptions-{number:04}.csv");
    let path = run.join(&name);
    let mut list = List::create(&path, ["row", "case_code", "status", "problem"])?;
    for exception in &feedback.exceptions {
        let code = exception.code.map(CaseCode::printed).unwrap_or_default();
        let status = exception.status.map_or("", |status| status.as_str());
        list.row([&exception.row.to_string(), &code, status, exception.problem.as_str()])?;
    }
    list.commit()?;
    Ok(Some(name))
}

/// Letters that came back, by reason.
pub fn returned_by_reason(pieces: &Pieces) -> BTreeMap<String, u64> {
    let mut reasons = BTreeMap::new();
    for piece in &pieces.all {
        if let PieceState::Returned(reason) = piece.state {
            *reasons.entry(reason.as_str()).or_default() += 1;
        }
    }
    reasons.into_iter().map(|(reason, letters)| (reason.to_owned(), letters)).collect()
}
