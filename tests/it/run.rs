//! The whole run and its single commands, on a small campaign.

use std::fs;
use std::fs::File;
use std::path::Path;
use std::process::Command;

use super::harness::{
    CAMPAIGN, RUN, Work, assert_private, assert_same_files, finish, json, manifest, packages, plain_hashes, rows,
};

#[test]
fn every_row_gets_its_outcome_and_every_letter_stands_in_one_package() {
    let work = Work::tiny();
    let ran = work.run().ends(0);
    assert!(ran.stderr.is_empty(), "{}", ran.stderr);
    let run = work.run_folder();
    let outcomes: Vec<String> = rows(&run.join("outcomes.csv")).iter().map(|row| row[..4].join(" ")).collect();
    let expected = [
        "people 1 letter self",
        "people 2 letter self",
        "people 3 letter self",
        "people 4 letter guardian",
        "people 5 suppressed deceased",
        "people 6 suppressed not-affected",
        "people 7 held incomplete-address",
        "people 8 rejected invalid-key",
        "people 9 merged same-person",
        "people 10 letter self",
        "people 11 letter self",
    ];
    assert_eq!(outcomes, expected);
    let mut decided: Vec<String> = rows(&run.join("outcomes.csv"))
        .into_iter()
        .filter(|row| row[2] == "letter")
        .map(|row| row[4].clone())
        .collect();
    let mut packed: Vec<String> = packages(&run)
        .values()
        .flat_map(|package| super::harness::rows_of(&package["index.csv"]))
        .filter(|row| row[8] != "seed")
        .map(|row| row[1].clone())
        .collect();
    decided.sort_unstable();
    packed.sort_unstable();
    assert_eq!(decided, packed);
}

#[test]
fn the_summary_fits_a_screen_and_status_says_the_same_later() {
    let work = Work::tiny();
    let summary = work.run().ends(0).stdout;
    assert!(summary.lines().count() <= 24, "{summary}");
    for line in [
        "letter 6",
        "merged 1",
        "suppressed 2 deceased 1, not-affected 1",
        "held 1 incomplete-address 1",
        "rejected 1 invalid-key 1",
        "report: run/report.html",
    ] {
        let said = summary.lines().any(|said| said.split_whitespace().eq(line.split_whitespace()));
        assert!(said, "{line} is not in\n{summary}");
    }
    let status = work.meldpost(["status", "--run", RUN]).ends(0).stdout;
    assert_eq!(status, format!("sealed\n{summary}"));
}

#[test]
fn the_same_input_gives_the_same_bytes_in_either_form_on_any_number_of_threads() {
    for form in ["stream", "single"] {
        let work = Work::people(12);
        if form == "single" {
            work.replace("vendors/press.toml", "form = \"stream\"", "form = \"single\"");
            work.replace("vendors/press.toml", "max_letters_per_file = 2\n", "");
        }
        work.run().ends(0);
        for threads in ["1", "2", "8"] {
            work.meldpost(["run", CAMPAIGN, "--run", threads, "--threads", threads]).ends(0);
            assert_same_files(&work.run_folder(), &work.path(threads));
        }
        work.meldpost(["verify", RUN]).ends(0);
    }
}

#[test]
fn a_finished_run_is_checked_and_left_as_it_is() {
    let work = Work::tiny();
    let first = work.run().ends(0);
    let modified =
        |run: &Path| fs::metadata(run.join("manifest.json")).and_then(|file| file.modified()).expect("a time");
    let before = modified(&work.run_folder());
    let again = work.run().ends(0);
    assert_eq!(first.stdout, again.stdout);
    assert_eq!(before, modified(&work.run_folder()));
    let package = work.run_folder().join("packages/tiny-p0001.zip");
    fs::remove_file(package).expect("removed");
    work.run().ends(65).says(&["tiny-p0001.zip", "cannot be read"]);
}

