//! A ledger that was harmed, and runs that were killed.

use std::collections::BTreeMap;
use std::fs;
use std::time::{Duration, Instant};

use rusqlite::Connection;
use sha2::{Digest, Sha256};

use super::nights::{letters, work};
use crate::harness::{CAMPAIGN, Work, assert_same_files, finish, plain_hashes};

/// Moments at which a run is killed, spread over its time; `MELDPOST_KILLS` asks for more.
const KILLS: u32 = 20;

fn kills() -> u32 {
    std::env::var("MELDPOST_KILLS").ok().and_then(|count| count.parse().ok()).unwrap_or(KILLS)
}

/// Number, kind, run, code, detail and hash.
type Row = (i64, String, i64, Option<i64>, String, Vec<u8>);

/// Every event; a fixed clock makes the details and hashes comparable.
fn events(work: &Work, ledger: &str) -> Vec<Row> {
    let connection = Connection::open(work.path(ledger)).expect("the ledger");
    let mut statement =
        connection.prepare("SELECT number, kind, run, code, detail, hash FROM events ORDER BY number").expect("asked");
    let rows = statement
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, row.get(4)?, row.get(5)?)));
    rows.expect("rows").map(|row| row.expect("a row")).collect()
}

fn fixed_clock(work: &Work) -> std::process::Command {
    let mut command = work.command(["run", CAMPAIGN, "--run", "run"]);
    command.env("SOURCE_DATE_EPOCH", "1757640000");
    command
}

/// How far a run was when it was killed, as its folder shows; the ledger is not touched before the next run opens it.
fn reached(work: &Work) -> &'static str {
    let run = work.path("run");
    let steps = [
        ("manifest.json", "sealed"),
        ("shards/manifest.waiting.json", "recording"),
        ("packages", "packing"),
        ("shards", "rendering"),
        ("plan.json", "planned"),
    ];
    steps.into_iter().find(|(file, _)| run.join(file).exists()).map_or("planning", |(_, step)| step)
}

/// Takes a run back, ledger and all.
fn take_back(work: &Work) {
    for left in ["ledger.sqlite", "ledger.sqlite-wal", "ledger.sqlite-shm", "ledger.sqlite.head", "ledger.sqlite.lock"]
    {
        // A run that was killed early has left some of them only.
        let _ = fs::remove_file(work.path(CAMPAIGN).join(left));
    }
    let _ = fs::remove_dir_all(work.path("run"));
}

/// How long a run takes that nobody disturbs; other work on the machine changes it.
fn undisturbed(work: &Work) -> Duration {
    take_back(work);
    let start = Instant::now();
    finish(&mut fixed_clock(work)).ends(0);
    start.elapsed()
}

