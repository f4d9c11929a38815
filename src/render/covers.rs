//! The part of a letter that is one person's own.
//!
//! Enters: planned letters. Leaves: the drawings of their cover pages, one for each page of each letter. Invariants: covers are laid out
//! in batches, because a compilation costs more than a cover; a batch that fails is laid out letter by letter, so that a
//! fault costs one letter. Names and addresses are data of the compilation, never its source.

use std::ops::RangeInclusive;
use std::panic::{AssertUnwindSafe, catch_unwind};

use serde::Serialize;
use typst::ecow::EcoVec;
use typst_layout::Page;

use super::fonts;
use super::geometry::{ADDRESS_LINES_MAX, ADDRESS_PT, Geometry, RETURN_LINE_PT};
use super::world::Press;
use crate::bundle::drawing::{Drawing, draw, draw_and_read};
use crate::bundle::typeface::GlyphSet;
use crate::campaign::settings::Campaign;
use crate::campaign::vendor::Form;
use crate::model::language::Language;
use crate::plan::record::PlannedLetter;

/// Letters in one compilation.
pub const BATCH: usize = 32;

/// The texts of one cover page, as they must be found on the finished page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CoverPage {
    /// Whether a language's letter starts here.
    pub first: bool,
    /// ISO 639-1 code.
    pub language: &'static str,
    /// `Pagina 1 van 2`.
    pub footer: String,
    /// The case code.
    pub reference: String,
    /// On first pages, the salutation without its comma.
    pub salutation: Option<String>,
    /// On first pages of letters that are addressed to somebody else: whom the letter is about.
    pub concerning: Option<String>,
}

/// Characters that most names and addresses are made of: Basic Latin and Latin-1.
const ALPHABET: [RangeInclusive<char>; 2] = [' '..='~', '\u{C0}'..='\u{FF}'];

#[derive(Serialize)]
struct Batch<'a> {
    size_pt: f64,
    geometries: &'a [Places],
    letters: Vec<Cover<'a>>,
}

/// One format's places, with what stands at them in every letter.
#[derive(Serialize)]
struct Places {
    #[serde(skip)]
    format: String,
    places: Geometry,
    return_line: ReturnLine,
    address_x: f64,
    baselines: Vec<f64>,
}

#[derive(Serialize)]
struct ReturnLine {
    text: String,
    x: f64,
    y: f64,
    size_pt: f64,
}

#[derive(Serialize)]
struct Cover<'a> {
    language: &'static str,
    format: &'a str,
    geometry: usize,
    address: &'a [String],
    pages: &'a [CoverPage],
}

/// Lays out covers.
pub struct CoverPress<'a> {
    press: &'a Press,
    campaign: &'a Campaign,
    formats: Vec<Places>,
    alphabet: GlyphSet,
}

impl<'a> CoverPress<'a> {
    /// Lays out covers of this campaign.
    pub fn new(press: &'a Press, campaign: &'a Campaign) -> Self {
        let formats = campaign
            .template
            .formats
            .iter()
            .map(|format| {
                let places = Geometry::new(&campaign.vendor, format);
                Places {
                    format: format.clone(),
                    return_line: ReturnLine {
                        text: campaign.return_line.clone(),
                        x: places.window_text_left(),
                        y: places.return_baseline(),
                        size_pt: RETURN_LINE_PT,
                    },
                    address_x: places.window_text_left(),
                    baselines: (0..ADDRESS_LINES_MAX).map(|line| places.address_baseline(line)).collect(),
                    places,
                }
            })
            .collect();
        Self { press, campaign, formats, alphabet: GlyphSet::of(&fonts::builtin().regular(), ALPHABET) }
    }

    /// The glyphs that most names and addresses are made of. A font that holds them in any case is the same font for
    /// most letters, and tells nothing about a name.
    pub fn alphabet(&self) -> &GlyphSet {
        &self.alphabet
    }