#[test]
fn a_run_that_was_planned_from_other_inputs_is_refused_and_told_what_changed() {
    let changes: [(&str, &str, &str, &str); 6] = [
        ("campaign.toml", "date = 2025-09-12", "date = 2025-09-13", "campaign.toml"),
        ("vendors/press.toml", "grams = 6", "grams = 7", "the vendor profile `press`"),
        ("letter-templates/note/nl/10-core.typ.j2", "gestolen", "gelekt", "the letter template `note`"),
        ("case.key", "a key", "another key", "the case code key"),
        ("data/people.csv", "Kerkstraat", "Kerkplein", "the list `people` (data/people.csv)"),
        ("data/deaths.csv", "2024-01-01", "2024-01-02", "the list `deaths` (data/deaths.csv)"),
    ];
    let work = Work::tiny();
    work.run().ends(0);
    let before = super::harness::files(&work.run_folder());
    for (file, old, new, said) in changes {
        work.replace(file, old, new);
        work.run().ends(78).says(&["planned from other inputs", said, "start a new run with --run"]);
        work.meldpost(["plan", CAMPAIGN, "--run", RUN]).ends(78).says(&[said]);
        work.replace(file, new, old);
    }
    assert!(before == super::harness::files(&work.run_folder()), "the run was touched");
    work.run().ends(0);
}

#[test]
fn the_single_commands_make_what_run_makes() {
    let work = Work::people(12);
    work.run().ends(0);
    for shards in [&["1/2", "2/2"][..], &["3/3", "1/3", "2/3"], &["auto"], &["2/2", "auto"], &[]] {
        let run = "steps";
        work.meldpost(["plan", CAMPAIGN, "--run", run]).ends(0);
        work.remove_list();
        for shard in shards {
            work.meldpost(["render", "--run", run, "--shard", shard]).ends(0);
        }
        if shards.is_empty() {
            work.meldpost(["render", "--run", run]).ends(0);
        }
        work.meldpost(["seal", "--run", run]).ends(0);
        assert_same_files(&work.run_folder(), &work.path(run));
        assert_eq!(plain_hashes(&work.run_folder()), plain_hashes(&work.path(run)));
        fs::remove_dir_all(work.path(run)).expect("removed");
        work.put_list_back();
    }
}

/// After planning, the run folder alone counts.
impl Work {
    fn remove_list(&self) {
        let people = self.path(CAMPAIGN).join("data");
        fs::rename(&people, people.with_extension("away")).expect("renamed");
    }

    fn put_list_back(&self) {
        let people = self.path(CAMPAIGN).join("data");
        fs::rename(people.with_extension("away"), people).expect("renamed");
    }
}

#[test]
fn nothing_is_sealed_while_a_shard_is_missing() {
    let work = Work::people(12);
    work.meldpost(["plan", CAMPAIGN, "--run", RUN]).ends(0);
    work.meldpost(["seal", "--run", RUN]).ends(75).says(&["render"]);
    work.meldpost(["render", "--run", RUN, "--shard", "2/2"]).ends(0);
    work.meldpost(["seal", "--run", RUN]).ends(75).says(&["0, 1, 3, 5", "help"]);
    assert!(!work.run_folder().join("manifest.json").exists());
    assert!(!work.run_folder().join("packages").exists());
    work.meldpost(["render", "--run", RUN, "--shard", "1/2"]).ends(0);
    work.meldpost(["seal", "--run", RUN]).ends(0);
}

#[test]
fn status_says_at_each_step_what_is_missing_and_what_comes_next() {
    let work = Work::people(6);
    work.meldpost(["status", "--run", RUN]).ends(64).says(&["meldpost run CAMPAIGN"]);
    let status = |said: &str, state: &str| {
        let text = work.meldpost(["status", "--run", RUN]).ends(0).stdout;
        assert!(text.contains(said), "{text}");
        let json = work.meldpost(["status", "--run", RUN, "--json"]).ends(0).json();
        assert_eq!(json["state"], state, "{json}");
        json
    };
    work.meldpost(["plan", CAMPAIGN, "--run", RUN]).ends(0);
    let planned = status("next: meldpost render --run run", "planned");
    assert_eq!((planned["rows"].as_u64(), planned["letters"].as_u64()), (Some(6), Some(6)));
    let shards = planned["shards"].as_u64().expect("a number");
    assert_eq!(planned["missing_shards"].as_array().map(|missing| missing.len() as u64), Some(shards));
    work.meldpost(["render", "--run", RUN, "--shard", "1/2"]).ends(0);
    let halfway = status("missing: 2", "planned");
    assert!(!halfway["missing_shards"].as_array().expect("a list").contains(&1.into()));
    work.meldpost(["render", "--run", RUN, "--shard", "auto"]).ends(0);
    status("next: meldpost seal --run run", "rendered");
    work.meldpost(["seal", "--run", RUN]).ends(0);
    assert_eq!(status("sealed", "sealed")["totals"], manifest(&work.run_folder())["totals"]);
}

