//! A body page, ready to be put into any number of files.
//!
//! Enters: the laid out pages of a body. Leaves: their compressed operators and glyphs. Invariant: a form is the same
//! bytes in every file; a page that the program's own pen cannot draw (a picture, a gradient) is written by typst instead
//! and its objects are carried over, with fonts of its own.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use hayro_syntax::Pdf;
use typst::ecow::EcoVec;
use typst::foundations::Smart;
use typst_layout::{Page, PagedDocument};
use typst_pdf::PdfOptions;

use super::compose::compress;
use super::drawing::draw;
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
    let own: Option<Vec<Form>> = pages.iter().map(own).collect();
    if let Some(forms) = own {
        return Ok(forms);
    }
    let pdf = Arc::new(export(pages.iter().cloned().collect())?);
    Ok((0..pages.len()).map(|page| Form::Exported { pdf: Arc::clone(&pdf), page }).collect())
}

fn own(page: &Page) -> Option<Form> {
    if page.fill_or_transparent().is_some() {
        return None;
    }
    let drawing = draw(&page.frame).ok()?;
    Some(Form::Drawn { operators: compress(&drawing.operators).ok()?, glyphs: drawing.glyphs })
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
