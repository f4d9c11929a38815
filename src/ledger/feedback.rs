//! What print house and post report, held against the pieces of a run.
//!
//! Enters: a feedback file (`case_code,status,at,detail`). Leaves: pieces in their new states, events in the ledger, and
//! every row that had no effect, with the reason. Invariants: a row has an effect or is an exception, never both; the same
//! file read twice has effect once; rows of one piece are taken in the order of `at`, and of rows of the same moment
//! that one first which is possible. Nothing of a row reaches the ledger but code, status, moment and a known reason.

use std::collections::BTreeMap;
use std::io::Read;

use serde::{Deserialize, Serialize};

use super::book::Ledger;
use super::error::LedgerError;
use super::event::{Event, Kind};
use super::moment::Moment;
use super::pieces::{Pieces, Refused, Status};
use crate::model::case_code::CaseCode;
use crate::model::outcome::ReturnReason;

/// Rows of one piece and moment that are tried in every order; more are taken as they stand.
const TRIED: usize = 64;

/// A feedback file that was read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FeedbackFile {
    /// SHA-256, hex.
    pub sha256: String,
    /// When it was read, by the machine's clock; nothing is decided by it.
    pub at: String,
    /// Data rows.
    pub rows: u64,
    /// Rows with effect, by status.
    pub applied: BTreeMap<String, u64>,
    /// Rows without effect, by problem.
    pub refused: BTreeMap<String, u64>,
}

/// Why a row has no effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Problem {
    /// The case code is none.
    InvalidCode,
    /// No letter of this run has the code.
    UnknownCode,
    /// The status is none.
    UnknownStatus,
    /// The moment is none.
    InvalidDate,
    /// A returned letter's reason is none.
    UnknownReason,
    /// The number of fields is wrong, or the bytes are no text.
    UnreadableRow,
    /// Reported before.
    Double,
    /// The piece cannot go there from where it is.
    ImpossibleTransition,
}

impl Problem {
    /// The spelling in lists.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::InvalidCode => "invalid-code",
            Self::UnknownCode => "unknown-code",
            Self::UnknownStatus => "unknown-status",
            Self::InvalidDate => "invalid-date",
            Self::UnknownReason => "unknown-reason",
            Self::UnreadableRow => "unreadable-row",
            Self::Double => "double",
            Self::ImpossibleTransition => "impossible-transition",
        }
    }
}

/// A row without effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Exception {
    /// 1-based data row.
    pub row: u32,
    /// The code, where it is one.
    pub code: Option<CaseCode>,
    /// The status, where it is one.
    pub status: Option<Status>,
    /// Why.
    pub problem: Problem,
}

/// A feedback file as read.
#[derive(Debug, Default)]
pub struct Feedback {
    rows: Vec<Row>,
    /// Rows that cannot be held against anything.
    pub exceptions: Vec<Exception>,
    /// Data rows.
    pub count: u64,
    /// Columns that nobody reads.
    pub ignored: Vec<String>,
}

#[derive(Debug, Clone, Copy)]
struct Row {
    code: CaseCode,
    at: Moment,
    row: u32,
    status: Status,
}