#[test]
fn the_control_letters_count_as_missing_until_they_are_rendered() {
    let work = Work::people(6);
    work.meldpost(["plan", CAMPAIGN, "--run", RUN]).ends(0);
    work.meldpost(["render", "--run", RUN]).ends(0);
    fs::remove_file(work.run_folder().join("shards/00000.json")).expect("removed");
    let json = work.meldpost(["status", "--run", RUN, "--json"]).ends(0).json();
    assert_eq!(json["state"], "planned");
    work.meldpost(["seal", "--run", RUN]).ends(75);
}

#[test]
fn every_result_comes_as_json_too() {
    let work = Work::tiny();
    let check = work.meldpost(["--json", "check", CAMPAIGN]).ends(0).json();
    let letters = check["outcomes"].as_array().expect("outcomes").iter().find(|row| row["outcome"] == "letter");
    assert_eq!(letters.expect("letters")["reason"], "guardian");
    let run = work.meldpost(["run", CAMPAIGN, "--run", RUN, "--json"]).ends(0).json();
    let manifest = manifest(&work.run_folder());
    assert_eq!(run["totals"], manifest["totals"]);
    assert_eq!(run["outcomes"], manifest["outcomes"]);
    assert_eq!(run["packages"], manifest["packages"]);
    let verified = work.meldpost(["verify", RUN, "--json"]).ends(0).json();
    assert_eq!((&verified["verified"], &verified["totals"]), (&true.into(), &manifest["totals"]));
    let package = work.meldpost(["verify", "run/packages/tiny-p0001.zip", "--json"]).ends(0).json();
    assert_eq!(package["contents"]["plain_sha256"], manifest["packages"][0]["plain_sha256"]);
    assert_eq!(json(&work.run_folder().join("report.json"))["totals"], manifest["totals"]);
}

#[test]
fn one_command_at_a_time_works_on_a_run() {
    let work = Work::tiny();
    work.meldpost(["plan", CAMPAIGN, "--run", RUN]).ends(0);
    let lock = File::options().write(true).open(work.run_folder().join(".lock")).expect("the lock file");
    lock.lock().expect("locked");
    let commands: [&[&str]; 5] = [
        &["plan", CAMPAIGN, "--run", RUN],
        &["render", "--run", RUN],
        &["render", "--run", RUN, "--shard", "1/2"],
        &["seal", "--run", RUN],
        &["run", CAMPAIGN, "--run", RUN],
    ];
    for command in commands {
        work.meldpost(command).ends(75).says(&["another command works on run", "wait until it has ended"]);
    }
    work.meldpost(["status", "--run", RUN]).ends(0);
    lock.unlock().expect("unlocked");
    // Another process that renders shards shares the run; sealing waits for it.
    lock.lock_shared().expect("locked");
    work.meldpost(["render", "--run", RUN, "--shard", "1/2"]).ends(0);
    work.meldpost(["seal", "--run", RUN]).ends(75);
    // Closing would not be enough: a process that another test is starting has this file open until it runs.
    lock.unlock().expect("unlocked");
    work.run().ends(0);
}

#[test]
fn a_run_in_which_nobody_gets_a_letter_ends_well_and_makes_no_package() {
    let work = Work::tiny();
    work.replace("campaign.toml", "kind = \"deceased\"", "kind = \"already_informed\"");
    let keys: String =
        rows(&work.path(CAMPAIGN).join("data/people.csv")).iter().map(|row| format!("{}\n", row[0])).collect();
    work.write("data/deaths.csv", format!("person_key\n{}", keys.replace("123456789\n", "")));
    let ran = work.run().ends(0);
    assert!(ran.stdout.contains("already-informed"), "{}", ran.stdout);
    let manifest = manifest(&work.run_folder());
    assert_eq!(manifest["packages"].as_array().map(Vec::len), Some(0));
    assert_eq!((&manifest["totals"]["letters"], &manifest["totals"]["rows"]), (&0.into(), &11.into()));
    assert!(packages(&work.run_folder()).is_empty());
    work.meldpost(["verify", RUN]).ends(0);
    work.run().ends(0);
}

