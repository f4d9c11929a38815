//! What the helpdesk can ask, who is told, and what is removed in the end.

use std::fs;

use meldpost::ledger::Ledger;
use meldpost::model::case_code::CaseCode;

use super::nights::{letters, work};
use crate::harness::{CAMPAIGN, Work, files, finish, json};

fn post_everything(work: &Work, run: &str) {
    let mut feedback = String::from("case_code,status,at,detail\n");
    for code in letters(work, run) {
        for status in ["printed", "inserted", "posted"] {
            feedback.push_str(&format!("{code},{status},2025-09-15,\n"));
        }
    }
    fs::write(work.path("all.csv"), feedback).expect("written");
    work.meldpost(["reconcile", "--run", run, "all.csv"]).ends(0);
}

#[test]
fn a_case_code_tells_what_was_sent_and_when() {
    let work = work();
    work.meldpost(["run", CAMPAIGN, "--run", "one"]).ends(0);
    post_everything(&work, "one");
    let code = letters(&work, "one").into_iter().next().expect("a letter");
    let ledger = Ledger::open(&work.path("campaign/ledger.sqlite")).expect("the ledger");
    let history = ledger.history(CaseCode::parse(&code).expect("a code")).expect("its history");
    assert_eq!(history.len(), 1);
    let sent = &history[0];
    assert_eq!((sent.run, sent.release_date.as_str(), sent.format.as_str()), (1, "2025-09-12", "standard"));
    let reported: Vec<_> = sent.reported.iter().map(|reported| (reported.status, reported.at.as_str())).collect();
    assert_eq!(reported, ["printed", "inserted", "posted"].map(|status| (status, "2025-09-15")));
    drop(ledger);
    work.meldpost(["run", CAMPAIGN, "--run", "two"]).ends(0);
    work.meldpost(["letter", "--run", "two", "--code", &code]).ends(65).says(&["--run", "/one"]);
}

#[test]
fn a_report_with_feedback_stands_beside_the_sealed_one_and_names_nobody() {
    let work = work();
    work.meldpost(["run", CAMPAIGN, "--run", "one"]).ends(0);
    post_everything(&work, "one");
    let report = json(&work.path("one/feedback/report.json"));
    assert_eq!((&report["feedback"]["posted"], &report["totals"]["letters"]), (&6.into(), &6.into()));
    assert_eq!(report["feedback"]["days"][0]["posted"], 6);
    let page = fs::read_to_string(work.path("one/feedback/report.html")).expect("a page");
    assert!(page.contains("Released and posted until each day") && !page.contains("All runs of the campaign"));
    let variants: u64 =
        report["variants"].as_array().expect("variants").iter().filter_map(|line| line["letters"].as_u64()).sum();
    assert_eq!(variants, 6);
    let people: u64 =
        report["populations"].as_array().expect("lines").iter().filter_map(|line| line["rows"].as_u64()).sum();
    assert_eq!(people, report["totals"]["rows"].as_u64().expect("rows"));
    for file in ["one/feedback/report.html", "one/report.html", "one/feedback/report.json"] {
        let text = fs::read_to_string(work.path(file)).expect("a report");
        for code in letters(&work, "one") {
            assert!(!text.contains(&code));
        }
        assert!(!text.contains("Appel") && !text.contains("http"), "{file}");
    }
    work.meldpost(["verify", "one"]).ends(0);
}

#[test]
fn the_report_shows_the_letters_of_all_runs_by_their_release() {
    let work = work();
    work.meldpost(["run", CAMPAIGN, "--run", "one"]).ends(0);
    let people = fs::read_to_string(work.path("campaign/data/people.csv")).expect("people");
    let new = "999991139,N.,,Nieuw,V,1960-01-31,Kerkstraat,9,1234 AB,Utrecht,,,,nl,ref-99";
    work.write("data/people.csv", format!("{}\n{new}\n", people.trim_end()));
    let exposures = fs::read_to_string(work.path("campaign/data/exposures.csv")).expect("exposures");
    work.write("data/exposures.csv", format!("{}\n999991139,name,confirmed\n", exposures.trim_end()));
    work.replace("campaign.toml", "date = 2025-09-12", "date = 2025-09-16");
    work.meldpost(["run", CAMPAIGN, "--run", "two"]).ends(0);
    work.meldpost(["reconcile", "--run", "two"]).ends(0);
    let report = json(&work.path("two/feedback/report.json"));
    let of = |list: &str, key: &str| -> Vec<u64> {
        let lines = report["feedback"][list].as_array().expect("lines");
        lines.iter().map(|line| line[key].as_u64().expect("a number")).collect()
    };
    assert_eq!((of("runs", "number"), of("runs", "letters")), (vec![1, 2], vec![6, 1]));
    assert_eq!((of("released", "run"), of("released", "letters")), (vec![1, 2], vec![6, 1]));
    let page = fs::read_to_string(work.path("two/feedback/report.html")).expect("a page");
    let chart = page.split_once("Letters a day, of all runs").expect("the chart").1;
    for bar in ["2025-09-12: 0: 6", "2025-09-14: 0: 0", "2025-09-16: 1: 0"] {
        assert!(chart.contains(bar), "{bar}");
    }
}

