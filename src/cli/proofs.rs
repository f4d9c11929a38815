//! `meldpost proofs`: all proofs behind a cover sheet, as one PDF for sign-off on paper.
//!
//! Enters: a campaign and a file. Leaves: one PDF: cover sheet, table of combinations, all proofs, each from a new sheet.
//! Invariants: the pages of a proof are those of its sealed letter; the table says on which page each begins, and what
//! would be held instead of shown.

use std::num::NonZeroUsize;
use std::path::Path;

use super::exit::Exit;
use super::failure::Failure;
use super::output::Output;
use super::screen::Screen;
use super::{approving, planning, proofing};
use crate::campaign::settings::Campaign;
use crate::plan::record::PlannedLetter;
use crate::preview::proof::Proof;
use crate::preview::{content, view};
use crate::render::bodies::Bodies;
use crate::render::workers;
use crate::render::world::Press;
use crate::store;

/// The layout of the cover sheet.
const SHEET: &str = include_str!("../preview/assets/sheet.typ");

/// Writes the PDF.
pub fn proofs(
    campaign: &Campaign,
    out: &Path,
    real: bool,
    threads: NonZeroUsize,
    screen: &Screen,
) -> Result<Output, Failure> {
    let approvals = approving::read(&campaign.folder)?;
    let chosen = proofing::choose_letters(campaign, threads, screen)?;
    let press = planning::press(campaign);
    let bodies = Bodies::new(campaign, planning::wording(campaign)?, &press);
    let studio = proofing::studio(campaign, &bodies, &press, real);
    let bar = screen.letters("proofs", chosen.samples.len() as u64);
    let made = workers::run(threads, chosen.samples.len(), |index| {
        let proof = studio.sample(&chosen.samples[index], index as u64 + 1);
        bar.inc(1);
        proof.map_err(|errors| proofing::failed(campaign, errors))
    });
    bar.finish_and_clear();
    let proofs: Vec<Proof> = made.into_iter().collect::<Result<_, _>>()?;
    let shown = |proof: &Proof| proof.planned.is_some() && !proof.pdf.is_empty();
    let letters: Vec<&PlannedLetter> =
        proofs.iter().filter(|proof| shown(proof)).filter_map(|proof| proof.planned.as_ref()).collect();

    let content = approving::content(campaign);
    let sheet = |first_pages: &[u32]| {
        let mut first_pages = first_pages.iter();
        let rows: Vec<_> = chosen
            .samples
            .iter()
            .zip(&proofs)
            .enumerate()
            .map(|(index, (sample, proof))| {
                let view = view::proof(campaign, sample, None, None, &str::to_owned);
                let first = if shown(proof) { first_pages.next() } else { None };
                let held = proof.held.iter().map(|held| format!("would be held: {held}"));
                serde_json::json!({
                    "number": (index + 1).to_string(),
                    "title": view.title,
                    "about": view.subtitle,
                    "notes": held.chain(proof.warnings.iter().cloned()).collect::<Vec<_>>(),
                    "language": view.language,
                    "people": view.people.to_string(),
                    "pages": proof.pages.len().to_string(),
                    "first": first.map(u32::to_string).unwrap_or_default(),
                })
            })
            .collect();
        let signed = approvals.names(&content).join(", ");
        serde_json::json!({
            "title": format!("Proofs of {}", campaign.id),
            "about": [
                ["Letter", campaign.template.name.as_str()],
                ["Dated", &campaign.date.to_string()],
                ["Print house", &campaign.vendor.name],
                ["Letters", &chosen.people.to_string()],
                ["Content (SHA-256)", &content::sha256(&content.hashes())],
                ["Signed off by", if signed.is_empty() { "nobody yet" } else { &signed }],
            ],
            "real": real,
            "signatures": campaign.approvals_required.max(1),
            "rows": rows,
        })
    };
    // The table's length decides where the letters begin, and not the other way round.
    let front = workers::run(NonZeroUsize::MIN, 1, |_| {
        let press = Press::new([("layout.typ", SHEET)]);
        let places = vec![0; letters.len()];
        let draft = press.body("", "", &sheet(&places))?;
        let count = u32::try_from(draft.pages().len()).unwrap_or(u32::MAX);
        press.body("", "", &sheet(&studio.press.first_pages(count, &letters)))
    });
    let bug = |what: String| Failure::new(Exit::Bug, format!("the proofs cannot be put together: {what}"));
    let front = front.into_iter().next().expect("one job has one result").map_err(|error| bug(error.to_string()))?;
    let pdf = studio
        .press
        .book(&format!("Proofs of {}", campaign.id), front.pages(), &letters)
        .map_err(|error| bug(error.to_string()))?;
    store::write(out, &pdf)?;
    let held = proofs.len() - letters.len();
    let mut text = format!("{}: {} proofs for {} letters", out.display(), letters.len(), chosen.people);
    if held > 0 {
        text.push_str(&format!("\n  {held} would be held; the table says why"));
    }
    text.push_str(if real {
        "\n  REAL PEOPLE: names, addresses, case codes and what leaked of them are in this file; keep it as private as the lists"
    } else {
        "\n  everybody in it is made up; --real shows real people"
    });
    let json = serde_json::json!({
        "file": out.display().to_string(),
        "proofs": letters.len(),
        "letters": chosen.people,
        "held": held,
        "front_pages": front.pages().len(),
        "real": real,
    });
    Ok(Output { text, json })
}
