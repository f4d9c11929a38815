//! A month of nights: lists grow, data change, letters come back, a wording is corrected, and the machine fails.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::process::{Command, Stdio};
use std::time::Duration;

use super::nights::work;
use crate::harness::{CAMPAIGN, Work, finish, json, keys, packages, rows, rows_of};

const NIGHTS: usize = 20;
const FIRST: usize = 20;
const A_NIGHT: usize = 4;

/// What the lists say, and how many letters each person must have had.
struct Lists {
    keys: Vec<String>,
    /// Person → whether the number leaked too.
    people: Vec<bool>,
    letters: BTreeMap<String, usize>,
}

impl Lists {
    fn grow(&mut self, by: usize) {
        for _ in 0..by {
            *self.letters.entry(reference(self.people.len())).or_default() += 1;
            self.people.push(false);
        }
    }

    /// More is known of somebody: one further letter.
    fn learn(&mut self, person: usize) {
        assert!(!std::mem::replace(&mut self.people[person], true), "told before");
        *self.letters.entry(reference(person)).or_default() += 1;
    }

    fn write(&self, work: &Work) {
        let mut people = String::from(
            "person_key,initials,surname,birth_date,street,house_number,postcode,city,language,source_ref\n",
        );
        let mut exposures = String::from("person_key,category,certainty\n");
        for (number, (&told, key)) in self.people.iter().zip(&self.keys).enumerate() {
            let house = number + 1;
            writeln!(
                people,
                "{key},A.,Persoon{number},1960-01-31,Kerkstraat,{house},1234 AB,Utrecht,nl,{}",
                reference(number)
            )
            .expect("text");
            writeln!(exposures, "{key},name,confirmed").expect("text");
            if told {
                writeln!(exposures, "{key},bsn,possible").expect("text");
            }
        }
        work.write("data/people.csv", people);
        work.write("data/exposures.csv", exposures);
    }
}

fn reference(person: usize) -> String {
    format!("ref-{person}")
}

fn night(work: &Work, night: usize, more: &[&str]) -> Command {
    let mut command = work.command(["run", CAMPAIGN].iter().chain(more));
    // The clock is stolen in night 12: it shows a day long before the first.
    let day = if night == 12 { 0 } else { night as u64 };
    command.env("SOURCE_DATE_EPOCH", (1_757_640_000 - u64::from(night == 12) * 100_000_000 + day * 86_400).to_string());
    command
}

/// Kills a run after a while.
fn killed(work: &Work, number: usize, after: Duration) {
    let mut child = night(work, number, &[]).stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("started");
    std::thread::sleep(after);
    child.kill().expect("killed");
    child.wait().expect("ended");
}

#[test]
fn after_a_month_everybody_has_exactly_the_letters_they_should() {
    let work = work();
    work.replace("campaign.toml", "[limits]", "[[waves]]\nid = \"moved\"\nwhen = \"returned == 'moved'\"\n\n[limits]");
    let mut lists =
        Lists { keys: keys().take(FIRST + NIGHTS * A_NIGHT).collect(), people: Vec::new(), letters: BTreeMap::new() };
    lists.grow(FIRST);
    for number in 0..NIGHTS {
        lists.grow(if number == 0 { 0 } else { A_NIGHT });
        if number % 3 == 2 {
            lists.learn(number);
        }
        lists.write(&work);
        match number {
            // A corrected wording is no reason to write again.
            6 => work.replace("letter-templates/note/nl/10-core.typ.j2", "\n", " \n"),
            4 => killed(&work, number, Duration::from_millis(150)),
            9 => killed(&work, number, Duration::from_millis(400)),
            14 => killed(&work, number, Duration::from_millis(650)),
            11 => {
                // The disk is full: no file may have more than a few kilobytes.
                let mut shell = Command::new("sh");
                shell.args(["-c", "ulimit -f 8; exec \"$0\" run campaign", env!("CARGO_BIN_EXE_meldpost")]);
                let ran = finish(shell.env_clear().env("PATH", "/usr/bin:/bin").current_dir(work.path(".")));
                assert_ne!(ran.code, Some(0), "a full disk is noticed");
            }
            _ => {}
        }
        finish(&mut night(&work, number, &[])).ends(0);
        if number == 15 {
            // Everything of the first night was posted; two letters come back, and one of the two moved.
            let codes = codes(&work);
            let mut feedback = String::from("case_code,status,at,detail\n");
            for person in 0..FIRST {
                for status in ["printed", "inserted", "posted"] {
                    writeln!(feedback, "{},{status},2025-09-15,", codes[&reference(person)]).expect("text");
                }
            }
            for (person, reason) in [(0, "moved"), (1, "refused")] {
                writeln!(feedback, "{},returned,2025-09-20,{reason}", codes[&reference(person)]).expect("text");
            }
            fs::write(work.path("feedback.csv"), feedback).expect("written");
            let run = "campaign/runs/tiny";
            let json = work.meldpost(["reconcile", "--run", run, "feedback.csv", "--json"]).ends(0).json();
            assert_eq!((&json["balance"]["posted"], &json["balance"]["open"]), (&FIRST.into(), &0.into()));
            finish(&mut night(&work, number, &["--wave", "moved"])).ends(0);
            *lists.letters.get_mut(&reference(0)).expect("somebody") += 1;
        }
    }
    // Counted from the packages of all runs, by nothing but their indexes.
    let codes = codes(&work);
    let mut sent: BTreeMap<String, usize> = BTreeMap::new();
    for run in runs(&work) {
        for package in packages(&run).into_values() {
            for row in rows_of(&package["index.csv"]).into_iter().filter(|row| row[8] != "seed") {
                *sent.entry(row[1].clone()).or_default() += 1;
            }
        }
        work.meldpost(["verify".into(), run]).ends(0);
    }
    let expected: BTreeMap<String, usize> =
        lists.letters.iter().map(|(reference, letters)| (codes[reference].clone(), *letters)).collect();
    assert_eq!(sent, expected);
    assert_eq!(expected.len(), FIRST + (NIGHTS - 1) * A_NIGHT);
    assert_eq!(expected.values().sum::<usize>(), expected.len() + NIGHTS / 3 + 1);
    work.meldpost(["verify", "campaign/ledger.sqlite"]).ends(0);
}

fn runs(work: &Work) -> BTreeSet<std::path::PathBuf> {
    let folders = fs::read_dir(work.path("campaign/runs")).expect("runs").map(|entry| entry.expect("a run").path());
    let runs: BTreeSet<_> = folders.filter(|folder| folder.join("manifest.json").exists()).collect();
    assert!(runs.iter().all(|run| json(&run.join("manifest.json"))["campaign"] == "tiny"));
    runs
}

/// The owner's reference → the case code.
fn codes(work: &Work) -> BTreeMap<String, String> {
    let outcomes = runs(work).into_iter().flat_map(|run| rows(&run.join("outcomes.csv")));
    outcomes.filter(|row| !row[4].is_empty()).map(|row| (row[5].clone(), row[4].clone())).collect()
}
