//! Lists, rules and wordings → a planned run folder.
//!
//! Enters: a campaign and a run folder. Leaves: `plan.json` and the files it names. Invariant: rows in = outcomes;
//! a run that is planned already is left as it is if nothing that decides its letters changed, and refused if anything
//! did.

use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroUsize;
use std::path::Path;

use super::approving;
use super::books::Books;
use super::exit::Exit;
use super::failure::Failure;
use super::screen::Screen;
use crate::campaign::settings::Campaign;
use crate::exposure::{self, Exposures};
use crate::intake::{self, ListReport};
use crate::model::case_code::CaseCoder;
use crate::model::earlier::Earlier;
use crate::model::outcome::{ExposureOutcome, Outcome};
use crate::plan::record::{InputFile, Plan, PlannedLetter, Program, TemplateHash};
use crate::plan::{files, letters, order, seeds};
use crate::render::bodies::Bodies;
use crate::render::measure::{Measured, measure};
use crate::render::rehearsal;
use crate::render::world::Press;
use crate::render::{fit::Fit, fonts, geometry::Geometry};
use crate::routing::{self, Routed, decide};
use crate::store;
use crate::wording::engine::{Wording, WordingError};
use crate::wording::trial::Trials;

/// Everything that planning finds out, before it is written.
pub struct Planned {
    /// What reading the lists found.
    pub lists: Vec<ListReport>,
    /// The joined exposures.
    pub exposures: Exposures,
    /// Outcomes of all participants rows, what cannot be printed already held.
    pub routed: Routed,
    /// Letters that can be printed, in no particular order.
    pub letters: Vec<PlannedLetter>,
    /// Control letters.
    pub seeds: Vec<PlannedLetter>,
}

/// This program, as plans and manifests name it.
pub fn program() -> Program {
    Program {
        name: env!("CARGO_PKG_NAME").to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        typst: typst::utils::version().raw().to_owned(),
    }
}

/// The layout files of a campaign's letter template.
pub fn press(campaign: &Campaign) -> Press {
    Press::new(
        campaign
            .template
            .files
            .iter()
            .filter(|(path, _)| Path::new(path).extension().is_some_and(|extension| extension == "typ"))
            .map(|(path, text)| (path.as_str(), text.as_str())),
    )
}

/// The campaign's wordings, compiled.
pub fn wording(campaign: &Campaign) -> Result<Wording<'_>, Failure> {
    Wording::new(campaign).map_err(|faults| faulty(campaign, faults))
}

/// How much of the wording is tried before lists are read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trial {
    /// Every text is made; those that somebody gets are laid out when they are measured.
    Made,
    /// Every text is laid out, whether somebody gets it or not.
    LaidOut,
}

/// The campaign's wordings, compiled and tried.
pub(super) fn tried_wording(campaign: &Campaign) -> Result<Wording<'_>, Failure> {
    let wording = wording(campaign)?;
    Trials::new(campaign).run(&wording).map_err(|faults| faulty(campaign, faults))?;
    Ok(wording)
}

/// The campaign's wordings, compiled, tried and laid out.
fn laid_out_wording<'c>(campaign: &'c Campaign, press: &Press, threads: NonZeroUsize) -> Result<Wording<'c>, Failure> {
    let wording = wording(campaign)?;
    let trials = Trials::new(campaign);
    let telling = trials.run(&wording).map_err(|faults| faulty(campaign, faults))?;
    let telling: BTreeSet<usize> = telling.into_iter().collect();
    let tries = trials.requests().enumerate().filter(|(position, _)| telling.contains(position));
    let tries: Vec<_> = tries.map(|(_, request)| request).collect();
    let faults = rehearsal::rehearse(campaign, &wording, press, threads, &tries);
    Failure::all(faults.into_iter().map(|fault| Failure::body(fault, &campaign.template.files)))
        .map_or(Ok(wording), Err)
}

fn faulty(campaign: &Campaign, faults: Vec<WordingError>) -> Failure {
    let failures = faults.into_iter().map(|fault| {
        let text = campaign.template.files.get(&fault.file).cloned();
        Failure::wording(fault, text.as_deref())
    });
    Failure::all(failures).expect("a wording is refused for at least one fault")
}