/// The file is no feedback file.
#[derive(Debug, thiserror::Error)]
pub enum FeedbackError {
    /// The columns are wrong.
    #[error("the column `{0}` is missing\nhint: the first line names the columns: case_code,status,at,detail")]
    Column(&'static str),
    /// The file cannot be read.
    #[error("cannot be read: {0}")]
    Read(String),
    /// More rows than can be numbered.
    #[error("has too many rows\nhint: split it")]
    TooLong,
}

impl Feedback {
    /// Reads a feedback file.
    ///
    /// # Errors
    /// A file without the columns. A row that is wrong is an exception, no error.
    pub fn read(mut from: impl Read) -> Result<Self, FeedbackError> {
        let mut start = [0; 4096];
        let mut filled = 0;
        while filled < start.len() {
            match from.read(&mut start[filled..]).map_err(|error| FeedbackError::Read(error.to_string()))? {
                0 => break,
                read => filled += read,
            }
        }
        let text = start[..filled].strip_prefix(b"\xef\xbb\xbf").unwrap_or(&start[..filled]);
        let line = text.split(|&byte| byte == b'\n').next().unwrap_or_default();
        let delimiter = [b',', b';', b'\t']
            .into_iter()
            .max_by_key(|delimiter| (line.split(|byte| byte == delimiter).count(), *delimiter == b','));
        let mut csv =
            csv::ReaderBuilder::new().delimiter(delimiter.unwrap_or(b',')).flexible(true).from_reader(text.chain(from));
        let headers = csv.byte_headers().map_err(|error| FeedbackError::Read(error.to_string()))?.clone();
        let place = |name: &str| headers.iter().position(|header| header.trim_ascii() == name.as_bytes());
        let column = |name: &'static str| place(name).ok_or(FeedbackError::Column(name));
        let (code, status, at) = (column("case_code")?, column("status")?, column("at")?);
        let detail = place("detail");
        let mut feedback = Self::default();
        let known = [Some(code), Some(status), Some(at), detail];
        feedback.ignored = headers
            .iter()
            .enumerate()
            .filter(|(index, _)| !known.contains(&Some(*index)))
            .map(|(_, name)| String::from_utf8_lossy(name).into_owned())
            .collect();
        let mut record = csv::ByteRecord::new();
        while csv.read_byte_record(&mut record).map_err(|error| FeedbackError::Read(error.to_string()))? {
            feedback.count += 1;
            let row = u32::try_from(feedback.count).map_err(|_| FeedbackError::TooLong)?;
            let field =
                |index: usize| record.get(index).and_then(|field| std::str::from_utf8(field).ok()).map(str::trim);
            let readable =
                record.len() == headers.len() && record.iter().all(|field| std::str::from_utf8(field).is_ok());
            let code = field(code).and_then(CaseCode::parse);
            let reason = detail.and_then(field).unwrap_or_default();
            let status = status_of(field(status).unwrap_or_default(), reason);
            let at = field(at).and_then(Moment::parse);
            let problem = match (code, status, at) {
                _ if !readable => Problem::UnreadableRow,
                (None, ..) => Problem::InvalidCode,
                (_, Err(problem), _) => problem,
                (.., None) => Problem::InvalidDate,
                (Some(code), Ok(status), Some(at)) => {
                    feedback.rows.push(Row { code, at, row, status });
                    continue;
                }
            };
            feedback.exceptions.push(Exception { row, code, status: status.ok(), problem });
        }
        // Rows of a piece stand together, in the order of their moments, and then of the file.
        feedback.rows.sort_unstable_by_key(|row| (row.code, row.at.second(), row.row));
        Ok(feedback)
    }

    /// Holds the rows against the pieces; gives the events to note. Afterwards `exceptions` has every row without effect.
    /// Rows about `control`, the control letters, are counted and have no effect.
    pub fn hold_against(&mut self, pieces: &mut Pieces, control: &[CaseCode]) -> Applied {
        let mut applied = Applied::default();
        let rows = std::mem::take(&mut self.rows);
        for group in rows.chunk_by(|one, other| one.code == other.code) {
            let code = group[0].code;
            let Some(place) = pieces.find(code) else {
                if control.contains(&code) {
                    applied.control += group.len() as u64;
                } else {
                    self.exceptions.extend(group.iter().map(|row| row.refused(Problem::UnknownCode)));
                }
                continue;
            };
            for same in group.chunk_by(|one, other| one.at.second() == other.at.second()) {
                let mut waiting: Vec<&Row> = same.iter().collect();
                while waiting.len() <= TRIED {
                    let possible = waiting.iter().position(|row| pieces.take(place, row.status, row.at).is_ok());
                    let Some(possible) = possible else { break };
                    applied.add(waiting.remove(possible));
                }
                for row in waiting {
                    match pieces.take(place, row.status, row.at) {
                        Ok(()) => applied.add(row),
                        Err(Refused::Double) => self.exceptions.push(row.refused(Problem::Double)),
                        Err(Refused::ImpossibleTransition) => {
                            self.exceptions.push(row.refused(Problem::ImpossibleTransition));
                        }
                    }
                }
            }
        }
        self.exceptions.sort_unstable_by_key(|exception| exception.row);
        assert_eq!(
            self.count,
            applied.events.len() as u64 + applied.control + self.exceptions.len() as u64,
            "every row has an effect, is about a control letter or is an exception"
        );
        applied
    }
}

impl Row {
    const fn refused(&self, problem: Problem) -> Exception {
        Exception { row: self.row, code: Some(self.code), status: Some(self.status), problem }
    }
}

/// The rows that had an effect.
#[derive(Debug, Default)]
pub struct Applied {
    events: Vec<(CaseCode, Status, Moment)>,
    /// Rows about control letters.
    pub control: u64,
}

impl Applied {
    fn add(&mut self, row: &Row) {
        self.events.push((row.code, row.status, row.at));
    }