/// Every run has the files of the first, byte by byte; so `verify` need look at the first one only, and at each ledger.
#[test]
fn a_run_that_is_killed_at_any_moment_ends_in_the_same_ledger_and_packages() {
    let kills = kills();
    let people = if kills > KILLS { 2000 } else { 60 };
    let work = Work::people(people);
    work.replace("campaign.toml", "[limits]", "[ledger]\npath = \"ledger.sqlite\"\n\n[limits]");
    if kills > KILLS {
        // Some forty files in six packages: the time goes into letters, and not into a thousand tiny packages.
        work.replace("vendors/press.toml", "max_letters_per_file = 2", "max_letters_per_file = 50");
        work.replace("vendors/press.toml", "max_letters_per_package = 4", "max_letters_per_package = 400");
    }
    let mut whole = undisturbed(&work);
    let expected = events(&work, "campaign/ledger.sqlite");
    assert_eq!(expected.iter().filter(|event| event.1 == "letter").count(), people as usize);
    work.meldpost(["verify", "run"]).ends(0);
    fs::rename(work.path("run"), work.path("expected")).expect("moved");
    let (mut killed, mut missed) = (0, 0);
    let mut at: BTreeMap<&str, u32> = BTreeMap::new();
    while killed < kills {
        take_back(&work);
        let mut child = fixed_clock(&work)
            .stdout(std::process::Stdio::null())
            .stderr(std::process::Stdio::null())
            .spawn()
            .expect("started");
        // Steps of seven, so that neighbours are far apart: the time of a run may drift.
        let part = f64::from(killed * 7 % kills) / f64::from(kills);
        let (start, moment) = (Instant::now(), whole.mul_f64(part) + Duration::from_millis(1));
        while start.elapsed() < moment && child.try_wait().expect("its state").is_none() {
            std::thread::sleep(moment.saturating_sub(start.elapsed()).min(Duration::from_millis(5)));
        }
        let ended = child.try_wait().expect("its state").is_some();
        child.kill().expect("killed");
        child.wait().expect("ended");
        if ended {
            missed += 1;
            assert!(missed <= kills, "{missed} runs had ended before they were killed");
            whole = start.elapsed().mul_f64(0.98);
            continue;
        }
        killed += 1;
        let reached = reached(&work);
        *at.entry(reached).or_default() += 1;
        finish(&mut fixed_clock(&work)).ends(0);
        assert_eq!(events(&work, "campaign/ledger.sqlite"), expected, "kill {killed}, {reached}");
        assert_same_files(&work.path("expected"), &work.path("run"));
        work.meldpost(["verify", "campaign/ledger.sqlite"]).ends(0);
        if killed % 25 == 0 {
            println!("{killed} kills, {missed} runs ended before; killed while {at:?}");
            whole = undisturbed(&work);
        }
    }
    // Recording takes milliseconds: only hundreds of kills meet it for sure.
    let steps = if kills >= 500 { 4 } else { 3 };
    assert!(kills <= KILLS || at.len() >= steps, "some steps were never killed: {at:?}");
}

#[test]
fn letters_that_the_ledger_has_as_sent_are_released_by_the_next_run_and_never_made_again() {
    let work = work();
    work.meldpost(["run", CAMPAIGN, "--run", "one"]).ends(0);
    let (sent, hashes) = (letters(&work, "one"), plain_hashes(&work.path("one")));
    // A kill between the ledger's commit and the manifest's appearing leaves it waiting.
    undo_release(&work, "one");
    work.meldpost(["verify", "one"]).ends(75);
    let ran = work.meldpost(["run", CAMPAIGN, "--run", "two"]).ends(0);
    assert!(ran.stdout.contains("an earlier run was finished first"), "{}", ran.stdout);
    assert_eq!(plain_hashes(&work.path("one")), hashes);
    assert_eq!((letters(&work, "one"), letters(&work, "two").len()), (sent, 0));
    work.meldpost(["verify", "one"]).ends(0);
}

#[test]
fn letters_that_the_ledger_has_as_sent_are_not_made_again_when_their_packages_are_gone() {
    let work = work();
    work.meldpost(["run", CAMPAIGN, "--run", "one"]).ends(0);
    undo_release(&work, "one");
    let package = fs::read_dir(work.path("one/packages")).expect("packages").next().expect("one").expect("one").path();
    fs::write(package, "other bytes").expect("written");
    work.meldpost(["run", CAMPAIGN, "--run", "one"]).ends(65).says(&["count as sent and are not made again"]);
    fs::remove_dir_all(work.path("one")).expect("removed");
    work.meldpost(["run", CAMPAIGN, "--run", "two"]).ends(65).says(&["run 1 was sealed", "from a copy"]);
}

/// Takes back the last two steps of sealing, as a kill would have.
fn undo_release(work: &Work, run: &str) {
    let run = work.path(run);
    fs::rename(run.join("manifest.json"), run.join("shards/manifest.waiting.json")).expect("moved");
    let connection = Connection::open(work.path("campaign/ledger.sqlite")).expect("the ledger");
    connection
        .execute_batch("DROP TRIGGER events_are_not_removed; DELETE FROM events WHERE kind = 'released';")
        .expect("removed");
    drop(connection);
    fs::remove_file(work.path("campaign/ledger.sqlite.head")).expect("removed");
}

