//! What a night makes of lists that have changed, and what a wave adds.

use std::collections::BTreeSet;
use std::fs::File;

use crate::harness::{CAMPAIGN, Work, json, manifest, rows, texts};

/// A campaign with a ledger, whose second variant is for people who were written to before.
pub fn work() -> Work {
    let work = Work::tiny();
    work.replace("campaign.toml", "[limits]", "[ledger]\npath = \"ledger.sqlite\"\n\n[limits]");
    work
}

/// Case codes of the letters of a run.
pub fn letters(work: &Work, run: &str) -> BTreeSet<String> {
    let rows = rows(&work.path(run).join("outcomes.csv"));
    rows.into_iter().filter(|row| row[2] == "letter").map(|row| row[4].clone()).collect()
}

fn add(work: &Work, file: &str, line: &str) {
    let path = work.path(CAMPAIGN).join(file);
    let text = std::fs::read_to_string(&path).expect("a list");
    std::fs::write(path, format!("{}\n{line}\n", text.trim_end())).expect("written");
}

#[test]
fn a_second_night_writes_only_to_people_who_are_new_or_have_something_new_to_know() {
    let work = work();
    work.meldpost(["run", CAMPAIGN, "--run", "one"]).ends(0);
    let first = letters(&work, "one");
    assert_eq!(first.len(), 6);
    // The same lists again: everybody was told.
    let again = work.meldpost(["run", CAMPAIGN, "--run", "same"]).ends(0);
    assert!(again.stdout.contains("nobody gets a letter") && again.stdout.contains("already-informed 6"));
    // Somebody new, and somebody about whom more is known.
    add(&work, "data/people.csv", "999991139,N.,,Nieuw,V,1960-01-31,Kerkstraat,9,1234 AB,Utrecht,,,,nl,ref-99");
    add(&work, "data/exposures.csv", "999991139,name,confirmed");
    add(&work, "data/exposures.csv", "999991012,bsn,confirmed");
    work.meldpost(["run", CAMPAIGN, "--run", "two"]).ends(0);
    let second = letters(&work, "two");
    assert_eq!(second.len(), 2);
    assert_eq!(second.intersection(&first).count(), 1);
    let outcomes = rows(&work.path("two/outcomes.csv"));
    let told: Vec<_> = outcomes.iter().filter(|row| row[3] == "already-informed").collect();
    assert_eq!(told.len(), 5);
    assert!(told.iter().all(|row| row[6] == "ledger: the last letter told the same"));
    for run in ["one", "same", "two"] {
        work.meldpost(["verify", run]).ends(0);
    }
    let status = work.meldpost(["status", "--run", "two", "--json"]).ends(0).json();
    let runs: Vec<_> = status["runs"].as_array().expect("runs").iter().collect();
    let shown: Vec<_> = runs.iter().map(|run| (run["number"].as_u64(), run["sealed"]["letters"].as_u64())).collect();
    assert_eq!(shown, [(Some(1), Some(6)), (Some(2), Some(0)), (Some(3), Some(2))]);
}

#[test]
fn an_update_says_that_the_person_was_written_to_before() {
    let work = work();
    work.replace(
        "campaign.toml",
        "[[variants]]\nid = \"confirmed\"\nwhen = \"'confirmed' in certainties\"",
        "[[variants]]\nid = \"possible\"\nwhen = \"written_before\"\n\n[[variants]]\nid = \"confirmed\"\nwhen = \"true\"",
    );
    for language in ["nl", "en"] {
        let file = format!("letter-templates/note/{language}/10-core.typ.j2");
        let text = std::fs::read_to_string(work.path(CAMPAIGN).join(&file)).expect("a wording");
        work.write(&file, format!("{text}\n{{% if written_before %}}\nSecond letter.\n{{% endif %}}\n"));
    }
    work.meldpost(["run", CAMPAIGN, "--run", "one"]).ends(0);
    assert!(!texts(&work.path("one")).iter().any(|page| page.contains("Secondletter.")));
    add(&work, "data/exposures.csv", "999991012,bsn,confirmed");
    work.meldpost(["run", CAMPAIGN, "--run", "two"]).ends(0);
    let pages = texts(&work.path("two"));
    let code = letters(&work, "two").into_iter().next().expect("one letter");
    assert!(pages.iter().any(|page| page.contains("Secondletter.") && page.contains(&code)));
    let index = crate::harness::packages(&work.path("two")).into_values().next().expect("a package");
    assert_eq!(crate::harness::rows_of(&index["index.csv"])[0][8], "possible");
}

#[test]
fn neither_a_corrected_wording_nor_an_address_makes_a_letter_new() {
    let work = work();
    work.meldpost(["run", CAMPAIGN, "--run", "one"]).ends(0);
    let file = "letter-templates/note/nl/10-core.typ.j2";
    let text = std::fs::read_to_string(work.path(CAMPAIGN).join(file)).expect("a wording");
    work.write(file, format!("{text}\nEen extra zin.\n"));
    work.replace("data/people.csv", "Kerkstraat,1,", "Kerkstraat,77,");
    work.meldpost(["run", CAMPAIGN, "--run", "two"]).ends(0);
    assert_eq!(letters(&work, "two").len(), 0);
}

