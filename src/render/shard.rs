//! One shard: planned letters → one data file and its marker.
//!
//! Enters: a contiguous slice of the plan. Leaves: `shards/00001.pdf` and, last, `shards/00001.json`. Invariants: every
//! letter of the slice is in the marker exactly once, made or held; a made letter was read back from the finished bytes
//! and found right; what fails costs one letter.

use std::path::Path;
use std::sync::Arc;

use super::bodies::{Bodies, Body};
use super::check::content::Reader;
use super::check::verdict::{Fault, Inspector};
use super::covers::{self, CoverPress};
use super::geometry::Geometry;
use super::marker::{self, ShardLetter, ShardMarker, ShardResult};
use crate::bundle::compose::{ComposeError, Composer, Description, PagePlan, compose, compose_for_reading};
use crate::bundle::drawing::Drawing;
use crate::bundle::marks;
use crate::bundle::reading::Part;
use crate::bundle::typeface::{GlyphSet, Typefaces};
use crate::campaign::settings::Campaign;
use crate::campaign::vendor::{Form, Plex};
use crate::marks::{datamatrix, kix};
use crate::model::language::Language;
use crate::model::outcome::Held;
use crate::plan::record::PlannedLetter;
use crate::store::{self, StoreError};
use crate::wording::context::Request;
use hayro_syntax::Pdf;
use sha2::{Digest, Sha256};

pub mod proof;

/// A shard could not be rendered at all.
#[derive(Debug, thiserror::Error)]
pub enum RenderError {
    /// The disk refused.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The pages could not be put together.
    #[error("shard {shard}: {source}")]
    Compose {
        /// The shard's number.
        shard: u32,
        /// What is wrong.
        source: ComposeError,
    },
}

/// Renders the shards of one run.
pub struct ShardPress<'a> {
    campaign: &'a Campaign,
    bodies: &'a Bodies<'a>,
    covers: CoverPress<'a>,
    typefaces: Typefaces,
}

/// One letter on its way through a shard.
struct Piece<'a> {
    planned: &'a PlannedLetter,
    /// The shared part of its pages, or why it is held.
    state: Result<Vec<Arc<Body>>, Fault>,
}

/// A letter whose pages can be put together.
struct LaidOut<'p> {
    /// Index among the shard's letters.
    letter: usize,
    planned: &'p PlannedLetter,
    bodies: &'p [Arc<Body>],
    pages: Vec<PagePlan<'p>>,
}

/// A letter of the finished bytes.
struct Placed {
    /// Index among the shard's letters.
    letter: usize,
    first_page: u32,
    pages: u32,
    offset: u64,
    bytes: u64,
}

/// Where bytes go.
type Put<'s> = dyn FnMut(&[u8]) -> Result<(), StoreError> + 's;

/// Takes the bytes of a data file as they are made, counts and hashes them.
struct Sink<'s> {
    put: Box<Put<'s>>,
    hasher: Sha256,
    bytes: u64,
}

impl<'s> Sink<'s> {
    fn new(put: impl FnMut(&[u8]) -> Result<(), StoreError> + 's) -> Self {
        Self { put: Box::new(put), hasher: Sha256::new(), bytes: 0 }
    }

    fn in_memory(data: &'s mut Vec<u8>) -> Self {
        Self::new(|bytes| {
            data.extend_from_slice(bytes);
            Ok(())
        })
    }

    fn put(&mut self, bytes: &[u8]) -> Result<(), StoreError> {
        self.hasher.update(bytes);
        self.bytes += bytes.len() as u64;
        (self.put)(bytes)
    }
}

impl<'a> ShardPress<'a> {
    /// Renders letters of this campaign.
    pub fn new(campaign: &'a Campaign, bodies: &'a Bodies<'a>, covers: CoverPress<'a>) -> Self {
        Self { campaign, bodies, covers, typefaces: Typefaces::default() }
    }

    /// Renders one shard and commits it.
    ///
    /// # Errors
    /// The disk, or a fault that no single letter can be blamed for.
    pub fn render(&self, run: &Path, number: u32, letters: &[PlannedLetter]) -> Result<ShardMarker, RenderError> {
        let mut draft = store::create(&marker::data_path(run, number))?;
        let marker = self.write(number, letters, &mut Sink::new(|bytes| draft.put(bytes)))?;
        draft.commit()?;
        let json = serde_json::to_vec(&marker).expect("a marker is plain data");
        store::write(&marker::marker_path(run, number), &json)?;
        Ok(marker)
    }

