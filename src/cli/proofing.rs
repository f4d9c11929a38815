//! What all commands that show proofs have in common.
//!
//! Enters: a campaign. Leaves: samples of its letters, the state of its sign-offs, and what letters are made with.
//! Invariant: samples are chosen among the letters that would be printed, by the steps that plan a run.

use std::num::NonZeroUsize;

use super::approving;
use super::exit::Exit;
use super::failure::Failure;
use super::planning;
use super::screen::Screen;
use crate::campaign::settings::Campaign;
use crate::model::earlier::Earlier;
use crate::preview::again::again;
use crate::preview::approval::{Approval, Approvals, How};
use crate::preview::changes;
use crate::preview::choose::{Kind, Sample, choose};
use crate::preview::content::{Content, template_part};
use crate::preview::proof::Studio;
use crate::preview::view::{self, ChangeView, Filters, LintView, Page, ProofView, SignOff};
use crate::render::bodies::{Bodies, BodyError};
use crate::render::covers::CoverPress;
use crate::render::shard::ShardPress;
use crate::render::world::Press;
use crate::wording::lint;

/// The letters of a campaign, as far as proofs need them.
pub struct Chosen {
    /// The letters that are shown.
    pub samples: Vec<Sample>,
    /// Letters in all.
    pub people: u64,
}

/// Plans the campaign and chooses what is shown.
pub fn choose_letters(campaign: &Campaign, threads: NonZeroUsize, screen: &Screen) -> Result<Chosen, Failure> {
    // As if nobody was written to before: proofs show every letter that the lists ask for, and what would come next.
    let planned = planning::decide(campaign, &Earlier::default(), planning::Trial::Made, threads, screen)?;
    let mut samples = choose(&planned.letters);
    let again =
        again(campaign, &samples).map_err(|problem| Failure::new(Exit::Config, format!("campaign.toml: {problem}")))?;
    let extremes = samples.iter().position(|sample| sample.kind != Kind::Combination).unwrap_or(samples.len());
    samples.splice(extremes..extremes, again);
    Ok(Chosen { samples, people: planned.letters.len() as u64 })
}

/// What makes letters of this campaign.
pub fn studio<'a>(campaign: &'a Campaign, bodies: &'a Bodies<'a>, press: &'a Press, real: bool) -> Studio<'a> {
    Studio { campaign, bodies, press: ShardPress::new(campaign, bodies, CoverPress::new(press, campaign)), real }
}

/// A wording that does not work, for people.
pub fn failed(campaign: &Campaign, errors: Vec<BodyError>) -> Failure {
    let failures = errors.into_iter().map(|error| Failure::body(error, &campaign.template.files));
    Failure::all(failures).expect("a body is refused for at least one fault")
}

/// The campaign as it was signed off last; nothing where it is so now, where nobody signed, or where the approved texts
/// were not kept.
pub fn approved(campaign: &Campaign, approvals: &Approvals) -> Option<Campaign> {
    let last = last(campaign, approvals)?;
    let folder = &campaign.folder;
    let prefix = template_part(&campaign.template.name, "");
    let files = last
        .parts
        .keys()
        .filter_map(|part| Some((part.strip_prefix(&prefix)?.to_owned(), part)))
        .map(|(path, part)| Some((path, last.text(folder, part)?)))
        .collect::<Option<_>>()?;
    let facts: toml::Table = toml::from_str(&last.text(folder, "campaign.toml (facts)")?).ok()?;
    campaign.with_content(files, &facts)
}

fn last<'a>(campaign: &Campaign, approvals: &'a Approvals) -> Option<&'a Approval> {
    approvals.last(campaign.approvals_required).or(approvals.all.last())
}

/// Who signed off, and what changed since.
pub fn sign_off(campaign: &Campaign, approvals: &Approvals) -> SignOff {
    let content: Content = approving::content(campaign);
    let names = approvals.names(&content).into_iter().map(str::to_owned).collect();
    let required = campaign.approvals_required;
    let Some(last) = last(campaign, approvals) else { return SignOff { required, names, ..SignOff::default() } };
    let folder = &campaign.folder;
    let changes = last
        .changes(folder, &content)
        .into_iter()
        .map(|change| {
            let (note, pieces) = match &change.how {
                How::Added => ("is new", Vec::new()),
                How::Removed => ("is gone", Vec::new()),
                How::Altered => ("is another one; the approved text was not kept", Vec::new()),
                How::Lines(_) => {
                    let then = last.text(folder, &change.part).unwrap_or_default();
                    let now = content.parts.get(&change.part).and_then(|part| part.text.as_deref()).unwrap_or_default();
                    ("", view::context(changes::words(&then, now)))
                }
            };
            ChangeView { part: change.part, note, pieces }
        })
        .collect();
    SignOff { required, names, last: Some((last.by.clone(), last.at.clone())), changes }
}

/// The page, but for its proofs; reading the whole wording for what could be plainer takes longer than all else.
pub fn page(
    campaign: &Campaign,
    approvals: &Approvals,
    chosen: &Chosen,
    real: bool,
    lint: bool,
    views: Vec<ProofView>,
) -> Page {
    let kinds = chosen.samples.iter().map(|sample| sample.kind);
    let sections = view::sections(kinds.zip(views).collect());
    Page {
        campaign: campaign.id.clone(),
        letter: campaign.template.name.clone(),
        vendor: campaign.vendor.name.clone(),
        date: campaign.date.to_string(),
        people: chosen.people,
        real,
        live: false,
        sign_off: sign_off(campaign, approvals),
        lint: if lint { lint_views(campaign) } else { Vec::new() },
        filters: if sections.is_empty() { Filters::default() } else { view::filters(&sections) },
        sections,
        form: None,
    }
}

fn lint_views(campaign: &Campaign) -> Vec<LintView> {
    let warnings = lint::lint(campaign).warnings;
    warnings
        .into_iter()
        .map(|warning| LintView { file: warning.file, line: warning.line, message: warning.message })
        .collect()
}
