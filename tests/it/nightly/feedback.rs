//! What comes back from the print house and the post.

use std::fs;

use super::nights::{letters, work};
use crate::harness::{CAMPAIGN, Work, packages, rows, rows_of};

fn feedback(work: &Work, name: &str, rows: &[(&str, &str, &str, &str)]) {
    let mut text = String::from("case_code,status,at,detail\n");
    for (code, status, at, detail) in rows {
        text.push_str(&format!("{code},{status},{at},{detail}\n"));
    }
    fs::write(work.path(name), text).expect("written");
}

fn sealed(work: &Work) -> Vec<String> {
    work.meldpost(["run", CAMPAIGN, "--run", "run"]).ends(0);
    letters(work, "run").into_iter().collect()
}

fn list(work: &Work, name: &str) -> String {
    fs::read_to_string(work.path("run/feedback").join(name)).expect("a list")
}

#[test]
fn each_letter_is_posted_destroyed_or_open_and_every_other_row_is_named() {
    let work = work();
    let codes = sealed(&work);
    let code = |at: usize| codes[at].as_str();
    let seed = rows_of_seeds(&work).pop().expect("a control letter");
    feedback(
        &work,
        "first.csv",
        &[
            (code(0), "printed", "2025-09-15T08:00:00Z", ""),
            (code(0), "inserted", "2025-09-15T09:00:00Z", ""),
            (code(0), "posted", "2025-09-15T18:00:00Z", ""),
            (code(1), "printed", "2025-09-15T08:00:00Z", ""),
            (code(1), "spoiled", "2025-09-15T08:30:00Z", "jam"),
            (code(2), "printed", "2025-09-15T08:00:00Z", ""),
            (code(2), "posted", "2025-09-15T18:00:00Z", ""),
            (code(2), "printed", "2025-09-15T08:00:01Z", ""),
            ("0000-0000-0001Y", "printed", "2025-09-15", ""),
            (&seed, "printed", "2025-09-15", ""),
        ],
    );
    let ran = work.meldpost(["reconcile", "--run", "run", "first.csv", "--on", "2025-09-16", "--json"]).ends(0);
    let json = ran.json();
    assert_eq!(json["balance"].to_string(), r#"{"destroyed":1,"letters":6,"open":4,"posted":1,"returned":0}"#);
    assert_eq!(json["feedback"]["refused"].to_string(), r#"{"double":1,"impossible-transition":1,"unknown-code":1}"#);
    assert_eq!(json["feedback"]["control"], 1);
    let exceptions = list(&work, "exceptions-0001.csv");
    let expected = format!(
        "row,case_code,status,problem\n7,{two},posted,impossible-transition\n8,{two},printed,double\n9,0000-0000-0001Y,printed,unknown-code\n",
        two = code(2)
    );
    assert_eq!(exceptions, expected);
    assert_eq!(list(&work, "spoiled.txt"), format!("{}\n", code(1)));
    // The same file again changes nothing, and neither does a copy with another name.
    fs::copy(work.path("first.csv"), work.path("again.csv")).expect("copied");
    for file in ["first.csv", "again.csv"] {
        let again = work.meldpost(["reconcile", "--run", "run", file, "--on", "2025-09-16", "--json"]).ends(0).json();
        assert_eq!((&again["balance"], &again["feedback"]["read_before"]), (&json["balance"], &true.into()));
    }
    work.meldpost(["verify", "run"]).ends(0);
    work.meldpost(["verify", "campaign/ledger.sqlite"]).ends(0);
}

fn rows_of_seeds(work: &Work) -> Vec<String> {
    let package = crate::harness::packages(&work.path("run")).into_values().next().expect("a package");
    let index = crate::harness::rows_of(&package["index.csv"]);
    index.into_iter().filter(|row| row[8] == "seed").map(|row| row[1].clone()).collect()
}

#[test]
fn what_is_not_posted_some_working_days_after_its_release_is_named() {
    let work = work();
    let codes = sealed(&work);
    // Released on Friday the 12th; two working days later is Tuesday the 16th.
    let open = |on: &str| {
        let json = work.meldpost(["reconcile", "--run", "run", "--on", on, "--json"]).ends(0).json();
        json["overdue"]["letters"].as_u64().expect("a number")
    };
    assert_eq!((open("2025-09-16"), open("2025-09-17")), (0, 6));
    let days: Vec<_> =
        ["printed", "inserted", "posted"].map(|status| (codes[0].as_str(), status, "2025-09-15", "")).into();
    feedback(&work, "one.csv", &days);
    work.meldpost(["reconcile", "--run", "run", "one.csv", "--on", "2025-09-17"]).ends(0);
    let overdue = rows(&work.path("run/feedback/overdue.csv"));
    assert_eq!(overdue.len(), 5);
    assert_eq!(overdue[0][0], codes[1]);
    let holds = packages(&work.path("run"))
        .into_iter()
        .find(|(_, package)| rows_of(&package["index.csv"]).iter().any(|row| row[1] == codes[1]));
    assert_eq!(format!("{}.zip", overdue[0][1]), holds.expect("its package").0);
    assert_eq!(overdue[0][2..], ["packed", "2025-09-12", "2025-09-16"]);
}

#[test]
fn what_came_back_is_a_work_list_and_the_next_wave_writes_to_it() {
    let work = work();
    work.replace("campaign.toml", "[limits]", "[[waves]]\nid = \"moved\"\nwhen = \"returned == 'moved'\"\n\n[limits]");
    let codes = sealed(&work);
    let outcomes = rows(&work.path("run/outcomes.csv"));
    let mut all: Vec<(&str, &str, &str, &str)> = Vec::new();
    for code in &codes {
        all.extend(["printed", "inserted", "posted"].map(|status| (code.as_str(), status, "2025-09-15", "")));
    }
    all.push((&codes[1], "returned", "2025-09-22", "moved"));
    all.push((&codes[2], "returned", "2025-09-22", "refused"));
    feedback(&work, "all.csv", &all);
    let ran = work.meldpost(["reconcile", "--run", "run", "all.csv", "--on", "2025-09-22"]).ends(0);
    assert!(ran.stdout.contains("nothing is overdue"), "{}", ran.stdout);
    let reference = |code: &str| {
        let row = outcomes.iter().find(|row| row[4] == code && row[2] == "letter").expect("its row");
        format!("{},{},{}", row[0], row[1], row[5])
    };
    let expected = format!(
        "case_code,reason,at,list,row,source_ref\n{},moved,2025-09-22,{}\n{},refused,2025-09-22,{}\n",
        codes[1],
        reference(&codes[1]),
        codes[2],
        reference(&codes[2])
    );
    assert_eq!(list(&work, "returned.csv"), expected);
    // A night by itself writes to nobody again, the wave to the one who moved.
    work.meldpost(["run", CAMPAIGN, "--run", "night"]).ends(0);
    assert_eq!(letters(&work, "night").len(), 0);
    work.meldpost(["run", CAMPAIGN, "--run", "wave", "--wave", "moved"]).ends(0);
    assert_eq!(letters(&work, "wave").into_iter().collect::<Vec<_>>(), [codes[1].clone()]);
}

#[test]
fn a_run_without_a_ledger_keeps_its_feedback_in_its_folder() {
    let work = Work::tiny();
    let codes = sealed(&work);
    feedback(&work, "one.csv", &[(codes[0].as_str(), "printed", "2025-09-15", "")]);
    for _ in 0..2 {
        let json = work.meldpost(["reconcile", "--run", "run", "one.csv", "--json"]).ends(0).json();
        assert_eq!(json["balance"]["letters"], 6);
        let packages = json["packages"].as_array().expect("packages");
        let open: u64 = packages.iter().filter_map(|package| package["balance"]["open"].as_u64()).sum();
        assert_eq!((packages.len() > 1, open), (true, 6));
    }
    assert_eq!(list(&work, "overdue.csv").lines().count(), 7);
    work.meldpost(["verify", "run/ledger.sqlite"]).ends(0);
    work.meldpost(["verify", "run"]).ends(0);
}

#[test]
fn however_much_there_is_to_say_it_fits_a_screen_and_the_lists_have_it_all() {
    let work = Work::people(44);
    let codes = sealed(&work);
    let mut rows: Vec<_> = codes.iter().map(|code| (code.as_str(), "printed", "2025-09-15", "")).collect();
    rows.extend(codes[..20].iter().map(|code| (code.as_str(), "posted", "2025-09-16", "")));
    rows.extend(codes[20..22].iter().map(|code| (code.as_str(), "returned", "2025-09-16", "eaten")));
    rows.extend([
        (codes[0].as_str(), "burnt", "2025-09-16", ""),
        ("", "printed", "", ""),
        (&codes[0], "printed", "", ""),
    ]);
    rows.extend([("0000-0000-0001Y", "printed", "2025-09-15", ""), (&codes[9], "printed", "2025-09-17", "")]);
    feedback(&work, "many.csv", &rows);
    let run = ["reconcile", "--run", "run", "many.csv", "--on", "2025-10-01"];
    let ran = work.meldpost(run).ends(0);
    let wide: Vec<&str> = ran.stdout.lines().filter(|line| line.chars().count() > 80).collect();
    assert!(wide.is_empty() && ran.stdout.lines().count() <= 24, "{}", ran.stdout);
    assert!(ran.stdout.contains("overdue on 2025-10-01: 44 letters, listed in feedback/overdue.csv"), "{}", ran.stdout);
    let others = ran.stdout.lines().find_map(|line| line.strip_suffix(" 0")?.trim_start().split_once(" others"));
    let (count, counts) = others.expect("packages that are not shown");
    assert_eq!((count, counts.split_whitespace().next()), ("7", Some("20")), "{}", ran.stdout);
    let json = work.meldpost(run.into_iter().chain(["--json"])).ends(0).json();
    let named = json["overdue"]["first"].as_array().expect("the first letters");
    let overdue = crate::harness::rows(&work.path("run/feedback/overdue.csv"));
    assert_eq!((&json["overdue"]["letters"], overdue.len()), (&44.into(), 44));
    assert!(named.len() == 8 && named.iter().zip(&overdue).all(|(letter, row)| letter["case_code"] == *row[0]));
    let problems = crate::harness::rows(&work.path("run/feedback/exceptions-0001.csv"));
    assert_eq!(problems.len(), 27);
}

#[test]
fn feedback_about_another_run_says_which_run_it_is_about() {
    let work = work();
    let codes = sealed(&work);
    let new = "999991139,N.,,Nieuw,V,1960-01-31,Kerkstraat,9,1234 AB,Utrecht,,,,nl,ref-99";
    for (file, line) in [("data/people.csv", new), ("data/exposures.csv", "999991139,name,confirmed")] {
        let text = fs::read_to_string(work.path(CAMPAIGN).join(file)).expect("a list");
        work.write(file, format!("{}\n{line}\n", text.trim_end()));
    }
    work.meldpost(["run", CAMPAIGN, "--run", "two"]).ends(0);
    let second = letters(&work, "two").into_iter().next().expect("a letter");
    let rows = [(codes[0].as_str(), "printed", "2025-09-15", ""), (second.as_str(), "printed", "2025-09-15", "")];
    feedback(&work, "both.csv", &rows);
    let ran = work.meldpost(["reconcile", "--run", "run", "both.csv", "--json"]).ends(0).json();
    let other = &ran["feedback"]["other_runs"];
    assert_eq!(
        (&other[0]["run"], &other[0]["letters"], other.as_array().map(Vec::len)),
        (&2.into(), &1.into(), Some(1))
    );
    assert_eq!(ran["feedback"]["refused"]["unknown-code"], 1);
    let ran = work.meldpost(["reconcile", "--run", "two", "both.csv"]).ends(0);
    assert!(ran.stdout.contains("1 of the unknown codes have a letter in run 1"), "{}", ran.stdout);
    assert!(ran.stdout.contains("/run\n"), "{}", ran.stdout);
}

#[test]
fn feedback_that_is_none_ends_with_65_and_changes_nothing() {
    let work = work();
    sealed(&work);
    fs::write(work.path("wrong.csv"), "code,state\n1,2\n").expect("written");
    work.meldpost(["reconcile", "--run", "run", "wrong.csv"]).ends(65).says(&["`case_code` is missing", "wrong.csv"]);
    work.meldpost(["reconcile", "--run", "run", "nowhere.csv"]).ends(65).says(&["cannot be read"]);
    work.meldpost(["plan", CAMPAIGN, "--run", "planned"]).ends(0);
    work.meldpost(["reconcile", "--run", "planned"]).ends(75).says(&["is not sealed"]);
}
