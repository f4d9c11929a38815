//! `meldpost preview --out`: proofs as plain files for a browser.
//!
//! Enters: a campaign and a folder. Leaves: `index.html` with its style, script, pictures and PDFs. Invariants: the files
//! open without a server; real people are shown only where that was asked for, and the result says so; a folder with
//! other things in it is left alone.

use std::io::ErrorKind;
use std::num::NonZeroUsize;
use std::path::Path;

use super::exit::Exit;
use super::failure::Failure;
use super::output::Output;
use super::screen::Screen;
use super::{approving, planning, proofing};
use crate::campaign::settings::Campaign;
use crate::preview::proof::{self, Proof};
use crate::preview::{gallery, view};
use crate::render::bodies::Bodies;
use crate::render::workers;
use crate::store;

/// Marks a folder as holding proofs.
const MARK: &str = ".meldpost-proofs";

/// Writes the gallery.
pub fn preview(
    campaign: &Campaign,
    out: &Path,
    real: bool,
    threads: NonZeroUsize,
    screen: &Screen,
) -> Result<Output, Failure> {
    ours(out)?;
    let approvals = approving::read(&campaign.folder)?;
    let chosen = proofing::choose_letters(campaign, threads, screen)?;
    let press = planning::press(campaign);
    let bodies = Bodies::new(campaign, planning::wording(campaign)?, &press);
    let studio = proofing::studio(campaign, &bodies, &press, real);
    let approved = proofing::approved(campaign, &approvals);
    let old_press = approved.as_ref().map(planning::press);
    let old_bodies = approved
        .as_ref()
        .zip(old_press.as_ref())
        .and_then(|(approved, press)| Some(Bodies::new(approved, planning::wording(approved).ok()?, press)));
    let bar = screen.letters("proofs", chosen.samples.len() as u64);
    let made: Vec<_> = workers::run(threads, chosen.samples.len(), |index| {
        let proof = studio.sample(&chosen.samples[index], index as u64 + 1);
        let before = proof.as_ref().ok().and_then(|proof| proof.planned.as_ref()).and_then(|planned| {
            let (approved, bodies) = approved.as_ref().zip(old_bodies.as_ref())?;
            proof::text(bodies, approved, planned)
        });
        bar.inc(1);
        proof.map(|proof| (proof, before))
    });
    bar.finish_and_clear();
    let mut proofs: Vec<(Proof, Option<String>)> = Vec::with_capacity(made.len());
    let mut faults = Vec::new();
    for proof in made {
        match proof {
            Ok(proof) => proofs.push(proof),
            Err(errors) => faults.push(proofing::failed(campaign, errors)),
        }
    }
    if let Some(failure) = Failure::all(faults) {
        return Err(failure);
    }

    let mut views = Vec::with_capacity(proofs.len());
    clear(out)?;
    for (sample, (proof, before)) in chosen.samples.iter().zip(&proofs) {
        write(out, &sample.id, proof)?;
        views.push(view::proof(campaign, sample, Some(proof), before.as_deref(), &str::to_owned));
    }
    let held = views.iter().filter(|view| view.held.is_some()).count();
    let warnings: usize = views.iter().map(|view| view.warnings.len()).sum();
    let page = proofing::page(campaign, &approvals, &chosen, real, true, views);
    let html = gallery::page(&page, 0)
        .map_err(|error| Failure::new(Exit::Bug, format!("the page of proofs cannot be drawn: {error:#}")))?;
    store::write(&out.join("gallery.css"), gallery::CSS.as_bytes())?;
    store::write(&out.join("gallery.js"), gallery::JS.as_bytes())?;
    store::write(&out.join("icon.svg"), gallery::ICON.as_bytes())?;
    store::write(&out.join("index.html"), html.as_bytes())?;
    Ok(output(out, chosen.people, proofs.len(), held, warnings, real))
}

fn output(out: &Path, people: u64, proofs: usize, held: usize, warnings: usize, real: bool) -> Output {
    let index = out.join("index.html");
    let mut text = format!("{}: {proofs} proofs for {people} letters", index.display());
    if held > 0 {
        text.push_str(&format!("\n  {held} would be held; the page says why"));
    }
    if warnings > 0 {
        text.push_str(&format!("\n  {warnings} notes to look at"));
    }
    if real {
        text.push_str(&format!(
            "\n  REAL PEOPLE: names, addresses, case codes and what leaked of up to {proofs} people are in this folder;\n  keep it as private as the lists, and remove it when it has been looked at"
        ));
    } else {
        text.push_str("\n  everybody in it is made up; --real shows real people");
    }
    let json = serde_json::json!({
        "file": index.display().to_string(),
        "proofs": proofs,
        "letters": people,
        "held": held,
        "warnings": warnings,
        "real": real,
    });
    Output { text, json }
}

fn write(out: &Path, id: &str, proof: &Proof) -> Result<(), Failure> {
    if proof.pdf.is_empty() {
        return Ok(());
    }
    store::write(&out.join("pdf").join(format!("{id}.pdf")), &proof.pdf)?;
    for (index, page) in proof.pages.iter().enumerate() {
        store::write(&out.join("pages").join(format!("{id}-{}.svg", index + 1)), page.svg.as_bytes())?;
    }
    Ok(())
}

/// The folder is new, empty, or holds proofs that this command wrote.
fn ours(out: &Path) -> Result<(), Failure> {
    let refuse = |message: String| {
        Err(Failure::with_hint(Exit::CannotWrite, message, "name a folder, new or empty, with --out"))
    };
    match std::fs::read_dir(out).map(|mut entries| entries.next().is_none()) {
        Ok(true) => Ok(()),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        Ok(false) if out.join(MARK).exists() => Ok(()),
        Ok(false) => refuse(format!("{} holds something that is no proof", out.display())),
        Err(error) => refuse(format!("{} cannot be used: {error}", out.display())),
    }
}

/// Makes the folder, without what older proofs left there.
fn clear(out: &Path) -> Result<(), Failure> {
    store::folder(out)?;
    store::close_folder(out)?;
    store::write(&out.join(MARK), b"")?;
    store::remove(&out.join("index.html"))?;
    for name in ["pages", "pdf"] {
        store::remove_folder(&out.join(name))?;
        store::folder(&out.join(name))?;
    }
    Ok(())
}
