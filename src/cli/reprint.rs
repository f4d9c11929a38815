//! `meldpost reprint`: spoiled pieces → one more package.
//!
//! Enters: a sealed run folder and a list of case codes. Leaves: a package of these pieces, and one more attempt on record
//! for each. Invariants: the pages are those that were sealed: they are taken out of shards whose hash is that of their
//! marker, rendered again where the PDFs are gone; all codes are known or nothing is made.

use std::collections::BTreeSet;
use std::num::NonZeroUsize;
use std::path::Path;

use hayro_syntax::Pdf;

use super::exit::Exit;
use super::failure::Failure;
use super::output::Output;
use super::screen::Screen;
use super::{planning, sealing};
use crate::bundle::compose::Description;
use crate::bundle::extract::extract;
use crate::campaign::settings::Campaign;
use crate::campaign::vendor::Form;
use crate::model::case_code::CaseCode;
use crate::plan::files;
use crate::plan::letters::LetterReader;
use crate::plan::record::{Plan, PlannedLetter};
use crate::render::bodies::Bodies;
use crate::render::covers::CoverPress;
use crate::render::marker::{self, ShardLetter, ShardMarker, ShardResult};
use crate::render::shard::ShardPress;
use crate::render::workers;
use crate::seal::reprint::{self, Reprint, ReprintData, ReprintInput, Reprints, Spoiled};
use crate::store;

/// Codes that are named one by one in a message.
const NAMED: usize = 20;

/// Makes a package of the pieces that a list names.
pub fn reprint(
    run: &Path,
    campaign: &Campaign,
    plan: &Plan,
    codes: &Path,
    threads: NonZeroUsize,
    screen: &Screen,
) -> Result<Output, Failure> {
    if !run.join("manifest.json").exists() {
        return Err(Failure::with_hint(
            Exit::TryAgain,
            format!("{} is not sealed: nothing can have been spoiled yet", run.display()),
            "seal it first: meldpost seal --run DIR",
        ));
    }
    let (codes, doubled) = read(codes)?;
    let (spoiled, unknown) = reprint::find(run, campaign, plan, &codes)?;
    if !unknown.is_empty() {
        return Err(refused(
            "no printed piece of this run has",
            &unknown.iter().map(|code| code.printed()).collect::<Vec<_>>(),
        ));
    }
    let password = sealing::password(campaign)?;
    let id = reprint::next_id(campaign, &Reprints::read(run)?);
    let files = gather(run, campaign, &spoiled, &id, threads, screen)?;
    let made = reprint::reprint(&ReprintInput { run, campaign, files: &files, password: password.as_ref() })?;
    tracing::info!(letters = made.letters, pages = made.pages, "reprinted");
    Ok(output(run, &made, doubled))
}

/// The codes of a list, one a line, and how many lines repeat one.
fn read(path: &Path) -> Result<(BTreeSet<CaseCode>, usize), Failure> {
    let text = std::fs::read_to_string(path).map_err(|error| {
        Failure::with_hint(
            Exit::Data,
            format!("the list of codes {} cannot be read: {error}", path.display()),
            "write the case codes of the spoiled pieces into a text file, one a line",
        )
    })?;
    let mut codes = BTreeSet::new();
    let mut doubled = 0;
    let mut wrong = Vec::new();
    let lines = (1_usize..).zip(text.trim_start_matches('\u{feff}').lines());
    for (number, line) in lines.filter(|(_, line)| !line.trim().is_empty()) {
        match CaseCode::parse(line) {
            Some(code) => doubled += usize::from(!codes.insert(code)),
            None => wrong.push(format!("line {number}")),
        }
    }
    if !wrong.is_empty() {
        return Err(refused("these are no case codes, or were mistyped:", &wrong));
    }
    if codes.is_empty() {
        return Err(Failure::with_hint(
            Exit::Data,
            format!("{} names no case code", path.display()),
            "write the case codes of the spoiled pieces into it, one a line",
        ));
    }
    Ok((codes, doubled))
}

