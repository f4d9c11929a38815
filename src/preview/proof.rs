//! One proof: a sample's letter as it would be sealed, with what to know about it.
//!
//! Enters: a sample and what letters are made with. Leaves: its PDF, its pages as pictures and text, and warnings.
//! Invariants: the PDF is made and checked like a sealed one; unless `real` is asked for, nobody's name or address is in
//! it. A letter that would be held has no pages, and says why.

use std::num::NonZeroUsize;

use super::choose::Sample;
use super::invented::{self, FILLERS};
use crate::campaign::settings::Campaign;
use crate::model::letter::Letter;
use crate::plan::record::PlannedLetter;
use crate::render::bodies::{Bodies, BodyError};
use crate::render::facsimile::{self, Facsimile};
use crate::render::measure::measure;
use crate::render::shard::proof::ProofError;
use crate::render::shard::{ShardPress, requests};
use crate::wording::prose;

/// What letters are made with.
pub struct Studio<'a> {
    /// The campaign.
    pub campaign: &'a Campaign,
    /// Its bodies.
    pub bodies: &'a Bodies<'a>,
    /// Its letters.
    pub press: ShardPress<'a>,
    /// Whether real people are shown.
    pub real: bool,
}

/// A proof.
pub struct Proof {
    /// The letter that is shown; none where it would be held before it is measured.
    pub planned: Option<PlannedLetter>,
    /// The PDF; empty where the letter would be held.
    pub pdf: Vec<u8>,
    /// Its pages, without a blank back; none where the letter would be held.
    pub pages: Vec<Facsimile>,
    /// What to look at.
    pub warnings: Vec<String>,
    /// What the wording says, paragraph by paragraph, in the order of the letter's languages.
    pub text: String,
    /// Why the letter would be held.
    pub held: Option<String>,
}

impl Studio<'_> {
    /// The proof of a sample; `number` tells made-up case codes apart.
    ///
    /// # Errors
    /// A wording that does not work.
    pub fn sample(&self, sample: &Sample, number: u64) -> Result<Proof, Vec<BodyError>> {
        if self.real {
            return self.proof(sample.planned.letter.clone());
        }
        // A stand-in of other letters may be wider than the real name; the narrowest fits wherever that did.
        let lines = sample.planned.printed_lines.len();
        let mut proof = None;
        for filler in FILLERS {
            let letter = invented::stand_in(self.campaign, sample, number, filler);
            let fits = |planned: &PlannedLetter| planned.printed_lines.len() == lines;
            let (planned, held) = self.measured(letter)?;
            let same_shape = planned.as_ref().is_some_and(fits);
            if same_shape || proof.is_none() {
                proof = Some((planned, held));
            }
            if same_shape {
                break;
            }
        }
        let (planned, held) = proof.unwrap_or_default();
        Ok(self.finish(planned, held))
    }

    /// The proof of a letter.
    ///
    /// # Errors
    /// A wording that does not work.
    pub fn proof(&self, letter: Letter) -> Result<Proof, Vec<BodyError>> {
        let (planned, held) = self.measured(letter)?;
        Ok(self.finish(planned, held))
    }

    /// The letter with its pages counted, or why it would be held.
    fn measured(&self, letter: Letter) -> Result<(Option<PlannedLetter>, Option<String>), Vec<BodyError>> {
        let mut measured = measure(self.campaign, self.bodies, NonZeroUsize::MIN, vec![letter], false)?;
        let held = measured.unprintable.pop().map(|held| format!("{}: {}", held.reason.as_str(), held.detail));
        Ok((measured.letters.pop(), held))
    }

    fn finish(&self, planned: Option<PlannedLetter>, held: Option<String>) -> Proof {
        let mut proof = Proof {
            planned: None,
            pdf: Vec::new(),
            pages: Vec::new(),
            warnings: Vec::new(),
            text: String::new(),
            held,
        };
        let Some(planned) = planned else { return proof };
        proof.text = self.text(&planned);
        match self.press.proof(&planned) {
            Ok(pdf) => match facsimile::pages(&pdf, planned.page_count() as usize) {
                Ok(pages) => (proof.pdf, proof.pages) = (pdf, pages),
                Err(fault) => proof.held = Some(fault),
            },
            Err(ProofError::Held(fault)) => {
                proof.held = Some(format!("{}: {}", fault.reason.as_str(), fault.detail));
            }
            Err(error) => proof.held = Some(error.to_string()),
        }
        proof.warnings = self.warnings(&planned);
        proof.planned = Some(planned);
        proof
    }

    /// What the wording says to the reader of this letter.
    fn text(&self, planned: &PlannedLetter) -> String {
        text(self.bodies, self.campaign, planned).unwrap_or_default()
    }

    fn warnings(&self, planned: &PlannedLetter) -> Vec<String> {
        let mut warnings = Vec::new();
        let most = self.campaign.template.pages_max;
        if planned.pages.contains(&most) {
            warnings.push(format!("as many pages as letter.toml allows ({most}); one line more and it is held"));
        }
        let destination = planned.letter.destination.reveal();
        if planned.printed_lines.len() > destination.lines.len() {
            warnings.push("a line of the address is broken in two, or it would not fit the window".to_owned());
        }
        if self.campaign.vendor.kix && !destination.kix.is_empty() && planned.printed_kix.is_empty() {
            warnings.push("the KIX does not fit below the address and is left out".to_owned());
        }
        warnings
    }
}

/// What a wording says to the reader of a letter, a paragraph a line; nothing where it does not work.
pub fn text(bodies: &Bodies<'_>, campaign: &Campaign, planned: &PlannedLetter) -> Option<String> {
    let mut text = String::new();
    for request in requests(campaign, planned) {
        let rendered = bodies.wording().render(&request).ok()?;
        for paragraph in std::iter::once(rendered.subject.as_str())
            .flat_map(prose::paragraphs)
            .chain(prose::paragraphs(&rendered.body))
        {
            text.push_str(&paragraph.text);
            text.push('\n');
        }
    }
    Some(text)
}