#[test]
fn a_changed_removed_or_added_row_is_found_by_verify() {
    let change = "DROP TRIGGER events_are_not_changed; DROP TRIGGER events_are_not_removed;";
    let harms = [
        "UPDATE events SET detail = replace(detail, 'nl', 'en') WHERE number = 4",
        "UPDATE events SET code = code + 1 WHERE number = 5",
        "DELETE FROM events WHERE number = 4",
        "DELETE FROM events WHERE number = (SELECT max(number) FROM events)",
        "UPDATE events SET number = -1 WHERE number = 4; UPDATE events SET number = 4 WHERE number = 5; UPDATE events SET number = 5 WHERE number = -1",
        "INSERT INTO events SELECT max(number) + 1, 'letter', 1, 7, '[]', hash FROM events",
        "UPDATE events SET hash = zeroblob(32) WHERE number = 3",
    ];
    for harm in harms {
        let work = work();
        work.meldpost(["run", CAMPAIGN, "--run", "one"]).ends(0);
        work.meldpost(["verify", "campaign/ledger.sqlite"]).ends(0);
        let connection = Connection::open(work.path("campaign/ledger.sqlite")).expect("the ledger");
        assert!(connection.execute_batch(harm).is_err() || harm.starts_with("INSERT"), "{harm} is refused");
        connection.execute_batch(&format!("{change}{harm}")).expect(harm);
        drop(connection);
        for path in ["one", "campaign/ledger.sqlite"] {
            let ran = work.meldpost(["verify", path]).ends(65).says(&["ledger.sqlite"]);
            assert!(ran.stderr.contains("event"), "{harm}: {}", ran.stderr);
        }
    }
}

/// A forger who knows how events are hashed, and has changed ledger and head alike.
#[test]
fn a_whole_ledger_that_says_something_else_of_the_run_is_found() {
    let work = work();
    work.meldpost(["run", CAMPAIGN, "--run", "one"]).ends(0);
    let ran = work.meldpost(["verify", "one"]).ends(0);
    assert!(ran.stdout.contains("follow from one another"), "{}", ran.stdout);
    let forgeries = [
        ("UPDATE events SET detail = replace(detail, 'p0001', 'p0002') WHERE kind = 'letter'", "in tiny-p0001 than"),
        ("UPDATE events SET code = code + 1 WHERE number = 4", "than outcomes.csv"),
        ("UPDATE events SET detail = replace(detail, '\"seeds\":1', '\"seeds\":2')", "other packages"),
        (
            "UPDATE events SET detail = replace(detail, '\"manifest_sha256\":\"', '\"manifest_sha256\":\"0')",
            "another manifest",
        ),
    ];
    let path = work.path("campaign/ledger.sqlite");
    let whole = fs::read(&path).expect("bytes");
    for (forgery, found) in forgeries {
        fs::write(&path, &whole).expect("written");
        let connection = Connection::open(&path).expect("the ledger");
        connection.execute_batch("DROP TRIGGER events_are_not_changed").expect("dropped");
        assert!(connection.execute(forgery, []).expect(forgery) > 0);
        drop(connection);
        forge_hashes(&work);
        work.meldpost(["verify", "campaign/ledger.sqlite"]).ends(0);
        work.meldpost(["verify", "one"]).ends(65).says(&[found]);
    }
}

