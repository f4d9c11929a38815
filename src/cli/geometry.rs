//! `meldpost check --vendor`: a profile's geometry on page 1 of a letter, as a picture.
//!
//! Enters: a campaign and the name of a profile. Leaves: an SVG file. Invariant: the letter is to nobody: no list is
//! opened, so that the picture can go to the print house as it is.

use std::num::NonZeroUsize;
use std::path::PathBuf;

use super::exit::Exit;
use super::failure::Failure;
use super::output::Output;
use super::planning;
use crate::campaign::settings::Campaign;
use crate::campaign::{self};
use crate::marks::{datamatrix, kix};
use crate::plan::seeds;
use crate::render::bodies::Bodies;
use crate::render::covers::CoverPress;
use crate::render::geometry::Geometry;
use crate::render::measure::measure;
use crate::render::picture::{self, Picture};
use crate::render::shard::requests;
use crate::store;

/// Draws the profile's geometry and says where the picture is.
pub fn draw(
    mut campaign: Campaign,
    vendor: &str,
    out: Option<PathBuf>,
    threads: NonZeroUsize,
) -> Result<Output, Failure> {
    campaign.vendor = campaign::load_vendor(&campaign, vendor)?;
    let campaign = &campaign;
    let out = out.unwrap_or_else(|| PathBuf::from(format!("{vendor}.svg")));
    let undrawable = |what: &str| {
        Failure::with_hint(
            Exit::Config,
            format!("a letter for vendor `{vendor}` cannot be laid out: {what}"),
            "make the window larger, or the wording shorter",
        )
    };
    let letter = seeds::invented(campaign).map_err(|_| undrawable("the address"))?;
    let wording = planning::wording(campaign)?;
    let press = planning::press(campaign);
    let bodies = Bodies::new(campaign, wording, &press);
    let measured = measure(campaign, &bodies, threads, vec![letter], true).map_err(|errors| {
        let failures = errors.into_iter().map(|error| Failure::body(error, &campaign.template.files));
        Failure::all(failures).expect("bodies are refused for at least one fault")
    })?;
    let Some(planned) = measured.letters.first() else {
        return Err(undrawable(measured.unprintable.first().map_or("", |letter| &letter.detail)));
    };
    let request = requests(campaign, planned).next().ok_or_else(|| undrawable("no language"))?;
    let body = bodies.document(&request).map_err(|error| Failure::body(error, &campaign.template.files))?;
    let cover = CoverPress::new(&press, campaign).pages(planned).unwrap_or_default();
    let (Some(cover), Some(body)) = (cover.first(), body.pages().first()) else {
        return Err(undrawable("page 1"));
    };
    let sheets = campaign.vendor.plex.sheets(planned.page_count());
    let modules = datamatrix::content(planned.letter.case_code, 1, sheets)
        .and_then(|content| datamatrix::modules(&content))
        .map_err(|error| undrawable(&error.to_string()))?;
    let svg = picture::svg(&Picture {
        vendor: &campaign.vendor,
        geometry: &Geometry::new(&campaign.vendor, &planned.letter.format),
        body,
        cover,
        address_lines: planned.printed_lines.len(),
        kix: kix::bars(&planned.printed_kix).unwrap_or_default(),
        datamatrix: campaign.vendor.datamatrix.map(|place| (place, modules)),
    });
    store::write(&out, svg.as_bytes())?;
    Ok(Output {
        text: format!("{}: what `{vendor}` asks for, on page 1 of an invented letter", out.display()),
        json: serde_json::json!({ "vendor": vendor, "picture": out }),
    })
}