/// Reads the lists and decides about every row.
pub fn decide(
    campaign: &Campaign,
    earlier: &Earlier,
    trial: Trial,
    threads: NonZeroUsize,
    screen: &Screen,
) -> Result<Planned, Failure> {
    let press = press(campaign);
    let bar = screen.stage("trying the wording");
    let tried = match trial {
        Trial::Made => tried_wording(campaign),
        Trial::LaidOut => laid_out_wording(campaign, &press, threads),
    };
    bar.finish_and_clear();
    let (wording, faults) = match tried {
        Ok(wording) => (Some(wording), None),
        Err(failure) => (None, Some(failure)),
    };
    let rules = routing::check_rules(campaign);
    let rules = (!rules.is_empty()).then(|| Failure::from(rules));
    let faults = Failure::all([faults, rules, return_line(campaign).err()].into_iter().flatten());
    let wording = match (wording, faults) {
        (Some(wording), None) => wording,
        (_, faults) => {
            return Err(faults.unwrap_or_else(|| Failure::new(Exit::Bug, "a wording failed without a fault")));
        }
    };

    let bar = screen.stage("reading lists");
    let mut intake = intake::read(campaign)?;
    bar.finish_and_clear();
    let bar = screen.stage("joining exposures");
    let exposures = exposure::join(&intake, campaign);
    bar.finish_and_clear();
    let bar = screen.stage("deciding");
    let mut routed = routing::route(campaign, &intake, &exposures, earlier)?;
    assert_eq!(intake.participants.len(), routed.rows.len(), "every row has one outcome");
    // The rows have become letters and outcomes: from here on they would only fill memory.
    let lists = std::mem::take(&mut intake.lists);
    drop(intake);
    bar.finish_and_clear();

    let bar = screen.stage("measuring");
    let bodies = Bodies::new(campaign, wording, &press);
    let failed = |errors: Vec<_>| {
        let failures = errors.into_iter().map(|error| Failure::body(error, &campaign.template.files));
        Failure::all(failures).expect("bodies are refused for at least one fault")
    };
    let decided = std::mem::take(&mut routed.letters);
    let Measured { letters, unprintable } = measure(campaign, &bodies, threads, decided, false).map_err(failed)?;
    hold(campaign, &mut routed, unprintable);
    let control = seeds::letters(campaign).map_err(|(position, problem)| {
        Failure::with_hint(
            Exit::Config,
            format!("the address of [[seeds]] number {position} cannot be written to: {problem:?}"),
            "give street, house_number, postcode and city",
        )
    })?;
    let control = measure(campaign, &bodies, threads, control, true).map_err(failed)?;
    if let Some(seed) = control.unprintable.first() {
        return Err(Failure::with_hint(
            Exit::Config,
            format!("a control letter of [[seeds]] cannot be printed: {} ({})", seed.reason.as_str(), seed.detail),
            "shorten its name or address, or raise pages_max in letter.toml",
        ));
    }
    bar.finish_and_clear();
    let planned = Planned { lists, exposures, routed, letters, seeds: control.letters };
    conserve(&planned);
    Ok(planned)
}

/// The sender's return line stands in the window of every letter.
fn return_line(campaign: &Campaign) -> Result<(), Failure> {
    let geometry = Geometry::new(&campaign.vendor, "standard");
    if Fit::new(&geometry).return_line(&campaign.return_line) {
        Ok(())
    } else {
        Err(Failure::with_hint(
            Exit::Config,
            format!(
                "campaign.toml: [sender] return_line does not fit into the window of vendor `{}`",
                campaign.vendor.name
            ),
            "shorten it, or leave out characters that Noto Sans does not have",
        ))
    }
}

/// Letters that cannot be printed are held; their rows say so.
fn hold(campaign: &Campaign, routed: &mut Routed, unprintable: Vec<crate::render::measure::Unprintable>) {
    for letter in unprintable {
        let at = routed
            .rows
            .binary_search_by_key(&(letter.list, letter.row), |row| (row.list, row.row))
            .expect("a letter's row is among the outcomes");
        let row = &mut routed.rows[at];
        row.outcome = decide::outcome_of(campaign, letter.reason).unwrap_or(Outcome::Held(letter.reason));
        row.detail = letter.detail.into();
    }
}

/// Every letter is one row's outcome.
fn conserve(planned: &Planned) {
    let letters = planned.routed.rows.iter().filter(|row| matches!(row.outcome, Outcome::Letter(_))).count();
    assert_eq!(letters, planned.letters.len(), "every letter is one row's outcome");
}

