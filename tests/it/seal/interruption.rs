//! Killed at any moment and started again: the same bytes, nothing twice, no leftovers.

use std::cell::Cell;
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};

use meldpost::campaign::vendor::{Encryption, Form};
use meldpost::model::outcome::Held;

use super::run_folder::{Made, PLAIN, Piece};

fn made(form: Form) -> Made {
    let held = Piece { held: Some(Held::DoesNotFit), ..PLAIN };
    Made {
        form,
        shards: vec![(1, vec![PLAIN, held.clone(), PLAIN]), (2, vec![held]), (3, vec![PLAIN; 2])],
        ..Made::default()
    }
}

/// Outcomes, two packages, report, manifest.
const STEPS: u32 = 5;

#[test]
fn a_seal_that_stops_after_any_step_ends_like_one_that_was_not_disturbed() {
    for form in [Form::Stream, Form::Single] {
        let undisturbed = made(form).build();
        undisturbed.seal().expect("sealed");
        assert!(!undisturbed.path().join("shards/outcomes.planned.csv").exists());
        for stop in 1..=STEPS {
            let run = made(form).build();
            let step = Cell::new(0);
            let stopped = catch_unwind(AssertUnwindSafe(|| {
                run.seal_telling(&|_| {
                    step.set(step.get() + 1);
                    assert!(step.get() < stop, "stopped on purpose");
                })
            }));
            assert!(stopped.is_err(), "step {stop} was not reached");
            run.seal().expect("sealed");
            assert!(run.files() == undisturbed.files(), "stopped after step {stop}");
        }
    }
}

#[test]
fn half_written_files_and_packages_of_an_earlier_attempt_leave_no_trace() {
    let undisturbed = made(Form::Stream).build();
    undisturbed.seal().expect("sealed");
    let run = made(Form::Stream).build();
    let packages = run.path().join("packages");
    fs::create_dir(&packages).expect("packages");
    for name in [
        ".outcomes.csv.draft",
        ".manifest.json.draft",
        "packages/.breach-p0001.zip.draft",
        "packages/breach-p0001.zip",
        "packages/breach-p0009.zip",
        "shards/.outcomes.planned.csv.draft",
        "report.json",
    ] {
        fs::write(run.path().join(name), "half").expect("a leftover");
    }
    run.seal().expect("sealed");
    assert!(run.files() == undisturbed.files());
}

#[test]
fn plaintext_that_a_killed_seal_left_is_removed_by_the_next() {
    let identity = age::x25519::Identity::generate();
    let run = Made { encryption: Encryption::Age(vec![identity.to_public().to_string()]), ..Made::default() }.build();
    let stopped = catch_unwind(AssertUnwindSafe(|| {
        run.seal_telling(&|progress| assert!(progress != meldpost::seal::Progress::Manifest, "stopped on purpose"))
    }));
    assert!(stopped.is_err());
    assert!(meldpost::render::marker::data_path(run.path(), 1).exists());
    assert!(run.seal().expect("tidied up").already);
    assert!(!meldpost::render::marker::data_path(run.path(), 1).exists());
}