#[test]
fn a_purge_leaves_counts_and_hashes_and_waits_until_all_letters_are_posted() {
    let work = work();
    work.meldpost(["run", CAMPAIGN, "--run", "one"]).ends(0);
    work.meldpost(["purge", "--run", "one"]).ends(75).says(&["6 letters", "--force"]);
    assert!(work.path("one/plan.parquet").exists());
    post_everything(&work, "one");
    work.meldpost(["purge", "--run", "one"]).ends(0);
    let left: Vec<String> =
        files(&work.path("one")).into_keys().filter(|name| !name.starts_with("campaign/")).collect();
    let reports = ["feedback/report.html", "feedback/report.json", "manifest.json", "plan.json", "purged.json"];
    assert_eq!(left, [&[".lock"], &reports[..], &["report.html", "report.json"]].concat());
    for list in ["people.csv", "exposures.csv", "deaths.csv"] {
        assert!(!work.path(CAMPAIGN).join("data").join(list).exists(), "{list}");
    }
    work.meldpost(["purge", "--run", "one"]).ends(0);
    assert!(work.meldpost(["verify", "one"]).ends(0).stdout.contains("purged"));
    work.meldpost(["verify", "campaign/ledger.sqlite"]).ends(0);
    let report = fs::read_to_string(work.path("one/report.json")).expect("a report");
    fs::write(work.path("one/report.json"), report.replace("11", "12")).expect("written");
    work.meldpost(["verify", "one"]).ends(65).says(&["report.json was changed"]);
}

#[test]
fn a_letter_that_comes_back_after_the_purge_still_counts() {
    let work = work();
    work.meldpost(["run", CAMPAIGN, "--run", "one"]).ends(0);
    post_everything(&work, "one");
    let code = letters(&work, "one").into_iter().next().expect("a letter");
    work.meldpost(["purge", "--run", "one"]).ends(0);
    fs::write(work.path("late.csv"), format!("case_code,status,at,detail\n{code},returned,2025-12-01,moved\n"))
        .expect("written");
    let late = work.meldpost(["reconcile", "--run", "one", "late.csv", "--json"]).ends(0).json();
    assert_eq!((&late["balance"]["returned"], &late["balance"]["posted"]), (&1.into(), &6.into()));
    // Who that was is known to whoever has the campaign's key, and to nobody here.
    let returned = fs::read_to_string(work.path("one/feedback/returned.csv")).expect("a list");
    assert_eq!(returned, format!("case_code,reason,at,list,row,source_ref\n{code},moved,2025-12-01,,,\n"));
    assert_eq!(json(&work.path("one/feedback/report.json"))["feedback"]["returned"]["moved"], 1);
    work.meldpost(["verify", "one"]).ends(0);
}

#[test]
fn a_list_that_another_run_was_made_from_survives_a_purge() {
    let work = work();
    work.meldpost(["run", CAMPAIGN, "--run", "one"]).ends(0);
    let people = fs::read_to_string(work.path("campaign/data/people.csv")).expect("people");
    let new = "999991139,N.,,Nieuw,V,1960-01-31,Kerkstraat,9,1234 AB,Utrecht,,,,nl,ref-99";
    work.write("data/people.csv", format!("{}\n{new}\n", people.trim_end()));
    work.meldpost(["run", CAMPAIGN, "--run", "two"]).ends(0);
    let ran = work.meldpost(["purge", "--run", "one", "--force"]).ends(0);
    assert!(ran.stdout.contains("people.csv: it is another one by now"), "{}", ran.stdout);
    assert!(ran.stdout.contains("exposures.csv: another run was made from it too"), "{}", ran.stdout);
    assert!(work.path("campaign/data/people.csv").exists() && work.path("campaign/data/exposures.csv").exists());
    work.meldpost(["verify", "two"]).ends(0);
}

#[test]
fn the_notify_command_is_told_how_a_run_ended_and_changes_nothing_about_it() {
    let work = work();
    let run = ["run", CAMPAIGN, "--run", "one", "--notify-command", "cat > told.json"];
    finish(work.command(run).env("PATH", "/usr/bin:/bin")).ends(0);
    let told = json(&work.path("told.json"));
    assert_eq!((&told["exit"], &told["result"]["totals"]["letters"]), (&0.into(), &6.into()));
    let ran = work.meldpost(["run", CAMPAIGN, "--run", "one", "--notify-command", "exit 3"]).ends(0);
    assert!(ran.stderr.contains("notify command failed"), "{}", ran.stderr);
    work.remove("data/people.csv");
    let run = ["run", CAMPAIGN, "--run", "two", "--notify-command", "cat > told.json"];
    finish(work.command(run).env("PATH", "/usr/bin:/bin")).ends(65);
    let told = json(&work.path("told.json"));
    assert_eq!(told["exit"], 65);
    assert!(told["errors"][0].as_str().is_some_and(|error| error.contains("people.csv")), "{told}");
}

#[test]
fn every_log_line_of_a_run_names_it() {
    let work = work();
    let ran = work.meldpost(["run", CAMPAIGN, "--run", "one", "--log", "json"]).ends(0);
    assert!(!ran.stderr.is_empty());
    for line in ran.stderr.lines() {
        let event: serde_json::Value = serde_json::from_str(line).expect("an event a line");
        assert_eq!(event["span"]["id"], "one", "{event}");
    }
}