fn refused(what: &str, which: &[String]) -> Failure {
    let more = match which.len().saturating_sub(NAMED) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let named = which.iter().take(NAMED).map(String::as_str).collect::<Vec<_>>().join(", ");
    Failure::with_hint(
        Exit::Data,
        format!("{what} {named}{more}"),
        "correct the list; nothing was made, so that no piece is forgotten",
    )
}

/// The pieces as PDFs: files of a stream as large as the profile allows, or single PDFs shard by shard.
fn gather(
    run: &Path,
    campaign: &Campaign,
    spoiled: &[Spoiled],
    id: &str,
    threads: NonZeroUsize,
    screen: &Screen,
) -> Result<Vec<ReprintData>, Failure> {
    let wording = planning::wording(campaign)?;
    let press = planning::press(campaign);
    let bodies = Bodies::new(campaign, wording, &press);
    let shards = ShardPress::new(campaign, &bodies, CoverPress::new(&press, campaign));
    let path = files::letters_path(run);
    let reader = LetterReader::new(&path);
    let bar = screen.letters("reprint", spoiled.iter().map(|spoiled| spoiled.shard.letters).sum());
    let taken = workers::run(threads, spoiled.len(), |index| {
        let spoiled = &spoiled[index];
        let letters = reader.slice(spoiled.shard.first, spoiled.shard.letters)?;
        let data = sealed_data(run, spoiled, &shards, &letters)?;
        bar.inc(spoiled.shard.letters);
        take(campaign, spoiled, data, &letters, id)
    });
    bar.finish_and_clear();
    let mut taken = taken.into_iter().collect::<Result<Vec<_>, _>>()?;
    if campaign.vendor.output.form == Form::Single {
        return Ok(taken);
    }
    let per_file = campaign.vendor.output.max_letters_per_file as usize;
    let mut files: Vec<Vec<ReprintData>> = Vec::new();
    for part in taken.drain(..) {
        match files.last_mut() {
            Some(file) if file.iter().chain([&part]).map(|part| part.planned.len()).sum::<usize>() <= per_file => {
                file.push(part);
            }
            _ => files.push(vec![part]),
        }
    }
    files.into_iter().map(|parts| join(campaign, parts, id)).collect()
}

/// The shard's data file as it was sealed: from the run folder, or made again.
fn sealed_data(
    run: &Path,
    spoiled: &Spoiled,
    shards: &ShardPress<'_>,
    letters: &[PlannedLetter],
) -> Result<Vec<u8>, Failure> {
    let number = spoiled.shard.number;
    if let Ok(data) = std::fs::read(marker::data_path(run, number))
        && store::sha256(&data) == spoiled.marker.sha256
    {
        return Ok(data);
    }
    let (data, marker) = shards.make(number, letters)?;
    if marker == spoiled.marker {
        Ok(data)
    } else {
        Err(changed(&format!("shard {number} does not come out as it was sealed")))
    }
}

fn changed(what: &str) -> Failure {
    Failure::with_hint(
        Exit::Data,
        format!("these would not be the same letters: {what}"),
        "look with `meldpost verify` at what was changed in the run folder; nothing was made",
    )
}