    /// Rows with effect, by status.
    pub fn by_status(&self) -> BTreeMap<String, u64> {
        let mut counts = BTreeMap::new();
        for (_, status, _) in &self.events {
            *counts.entry(status.as_str().to_owned()).or_default() += 1;
        }
        counts
    }
}

fn status_of(text: &str, reason: &str) -> Result<Status, Problem> {
    match text.to_ascii_lowercase().as_str() {
        "printed" => Ok(Status::Printed),
        "inserted" => Ok(Status::Inserted),
        "posted" => Ok(Status::Posted),
        "spoiled" => Ok(Status::Spoiled),
        "rejected" => Ok(Status::Rejected),
        "returned" => {
            ReturnReason::parse(&reason.to_ascii_lowercase()).map(Status::Returned).ok_or(Problem::UnknownReason)
        }
        _ => Err(Problem::UnknownStatus),
    }
}

impl Ledger {
    /// Notes a feedback file and its effects, all together or not at all.
    ///
    /// # Errors
    /// The disk.
    pub fn note_feedback(&mut self, run: u32, file: &FeedbackFile, applied: &Applied) -> Result<(), LedgerError> {
        self.begin()?;
        self.add(run, Kind::Feedback, None, serde_json::to_string(file).expect("plain data"))?;
        let mut known: Option<(Moment, String)> = None;
        for &(code, status, at) in &applied.events {
            let reason = match status {
                Status::Returned(reason) => Some(reason.as_str()),
                _ => None,
            };
            // Many pieces share a moment.
            let text = match &known {
                Some((moment, text)) if *moment == at => text,
                _ => &known.insert((at, at.text())).1,
            };
            let detail = serde_json::to_string(&(text, reason)).expect("plain data");
            self.add(run, status.kind(), Some(code), detail)?;
        }
        self.commit()
    }

