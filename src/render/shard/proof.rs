//! Letters for the eyes of those who write them: one alone, or several behind some pages of front matter.
//!
//! Enters: planned letters. Leaves: the bytes of a PDF. Invariant: the pages are made, and read back, by the same steps as
//! a shard's, so that a proof is what would be sealed; a letter that would be held has no proof.

use typst_layout::Page;

use super::{GlyphSet, Piece, PlannedLetter, RenderError, ShardPress, Sink, count};
use crate::bundle::compose::{Composer, Description, PagePlan};
use crate::bundle::form::forms;
use crate::model::outcome::Held;
use crate::render::check::verdict::Fault;

/// A letter that has no proof.
#[derive(Debug, thiserror::Error)]
pub enum ProofError {
    /// It would be held.
    #[error("{}: {}", .0.reason.as_str(), .0.detail)]
    Held(Fault),
    /// It could not be made at all.
    #[error(transparent)]
    Render(#[from] RenderError),
}

impl ShardPress<'_> {
    /// One letter, as a PDF of its own, blank back included.
    ///
    /// # Errors
    /// A letter that would be held, with the reason.
    pub fn proof(&self, planned: &PlannedLetter) -> Result<Vec<u8>, ProofError> {
        let mut pieces = [Piece { planned, state: self.lay_out_bodies(planned) }];
        let mut pdf = Vec::new();
        self.singles(0, &mut pieces, &mut Sink::in_memory(&mut pdf))?;
        let [piece] = pieces;
        match piece.state {
            Ok(_) => Ok(pdf),
            Err(fault) => Err(ProofError::Held(fault)),
        }
    }

    /// Where each letter starts behind `front` pages of front matter, padded so that it starts on a new sheet.
    pub fn first_pages(&self, front: u32, letters: &[&PlannedLetter]) -> Vec<u32> {
        let plex = self.campaign.vendor.plex;
        let mut next = plex.pages_in_file(front) + 1;
        let place = |letter: &&PlannedLetter| {
            let first = next;
            next += plex.pages_in_file(letter.page_count());
            first
        };
        letters.iter().map(place).collect()
    }

    /// Front matter and letters in one PDF, each from a new sheet. The letters are those that have a proof.
    ///
    /// # Errors
    /// A letter that cannot be laid out or written.
    pub fn book(&self, title: &str, front: &[Page], letters: &[&PlannedLetter]) -> Result<Vec<u8>, ProofError> {
        let mut pieces: Vec<Piece<'_>> =
            letters.iter().map(|planned| Piece { planned, state: self.lay_out_bodies(planned) }).collect();
        let front = forms(front).map_err(|error| Fault {
            reason: Held::FailedCheck,
            detail: format!("the front matter cannot be written: {error}"),
        });
        let front = front.map_err(ProofError::Held)?;
        let plex = self.campaign.vendor.plex;
        let failed = |source| RenderError::Compose { shard: 0, source };
        let mut composer = Composer::default();
        for (index, form) in front.iter().enumerate() {
            let page = PagePlan { body: Some((("".into(), index), form)), ..PagePlan::default() };
            composer.page(&page).map_err(failed)?;
        }
        for _ in front.len()..plex.pages_in_file(count(front.len())) as usize {
            composer.page(&PagePlan::default()).map_err(failed)?;
        }
        self.lay_out_covers(&mut pieces, |laid_out| {
            laid_out.pages.iter().try_for_each(|page| composer.page(page)).map_err(failed)?;
            Ok(None)
        })?;
        for piece in pieces {
            piece.state.map_err(ProofError::Held)?;
        }
        let about = Description { title, language: "en", date: self.campaign.date };
        Ok(composer.finish(&about, &self.typefaces, &GlyphSet::default()).map_err(failed)?)
    }
}
