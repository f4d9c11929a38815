//! `meldpost synth`: an invented population as a campaign that can be run.
//!
//! Enters: how many people, a seed, a folder. Leaves: the campaign in that folder. Invariant: nothing that is there is
//! touched.

use std::io::ErrorKind;
use std::path::Path;

use super::exit::Exit;
use super::failure::Failure;
use super::output::Output;
use super::screen::Screen;
use crate::synth;

/// Invents a population.
pub fn synth(people: u64, seed: u64, out: &Path, screen: &Screen) -> Result<Output, Failure> {
    empty(out)?;
    let bar = screen.stage("inventing people");
    let planted = synth::synthesise(people, seed, out)?;
    bar.finish_and_clear();
    let text = format!(
        "{}: {people} invented people, {} rows, {} exposure rows\n  planted.json says what a run must find\nnext: meldpost run {0}",
        out.display(),
        planted["rows"],
        planted["exposure_rows"],
    );
    Ok(Output { text, json: planted })
}

/// The folder is not there yet, or holds nothing.
fn empty(out: &Path) -> Result<(), Failure> {
    match std::fs::read_dir(out).map(|mut entries| entries.next().is_none()) {
        Ok(true) => Ok(()),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        Ok(false) => Err(Failure::with_hint(
            Exit::CannotWrite,
            format!("{} holds something already", out.display()),
            "name a new folder with --out, or empty this one",
        )),
        Err(error) => Err(Failure::with_hint(
            Exit::CannotWrite,
            format!("{} cannot be used: {error}", out.display()),
            "name a folder, new or empty, with --out",
        )),
    }
}