/// Ties the events of a ledger to one another anew, as its documentation says that it is done, and takes its head away.
fn forge_hashes(work: &Work) {
    let mut before = Sha256::digest(b"meldpost-ledger-1\n").to_vec();
    let events = events(work, "campaign/ledger.sqlite");
    let connection = Connection::open(work.path("campaign/ledger.sqlite")).expect("the ledger");
    for (number, kind, run, code, detail, _) in events {
        let mut hash = Sha256::new();
        let length = |text: &str| (text.len() as u64).to_le_bytes();
        hash.update(&before);
        hash.update(number.to_le_bytes());
        hash.update(length(&kind));
        hash.update(kind);
        hash.update(u32::try_from(run).expect("a number").to_le_bytes());
        hash.update([u8::from(code.is_some())]);
        hash.update(code.unwrap_or_default().to_le_bytes());
        hash.update(length(&detail));
        hash.update(detail);
        before = hash.finalize().to_vec();
        connection.execute("UPDATE events SET hash = ?1 WHERE number = ?2", (&before, number)).expect("changed");
    }
    drop(connection);
    // `verify` writes none.
    let _ = fs::remove_file(work.path("campaign/ledger.sqlite.head"));
}

#[test]
fn a_run_that_was_copied_away_from_its_campaign_says_that_its_ledger_was_not_looked_at() {
    let work = work();
    work.meldpost(["run", CAMPAIGN, "--run", "one"]).ends(0);
    fs::rename(work.path(CAMPAIGN), work.path("elsewhere")).expect("moved");
    let ran = work.meldpost(["verify", "one"]).ends(0);
    assert!(ran.stdout.contains("the ledger was not looked at"), "{}", ran.stdout);
    let json = work.meldpost(["verify", "one", "--json"]).ends(0).json();
    assert!(json["ledger"]["not_looked_at"].as_str().is_some_and(|path| path.ends_with("ledger.sqlite")), "{json}");
    // A campaign without its ledger is another thing.
    fs::rename(work.path("elsewhere"), work.path(CAMPAIGN)).expect("moved back");
    fs::remove_file(work.path("campaign/ledger.sqlite")).expect("removed");
    work.meldpost(["verify", "one"]).ends(78).says(&["is not there"]);
}

#[test]
fn a_changed_byte_is_found_wherever_it_is() {
    let work = work();
    work.meldpost(["run", CAMPAIGN, "--run", "one"]).ends(0);
    let path = work.path("campaign/ledger.sqlite");
    let whole = fs::read(&path).expect("bytes");
    for step in 0..24 {
        let mut bytes = whole.clone();
        let at = 30 + step * (bytes.len() - 31) / 23;
        bytes[at] ^= 0x20;
        fs::write(&path, &bytes).expect("written");
        let ran = work.meldpost(["verify", "campaign/ledger.sqlite"]);
        assert!(matches!(ran.code, Some(65)), "byte {at}: {ran:?}");
    }
    fs::write(&path, &whole).expect("written");
    work.meldpost(["verify", "campaign/ledger.sqlite"]).ends(0);
}

#[test]
fn a_ledger_that_is_gone_or_older_than_its_runs_stops_everything() {
    let work = work();
    work.meldpost(["run", CAMPAIGN, "--run", "one"]).ends(0);
    let path = work.path("campaign/ledger.sqlite");
    let old = fs::read(&path).expect("bytes");
    let new = "999991139,N.,,Nieuw,V,1960-01-31,Kerkstraat,9,1234 AB,Utrecht,,,,nl,ref-99";
    let people = fs::read_to_string(work.path("campaign/data/people.csv")).expect("people");
    work.write("data/people.csv", format!("{}\n{new}\n", people.trim_end()));
    work.meldpost(["run", CAMPAIGN, "--run", "two"]).ends(0);
    let newest = fs::read(&path).expect("bytes");
    fs::write(&path, old).expect("an old copy");
    work.meldpost(["run", CAMPAIGN, "--run", "three"]).ends(65).says(&["it had", "put it back from a copy"]);
    fs::remove_file(&path).expect("removed");
    work.meldpost(["run", CAMPAIGN, "--run", "three"]).ends(78).says(&["is not there", "put it back from a copy"]);
    work.meldpost(["verify", "one"]).ends(78);
    fs::write(&path, newest).expect("put back");
    work.meldpost(["run", CAMPAIGN, "--run", "three"]).ends(0);
}