/// Plans a run, or makes sure that it was planned from exactly this campaign.
pub fn plan(
    campaign: &Campaign,
    run: &Path,
    mut books: Option<&mut Books>,
    wave: Option<&str>,
    threads: NonZeroUsize,
    screen: &Screen,
) -> Result<Plan, Failure> {
    approving::demand(campaign, &campaign.folder)?;
    wave_exists(campaign, wave)?;
    match files::read(run) {
        Ok(plan) => {
            same(campaign, &plan, wave, run)?;
            if let Some(books) = &mut books {
                books.note_plan(run, &plan)?;
            }
            limits(campaign, &plan)?;
            return Ok(plan);
        }
        Err(error) if error.absent => {}
        Err(error) => {
            return Err(Failure::with_hint(
                Exit::Config,
                error.to_string(),
                "this run was planned by another version of the program; plan into a new run folder",
            ));
        }
    }
    let (ledger, earlier) = match &books {
        Some(books) => books.memory(wave).map(|(ledger, earlier)| (Some(ledger), earlier))?,
        None => (None, Earlier::default()),
    };
    let mut planned = decide(campaign, &earlier, Trial::Made, threads, screen)?;
    drop(earlier);
    let bar = screen.stage("writing the plan");
    let shards = order::arrange(&campaign.vendor, campaign.letters_a_package(), &mut planned.letters);
    let letters = planned.letters.len() as u64;
    let seeds = u32::try_from(planned.seeds.len()).unwrap_or(u32::MAX);
    planned.letters.append(&mut planned.seeds);

    store::folder(run)?;
    store::remove_drafts(run)?;
    files::copy_campaign(run, campaign)?;
    if campaign.approvals_required > 0 {
        approving::read(&campaign.folder)?.write(&files::campaign_path(run))?;
    }
    let (letters_sha256, outcomes) = rayon::join(
        || -> Result<String, Failure> {
            let path = files::letters_path(run);
            letters::write(&path, &planned.letters)?;
            sha256(&path)
        },
        || -> Result<(String, String), Failure> {
            let rows = files::write_outcomes(run, campaign, &planned.routed.rows)?;
            Ok((rows, files::write_exposure_outcomes(run, campaign, &planned.exposures)?))
        },
    );
    let (letters_sha256, (outcomes_sha256, exposure_outcomes_sha256)) = (letters_sha256?, outcomes?);
    let plan = Plan {
        campaign: campaign.id.clone(),
        date: campaign.date,
        program: program(),
        inputs: inputs(&planned.lists),
        template: TemplateHash { letter: campaign.template.name.clone(), sha256: campaign.template.sha256.clone() },
        fonts: fonts::builtin().hashes.clone(),
        campaign_sha256: store::sha256(campaign.source.as_bytes()),
        vendor_sha256: store::sha256(campaign.vendor.source.as_bytes()),
        key_check: key_check(campaign),
        rows: planned.routed.rows.len() as u64,
        rejected_rows: planned.routed.rows.iter().filter(|row| matches!(row.outcome, Outcome::Rejected(_))).count()
            as u64,
        exposure_rows: planned.exposures.outcomes.len() as u64,
        rejected_exposure_rows: planned
            .exposures
            .outcomes
            .iter()
            .filter(|outcome| matches!(outcome, ExposureOutcome::Rejected(_)))
            .count() as u64,
        letters,
        letters_sha256,
        outcomes_sha256,
        exposure_outcomes_sha256,
        shards,
        seeds,
        ledger,
    };
    files::commit(run, &plan)?;
    if let Some(books) = books {
        books.note_plan(run, &plan)?;
    }
    bar.finish_and_clear();
    tracing::info!(rows = plan.rows, letters = plan.letters, shards = plan.shards.len(), "planned");
    limits(campaign, &plan)?;
    Ok(plan)
}

fn sha256(path: &Path) -> Result<String, Failure> {
    store::sha256_file(path)
        .map_err(|error| Failure::new(Exit::CannotWrite, format!("cannot read {}: {error}", path.display())))
}

fn inputs(lists: &[ListReport]) -> Vec<InputFile> {
    lists
        .iter()
        .map(|list| InputFile {
            id: list.id.clone(),
            kind: list.kind.as_str().to_owned(),
            path: list.path.clone(),
            sha256: list.sha256.clone(),
            rows: list.rows,
        })
        .collect()
}

/// Shows that a key is the same without telling it.
fn key_check(campaign: &Campaign) -> String {
    let code = CaseCoder::new(campaign.case_code_key.reveal()).code("key-check", "");
    store::sha256(code.printed().as_bytes())
}

