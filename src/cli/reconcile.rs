//! `meldpost reconcile`: what the print house and the post report, held against what was sealed.
//!
//! Enters: a sealed run, perhaps a feedback file. Leaves: the ledger with what happened to each piece; in the run folder's
//! `feedback/` the rows without effect, and work lists: what came back, what is to be printed again, what is overdue.
//! Invariant: letters = posted + destroyed + open; a file that is read twice has effect once; the lists are made anew from
//! the ledger each time and carry case codes and the list owner's references, nothing else of any person.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::BufReader;
use std::path::Path;

use jiff::civil::Date;
use serde::Serialize;

use super::books::Books;
use super::exit::Exit;
use super::failure::Failure;
use super::lock::Lock;
use super::output::Output;
use super::screen::Screen;
use super::work_lists::{self, Overdue};
use super::{clock, purge, rendering};
use crate::campaign;
use crate::ledger::{Balance, Feedback, FeedbackFile, Pieces, Problem, RunEntry};
use crate::model::case_code::CaseCode;
use crate::plan::files;
use crate::plan::letters::LetterReader;
use crate::plan::record::Plan;
use crate::report::{FeedbackDay, FeedbackReport, Report, RunLine};
use crate::seal::manifest::manifest_path;
use crate::store;

/// Packages that are shown one by one; the others are summed up in a line.
const SHOWN_PACKAGES: usize = 8;
/// Other runs that are named on the screen, the latest first.
const OTHER_RUNS: usize = 2;
/// Overdue letters that are named on the screen.
const NAMED: usize = 4;
/// Characters of a line on the screen.
const WIDTH: usize = 80;

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
    let bar = screen.stage("reading the ledger");
    let mut pieces = books.pieces(number)?;
    bar.finish_and_clear();
    let bar = screen.stage("reading feedback");
    let read = match feedback {
        Some(file) => Some(read(run, file, &mut books, number, &mut pieces, &plan)?),
        None => None,
    };
    bar.finish_and_clear();
    let on = on.unwrap_or_else(clock::today);
    let working_days = campaign.ledger.as_ref().map_or(campaign::WORKING_DAYS, |ledger| ledger.working_days);
    let bar = screen.stage("writing work lists");
    let overdue = work_lists::write(run, &pieces, working_days, on)?;
    write_report(run, &books, &pieces, overdue.letters, on)?;
    books.close()?;
    bar.finish_and_clear();
    let output = output(run, &pieces, read.as_ref(), &overdue, on);
    tracing::info!(open = output.json["balance"]["open"].as_u64(), overdue = overdue.letters, "reconciled");
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
    /// Other runs that have letters to people whose code this one does not know.
    other_runs: Vec<OtherRun>,
}

/// A run that some of the feedback is about.
#[derive(Debug, Serialize)]
struct OtherRun {
    run: u32,
    folder: String,
    letters: u64,
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
    if read_before {
        let (ignored_columns, other_runs) = (Vec::new(), Vec::new());
        return Ok(Done { file: noted, control: 0, ignored_columns, read_before, exceptions: None, other_runs });
    }
    let applied = feedback.hold_against(pieces, &control(run, plan)?);
    noted.applied = applied.by_status();
    for exception in &feedback.exceptions {
        *noted.refused.entry(exception.problem.as_str().to_owned()).or_default() += 1;
    }
    let exceptions = work_lists::write_exceptions(run, pieces.files.len() + 1, &feedback)?;
    books.note_feedback(number, &noted, &applied)?;
    pieces.files.push(noted.clone());
    let unknown = feedback.exceptions.iter().filter(|exception| exception.problem == Problem::UnknownCode);
    let mut unknown: Vec<CaseCode> = unknown.filter_map(|exception| exception.code).collect();
    let other_runs = books.elsewhere(number, &mut unknown)?;
    let other_run = |(run, letters): (RunEntry, u64)| OtherRun { run: run.number, folder: run.planned.folder, letters };
    Ok(Done {
        file: noted,
        control: applied.control,
        ignored_columns: feedback.ignored,
        read_before,
        exceptions,
        other_runs: other_runs.into_iter().map(other_run).collect(),
    })
}

/// The case codes of the control letters, which the print house reports like all others; a purged run has none any more.
fn control(run: &Path, plan: &Plan) -> Result<Vec<CaseCode>, Failure> {
    if plan.seeds == 0 || run.join(purge::MARK).exists() {
        return Ok(Vec::new());
    }
    let path = files::letters_path(run);
    let seeds = LetterReader::new(&path).slice(plan.letters, u64::from(plan.seeds))?;
    Ok(seeds.iter().map(|seed| seed.letter.case_code).collect())
}