#[test]
fn above_the_limit_of_rejected_rows_nothing_is_rendered_and_the_outcomes_say_why() {
    let work = Work::tiny();
    work.replace("campaign.toml", "max_rejected_percent = 20.0", "max_rejected_percent = 9.0");
    for _ in 0..2 {
        work.run().ends(65).says(&["1 of 11 participants rows were rejected: 9.09 %", "max_rejected_percent"]);
    }
    let run = work.run_folder();
    assert!(rows(&run.join("outcomes.csv")).iter().any(|row| row[3] == "invalid-key"));
    assert!(!run.join("shards").exists() && !run.join("packages").exists() && !run.join("manifest.json").exists());
    work.meldpost(["seal", "--run", RUN]).ends(65);
}

#[test]
fn quiet_means_silent_unless_something_is_wrong() {
    let work = Work::tiny();
    let commands: [&[&str]; 6] = [
        &["check", CAMPAIGN],
        &["plan", CAMPAIGN, "--run", RUN],
        &["render", "--run", RUN],
        &["seal", "--run", RUN],
        &["run", CAMPAIGN, "--run", RUN],
        &["verify", RUN],
    ];
    for command in commands {
        let ran = work.meldpost(command.iter().chain(&["--quiet"])).ends(0);
        assert!(ran.stdout.is_empty() && ran.stderr.is_empty(), "{command:?}: {ran:?}");
    }
    work.remove("campaign.toml");
    let ran = work.meldpost(["run", CAMPAIGN, "--run", RUN, "--quiet"]).ends(78);
    assert!(ran.stdout.is_empty() && !ran.stderr.is_empty());
}

#[test]
fn wrong_usage_ends_with_64_and_help_with_0() {
    let work = Work::tiny();
    let wrong: [&[&str]; 10] = [
        &[],
        &["print"],
        &["run"],
        &["plan", CAMPAIGN],
        &["run", CAMPAIGN, "--fast"],
        &["run", CAMPAIGN, "--threads", "0"],
        &["render", "--run", RUN, "--shard", "3/2"],
        &["render", "--run", RUN, "--shard", "0/2"],
        &["run", CAMPAIGN, "--log", "xml"],
        &["verify", RUN, "--identity", "nowhere"],
    ];
    for arguments in wrong {
        let ran = work.meldpost(arguments).ends(64);
        assert!(ran.stdout.is_empty() && !ran.stderr.is_empty(), "{arguments:?}: {ran:?}");
    }
    assert!(work.meldpost(["--help"]).ends(0).stdout.contains("Exit codes"));
    assert!(work.meldpost(["render", "--help"]).ends(0).stdout.contains("Examples"));
    assert!(!work.run_folder().exists());
}

#[test]
fn what_cannot_be_written_ends_with_73() {
    let work = Work::tiny();
    work.meldpost(["run", CAMPAIGN, "--run", "campaign/case.key/run"]).ends(73).says(&["cannot write"]);
}

#[test]
fn the_run_folder_is_below_the_campaign_unless_said_otherwise() {
    let work = Work::tiny();
    work.meldpost(["run", "campaign/campaign.toml"]).ends(0);
    work.meldpost(["verify", "campaign/runs/tiny"]).ends(0);
}

#[test]
fn nobody_else_can_read_a_run_whatever_the_umask_says() {
    let work = Work::tiny();
    let mut shell = Command::new("sh");
    shell.args(["-c", "umask 0 && exec \"$0\" run campaign --run run", env!("CARGO_BIN_EXE_meldpost")]);
    finish(shell.env_clear().env("PATH", "/usr/bin:/bin").current_dir(work.path("."))).ends(0);
    assert_private(&work.run_folder());
}

#[test]
fn a_folder_that_was_there_before_is_closed_to_others() {
    let work = Work::tiny();
    fs::create_dir(work.run_folder()).expect("a folder");
    work.run().ends(0);
    assert_private(&work.run_folder());
}

#[test]
fn the_log_names_stages_and_no_person() {
    let work = Work::tiny();
    let ran = work.meldpost(["run", CAMPAIGN, "--run", RUN, "--log", "json"]).ends(0);
    assert!(!ran.stderr.is_empty());
    for line in ran.stderr.lines() {
        let event: serde_json::Value = serde_json::from_str(line).expect("an event a line");
        assert!(event["level"].is_string(), "{event}");
    }
    for personal in ["Appel", "Kerkstraat", "1234", "9999910"] {
        assert!(!ran.stderr.contains(personal), "{personal} is in the log");
    }
}
