//! `meldpost reconcile`: what the print house and the post report, held against what was sealed.
//!
//! Enters: a sealed run, perhaps a feedback file. Leaves: the ledger with what happened to each piece; in the run folder's
//! `feedback/` the rows without effect, and work lists: what came back, what is to be printed again, what is overdue.
//! Invariant: letters = posted + destroyed + open; a file that is read twice has effect once; the lists are made anew from
//! the ledger each time and carry case codes and the list owner's references, nothing else of any person.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufReader, Write as _};
use std::path::Path;

use jiff::civil::Date;
use serde::Serialize;

use super::books::Books;
use super::exit::Exit;
use super::failure::Failure;
use super::lock::Lock;
use super::output::Output;
use super::screen::Screen;
use super::{clock, rendering};
use crate::campaign::settings::Campaign;
use crate::ledger::{Balance, Feedback, FeedbackFile, PieceState, Pieces, working_days};
use crate::model::case_code::CaseCode;
use crate::plan::files;
use crate::plan::letters::LetterReader;
use crate::plan::record::Plan;
use crate::report::{FeedbackReport, Report};
use crate::seal::manifest::manifest_path;
use crate::store::{self, StoreError};

/// Case codes that are named on the screen.
const NAMED: usize = 8;

/// A letter that should be with the post by now.
#[derive(Debug, Serialize)]
struct Overdue {
    case_code: String,
    package: String,
    state: PieceState,
    release_date: Date,
    due: Date,
}

/// Reads feedback, and says where all pieces are.
pub fn reconcile(run: &Path, feedback: Option<&Path>, on: Option<Date>, screen: &Screen) -> Result<Output, Failure> {
    let (campaign, plan) = rendering::open(run)?;
    let _lock = Lock::exclusive(run)?;
    if !manifest_path(run).exists() {
        return Err(Failure::with_hint(
            Exit::TryAgain,
            format!("{} is not sealed: nothing can have been printed yet", run.display()),
            "seal it first: meldpost seal --run DIR",
        ));
    }
    let (mut books, number) = Books::for_feedback(run, &campaign, &plan)?;
    let mut pieces = books.pieces(number)?;
    let bar = screen.stage("reading feedback");
    let read = match feedback {
        Some(file) => Some(read(run, file, &mut books, number, &mut pieces, &plan)?),
        None => None,
    };
    bar.finish_and_clear();
    let on = on.unwrap_or_else(clock::today);
    let overdue = overdue(&campaign, &pieces, on);
    write_lists(run, &books, number, &pieces, &overdue)?;
    write_report(run, &books, number, &pieces, overdue.len() as u64, on)?;
    books.close()?;
    let output = output(run, &pieces, read.as_ref(), &overdue, on);
    tracing::info!(open = output.json["balance"]["open"].as_u64(), overdue = overdue.len(), "reconciled");
    Ok(output)
}

/// What a feedback file did.
#[derive(Debug, Serialize)]
struct Done {
    #[serde(flatten)]
    file: FeedbackFile,
    /// Rows about control letters.
    control: u64,
    /// Columns that nobody reads.
    ignored_columns: Vec<String>,
    /// Whether the file was read before, and therefore had no effect now.
    read_before: bool,
    /// The list of rows without effect, where there are any.
    exceptions: Option<String>,
}

fn read(
    run: &Path,
    path: &Path,
    books: &mut Books,
    number: u32,
    pieces: &mut Pieces,
    plan: &Plan,
) -> Result<Done, Failure> {
    let unusable = |what: String| Failure::new(Exit::Data, format!("the feedback {} {what}", path.display()));
    let sha256 = store::sha256_file(path).map_err(|error| unusable(format!("cannot be read: {error}")))?;
    let file = File::open(path).map_err(|error| unusable(format!("cannot be read: {error}")))?;
    let mut feedback =
        Feedback::read(BufReader::with_capacity(1 << 18, file)).map_err(|error| match error.to_string() {
            what if what.starts_with("the column") => unusable(format!("cannot be used: {what}")),
            what => unusable(what),
        })?;
    let read_before = pieces.files.iter().any(|file| file.sha256 == sha256);
    let mut noted = FeedbackFile {
        sha256,
        at: clock::now(),
        rows: feedback.count,
        applied: BTreeMap::new(),
        refused: BTreeMap::new(),
    };
    let done = |file, control, exceptions| Done { file, control, ignored_columns: Vec::new(), read_before, exceptions };
    if read_before {
        return Ok(done(noted, 0, None));
    }
    let applied = feedback.hold_against(pieces, &control(run, plan)?);
    noted.applied = applied.by_status();
    for exception in &feedback.exceptions {
        *noted.refused.entry(exception.problem.as_str().to_owned()).or_default() += 1;
    }
    let exceptions = write_exceptions(run, pieces.files.len() + 1, &feedback)?;
    books.note_feedback(number, &noted, &applied)?;
    pieces.files.push(noted.clone());
    let done = done(noted, applied.control, exceptions);
    Ok(Done { ignored_columns: feedback.ignored, ..done })
}

