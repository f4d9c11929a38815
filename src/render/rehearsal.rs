//! Every text of a wording, laid out on invented facts before anybody's letter is made.
//!
//! Enters: a campaign's wordings and the tries that together have every text. Leaves: every fault that the layout engine
//! finds, where it was written. Invariant: a fault in a text that nobody gets today is found too. Nothing is kept.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::panic::{AssertUnwindSafe, catch_unwind};

use super::bodies::{self, BodyError};
use super::world::Press;
use super::{fault, workers};
use crate::campaign::settings::Campaign;
use crate::wording::context::Request;
use crate::wording::engine::{Wording, WordingError};

/// Lays out a body for each of these tries; gives every distinct fault.
pub fn rehearse(
    campaign: &Campaign,
    wording: &Wording<'_>,
    press: &Press,
    threads: NonZeroUsize,
    tries: &[Request<'_>],
) -> Vec<BodyError> {
    let found = workers::run(threads, tries.len(), |index| lay_out(campaign, wording, press, &tries[index]));
    typst::comemo::evict(0);
    let distinct: BTreeMap<String, BodyError> =
        found.into_iter().flatten().map(|error| (error.to_string(), error)).collect();
    distinct.into_values().collect()
}

fn lay_out(campaign: &Campaign, wording: &Wording<'_>, press: &Press, request: &Request<'_>) -> Vec<BodyError> {
    let rendered = match wording.render(request) {
        Ok(rendered) => rendered,
        Err(error) => return vec![error.into()],
    };
    let data = bodies::data(campaign, request, &rendered.title);
    let laid_out = catch_unwind(AssertUnwindSafe(|| press.body(&rendered.subject, &rendered.body, &data)));
    let located = |problem| -> WordingError { fault::locate_problem(campaign, request, &rendered, problem) };
    match laid_out {
        Ok(Ok(_)) => Vec::new(),
        Ok(Err(error)) if error.problems.is_empty() => vec![fault::locate(campaign, request, &rendered, &error).into()],
        Ok(Err(error)) => error.problems.iter().map(located).map(BodyError::from).collect(),
        Err(_) => vec![BodyError::Panic],
    }
}
