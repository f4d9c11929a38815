//! One letter as a document for screens and for software that reads aloud.
//!
//! Enters: a planned letter. Leaves: a tagged PDF that is PDF/A-2a and PDF/UA-1. Invariants: it has the printed letter's
//! texts, because the same wording, the same covers' data and the same functions of the layout make it; it is read back
//! before it is handed out; the campaign's date is its date, and nothing reads a clock. KIX and sheet marks are the
//! press's and are left out.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use hayro_syntax::Pdf;
use typst::diag::SourceDiagnostic;
use typst::foundations::Smart;
use typst_pdf::{PdfOptions, PdfStandard, PdfStandards};

use super::bodies;
use super::check::content::Reader;
use super::check::verdict::Inspector;
use super::covers::CoverPress;
use super::fault;
use super::shard::requests;
use super::world::Press;
use crate::campaign::settings::Campaign;
use crate::plan::record::PlannedLetter;
use crate::wording::engine::{Wording, WordingError};

/// A digital copy could not be made.
#[derive(Debug, thiserror::Error)]
pub enum CopyError {
    /// The wording or the layout does not work.
    #[error(transparent)]
    Wording(#[from] WordingError),
    /// typst could not write the document.
    #[error("the digital copy cannot be written: {0}")]
    Export(String),
    /// The finished document is not the letter.
    #[error("the digital copy failed its check: {0}")]
    Check(String),
}

/// Makes the digital copy of a letter.
///
/// # Errors
/// A wording or layout that does not work, or a finished copy that is not this person's letter.
pub fn make(
    campaign: &Campaign,
    press: &Press,
    wording: &Wording<'_>,
    planned: &PlannedLetter,
) -> Result<Vec<u8>, CopyError> {
    let mut texts = Vec::new();
    let mut parts = Vec::new();
    for request in requests(campaign, planned) {
        let rendered = wording.render(&request)?;
        let mut data = bodies::data(campaign, &request, &rendered.title);
        data["geometry"]["folds"] = serde_json::json!([]);
        parts.push(data);
        texts.push((request, rendered));
    }
    let title = texts.first().map_or("", |(_, rendered)| &rendered.title);
    for part in &mut parts {
        part["title"] = title.into();
    }
    let data = serde_json::json!({
        "title": title,
        "date": [campaign.date.year(), campaign.date.month(), campaign.date.day()],
        "covers": CoverPress::new(press, campaign).data(planned),
        "parts": parts,
    });
    let markup: Vec<(&str, &str)> =
        texts.iter().map(|(_, rendered)| (rendered.subject.as_str(), rendered.body.as_str())).collect();
    let stopped = || CopyError::Export("the layout engine stopped".to_owned());
    let document =
        catch_unwind(AssertUnwindSafe(|| press.whole(&markup, &data))).map_err(|_| stopped())?.map_err(|error| {
            let language = error.problems.first().map_or(0, |problem| problem.language);
            match texts.get(language) {
                Some((request, rendered)) => fault::locate(campaign, request, rendered, &error).into(),
                None => CopyError::Export(error.to_string()),
            }
        })?;
    let standards = PdfStandards::new(&[PdfStandard::A_2a, PdfStandard::Ua_1])
        .map_err(|error| CopyError::Export(error.message().to_string()))?;
    let options = PdfOptions {
        tagged: true,
        standards,
        ident: Smart::Custom(format!("{} {}", campaign.id, planned.letter.case_code.printed())),
        creator: Smart::Custom(None),
        ..PdfOptions::default()
    };
    let bytes = catch_unwind(AssertUnwindSafe(|| typst_pdf::pdf(&document, &options)))
        .map_err(|_| stopped())?
        .map_err(|errors| CopyError::Export(errors.iter().map(explain).collect::<Vec<_>>().join("; ")))?;
    check(campaign, planned, bytes)
}

fn explain(error: &SourceDiagnostic) -> String {
    let hints = error.hints.iter().map(|hint| hint.v.as_str());
    std::iter::once(error.message.as_str()).chain(hints).collect::<Vec<_>>().join("; ")
}

/// Reads the finished copy back.
fn check(campaign: &Campaign, planned: &PlannedLetter, bytes: Vec<u8>) -> Result<Vec<u8>, CopyError> {
    let bytes = Arc::new(bytes);
    let pdf = Pdf::new(Arc::clone(&bytes)).map_err(|_| CopyError::Check("it cannot be read back".to_owned()))?;
    let mut reader = Reader::new(&pdf);
    let pages = (0..reader.page_count())
        .map(|page| reader.page(page))
        .collect::<Result<Vec<_>, _>>()
        .map_err(|error| CopyError::Check(error.to_string()))?;
    Inspector::new(campaign).check_copy(planned, &pages).map_err(|fault| CopyError::Check(fault.detail))?;
    drop(reader);
    drop(pdf);
    Ok(Arc::unwrap_or_clone(bytes))
}