/// The case codes of the control letters, which the print house reports like all others.
fn control(run: &Path, plan: &Plan) -> Result<Vec<CaseCode>, Failure> {
    if plan.seeds == 0 {
        return Ok(Vec::new());
    }
    let path = files::letters_path(run);
    let seeds = LetterReader::new(&path).slice(plan.letters, u64::from(plan.seeds))?;
    Ok(seeds.iter().map(|seed| seed.letter.case_code).collect())
}

fn overdue(campaign: &Campaign, pieces: &Pieces, on: Date) -> Vec<Overdue> {
    let days = campaign.ledger.as_ref().map_or(crate::campaign::WORKING_DAYS, |ledger| ledger.working_days);
    let due: Vec<Date> =
        pieces.packages.iter().map(|package| working_days::after(package.release_date, days)).collect();
    let late = pieces.all.iter().filter(|piece| piece.state.is_open() && due[usize::from(piece.package)] < on);
    late.map(|piece| {
        let package = &pieces.packages[usize::from(piece.package)];
        Overdue {
            case_code: piece.code.printed(),
            package: package.id.clone(),
            state: piece.state,
            release_date: package.release_date,
            due: due[usize::from(piece.package)],
        }
    })
    .collect()
}

fn write_exceptions(run: &Path, number: usize, feedback: &Feedback) -> Result<Option<String>, Failure> {
    if feedback.exceptions.is_empty() {
        return Ok(None);
    }
    let name = format!("feedback/exceptions-{number:04}.csv");
    let rows = feedback.exceptions.iter().map(|exception| {
        [
            exception.row.to_string(),
            exception.code.map(CaseCode::printed).unwrap_or_default(),
            exception.status.map_or("", |status| status.as_str()).to_owned(),
            exception.problem.as_str().to_owned(),
        ]
    });
    write_csv(&run.join(&name), ["row", "case_code", "status", "problem"], rows)?;
    Ok(Some(name))
}

fn write_csv<const N: usize>(
    path: &Path,
    header: [&str; N],
    rows: impl Iterator<Item = [String; N]>,
) -> Result<(), Failure> {
    store::folder(path.parent().unwrap_or(path))?;
    let mut draft = store::create(path)?;
    let failed = |error: csv::Error| StoreError { path: path.to_owned(), source: error.into() };
    let mut csv = csv::Writer::from_writer(&mut draft);
    csv.write_record(header).map_err(failed)?;
    for row in rows {
        csv.write_record(row).map_err(failed)?;
    }
    csv.flush().map_err(|source| StoreError { path: path.to_owned(), source })?;
    drop(csv);
    Ok(draft.commit()?)
}

/// The work lists, each as the ledger has it now.
fn write_lists(run: &Path, books: &Books, number: u32, pieces: &Pieces, overdue: &[Overdue]) -> Result<(), Failure> {
    let folder = run.join("feedback");
    let rows = overdue.iter().map(|late| {
        [
            late.case_code.clone(),
            late.package.clone(),
            late.state.as_str().to_owned(),
            late.release_date.to_string(),
            late.due.to_string(),
        ]
    });
    write_csv(&folder.join("overdue.csv"), ["case_code", "package", "state", "release_date", "due"], rows)?;
    let mut spoiled = store::create(&folder.join("spoiled.txt"))?;
    for piece in pieces.all.iter().filter(|piece| matches!(piece.state, PieceState::Spoiled | PieceState::Rejected)) {
        writeln!(spoiled, "{}", piece.code)
            .map_err(|source| StoreError { path: folder.join("spoiled.txt"), source })?;
    }
    spoiled.commit()?;
    let moments = books.returned_at(number)?;
    let references = references(run, &moments)?;
    let mut returned: Vec<_> = pieces
        .all
        .iter()
        .filter_map(|piece| match piece.state {
            PieceState::Returned(reason) => Some((reason, piece.code)),
            _ => None,
        })
        .collect();
    returned.sort_unstable();
    let rows = returned.into_iter().map(|(reason, code)| {
        let [list, row, reference] = references.get(&code).cloned().unwrap_or_default();
        let at = moments.get(&code).cloned().unwrap_or_default();
        [code.printed(), reason.as_str().to_owned(), at, list, row, reference]
    });
    let header = ["case_code", "reason", "at", "list", "row", "source_ref"];
    write_csv(&folder.join("returned.csv"), header, rows)
}

