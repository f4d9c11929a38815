//! Spoiled pieces that are printed again, as the ledger has them.

use std::fs;

use meldpost::ledger::Ledger;
use meldpost::model::case_code::CaseCode;

use super::nights::{letters, work};
use crate::harness::{CAMPAIGN, Ran, Work, json};

/// Seals a run; gives the case codes of its letters.
fn sealed(work: &Work) -> Vec<String> {
    work.meldpost(["run", CAMPAIGN, "--run", "run"]).ends(0);
    letters(work, "run").into_iter().collect()
}

/// Reports these of pieces, each with the hour at which it happened; gives the balance.
fn report(work: &Work, name: &str, rows: &[(&str, &str, u32)]) -> serde_json::Value {
    let rows = rows.iter().map(|(code, status, hour)| format!("{code},{status},2025-09-15T{hour:02}:00:00Z,\n"));
    fs::write(work.path(name), format!("case_code,status,at,detail\n{}", rows.collect::<String>())).expect("written");
    let ran = work.meldpost(["reconcile", "--run", "run", name, "--json"]).ends(0).json();
    assert_eq!(ran["feedback"]["refused"].to_string(), "{}");
    ran["balance"].clone()
}

fn balance(work: &Work) -> (u64, u64, u64) {
    let json = work.meldpost(["reconcile", "--run", "run", "--json"]).ends(0).json();
    let number = |name: &str| json["balance"][name].as_u64().expect("a number");
    (number("posted"), number("destroyed"), number("open"))
}

fn reprint(work: &Work, codes: &[&str]) -> Ran {
    fs::write(work.path("codes.txt"), codes.join("\n")).expect("written");
    work.meldpost(["reprint", "--run", "run", "--codes", "codes.txt"])
}

fn to_do(work: &Work) -> String {
    fs::read_to_string(work.path("run/feedback/spoiled.txt")).expect("a list")
}

/// What the ledger has of packages of spoiled pieces: id and letters.
fn noted(work: &Work, ledger: &str) -> Vec<(String, u64)> {
    let ledger = Ledger::open(&work.path(ledger)).expect("the ledger");
    ledger.reprints(1).expect("reprints").into_iter().map(|package| (package.id, package.letters)).collect()
}

fn one(id: &str) -> Vec<(String, u64)> {
    vec![(id.to_owned(), 1)]
}

#[test]
fn a_spoiled_piece_is_packed_again_and_posted_once() {
    let work = work();
    let codes = sealed(&work);
    let code = codes[0].as_str();
    report(&work, "jam.csv", &[(code, "printed", 8), (code, "spoiled", 9), (&codes[1], "printed", 8)]);
    assert_eq!((balance(&work), to_do(&work)), ((0, 1, 5), format!("{code}\n")));

    // The work list is what is printed again.
    work.meldpost(["reprint", "--run", "run", "--codes", "run/feedback/spoiled.txt"]).ends(0);
    assert_eq!((balance(&work), to_do(&work)), ((0, 0, 6), String::new()));
    work.meldpost(["verify", "run"]).ends(0);
    work.meldpost(["verify", "campaign/ledger.sqlite"]).ends(0);

    report(&work, "again.csv", &[(code, "printed", 12), (code, "inserted", 13), (code, "posted", 18)]);
    assert_eq!(balance(&work), (1, 0, 5));
    let ledger = Ledger::open(&work.path("campaign/ledger.sqlite")).expect("the ledger");
    let history = ledger.history(CaseCode::parse(code).expect("a code")).expect("its history");
    assert_eq!(history.len(), 1, "a further attempt is no further letter");
    let reported: Vec<_> = history[0].reported.iter().map(|reported| reported.status).collect();
    assert_eq!(reported, ["printed", "spoiled", "reprinted", "printed", "inserted", "posted"]);
    assert_eq!(history[0].reported[2].package.as_deref(), Some("r0001"));
    drop(ledger);

    // What is with the post is not printed again, and nothing of its list is.
    reprint(&work, &[code, &codes[1]]).ends(65).says(&["with the post", code, "Nothing was made"]);
    assert_eq!(json(&work.path("run/reprints.json"))["reprints"].as_array().expect("a list").len(), 1);
    assert_eq!(noted(&work, "campaign/ledger.sqlite"), one("tiny-r0001"));
}

