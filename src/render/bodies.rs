//! The shared part of letters: laid out once for everybody who gets the same wording.
//!
//! Enters: a request for a wording. Leaves: its pages. Invariant: a body is known by everything its text and its layout
//! read (the wording's signature; sender, labels, date and geometry are the run's own), so nobody gets a body that was
//! made from somebody else's values. The cache is bounded; a body that fell out is laid out again, to the same pages.

use std::collections::{HashMap, VecDeque};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::str::FromStr as _;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use typst::text::{Lang, Locale};
use typst_layout::PagedDocument;

use super::fault;
use super::geometry::Geometry;
use super::world::Press;
use crate::bundle::form::{Form, FormError, Forms, forms, forms_and_structure};
use crate::bundle::structure::Structure;
use crate::campaign::settings::Campaign;
use crate::campaign::vendor;
use crate::model::language::Language;
use crate::wording::context::{self, Request};
use crate::wording::engine::{Wording, WordingError};
use crate::wording::format;

/// Bytes of bodies that are kept at most; a real mailing has a few hundred bodies of some ten thousand bytes.
const KEPT_BYTES: usize = 64 << 20;

/// Bodies between two evictions of typst's caches.
const BODIES_AN_EVICTION: u32 = 8;

/// Evictions that a paragraph outlives without being asked for.
const EVICTION_AGE: usize = 8;

/// A body, ready to be put into files.
pub struct Body {
    /// Its pages.
    pub forms: Vec<Form>,
    /// How they are read, where letters are files of their own.
    pub structure: Option<Structure>,
    /// The subject as plain text.
    pub title: String,
    /// What tells it from every other body of the run.
    pub signature: Arc<str>,
}

impl Body {
    /// How many pages it has.
    pub fn pages(&self) -> u32 {
        u32::try_from(self.forms.len()).unwrap_or(u32::MAX)
    }

    /// Bytes that it takes in memory, about.
    fn weight(&self) -> usize {
        self.signature.len() * 3
            + self.forms.iter().map(Form::weight).sum::<usize>()
            + self.structure.as_ref().map_or(0, Structure::weight)
    }
}

/// A body could not be made.
#[derive(Debug, Clone, thiserror::Error)]
pub enum BodyError {
    /// The wording or the layout does not work for this request.
    #[error(transparent)]
    Wording(#[from] WordingError),
    /// Its pages cannot be stored.
    #[error(transparent)]
    Form(#[from] FormError),
    /// typst stopped in the middle.
    #[error("the layout engine stopped at this wording")]
    Panic,
}

/// Makes bodies and keeps them.
pub struct Bodies<'c> {
    campaign: &'c Campaign,
    wording: Wording<'c>,
    press: &'c Press,
    kept: Mutex<Kept>,
    laid_out: AtomicU32,
}

#[derive(Default)]
struct Kept {
    bodies: HashMap<Arc<str>, Arc<Body>>,
    order: VecDeque<Arc<str>>,
    bytes: usize,
}

impl<'c> Bodies<'c> {
    /// Makes bodies from these wordings.
    pub fn new(campaign: &'c Campaign, wording: Wording<'c>, press: &'c Press) -> Self {
        Self { campaign, wording, press, kept: Mutex::default(), laid_out: AtomicU32::new(0) }
    }

    /// The wordings that bodies are made from.
    pub const fn wording(&self) -> &Wording<'c> {
        &self.wording
    }

    /// What tells this body from every other one of the run.
    pub fn signature(&self, request: &Request<'_>) -> Arc<str> {
        self.wording.signature(request).into()
    }

    /// The body for a request whose signature is known.
    ///
    /// # Errors
    /// What is wrong with the wording; nothing is kept then.
    pub fn get(&self, signature: &Arc<str>, request: &Request<'_>) -> Result<Arc<Body>, BodyError> {
        if let Some(body) = self.lock().bodies.get(signature) {
            return Ok(Arc::clone(body));
        }
        // Two workers may make the same body at the same time: twice the work, once, and the same pages.
        let (document, title) = self.make(request)?;
        let Forms { pages, structure } = match self.campaign.vendor.output.form {
            // A press reads no structure.
            vendor::Form::Stream => Forms { pages: forms(document.pages())?, structure: None },
            vendor::Form::Single => forms_and_structure(document.pages(), locale(request.language))?,
        };
        let body = Arc::new(Body { forms: pages, structure, title, signature: Arc::clone(signature) });
        self.forget_texts();
        let mut kept = self.lock();
        let Kept { bodies, order, bytes } = &mut *kept;
        if bodies.insert(Arc::clone(signature), Arc::clone(&body)).is_none() {
            order.push_back(Arc::clone(signature));
            *bytes += body.weight();
        }
        while *bytes > KEPT_BYTES
            && let Some(oldest) = order.pop_front()
        {
            *bytes -= bodies.remove(&oldest).map_or(0, |body| body.weight());
        }
        Ok(body)
    }

    /// The body for a request as it was laid out; nothing is kept.
    ///
    /// # Errors
    /// What is wrong with the wording.
    pub fn document(&self, request: &Request<'_>) -> Result<PagedDocument, BodyError> {
        self.make(request).map(|(document, _)| document)
    }

    /// Pages of the body for a request; nothing is kept.
    ///
    /// # Errors
    /// What is wrong with the wording.
    pub fn pages(&self, request: &Request<'_>) -> Result<u32, BodyError> {
        let made = self.make(request);
        self.forget_texts();
        let (document, _) = made?;
        Ok(u32::try_from(document.pages().len()).unwrap_or(u32::MAX))
    }

    /// typst remembers every text that it has laid out; paragraphs come again, in other bodies, whole bodies do not.
    fn forget_texts(&self) {
        if (self.laid_out.fetch_add(1, Ordering::Relaxed) + 1).is_multiple_of(BODIES_AN_EVICTION) {
            typst::comemo::evict(EVICTION_AGE);
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Kept> {
        // The map is whole between any two statements that can panic.
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn make(&self, request: &Request<'_>) -> Result<(PagedDocument, String), BodyError> {
        let rendered = self.wording.render(request)?;
        let data = data(self.campaign, request, &rendered.title);
        let laid_out = catch_unwind(AssertUnwindSafe(|| self.press.body(&rendered.subject, &rendered.body, &data)));
        match laid_out {
            Ok(Ok(document)) => Ok((document, rendered.title)),
            Ok(Err(error)) => Err(fault::locate(self.campaign, request, &rendered, &error).into()),
            Err(_) => Err(BodyError::Panic),
        }
    }
}

/// A language as typst knows it.
fn locale(language: Language) -> Locale {
    Locale::new(Lang::from_str(language.code()).unwrap_or(Lang::ENGLISH), None)
}

/// What the layout of a body reads beside the wording.
pub(super) fn data(campaign: &Campaign, request: &Request<'_>, title: &str) -> serde_json::Value {
    let language = request.language;
    serde_json::json!({
        "language": language.code(),
        "format": request.format,
        "labels": campaign.template.labels.get(&language),
        "sender": context::json(&campaign.sender),
        "date": format::date(&campaign.date.to_string(), language),
        "title": title,
        "geometry": Geometry::new(&campaign.vendor, request.format),
    })
}
