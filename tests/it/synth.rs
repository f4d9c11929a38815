//! Invented populations: a run finds exactly what was planted.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;
use tempfile::TempDir;

type Counts = BTreeMap<(String, String), u64>;

fn meldpost(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_meldpost")).args(arguments).output().expect("the program starts")
}

/// A population in a folder of its own.
fn synth(folder: &TempDir, people: u64, seed: u64) -> PathBuf {
    let out = folder.path().join(format!("{people}-{seed}"));
    let ended = meldpost(&[
        "synth",
        "--people",
        &people.to_string(),
        "--seed",
        &seed.to_string(),
        "--out",
        out.to_str().unwrap(),
    ]);
    assert!(ended.status.success(), "{}", String::from_utf8_lossy(&ended.stderr));
    out
}

fn planted(campaign: &Path) -> Value {
    serde_json::from_slice(&fs::read(campaign.join("planted.json")).unwrap()).unwrap()
}

/// The planted rows by outcome and reason.
fn wanted(planted: &Value) -> Counts {
    let mut counts = Counts::new();
    for (outcome, reasons) in planted.as_object().unwrap() {
        for (reason, count) in reasons.as_object().unwrap() {
            counts.insert((outcome.clone(), reason.clone()), count.as_u64().unwrap());
        }
    }
    counts
}

/// The rows that a run wrote, by outcome and reason.
fn found(path: &Path) -> Counts {
    let mut counts = Counts::new();
    for row in csv::Reader::from_path(path).unwrap().records() {
        let row = row.unwrap();
        *counts.entry((row[2].to_owned(), row[3].to_owned())).or_default() += 1;
    }
    counts
}

/// Runs one of the commands that plan, and compares what became of every row.
fn assert_found_as_planted(campaign: &Path, command: &str) {
    let run = campaign.join("run");
    let ended = meldpost(&[command, campaign.to_str().unwrap(), "--run", run.to_str().unwrap()]);
    assert!(ended.status.success(), "{}", String::from_utf8_lossy(&ended.stderr));
    let planted = planted(campaign);
    assert_eq!(found(&run.join("outcomes.csv")), wanted(&planted["outcomes"]));
    assert_eq!(found(&run.join("exposure_outcomes.csv")), wanted(&planted["exposure_outcomes"]));
}

/// Every file of a folder, with its content.
fn files(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut files = BTreeMap::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(self::files(&path));
        } else {
            files.insert(path.clone(), fs::read(&path).unwrap());
        }
    }
    files
}

#[test]
fn a_run_to_sealed_packages_finds_what_was_planted() {
    let folder = tempfile::tempdir().unwrap();
    let campaign = synth(&folder, 1000, 3);
    assert_found_as_planted(&campaign, "run");
    let manifest: Value = serde_json::from_slice(&fs::read(campaign.join("run/manifest.json")).unwrap()).unwrap();
    let letters: u64 =
        planted(&campaign)["outcomes"]["letter"].as_object().unwrap().values().filter_map(Value::as_u64).sum();
    assert_eq!(manifest["totals"]["letters"], letters);
}

#[test]
fn a_plan_of_two_thousand_people_finds_what_was_planted() {
    let folder = tempfile::tempdir().unwrap();
    assert_found_as_planted(&synth(&folder, 2000, 1), "plan");
}

#[test]
fn small_populations_can_be_run() {
    let folder = tempfile::tempdir().unwrap();
    for (people, seed) in [(1, 1), (99, 2), (250, u64::MAX)] {
        assert_found_as_planted(&synth(&folder, people, seed), "plan");
    }
}

#[test]
fn a_thousand_people_hold_every_reason() {
    let folder = tempfile::tempdir().unwrap();
    let planted = planted(&synth(&folder, 1000, 8));
    let reasons = |outcome: &str| planted["outcomes"][outcome].as_object().unwrap().len();
    assert_eq!((reasons("letter"), reasons("suppressed"), reasons("held"), reasons("rejected")), (4, 4, 20, 4));
    assert!(planted["outcomes"]["merged"]["same-person"].as_u64() > Some(0));
}

#[test]
fn the_same_seed_gives_the_same_bytes_and_another_seed_other_people() {
    let (one, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let bytes = |folder: &TempDir, seed| files(&synth(folder, 300, seed)).into_values().collect::<Vec<_>>();
    let first = bytes(&one, 5);
    assert_eq!(first, bytes(&other, 5));
    assert_ne!(first, bytes(&other, 6));
}

#[test]
fn a_folder_that_holds_something_is_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("mine.txt"), "mine").unwrap();
    let ended = meldpost(&["synth", "--people", "5", "--seed", "1", "--out", folder.path().to_str().unwrap()]);
    assert_eq!(ended.status.code(), Some(73));
    assert!(String::from_utf8_lossy(&ended.stderr).contains("new folder"));
    assert_eq!(files(folder.path()).len(), 1);
}

#[test]
fn nobody_and_too_many_people_are_wrong_usage() {
    for people in ["0", "9000001", "many"] {
        assert_eq!(
            meldpost(&["synth", "--people", people, "--seed", "1", "--out", "/nowhere"]).status.code(),
            Some(64)
        );
    }
}