    /// What an event of a piece reports, and when that happened.
    ///
    /// # Errors
    /// An event without that.
    pub fn reported(&self, event: &Event) -> Result<(Status, Moment), LedgerError> {
        let read = || {
            let (at, reason): (&str, Option<&str>) = serde_json::from_str(&event.detail).ok()?;
            let status = status_of(event.kind.as_str(), reason.unwrap_or_default()).ok()?;
            Some((status, Moment::parse(at)?))
        };
        read().ok_or_else(|| LedgerError::damaged(self.path(), format!("event {} has no valid detail", event.number)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::pieces::{Piece, PieceState};

    fn code(number: u64) -> CaseCode {
        CaseCode::from_bits(number)
    }

    fn run(rows: &[(u64, &str, &str, &str)], states: &[PieceState]) -> (Vec<PieceState>, Vec<(u32, Problem)>) {
        let mut text = String::from("case_code,status,at,detail\n");
        for (number, status, at, detail) in rows {
            text.push_str(&format!("{},{status},{at},{detail}\n", code(*number).printed()));
        }
        let all = (0..)
            .zip(states)
            .map(|(number, &state)| Piece { code: code(number), package: 0, state, copies: 0 })
            .collect();
        let mut pieces = Pieces { all, ..Pieces::default() };
        let mut feedback = Feedback::read(text.as_bytes()).unwrap();
        feedback.hold_against(&mut pieces, &[code(1000)]);
        let exceptions = feedback.exceptions.iter().map(|exception| (exception.row, exception.problem)).collect();
        (pieces.all.iter().map(|piece| piece.state).collect(), exceptions)
    }

    #[test]
    fn rows_of_a_piece_are_taken_by_their_moment_whatever_their_order_in_the_file() {
        let rows = [
            (0, "posted", "2025-09-15T12:00:00Z", ""),
            (0, "printed", "2025-09-15T10:00:00Z", ""),
            (0, "inserted", "2025-09-15T13:00:00+02:00", ""),
            (1, "posted", "2025-09-16", ""),
            (1, "inserted", "2025-09-16", ""),
            (1, "printed", "2025-09-16", ""),
        ];
        let (states, exceptions) = run(&rows, &[PieceState::Packed; 2]);
        assert_eq!((states, exceptions), (vec![PieceState::Posted; 2], vec![]));
    }

    #[test]
    fn what_is_unknown_impossible_or_double_has_no_effect_and_is_named_by_row() {
        let rows = [
            (0, "printed", "2025-09-15", ""),
            (0, "printed", "2025-09-16", ""),
            (0, "posted", "2025-09-17", ""),
            (9, "printed", "2025-09-15", ""),
            (0, "burnt", "2025-09-15", ""),
            (0, "inserted", "15 September", ""),
            (1, "returned", "2025-09-20", "eaten"),
            (1, "returned", "2025-09-20", "moved"),
            (1000, "printed", "2025-09-15", ""),
        ];
        let (states, exceptions) = run(&rows, &[PieceState::Packed, PieceState::Posted]);
        assert_eq!(states, [PieceState::Printed, PieceState::Returned(ReturnReason::Moved)]);
        let expected = [
            (2, Problem::Double),
            (3, Problem::ImpossibleTransition),
            (4, Problem::UnknownCode),
            (5, Problem::UnknownStatus),
            (6, Problem::InvalidDate),
            (7, Problem::UnknownReason),
        ];
        assert_eq!(exceptions, expected);
    }

    #[test]
    fn a_spoiled_piece_that_is_printed_again_is_a_further_attempt() {
        let rows = [
            (0, "printed", "2025-09-15", ""),
            (0, "spoiled", "2025-09-15", ""),
            (0, "printed", "2025-09-15", ""),
            (0, "inserted", "2025-09-15", ""),
            (0, "posted", "2025-09-15", ""),
        ];
        assert_eq!(run(&rows, &[PieceState::Packed]), (vec![PieceState::Posted], vec![]));
    }

    #[test]
    fn rows_that_are_no_rows_are_named_and_the_rest_counts() {
        let text = format!(
            "\u{feff}at;status;case_code;detail;machine\n2025-09-15;printed;{};;7\nshort\n2025-09-15;printed;NOTA-CODE-00000;;7\n",
            code(0)
        );
        let mut feedback = Feedback::read(text.as_bytes()).unwrap();
        let mut pieces = Pieces::default();
        pieces.all.push(Piece { code: code(0), package: 0, state: PieceState::Packed, copies: 0 });
        let applied = feedback.hold_against(&mut pieces, &[]);
        assert_eq!(applied.by_status(), BTreeMap::from([("printed".to_owned(), 1)]));
        let problems: Vec<_> = feedback.exceptions.iter().map(|exception| exception.problem).collect();
        assert_eq!(problems, [Problem::UnreadableRow, Problem::InvalidCode]);
        assert_eq!(feedback.ignored, ["machine"]);
        assert!(matches!(Feedback::read("code,status,at\n".as_bytes()), Err(FeedbackError::Column("case_code"))));
    }
}