#[test]
fn a_report_that_comes_after_the_reprint_asks_for_no_second_one() {
    let work = work();
    let codes = sealed(&work);
    let (code, seed) = (codes[0].as_str(), control_letter(&work));
    reprint(&work, &[code, &seed]).ends(0);
    assert_eq!(noted(&work, "campaign/ledger.sqlite"), one("tiny-r0001"), "a control letter is nobody's");
    report(&work, "late.csv", &[(code, "printed", 8), (code, "spoiled", 9)]);
    assert_eq!((balance(&work), to_do(&work)), ((0, 0, 6), String::new()));
    // The copy can be spoiled too.
    report(&work, "later.csv", &[(code, "printed", 12), (code, "spoiled", 13)]);
    assert_eq!((balance(&work), to_do(&work)), ((0, 1, 5), format!("{code}\n")));
    // The night after writes to nobody again.
    work.meldpost(["run", CAMPAIGN, "--run", "night"]).ends(0);
    assert_eq!(letters(&work, "night").len(), 0);
}

fn control_letter(work: &Work) -> String {
    let package = crate::harness::packages(&work.path("run")).into_values().next().expect("a package");
    let rows = crate::harness::rows_of(&package["index.csv"]);
    rows.into_iter().find(|row| row[8] == "seed").expect("a control letter")[1].clone()
}

#[test]
fn a_reprint_that_was_killed_before_the_ledger_had_it_is_noted_and_not_made_twice() {
    let work = work();
    let codes = sealed(&work);
    let ledger = work.path("campaign/ledger.sqlite");
    let head = work.path("campaign/ledger.sqlite.head");
    let before = (fs::read(&ledger).expect("the ledger"), fs::read(&head).expect("its head"));
    let killed = || {
        fs::write(&ledger, &before.0).expect("put back");
        fs::write(&head, &before.1).expect("put back");
    };
    reprint(&work, &[&codes[0]]).ends(0);
    let record = fs::read(work.path("run/reprints.json")).expect("the record");
    killed();
    work.meldpost(["verify", "run"]).ends(75).says(&["tiny-r0001", "interrupted", "reconcile"]);

    // The same list again ends what was begun.
    let ended = reprint(&work, &[&codes[0]]).ends(0);
    assert!(ended.stdout.contains("no second package"), "{}", ended.stdout);
    assert!(fs::read(work.path("run/reprints.json")).expect("the record") == record);
    assert_eq!(noted(&work, "campaign/ledger.sqlite"), one("tiny-r0001"));
    work.meldpost(["verify", "run"]).ends(0);

    // Another list is another package, and `reconcile` and `purge` end what was begun too.
    killed();
    let other = reprint(&work, &[&codes[1]]).ends(0);
    assert!(other.stdout.contains("tiny-r0002.zip") && other.stdout.contains("tiny-r0001, which"), "{}", other.stdout);
    killed();
    assert_eq!(balance(&work), (0, 0, 6));
    assert_eq!(noted(&work, "campaign/ledger.sqlite").len(), 2);
    killed();
    work.meldpost(["purge", "--run", "run", "--force"]).ends(0);
    assert!(!work.path("run/reprints.json").exists());
    assert_eq!(noted(&work, "campaign/ledger.sqlite").len(), 2);
    assert_eq!(balance(&work), (0, 0, 6));
    reprint(&work, &[&codes[0]]).ends(65).says(&["purged"]);
}

#[test]
fn reprints_of_a_run_without_a_ledger_are_noted_as_soon_as_there_is_one() {
    let work = Work::tiny();
    let codes = sealed(&work);
    reprint(&work, &[&codes[0]]).ends(0);
    assert!(!work.path("run/ledger.sqlite").exists());
    report(&work, "late.csv", &[(&codes[0], "printed", 8), (&codes[0], "spoiled", 9)]);
    assert_eq!((balance(&work), to_do(&work)), ((0, 0, 6), String::new()));
    reprint(&work, &[&codes[1]]).ends(0);
    assert_eq!(noted(&work, "run/ledger.sqlite").len(), 2);
}