    /// Renders one shard into memory: the data file's bytes and its marker.
    ///
    /// # Errors
    /// A fault that no single letter can be blamed for.
    pub fn make(&self, number: u32, letters: &[PlannedLetter]) -> Result<(Vec<u8>, ShardMarker), RenderError> {
        let mut data = Vec::new();
        let marker = self.write(number, letters, &mut Sink::in_memory(&mut data))?;
        Ok((data, marker))
    }

    fn write(&self, number: u32, letters: &[PlannedLetter], sink: &mut Sink<'_>) -> Result<ShardMarker, RenderError> {
        let mut pieces: Vec<Piece<'_>> =
            letters.iter().map(|planned| Piece { planned, state: self.lay_out_bodies(planned) }).collect();
        let placed = match self.campaign.vendor.output.form {
            Form::Stream => {
                let (data, placed) = self.stream(number, &mut pieces)?;
                sink.put(&data)?;
                placed
            }
            Form::Single => self.singles(number, &mut pieces, sink)?,
        };
        Ok(self.marker(number, sink, &pieces, &placed))
    }

    fn lay_out_bodies(&self, planned: &PlannedLetter) -> Result<Vec<Arc<Body>>, Fault> {
        let mut bodies = Vec::with_capacity(planned.pages.len());
        for (index, request) in requests(self.campaign, planned).enumerate() {
            let signature = self.bodies.signature(&request);
            let body = self.bodies.get(&signature, &request).map_err(|error| Fault {
                reason: Held::FailedCheck,
                detail: format!("the text cannot be laid out: {error}"),
            })?;
            if planned.pages.get(index) != Some(&body.pages()) {
                return Err(Fault {
                    reason: Held::FailedCheck,
                    detail: "the text has another number of pages than planned".to_owned(),
                });
            }
            bodies.push(body);
        }
        Ok(bodies)
    }