    /// Lays out the covers of some letters; a letter whose cover fails is `None`.
    pub fn lay_out(&self, letters: &[&PlannedLetter]) -> Vec<Option<Vec<Drawing>>> {
        let covers: Vec<Vec<CoverPage>> = letters.iter().map(|letter| cover_pages(self.campaign, letter)).collect();
        let wanted: Vec<usize> = covers.iter().map(Vec::len).collect();
        let drawings: Option<Vec<Drawing>> = self
            .compile(letters, &covers)
            .filter(|pages| pages.len() == wanted.iter().sum::<usize>())
            .and_then(|pages| pages.iter().map(|page| self.draw(page)).collect());
        if let Some(drawings) = drawings {
            let mut drawings = drawings.into_iter();
            return wanted.iter().map(|&count| Some(drawings.by_ref().take(count).collect())).collect();
        }
        if letters.len() == 1 {
            return vec![None];
        }
        letters.iter().flat_map(|letter| self.lay_out(&[letter])).collect()
    }

    fn draw(&self, page: &Page) -> Option<Drawing> {
        match self.campaign.vendor.output.form {
            // A press reads no structure.
            Form::Stream => draw(&page.frame),
            Form::Single => draw_and_read(&page.frame),
        }
        .ok()
    }

    /// The cover pages of one letter as they were laid out.
    pub fn pages(&self, letter: &PlannedLetter) -> Option<EcoVec<Page>> {
        self.compile(&[letter], &[cover_pages(self.campaign, letter)])
    }

    fn compile(&self, letters: &[&PlannedLetter], covers: &[Vec<CoverPage>]) -> Option<EcoVec<Page>> {
        let json = serde_json::to_string(&self.batch(letters, covers)).ok()?;
        // A fault of the layout engine costs the letter that provokes it; it is held, and the run goes on.
        let laid_out = catch_unwind(AssertUnwindSafe(|| self.press.covers(&json))).ok()?.ok()?;
        Some(laid_out.pages().iter().cloned().collect())
    }

    /// One letter's cover as data, as the layout gets it.
    pub(super) fn data(&self, planned: &PlannedLetter) -> serde_json::Value {
        let pages = [cover_pages(self.campaign, planned)];
        serde_json::to_value(self.batch(&[planned], &pages)).unwrap_or_default()
    }

    fn batch<'b>(&'b self, letters: &[&'b PlannedLetter], covers: &'b [Vec<CoverPage>]) -> Batch<'b> {
        let letters = letters
            .iter()
            .zip(covers)
            .map(|(planned, pages)| {
                let format = &*planned.letter.format;
                Cover {
                    language: pages.first().map_or("", |page| page.language),
                    format,
                    geometry: self.formats.iter().position(|known| known.format == format).unwrap_or_default(),
                    address: &planned.printed_lines,
                    pages,
                }
            })
            .collect();
        Batch { size_pt: ADDRESS_PT, geometries: &self.formats, letters }
    }
}

/// What the cover of a letter says, page by page.
pub fn cover_pages(campaign: &Campaign, planned: &PlannedLetter) -> Vec<CoverPage> {
    let letter = &planned.letter;
    let person = letter.person.reveal();
    let total = planned.page_count();
    let reference = letter.case_code.printed();
    let mut pages = Vec::new();
    for (index, (&language, &count)) in letter.languages.languages().iter().zip(&planned.pages).enumerate() {
        for page in 0..count {
            let first = page == 0;
            let number = pages.len() + 1;
            pages.push(CoverPage {
                first,
                language: language.code(),
                footer: label(campaign, language, "page")
                    .replace("{pages}", &total.to_string())
                    .replace("{page}", &number.to_string()),
                reference: reference.clone(),
                salutation: first.then(|| person.salutations.get(index).cloned()).flatten(),
                concerning: (first && person.named_inside)
                    .then(|| label(campaign, language, "concerning").replace("{name}", &person.name_line)),
            });
        }
    }
    pages
}

fn label<'a>(campaign: &'a Campaign, language: Language, name: &str) -> &'a str {
    campaign.template.labels.get(&language).and_then(|labels| labels.get(name)).map_or("", String::as_str)
}
