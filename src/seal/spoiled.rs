//! Spoiled pieces: which they are, and their pages, taken out of the shards that hold them.
//!
//! Enters: a list of case codes, and each shard's bytes. Leaves: the pieces as finished PDFs, as a package of them holds
//! them. Invariants: all codes are known or none is taken; plan and markers are those that the manifest names; pages come
//! out of bytes whose hash is that of their marker. Absent on purpose: rendering; who calls makes a shard again whose PDF
//! is gone.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use hayro_syntax::Pdf;

use super::error::SealError;
use super::manifest::{FileHash, Manifest, manifest_path};
use super::reprint::ReprintData;
use super::shards::{is_made, read_marker};
use crate::bundle::compose::Description;
use crate::bundle::extract::extract;
use crate::campaign::settings::Campaign;
use crate::campaign::vendor::Form;
use crate::model::case_code::CaseCode;
use crate::plan::record::{Plan, PlannedLetter, ShardPlan};
use crate::render::marker::{ShardLetter, ShardMarker, ShardResult, data_path};
use crate::store;

/// The codes of a list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Codes {
    /// Each code once.
    pub codes: BTreeSet<CaseCode>,
    /// Lines that repeat a code.
    pub doubled: usize,
    /// Lines that are none, from 1.
    pub wrong: Vec<usize>,
}

impl Codes {
    /// Reads a list: a code a line; blank lines are none.
    pub fn read(text: &str) -> Self {
        let mut read = Self::default();
        let lines = (1_usize..).zip(text.trim_start_matches('\u{feff}').lines());
        for (number, line) in lines.filter(|(_, line)| !line.trim().is_empty()) {
            match CaseCode::parse(line) {
                Some(code) => read.doubled += usize::from(!read.codes.insert(code)),
                None => read.wrong.push(number),
            }
        }
        read
    }
}

/// The spoiled pieces of one shard.
pub struct Spoiled {
    /// The shard; number 0 is that of the control letters.
    pub shard: ShardPlan,
    /// Its marker, as it was sealed.
    pub marker: ShardMarker,
    /// Positions in the marker, ascending.
    pub positions: Vec<usize>,
}

/// Finds the shards that hold these pieces, in print order; and the codes that no printed piece of the run has. Plan and
/// markers, which say what was printed where, must be those that were sealed.
pub fn find(
    run: &Path,
    campaign: &Campaign,
    plan: &Plan,
    codes: &BTreeSet<CaseCode>,
) -> Result<(Vec<Spoiled>, Vec<CaseCode>), SealError> {
    check_sealed(run)?;
    let mut unknown = codes.clone();
    let mut found = Vec::new();
    for shard in plan.shards_to_render() {
        let marker = read_marker(run, shard.number, shard.letters, campaign.vendor.output.form)?
            .ok_or_else(|| SealError::ShardMissing { numbers: vec![shard.number] })?;
        let mut positions = Vec::new();
        for (position, letter) in marker.letters.iter().enumerate().filter(|(_, letter)| is_made(&letter.result)) {
            if let Some(code) = CaseCode::parse(&letter.case_code)
                && unknown.remove(&code)
            {
                positions.push(position);
            }
        }
        if !positions.is_empty() {
            found.push(Spoiled { shard, marker, positions });
        }
    }
    Ok((found, unknown.into_iter().collect()))
}

/// Compares plan and markers with the manifest.
fn check_sealed(run: &Path) -> Result<(), SealError> {
    let changed = |file: &str| SealError::SealedChanged { file: file.to_owned() };
    let path = manifest_path(run);
    let bytes = fs::read(&path).map_err(SealError::reading(&path))?;
    let manifest: Manifest = serde_json::from_slice(&bytes).map_err(|_| changed("manifest.json"))?;
    let decisive = |file: &&FileHash| file.name.starts_with("plan.") || file.name.starts_with("shards/");
    for file in manifest.files.iter().filter(decisive) {
        if store::sha256_file(&run.join(&file.name)).ok().as_deref() != Some(&*file.sha256) {
            return Err(changed(&file.name));
        }
    }
    Ok(())
}

/// A shard's data file as it was sealed: from the run folder, or made again.
///
/// # Errors
/// A shard that does not come out as it was, or what `again` fails with.
pub fn sealed_data<E: From<SealError>>(
    run: &Path,
    spoiled: &Spoiled,
    again: impl FnOnce() -> Result<(Vec<u8>, ShardMarker), E>,
) -> Result<Vec<u8>, E> {
    let number = spoiled.shard.number;
    if let Ok(data) = fs::read(data_path(run, number))
        && store::sha256(&data) == spoiled.marker.sha256
    {
        return Ok(data);
    }
    let (data, marker) = again()?;
    if marker == spoiled.marker {
        Ok(data)
    } else {
        Err(changed(format!("shard {number} does not come out as it was sealed")).into())
    }
}

fn changed(what: impl Into<String>) -> SealError {
    SealError::OtherLetters { what: what.into() }
}

/// The spoiled pieces of a shard, out of its bytes and its letters; `id` is that of the package they are for.
///
/// # Errors
/// A marker that does not fit the bytes.
pub fn take(
    campaign: &Campaign,
    spoiled: &Spoiled,
    data: Vec<u8>,
    letters: &[PlannedLetter],
    id: &str,
) -> Result<ReprintData, SealError> {
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

/// The files of a package: streams with as many letters as the profile allows, or the single PDFs as they were taken.
///
/// # Errors
/// Pages that cannot be put together.
pub fn files(campaign: &Campaign, taken: Vec<ReprintData>, id: &str) -> Result<Vec<ReprintData>, SealError> {
    if campaign.vendor.output.form == Form::Single {
        return Ok(taken);
    }
    let per_file = campaign.vendor.output.max_letters_per_file as usize;
    let mut files: Vec<Vec<ReprintData>> = Vec::new();
    for part in taken {
        match files.last_mut() {
            Some(file) if file.iter().chain([&part]).map(|part| part.planned.len()).sum::<usize>() <= per_file => {
                file.push(part);
            }
            _ => files.push(vec![part]),
        }
    }
    files.into_iter().map(|parts| join(campaign, parts, id)).collect()
}

/// Several cut streams as one.
fn join(campaign: &Campaign, parts: Vec<ReprintData>, id: &str) -> Result<ReprintData, SealError> {
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

fn opened(data: Vec<u8>) -> Result<Pdf, SealError> {
    Pdf::new(data).map_err(|_| changed("a shard cannot be read"))
}

fn cut(campaign: &Campaign, sources: &[(&Pdf, Vec<usize>)], id: &str) -> Result<Vec<u8>, SealError> {
    let language = campaign.template.languages.first().map_or("nl", |language| language.code());
    let about = Description { title: id, language, date: campaign.date };
    Ok(extract(sources, &about)?)
}

fn marker_of(number: u32, data: &[u8], letters: Vec<ShardLetter>) -> ShardMarker {
    let pages = letters.iter().map(|letter| match letter.result {
        ShardResult::Made { pages, .. } => u64::from(pages),
        ShardResult::Held { .. } => 0,
    });
    ShardMarker { number, sha256: store::sha256(data), bytes: data.len() as u64, pages: pages.sum(), letters }
}