/// The spoiled pieces of a shard.
fn take(
    campaign: &Campaign,
    spoiled: &Spoiled,
    data: Vec<u8>,
    letters: &[PlannedLetter],
    id: &str,
) -> Result<ReprintData, Failure> {
    let mut pages = Vec::new();
    let mut single = Vec::new();
    let mut placed = Vec::with_capacity(spoiled.positions.len());
    for &position in &spoiled.positions {
        let letter = &spoiled.marker.letters[position];
        let ShardResult::Made { first_page, pages: count, offset, bytes, mark } = &letter.result else { continue };
        let (new_page, new_offset) = match campaign.vendor.output.form {
            Form::Stream => {
                let new_page = pages.len() + 1;
                pages.extend((*first_page - 1..*first_page - 1 + count).map(|page| page as usize));
                (u32::try_from(new_page).unwrap_or(u32::MAX), 0)
            }
            Form::Single => {
                let new_offset = single.len() as u64;
                let place = usize::try_from(*offset).unwrap_or(usize::MAX);
                let length = usize::try_from(*bytes).unwrap_or(usize::MAX);
                let own = data.get(place..place.saturating_add(length));
                single.extend_from_slice(own.ok_or_else(|| changed("a marker points outside of its shard"))?);
                (1, new_offset)
            }
        };
        let result = ShardResult::Made {
            first_page: new_page,
            pages: *count,
            offset: new_offset,
            bytes: *bytes,
            mark: mark.clone(),
        };
        placed.push(ShardLetter { case_code: letter.case_code.clone(), result });
    }
    let planned = spoiled.positions.iter().map(|&position| letters[position].clone()).collect();
    let data = match campaign.vendor.output.form {
        Form::Stream => {
            let pdf = opened(data)?;
            cut(campaign, &[(&pdf, pages)], id)?
        }
        Form::Single => single,
    };
    Ok(ReprintData { planned, marker: marker_of(spoiled.shard.number, &data, placed), data })
}

/// Several cut streams as one.
fn join(campaign: &Campaign, parts: Vec<ReprintData>, id: &str) -> Result<ReprintData, Failure> {
    let mut planned = Vec::new();
    let mut placed = Vec::new();
    let mut pdfs = Vec::with_capacity(parts.len());
    let mut before = 0;
    for part in parts {
        for mut letter in part.marker.letters {
            if let ShardResult::Made { first_page, .. } = &mut letter.result {
                *first_page += before;
            }
            placed.push(letter);
        }
        before += u32::try_from(part.marker.pages).unwrap_or(u32::MAX);
        planned.extend(part.planned);
        pdfs.push(opened(part.data)?);
    }
    let sources: Vec<(&Pdf, Vec<usize>)> = pdfs.iter().map(|pdf| (pdf, (0..pdf.pages().len()).collect())).collect();
    let data = cut(campaign, &sources, id)?;
    Ok(ReprintData { planned, marker: marker_of(1, &data, placed), data })
}

fn opened(data: Vec<u8>) -> Result<Pdf, Failure> {
    Pdf::new(data).map_err(|_| changed("a shard cannot be read"))
}

fn cut(campaign: &Campaign, sources: &[(&Pdf, Vec<usize>)], id: &str) -> Result<Vec<u8>, Failure> {
    let language = campaign.template.languages.first().map_or("nl", |language| language.code());
    let about = Description { title: id, language, date: campaign.date };
    extract(sources, &about).map_err(|error| Failure::new(Exit::Bug, error.to_string()))
}

fn marker_of(number: u32, data: &[u8], letters: Vec<ShardLetter>) -> ShardMarker {
    let pages = letters.iter().map(|letter| match letter.result {
        ShardResult::Made { pages, .. } => u64::from(pages),
        ShardResult::Held { .. } => 0,
    });
    ShardMarker { number, sha256: store::sha256(data), bytes: data.len() as u64, pages: pages.sum(), letters }
}

fn output(run: &Path, made: &Reprint, doubled: usize) -> Output {
    let mut text = format!(
        "{}: {} letters, {} control letters, {} pages on {} sheets",
        run.join("packages").join(&made.file).display(),
        made.letters,
        made.seeds,
        made.pages,
        made.sheets,
    );
    if doubled > 0 {
        text.push_str(&format!("\n  {doubled} lines name a piece that was named before; each is in it once"));
    }
    let again = made.attempts.values().filter(|&&attempts| attempts > 2).count();
    if again > 0 {
        text.push_str(&format!("\n  {again} of them were printed again before; look into why they spoil"));
    }
    let json = serde_json::json!({ "reprint": made, "named_again": doubled });
    Output { text, json }
}
