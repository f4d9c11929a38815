//! A body page, ready to be put into any number of files.
//!
//! Enters: the laid out pages of a body. Leaves: their compressed operators and glyphs and, where it is wanted, how they
//! are read. Invariant: a form is the same bytes in every file; a page that the program's own pen cannot draw (a picture,
//! a gradient) is written by typst instead and its objects are carried over, with fonts of its own; it is read as one
//! paragraph.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use hayro_syntax::Pdf;
use typst::ecow::EcoVec;
use typst::foundations::Smart;
use typst::text::Locale;
use typst_layout::{Page, PagedDocument};
use typst_pdf::PdfOptions;

use super::compose::compress;
use super::drawing::draw_with;
use super::structure::{Outline, Structure};
use super::typeface::GlyphSet;

/// One page of a body.
pub enum Form {
    /// Drawn by the program's own pen.
    Drawn {
        /// Compressed operators.
        operators: Vec<u8>,
        /// The glyphs that are shown.
        glyphs: GlyphSet,
    },
    /// Written by typst: a page of a PDF.
    Exported {
        /// The PDF with the body's pages.
        pdf: Arc<Pdf>,
        /// 0-based.
        page: usize,
    },
}

/// The number of a form's first piece of text. Those of the page that it lies below are smaller: software that does not
/// tell a form's numbers from its page's finds the right ones too.
pub(super) const FIRST_PIECE: i32 = 64;

/// The pages of a body.
pub struct Forms {
    /// Its pages.
    pub pages: Vec<Form>,
    /// How they are read; nothing where that was not asked for.
    pub structure: Option<Structure>,
}

/// A page cannot be stored.
#[derive(Debug, Clone, thiserror::Error)]
#[error("a page cannot be written as PDF: {0}")]
pub struct FormError(String);

impl Form {
    /// Bytes that it takes in memory, about.
    pub fn weight(&self) -> usize {
        match self {
            Self::Drawn { operators, .. } => operators.len() + size_of::<Self>() + 1024,
            Self::Exported { pdf, .. } => pdf.data().as_ref().len(),
        }
    }
}

/// The pages of a body as forms.
///
/// # Errors
/// A page that typst cannot write either.
pub fn forms(pages: &[Page]) -> Result<Vec<Form>, FormError> {
    match own(pages, None) {
        Some(forms) => Ok(forms),
        None => exported(pages),
    }
}

/// The pages of a body as forms, and how they are read; `language` is the body's.
///
/// # Errors
/// A page that typst cannot write either.
pub fn forms_and_structure(pages: &[Page], language: Locale) -> Result<Forms, FormError> {
    let mut outline = Outline::new(FIRST_PIECE, true);
    if let Some(forms) = own(pages, Some(&mut outline)) {
        return Ok(Forms { pages: forms, structure: Some(outline.finish()) });
    }
    Ok(Forms { pages: exported(pages)?, structure: Some(Structure::of_opaque(pages.len(), FIRST_PIECE, language)) })
}

fn own(pages: &[Page], mut outline: Option<&mut Outline>) -> Option<Vec<Form>> {
    let mut forms = Vec::with_capacity(pages.len());
    for page in pages {
        if page.fill_or_transparent().is_some() {
            return None;
        }
        let drawing = draw_with(&page.frame, outline.as_deref_mut()).ok()?;
        forms.push(Form::Drawn { operators: compress(&drawing.operators).ok()?, glyphs: drawing.glyphs });
        if let Some(outline) = &mut outline {
            outline.turn();
        }
    }
    Some(forms)
}

fn exported(pages: &[Page]) -> Result<Vec<Form>, FormError> {
    let pdf = Arc::new(export(pages.iter().cloned().collect())?);
    Ok((0..pages.len()).map(|page| Form::Exported { pdf: Arc::clone(&pdf), page }).collect())
}

fn export(pages: EcoVec<Page>) -> Result<Pdf, FormError> {
    let document = PagedDocument::new(pages, typst::model::DocumentInfo::default());
    let options = PdfOptions {
        tagged: false,
        ident: Smart::Custom(String::new()),
        creator: Smart::Custom(None),
        ..PdfOptions::default()
    };
    let bytes = catch_unwind(AssertUnwindSafe(|| typst_pdf::pdf(&document, &options)))
        .map_err(|_| FormError("the export stopped".to_owned()))?
        .map_err(|errors| FormError(errors.first().map_or_else(String::new, |first| first.message.to_string())))?;
    Pdf::new(bytes).map_err(|_| FormError("what was written cannot be read".to_owned()))
}