/// The report of the run, with what was reported since: `feedback/report.html` and `feedback/report.json`.
fn write_report(
    run: &Path,
    books: &Books,
    number: u32,
    pieces: &Pieces,
    overdue: u64,
    on: Date,
) -> Result<(), Failure> {
    let path = run.join("report.json");
    let unusable = |error: String| Failure::new(Exit::Data, format!("{} cannot be used: {error}", path.display()));
    let bytes = std::fs::read(&path).map_err(|error| unusable(error.to_string()))?;
    let report: Report = serde_json::from_slice(&bytes).map_err(|error| unusable(error.to_string()))?;
    let balance = Balance::of(pieces.all.iter());
    let (mut returned, mut refused) = (BTreeMap::new(), BTreeMap::new());
    for piece in &pieces.all {
        if let PieceState::Returned(reason) = piece.state {
            *returned.entry(reason.as_str().to_owned()).or_default() += 1;
        }
    }
    for (problem, rows) in pieces.files.iter().flat_map(|file| &file.refused) {
        *refused.entry(problem.clone()).or_default() += rows;
    }
    let Balance { letters, posted, destroyed, open, .. } = balance;
    let days = books.feedback_days(number)?;
    let feedback = FeedbackReport { on, letters, posted, destroyed, open, overdue, returned, days, refused };
    let mut json = serde_json::to_value(&report).unwrap_or_default();
    json["feedback"] = serde_json::to_value(&feedback).unwrap_or_default();
    let mut bytes = serde_json::to_vec_pretty(&json).unwrap_or_default();
    bytes.push(b'\n');
    store::write(&run.join("feedback/report.json"), &bytes)?;
    let page = report.to_html(Some(&feedback)).map_err(|error| Failure::new(Exit::Bug, error.to_string()))?;
    Ok(store::write(&run.join("feedback/report.html"), page.as_bytes())?)
}

/// List, row and the owner's reference of the people whose letters came back.
fn references(run: &Path, of: &BTreeMap<CaseCode, String>) -> Result<BTreeMap<CaseCode, [String; 3]>, Failure> {
    let mut references = BTreeMap::new();
    if of.is_empty() {
        return Ok(references);
    }
    let damaged = |error: csv::Error| Failure::new(Exit::Data, format!("outcomes.csv cannot be read: {error}"));
    let mut rows = csv::Reader::from_path(run.join("outcomes.csv")).map_err(damaged)?;
    let mut row = csv::StringRecord::new();
    while rows.read_record(&mut row).map_err(damaged)? {
        if let Some(code) = CaseCode::parse(&row[4])
            && &row[2] == "letter"
            && of.contains_key(&code)
        {
            references.insert(code, [row[0].to_owned(), row[1].to_owned(), row[5].to_owned()]);
        }
    }
    Ok(references)
}

fn output(run: &Path, pieces: &Pieces, done: Option<&Done>, overdue: &[Overdue], on: Date) -> Output {
    let balance = Balance::of(pieces.all.iter());
    let mut text = String::new();
    if let Some(done) = done {
        let sum = |counts: &BTreeMap<String, u64>| counts.values().sum::<u64>();
        let (applied, refused) = (sum(&done.file.applied), sum(&done.file.refused));
        if done.read_before {
            text.push_str("this file was read before; nothing changes\n");
        } else {
            text.push_str(&format!("{} rows of feedback: {applied} with effect", done.file.rows));
            text.push_str(&named(&done.file.applied));
            if done.control > 0 {
                text.push_str(&format!(", {} about control letters", done.control));
            }
            text.push_str(&format!(", {refused} without{}\n", named(&done.file.refused)));
        }
        if let Some(exceptions) = &done.exceptions {
            text.push_str(&format!("  rows without effect: {}\n", run.join(exceptions).display()));
        }
        if !done.ignored_columns.is_empty() {
            text.push_str(&format!("  columns not read: {}\n", done.ignored_columns.len()));
        }
    }
    let width = pieces.packages.iter().map(|package| package.id.len()).max().unwrap_or(0).max("all packages".len());
    let columns = ["letters", "posted", "destroyed", "open", "returned"];
    text.push_str(&format!("{:<width$}", "package"));
    text.extend(columns.map(|column| format!("{column:>11}")));
    let mut line = |name: &str, balance: Balance| {
        let Balance { letters, posted, destroyed, open, returned } = balance;
        text.push_str(&format!("\n{name:<width$}{letters:>11}{posted:>11}{destroyed:>11}{open:>11}{returned:>11}"));
    };
    let by_package = pieces.balances();
    for (package, balance) in pieces.packages.iter().zip(&by_package).take(NAMED) {
        line(&package.id, *balance);
    }
    line("all packages", balance);
    if overdue.is_empty() {
        text.push_str(&format!("\nnothing is overdue on {on}"));
    } else {
        let codes: Vec<&str> = overdue.iter().take(NAMED).map(|late| late.case_code.as_str()).collect();
        let more = if overdue.len() > NAMED { " …" } else { "" };
        text.push_str(&format!("\noverdue on {on}: {} letters: {}{more}", overdue.len(), codes.join(", ")));
    }
    text.push_str(&format!("\nwork lists and report: {}", run.join("feedback").display()));
    let packages: Vec<_> = pieces
        .packages
        .iter()
        .zip(&by_package)
        .map(|(package, balance)| serde_json::json!({ "id": package.id, "balance": balance }))
        .collect();
    let json = serde_json::json!({
        "feedback": done,
        "balance": balance,
        "packages": packages,
        "on": on.to_string(),
        "overdue": overdue,
    });
    Output { text, json }
}

/// Counts by name, in brackets.
fn named(counts: &BTreeMap<String, u64>) -> String {
    if counts.is_empty() {
        return String::new();
    }
    let counts: Vec<String> = counts.iter().map(|(name, count)| format!("{name} {count}")).collect();
    format!(" ({})", counts.join(", "))
}