#[test]
fn a_wave_writes_again_to_those_whom_its_rule_selects_and_once() {
    let work = work();
    work.replace(
        "campaign.toml",
        "[limits]",
        "[[waves]]\nid = \"again\"\nwhen = \"addressee == 'guardian'\"\n\n[limits]",
    );
    work.meldpost(["run", CAMPAIGN, "--run", "one"]).ends(0);
    work.meldpost(["run", CAMPAIGN, "--run", "wave", "--wave", "agian"]).ends(64).says(&["has again"]);
    work.meldpost(["run", CAMPAIGN, "--run", "wave", "--wave", "again"]).ends(0);
    let outcomes = rows(&work.path("wave/outcomes.csv"));
    let sent: Vec<_> = outcomes.iter().filter(|row| row[2] == "letter").collect();
    assert_eq!(sent.len(), 1);
    assert_eq!(sent[0][3], "guardian");
    // The wave goes on the next night, and selects nobody twice.
    work.meldpost(["run", CAMPAIGN, "--run", "on", "--wave", "again"]).ends(0);
    assert_eq!(letters(&work, "on").len(), 0);
    work.meldpost(["run", CAMPAIGN, "--run", "wave"]).ends(78).says(&["the wave"]);
}

#[test]
fn a_wave_needs_a_ledger_and_rules_that_read_what_is_known() {
    let work = Work::tiny();
    work.replace("campaign.toml", "[limits]", "[[waves]]\nid = \"again\"\nwhen = \"retruned\"\n\n[limits]");
    work.meldpost(["check", CAMPAIGN]).ends(78).says(&["add `[ledger]`", "did you mean `returned`?"]);
}

#[test]
fn without_a_run_folder_each_night_gets_its_own_and_an_unchanged_campaign_none() {
    let work = work();
    work.meldpost(["run", CAMPAIGN]).ends(0);
    work.meldpost(["run", CAMPAIGN]).ends(0);
    assert_eq!(manifest(&work.path("campaign/runs/tiny"))["totals"]["letters"], 6);
    assert!(!work.path("campaign/runs/tiny-0002").exists());
    add(&work, "data/exposures.csv", "999991012,bsn,confirmed");
    work.meldpost(["run", CAMPAIGN]).ends(0);
    assert_eq!(manifest(&work.path("campaign/runs/tiny-0002"))["totals"]["letters"], 1);
    work.meldpost(["run", CAMPAIGN]).ends(0);
    assert!(!work.path("campaign/runs/tiny-0003").exists());
}

#[test]
fn one_command_at_a_time_works_on_a_campaign() {
    let work = work();
    work.meldpost(["run", CAMPAIGN, "--run", "one"]).ends(0);
    let lock = File::options().write(true).open(work.path("campaign/ledger.sqlite.lock")).expect("the lock file");
    lock.lock().expect("locked");
    let commands: [&[&str]; 3] =
        [&["run", CAMPAIGN, "--run", "two"], &["plan", CAMPAIGN, "--run", "two"], &["seal", "--run", "one"]];
    for command in commands {
        work.meldpost(command).ends(75).says(&["another command works on the campaign"]);
    }
    work.meldpost(["status", "--run", "one"]).ends(0);
    drop(lock);
    work.meldpost(["run", CAMPAIGN, "--run", "two"]).ends(0);
}

#[test]
fn of_two_runs_that_were_planned_from_the_same_memory_one_can_be_sealed() {
    let work = work();
    work.meldpost(["plan", CAMPAIGN, "--run", "one"]).ends(0);
    work.meldpost(["plan", CAMPAIGN, "--run", "two"]).ends(0);
    work.meldpost(["render", "--run", "one"]).ends(0);
    work.meldpost(["render", "--run", "two"]).ends(0);
    work.meldpost(["seal", "--run", "two"]).ends(0);
    work.meldpost(["seal", "--run", "one"]).ends(78).says(&["run 2 was sealed after it was planned", "plan anew"]);
    assert!(!work.path("one/manifest.json").exists());
    work.meldpost(["run", CAMPAIGN, "--run", "three"]).ends(0);
    assert_eq!(letters(&work, "three").len(), 0);
    assert_eq!(json(&work.path("three/plan.json"))["ledger"]["run"], 3);
}

#[test]
fn the_ledger_is_for_its_owner_only_and_holds_no_key_and_no_name() {
    use std::os::unix::fs::PermissionsExt;
    let work = work();
    work.meldpost(["run", CAMPAIGN, "--run", "one"]).ends(0);
    for file in ["ledger.sqlite", "ledger.sqlite.head", "ledger.sqlite.lock"] {
        let path = work.path(CAMPAIGN).join(file);
        assert_eq!(std::fs::metadata(&path).expect("a file").permissions().mode() & 0o777, 0o600, "{file}");
        let bytes = std::fs::read(path).expect("bytes");
        for personal in ["999991000", "Appel", "Kerkstraat", "1234AB"] {
            assert!(!bytes.windows(personal.len()).any(|window| window == personal.as_bytes()), "{personal} in {file}");
        }
    }
    assert!(!work.path("campaign/ledger.sqlite-wal").exists());
}