    /// Lays out the covers of the letters that are not held, and hands over each letter with its pages, in order; a letter
    /// whose cover fails is held.
    fn lay_out_covers(
        &self,
        pieces: &mut [Piece<'_>],
        mut take: impl FnMut(&LaidOut<'_>) -> Result<Option<Fault>, RenderError>,
    ) -> Result<(), RenderError> {
        let mut waiting: Vec<(usize, &mut Piece<'_>)> =
            pieces.iter_mut().enumerate().filter(|(_, piece)| piece.state.is_ok()).collect();
        for batch in waiting.chunks_mut(covers::BATCH) {
            let letters: Vec<&PlannedLetter> = batch.iter().map(|(_, piece)| piece.planned).collect();
            let laid_out = self.covers.lay_out(&letters);
            for ((letter, piece), cover) in batch.iter_mut().zip(laid_out) {
                let fault = match (&piece.state, cover) {
                    (Ok(bodies), Some(cover)) => take(&LaidOut {
                        letter: *letter,
                        planned: piece.planned,
                        bodies,
                        pages: self.page_plans(piece.planned, bodies, &cover),
                    })?,
                    _ => Some(Fault {
                        reason: Held::FailedCheck,
                        detail: "the person's own part cannot be laid out".to_owned(),
                    }),
                };
                if let Some(fault) = fault {
                    piece.state = Err(fault);
                }
            }
            // Covers never come again; what they share was just asked for and stays.
            typst::comemo::evict(1);
        }
        Ok(())
    }

    /// All letters in one PDF; letters that fail their check are taken out and the rest is put together again.
    fn stream(&self, number: u32, pieces: &mut [Piece<'_>]) -> Result<(Vec<u8>, Vec<Placed>), RenderError> {
        let title = format!("{} {number:05}", self.campaign.id);
        let about = Description {
            title: &title,
            language: self.campaign.template.languages.first().map_or("nl", |language| language.code()),
            date: self.campaign.date,
        };
        let failed = |source| RenderError::Compose { shard: number, source };
        loop {
            let mut composer = Composer::default();
            let mut placed = Vec::new();
            self.lay_out_covers(pieces, |laid_out| {
                let first_page = count(composer.pages()) + 1;
                let pages = count(laid_out.pages.len());
                placed.push(Placed { letter: laid_out.letter, first_page, pages, offset: 0, bytes: 0 });
                laid_out.pages.iter().try_for_each(|page| composer.page(page)).map_err(failed)?;
                Ok(None)
            })?;
            let data = composer.finish(&about, &self.typefaces, &GlyphSet::default()).map_err(failed)?;
            let (data, faults) = self.inspect(data, &placed, |letter| pieces[letter].planned);
            if faults.is_empty() {
                return Ok((data, placed));
            }
            for (letter, fault) in faults {
                pieces[letter].state = Err(fault);
            }
        }
    }

    /// Each letter in a PDF of its own, one after the other, written as soon as it is found right.
    fn singles(&self, number: u32, pieces: &mut [Piece<'_>], sink: &mut Sink<'_>) -> Result<Vec<Placed>, RenderError> {
        let mut placed = Vec::new();
        self.lay_out_covers(pieces, |laid_out| {
            let LaidOut { letter, planned, bodies, ref pages } = *laid_out;
            // A subject that may name the person stands in the letter, and in no list of files.
            let subject = bodies.first().filter(|_| !self.campaign.template.uses_person);
            let about = Description {
                title: subject.map_or(&*self.campaign.id, |body| &body.title),
                language: planned.letter.languages.languages().first().map_or("nl", |language| language.code()),
                date: self.campaign.date,
            };
            let own = match reading(planned, bodies) {
                Some(read) => compose_for_reading(pages, &read, &about, &self.typefaces, self.covers.alphabet()),
                None => compose(pages, &about, &self.typefaces, self.covers.alphabet()),
            }
            .map_err(|source| RenderError::Compose { shard: number, source })?;
            let mut place = Placed { letter, first_page: 1, pages: count(pages.len()), offset: sink.bytes, bytes: 0 };
            let (own, faults) = self.inspect(own, std::slice::from_ref(&place), |_| planned);
            if let Some((_, fault)) = faults.into_iter().next() {
                return Ok(Some(fault));
            }
            place.bytes = own.len() as u64;
            sink.put(&own)?;
            placed.push(place);
            Ok(None)
        })?;
        Ok(placed)
    }

    /// Reads the finished bytes back and checks each letter in them.
    fn inspect<'p>(
        &self,
        data: Vec<u8>,
        placed: &[Placed],
        planned: impl Fn(usize) -> &'p PlannedLetter,
    ) -> (Vec<u8>, Vec<(usize, Fault)>) {
        let everyone = |detail: &str| -> Vec<(usize, Fault)> {
            let fault = Fault { reason: Held::FailedCheck, detail: detail.to_owned() };
            placed.iter().map(|place| (place.letter, fault.clone())).collect()
        };
        if placed.is_empty() {
            return (data, Vec::new());
        }
        let data = Arc::new(data);
        let Ok(pdf) = Pdf::new(Arc::clone(&data)) else {
            return (Arc::unwrap_or_clone(data), everyone("the finished file cannot be read back"));
        };
        let inspector = Inspector::new(self.campaign);
        let mut reader = Reader::keeping(&pdf, |content| inspector.body(&content));
        let pages: u32 = placed.iter().map(|place| place.pages).sum();
        let mut faults = if reader.page_count() == pages as usize {
            Vec::new()
        } else {
            everyone("the finished file has another number of pages than planned")
        };
        for place in placed {
            let first = place.first_page as usize - 1;
            let verdict = (first..first + place.pages as usize)
                .map(|page| reader.page(page))
                .collect::<Result<Vec<_>, _>>()
                .map_err(|error| Fault { reason: Held::FailedCheck, detail: error.to_string() })
                .and_then(|pages| inspector.check(planned(place.letter), &pages));
            if let Err(fault) = verdict {
                faults.push((place.letter, fault));
            }
        }
        drop(reader);
        drop(pdf);
        (Arc::unwrap_or_clone(data), faults)
    }

    /// What each page of a letter shows, the blank back included.
    fn page_plans<'p>(
        &self,
        planned: &PlannedLetter,
        bodies: &'p [Arc<Body>],
        cover: &'p [Drawing],
    ) -> Vec<PagePlan<'p>> {
        let vendor = &self.campaign.vendor;
        let total = planned.page_count();
        let sheets = vendor.plex.sheets(total);
        let mut plans = Vec::with_capacity(vendor.plex.pages_in_file(total) as usize);
        for body in bodies {
            for (page, form) in body.forms.iter().enumerate() {
                let index = plans.len();
                plans.push(PagePlan {
                    own: cover.get(index),
                    body: Some(((Arc::clone(&body.signature), page), form)),
                    marks: self.marks(planned, count(index), sheets),
                });
            }
        }
        plans.resize_with(vendor.plex.pages_in_file(total) as usize, PagePlan::default);
        plans
    }

    /// The marks of one page, 0-based within its letter.
    fn marks(&self, planned: &PlannedLetter, page: u32, sheets: u32) -> Vec<u8> {
        let vendor = &self.campaign.vendor;
        let mut content = Vec::new();
        if page == 0
            && let Some(bars) = kix::bars(&planned.printed_kix).filter(|bars| !bars.is_empty())
        {
            let geometry = Geometry::new(vendor, &planned.letter.format);
            let top = geometry.address_bottom(planned.printed_lines.len()) + kix::QUIET_ZONE_MM;
            content.extend(marks::kix(&bars, geometry.window_text_left(), top));
        }
        let (is_front, sheet) = match vendor.plex {
            Plex::Duplex => (page.is_multiple_of(2), page / 2 + 1),
            Plex::Simplex => (true, page + 1),
        };
        if let (Some(place), true) = (vendor.datamatrix, is_front)
            && let Ok(modules) = datamatrix::content(planned.letter.case_code, sheet, sheets)
                .and_then(|content| datamatrix::modules(&content))
        {
            content.extend(marks::datamatrix(&modules, place));
        }
        content
    }

    fn marker(&self, number: u32, sink: &Sink<'_>, pieces: &[Piece<'_>], placed: &[Placed]) -> ShardMarker {
        let vendor = &self.campaign.vendor;
        let mut places = placed.iter().peekable();
        let letters: Vec<ShardLetter> = pieces
            .iter()
            .enumerate()
            .map(|(index, piece)| {
                let code = piece.planned.letter.case_code;
                let result = match (&piece.state, places.next_if(|place| place.letter == index)) {
                    (Ok(_), Some(place)) => ShardResult::Made {
                        first_page: place.first_page,
                        pages: place.pages,
                        offset: place.offset,
                        bytes: place.bytes,
                        mark: vendor
                            .datamatrix
                            .and_then(|_| {
                                datamatrix::content(code, 1, vendor.plex.sheets(piece.planned.page_count())).ok()
                            })
                            .unwrap_or_default(),
                    },
                    (Err(fault), None) => ShardResult::Held { reason: fault.reason, detail: fault.detail.clone() },
                    _ => unreachable!("a letter is placed if and only if it was not held"),
                };
                ShardLetter { case_code: code.printed(), result }
            })
            .collect();
        assert_eq!(letters.len(), pieces.len(), "every letter of the shard has one result");
        ShardMarker {
            number,
            sha256: hex::encode(sink.hasher.clone().finalize()),
            bytes: sink.bytes,
            pages: placed.iter().map(|place| u64::from(place.pages)).sum(),
            letters,
        }
    }
}

/// How each language of a letter is read; nothing where its bodies were made for a press alone.
fn reading<'p>(planned: &PlannedLetter, bodies: &'p [Arc<Body>]) -> Option<Vec<Part<'p>>> {
    let languages = planned.letter.languages.languages().iter();
    let mut next = 0;
    let part = |(body, language): (&'p Arc<Body>, &Language)| {
        let first = next;
        next += body.forms.len();
        body.structure.as_ref().map(|structure| Part { structure, pages: first..next, language: language.code() })
    };
    bodies.iter().zip(languages).map(part).collect()
}

/// One request for a wording for each language of a letter.
pub fn requests<'p>(campaign: &'p Campaign, planned: &'p PlannedLetter) -> impl Iterator<Item = Request<'p>> {
    let letter = &planned.letter;
    letter.languages.languages().iter().enumerate().map(move |(index, &language)| Request {
        language,
        variant: &letter.variant,
        format: &letter.format,
        facts: &letter.facts,
        person: campaign.template.uses_person.then(|| (letter.person.reveal(), index)),
    })
}

fn count(pages: usize) -> u32 {
    u32::try_from(pages).expect("a file has fewer pages than 2^32")
}