/// `--wave` names a wave of the campaign.
fn wave_exists(campaign: &Campaign, wave: Option<&str>) -> Result<(), Failure> {
    let Some(wave) = wave else { return Ok(()) };
    if campaign.waves.iter().any(|known| known.id == wave) {
        return Ok(());
    }
    let known: Vec<&str> = campaign.waves.iter().map(|wave| wave.id.as_str()).collect();
    let hint = if known.is_empty() {
        "add [[waves]] with `id` and `when` to campaign.toml".to_owned()
    } else {
        format!("the campaign has {}", known.join(", "))
    };
    Err(Failure::with_hint(Exit::Usage, format!("the campaign has no wave `{wave}`"), hint))
}

/// Whether a folder holds a run that was planned from exactly this.
pub fn is_same(campaign: &Campaign, wave: Option<&str>, run: &Path) -> bool {
    files::read(run).is_ok_and(|plan| same(campaign, &plan, wave, run).is_ok())
}

/// A planned run goes on only from what it was planned from.
fn same(campaign: &Campaign, plan: &Plan, wave: Option<&str>, run: &Path) -> Result<(), Failure> {
    let mut changed = Vec::new();
    let mut compare = |what: String, same: bool| {
        if !same {
            changed.push(what);
        }
    };
    compare("campaign.toml".to_owned(), store::sha256(campaign.source.as_bytes()) == plan.campaign_sha256);
    compare(
        format!("the vendor profile `{}`", campaign.vendor.name),
        store::sha256(campaign.vendor.source.as_bytes()) == plan.vendor_sha256,
    );
    compare(
        format!("the letter template `{}`", campaign.template.name),
        campaign.template.sha256 == plan.template.sha256,
    );
    compare("the case code key".to_owned(), key_check(campaign) == plan.key_check);
    compare("the program or its fonts".to_owned(), program() == plan.program && fonts::builtin().hashes == plan.fonts);
    compare("the wave".to_owned(), wave == plan.ledger.as_ref().and_then(|ledger| ledger.wave.as_deref()));
    let sources = campaign
        .participants
        .iter()
        .map(|list| &list.source)
        .chain(campaign.exposures.iter().map(|list| &list.source))
        .chain(campaign.registers.iter().map(|list| &list.source));
    let planned: BTreeMap<(&str, &str), &str> =
        plan.inputs.iter().map(|input| ((input.id.as_str(), input.path.as_str()), input.sha256.as_str())).collect();
    for source in sources {
        let now = store::sha256_file(&source.file).ok();
        let then = planned.get(&(source.id.as_str(), source.path.as_str())).copied();
        compare(format!("the list `{}` ({})", source.id, source.path), now.as_deref() == then && now.is_some());
    }
    if changed.is_empty() {
        Ok(())
    } else {
        Err(Failure::with_hint(
            Exit::Config,
            format!("{} was planned from other inputs; changed since: {}", run.display(), changed.join(", ")),
            "start a new run with --run DIR, or put the old inputs back to finish this one",
        ))
    }
}

/// Nothing is rendered of a plan that may not be sealed; its outcomes are there to be studied.
pub fn limits(campaign: &Campaign, plan: &Plan) -> Result<(), Failure> {
    let checks = [
        (
            "participants",
            plan.rejected_rows,
            plan.rows,
            campaign.max_rejected_percent,
            "max_rejected_percent",
            "outcomes.csv",
        ),
        (
            "exposure",
            plan.rejected_exposure_rows,
            plan.exposure_rows,
            campaign.max_unusable_exposures_percent,
            "max_unusable_exposures_percent",
            "exposure_outcomes.csv",
        ),
    ];
    let failures = checks.into_iter().filter_map(|(kind, rejected, rows, limit, setting, file)| {
        #[expect(clippy::cast_precision_loss, reason = "row counts are far below 2^52")]
        let share = if rows == 0 { 0.0 } else { rejected as f64 * 100.0 / rows as f64 };
        (share > limit).then(|| {
            Failure::with_hint(
                Exit::Data,
                format!("{rejected} of {rows} {kind} rows were rejected: {share:.2} %, and the campaign allows {limit} %"),
                format!("look into {file} in the run folder, correct the lists and start a new run, or raise [limits] {setting}"),
            )
        })
    });
    Failure::all(failures).map_or(Ok(()), Err)
}
