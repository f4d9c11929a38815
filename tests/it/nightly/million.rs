//! A million rows of feedback, in a time and a memory that a night has.

use std::fmt::Write as _;
use std::fs;
use std::time::Instant;

use jiff::civil::date;
use meldpost::ledger::{Balance, Feedback, FeedbackFile, Kind, Ledger, PlannedRun, SealedRun, SentLetter};
use meldpost::model::case_code::CaseCode;
use meldpost::seal::manifest::PackageEntry;
use tempfile::TempDir;

/// Letters of the run; each is printed, inserted and posted, and some rows are doubles.
const LETTERS: u64 = 320_000;
const DOUBLES: u64 = 40_000;

/// Run it by hand, in a release build: it is about time and memory.
#[test]
#[ignore = "measures; takes a while in a debug build"]
fn a_million_rows_of_feedback_take_seconds_and_little_memory() {
    let folder = TempDir::new().expect("a folder");
    let path = folder.path().join("ledger.sqlite");
    let mut ledger = Ledger::open_or_create(&path).expect("a ledger");
    let planned = PlannedRun {
        campaign: "large".to_owned(),
        folder: "run".to_owned(),
        plan_sha256: "0".repeat(64),
        at: "2025-09-12T00:00:00Z".to_owned(),
        wave: None,
    };
    ledger.note_planned(1, &planned).expect("noted");
    let code = |number: u64| CaseCode::from_bits(number.wrapping_mul(0x9E37_79B9_7F4A_7C15));
    let start = Instant::now();
    ledger.begin().expect("begun");
    for number in 0..LETTERS {
        let letter = SentLetter(
            "p0001".to_owned(),
            number + 1,
            "confirmed".to_owned(),
            "nl".to_owned(),
            "standard".to_owned(),
            "0123456789abcdef0123456789abcdef".to_owned(),
            None,
        );
        ledger.add_letter(1, code(number), &letter).expect("added");
    }
    let package = PackageEntry {
        id: "large-p0001".to_owned(),
        file: "large-p0001.zip".to_owned(),
        sha256: String::new(),
        plain_sha256: String::new(),
        bytes: 0,
        letters: LETTERS,
        seeds: 0,
        pages: 0,
        sheets: 0,
        release_date: date(2025, 9, 12),
    };
    ledger.add(1, Kind::Package, None, serde_json::to_string(&package).expect("JSON")).expect("added");
    let sealed = SealedRun { manifest_sha256: "0".repeat(64), at: "2025-09-12T00:00:00Z".to_owned(), letters: LETTERS };
    ledger.commit_sealed(1, &sealed).expect("sealed");
    ledger.close().expect("closed");
    println!("{LETTERS} letters recorded in {:.1?}", start.elapsed());

    let mut text = String::from("case_code,status,at,detail\n");
    for (hour, status) in [(8, "printed"), (9, "inserted"), (18, "posted")] {
        for number in 0..LETTERS {
            writeln!(text, "{},{status},2025-09-15T{hour:02}:00:00Z,", code(number)).expect("text");
        }
    }
    for number in 0..DOUBLES {
        writeln!(text, "{},posted,2025-09-15T19:00:00Z,", code(number)).expect("text");
    }
    let file = folder.path().join("feedback.csv");
    fs::write(&file, text).expect("written");

    let start = Instant::now();
    let mut ledger = Ledger::open(&path).expect("a ledger");
    let mut pieces = ledger.pieces(1).expect("pieces");
    let mut feedback = Feedback::read(fs::File::open(&file).expect("a file")).expect("feedback");
    let applied = feedback.hold_against(&mut pieces, &[]);
    let noted = FeedbackFile {
        sha256: String::new(),
        at: String::new(),
        rows: feedback.count,
        applied: applied.by_status(),
        refused: std::collections::BTreeMap::new(),
    };
    ledger.note_feedback(1, &noted, &applied).expect("noted");
    let balance = Balance::of(pieces.all.iter());
    ledger.close().expect("closed");
    assert_eq!((balance.posted, balance.open), (LETTERS, 0));
    assert_eq!((feedback.count, feedback.exceptions.len() as u64), (1_000_000, DOUBLES));
    let status = fs::read_to_string("/proc/self/status").expect("status");
    let peak = status.lines().find(|line| line.starts_with("VmHWM")).expect("the peak");
    println!("{} rows of feedback in {:.1?}, {peak}", feedback.count, start.elapsed());
}
