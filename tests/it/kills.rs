//! A run that is killed at any moment and started again ends as if nothing had happened.

use std::time::{Duration, Instant};

use crate::harness::{CAMPAIGN, RUN, Work, assert_same_files};

/// Kills, spread over the time that an undisturbed run takes.
const KILLS: u32 = 20;

#[test]
fn twenty_kills_at_different_moments_change_nothing() {
    let work = Work::people(150);
    let start = Instant::now();
    work.run().ends(0);
    let undisturbed = start.elapsed();
    let mut killed = 0;
    for kill in 0..KILLS {
        let run = format!("killed-{kill}");
        let mut child = work.start(["run", CAMPAIGN, "--run", &run]);
        // Odd steps, so that the moments do not fall on the same boundaries.
        std::thread::sleep(
            undisturbed.mul_f64(f64::from(kill * 7 % KILLS) / f64::from(KILLS)) + Duration::from_millis(3),
        );
        if child.try_wait().expect("its state").is_none() {
            killed += 1;
        }
        child.kill().expect("killed");
        child.wait().expect("ended");
        work.meldpost(["run", CAMPAIGN, "--run", &run]).ends(0);
        assert_same_files(&work.path(RUN), &work.path(&run));
    }
    assert!(killed >= KILLS / 2, "only {killed} runs were still going on when they were killed");
}

#[test]
fn a_claim_and_a_draft_that_a_killed_process_left_are_swept() {
    let work = Work::people(6);
    work.run().ends(0);
    work.meldpost(["plan", CAMPAIGN, "--run", "left"]).ends(0);
    std::fs::create_dir_all(work.path("left/shards")).expect("a folder");
    std::fs::write(work.path("left/shards/00001.claim"), "").expect("written");
    std::fs::write(work.path("left/shards/.00001.pdf.draft"), "half").expect("written");
    work.meldpost(["run", CAMPAIGN, "--run", "left"]).ends(0);
    assert_same_files(&work.path(RUN), &work.path("left"));
}