/// The report of the run, with what was reported since: `feedback/report.html` and `feedback/report.json`.
fn write_report(run: &Path, books: &Books, pieces: &Pieces, overdue: u64, on: Date) -> Result<(), Failure> {
    let path = run.join("report.json");
    let unusable = |error: String| Failure::new(Exit::Data, format!("{} cannot be used: {error}", path.display()));
    let bytes = std::fs::read(&path).map_err(|error| unusable(error.to_string()))?;
    let report: Report = serde_json::from_slice(&bytes).map_err(|error| unusable(error.to_string()))?;
    let balance = Balance::of(pieces.all.iter());
    let mut refused = BTreeMap::new();
    for (problem, rows) in pieces.files.iter().flat_map(|file| &file.refused) {
        *refused.entry(problem.clone()).or_default() += rows;
    }
    let Balance { letters, posted, destroyed, open, .. } = balance;
    let returned = work_lists::returned_by_reason(pieces);
    let days = pieces.days.iter().map(|(date, day)| FeedbackDay {
        date: *date,
        printed: day.printed,
        inserted: day.inserted,
        posted: day.posted,
        spoiled: day.spoiled,
        rejected: day.rejected,
        returned: day.returned,
    });
    let days = days.collect();
    let runs = books.runs()?.into_iter().filter_map(|run| {
        let sealed = run.sealed?;
        Some(RunLine { number: run.number, wave: run.planned.wave, sealed_at: sealed.at, letters: sealed.letters })
    });
    let (runs, released) = (runs.collect(), books.released()?);
    let feedback =
        FeedbackReport { on, letters, posted, destroyed, open, overdue, returned, days, refused, runs, released };
    let mut json = serde_json::to_value(&report).unwrap_or_default();
    json["feedback"] = serde_json::to_value(&feedback).unwrap_or_default();
    let mut bytes = serde_json::to_vec_pretty(&json).unwrap_or_default();
    bytes.push(b'\n');
    store::write(&run.join("feedback/report.json"), &bytes)?;
    let page = report.to_html(Some(&feedback)).map_err(|error| Failure::new(Exit::Bug, error.to_string()))?;
    Ok(store::write(&run.join("feedback/report.html"), page.as_bytes())?)
}

fn output(run: &Path, pieces: &Pieces, done: Option<&Done>, overdue: &Overdue, on: Date) -> Output {
    let balance = Balance::of(pieces.all.iter());
    let by_package = pieces.balances();
    let mut text = done.map_or(String::new(), |done| said(run, done));
    let width = pieces.packages.iter().map(|package| package.id.len()).max().unwrap_or(0).max("all packages".len());
    let columns = ["letters", "posted", "destroyed", "open", "returned"];
    text.push_str(&format!("{:<width$}", "package"));
    text.extend(columns.map(|column| format!("{column:>10}")));
    let mut line = |name: &str, balance: Balance| {
        let Balance { letters, posted, destroyed, open, returned } = balance;
        text.push_str(&format!("\n{name:<width$}{letters:>10}{posted:>10}{destroyed:>10}{open:>10}{returned:>10}"));
    };
    for (package, balance) in pieces.packages.iter().zip(&by_package).take(SHOWN_PACKAGES) {
        line(&package.id, *balance);
    }
    let others = by_package.get(SHOWN_PACKAGES..).unwrap_or_default();
    if !others.is_empty() {
        line(&format!("{} others", others.len()), others.iter().copied().sum());
    }
    line("all packages", balance);
    if overdue.letters == 0 {
        text.push_str(&format!("\nnothing is overdue on {on}"));
    } else {
        let codes: Vec<&str> = overdue.first.iter().take(NAMED).map(|late| late.case_code.as_str()).collect();
        let more = if overdue.letters > NAMED as u64 { " …" } else { "" };
        text.push_str(&format!(
            "\noverdue on {on}: {} letters, listed in {}\n  {}{more}",
            overdue.letters,
            overdue.list,
            codes.join(", ")
        ));
    }
    text.push_str(&format!("\nwork lists and report: {}", run.join(work_lists::FOLDER).display()));
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

/// What a feedback file did, for people.
fn said(run: &Path, done: &Done) -> String {
    if done.read_before {
        return "this file was read before; nothing changes\n".to_owned();
    }
    let sum = |counts: &BTreeMap<String, u64>| counts.values().sum::<u64>();
    let (applied, refused) = (sum(&done.file.applied), sum(&done.file.refused));
    let mut text = format!("{} rows of feedback: {applied} with effect, {refused} without", done.file.rows);
    if done.control > 0 {
        text.push_str(&format!(", {} about control letters", done.control));
    }
    text.push('\n');
    for (name, counts) in [("with effect", &done.file.applied), ("without effect", &done.file.refused)] {
        text.push_str(&named(name, counts));
    }
    if let Some(exceptions) = &done.exceptions {
        text.push_str(&format!("  rows without effect: {}\n", run.join(exceptions).display()));
    }
    for OtherRun { run, folder, letters } in done.other_runs.iter().rev().take(OTHER_RUNS) {
        text.push_str(&format!(
            "  {letters} of the unknown codes have a letter in run {run}; give it the file too:\n    --run {folder}\n"
        ));
    }
    if !done.ignored_columns.is_empty() {
        text.push_str(&format!("  columns not read: {}\n", done.ignored_columns.len()));
    }
    text
}

/// Counts by name, in as few lines as they need.
fn named(title: &str, counts: &BTreeMap<String, u64>) -> String {
    let mut text = String::new();
    let mut line = String::new();
    for (name, count) in counts {
        let item = format!("{name} {count}");
        if line.is_empty() {
            line = if text.is_empty() { format!("  {title}: {item}") } else { format!("    {item}") };
        } else if line.len() + item.len() + 3 > WIDTH {
            text.push_str(&format!("{line},\n"));
            line = format!("    {item}");
        } else {
            line.push_str(&format!(", {item}"));
        }
    }
    if !line.is_empty() {
        text.push_str(&format!("{line}\n"));
    }
    text
}
