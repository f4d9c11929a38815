//! The campaign's ledger while a command works: open, locked, and told what is sealed.
//!
//! Enters: a campaign, as loaded or as planned. Leaves: who was written to before; notes of what is planned and sealed.
//! Invariant: one command at a time on a campaign; what sealing tells counts when its end is committed, and not before.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::civil::Date;

use super::clock;
use super::exit::Exit;
use super::failure::Failure;
use super::lock::Lock;
use crate::campaign::settings::Campaign;
use crate::ledger::{
    self, Applied, FeedbackFile, Kind, Ledger, LedgerError, Pieces, PlannedRun, RunEntry, RunState, SealedRun,
    SentLetter, Standing,
};
use crate::model::case_code::CaseCode;
use crate::model::earlier::{self, Earlier};
use crate::model::exposure::Facts;
use crate::plan::files;
use crate::plan::letters::LetterReader;
use crate::plan::record::{Plan, PlanLedger, PlannedLetter};
use crate::report::ReleasedLine;
use crate::seal::manifest::{Manifest, manifest_path};
use crate::seal::reprint::Reprints;
use crate::seal::{self, Journal, JournalError, SealError, SealInput};
use crate::store;

/// The number of a run in a ledger of its own.
const ALONE: u32 = 1;
/// The ledger of a run whose campaign has none, in its folder.
const OWN_LEDGER: &str = "ledger.sqlite";

/// An open ledger that no other command works on.
pub struct Books {
    ledger: Ledger,
    _lock: Lock,
}

impl Books {
    /// The ledger of a campaign, begun where there never was any; `None` where the campaign has no `[ledger]`.
    pub fn for_planning(campaign: &Campaign) -> Result<Option<Self>, Failure> {
        Self::open(campaign, Ledger::open_or_create)
    }

    /// The ledger of a planned run, which must be there; `None` where its campaign has no `[ledger]`.
    pub fn for_run(campaign: &Campaign) -> Result<Option<Self>, Failure> {
        Self::open(campaign, Ledger::open)
    }

    /// The ledger that has the pieces of a sealed run, and the run's number in it: the campaign's, or, where the campaign
    /// has none, one of this run alone in its folder. It has all packages of spoiled pieces too.
    pub fn for_feedback(run: &Path, campaign: &Campaign, plan: &Plan) -> Result<(Self, u32), Failure> {
        let (mut books, number) = Self::for_pieces(run, campaign, plan)?;
        books.note_reprints(run, number)?;
        Ok((books, number))
    }

    /// The same where a ledger is kept, with the ids of packages of spoiled pieces that an interrupted command had not
    /// noted; `None` where no ledger is kept yet: the one that begins later will have these packages.
    pub fn for_reprint(
        run: &Path,
        campaign: &Campaign,
        plan: &Plan,
    ) -> Result<Option<(Self, u32, Vec<String>)>, Failure> {
        let own = run.join(OWN_LEDGER);
        if campaign.ledger.is_none() && !own.exists() && !ledger::head_path(&own).exists() {
            return Ok(None);
        }
        let (mut books, number) = Self::for_pieces(run, campaign, plan)?;
        let noted = books.note_reprints(run, number)?;
        Ok(Some((books, number, noted)))
    }

    fn for_pieces(run: &Path, campaign: &Campaign, plan: &Plan) -> Result<(Self, u32), Failure> {
        if let Some(mut books) = Self::for_run(campaign)? {
            let keeper = books.keeper(run, plan, campaign)?;
            let (number, sealed) = (keeper.run, keeper.sealed().is_some());
            if !sealed {
                return Err(LedgerError::Unknown { path: books.ledger.path().to_owned(), run: number }.into());
            }
            return Ok((books, number));
        }
        let path = run.join(OWN_LEDGER);
        let lock = Lock::campaign(&path)?;
        let mut books = Self { ledger: Ledger::open_or_create(&path)?, _lock: lock };
        books.take_over(run, campaign, plan)?;
        Ok((books, ALONE))
    }

    /// Notes the packages of spoiled pieces that the run folder has and the ledger has not; gives their ids. The record of
    /// a purged run is gone; its ledger had it before.
    pub fn note_reprints(&mut self, run: &Path, number: u32) -> Result<Vec<String>, Failure> {
        if run.join(super::purge::MARK).exists() {
            return Ok(Vec::new());
        }
        let reprints = Reprints::read(run)?.reprints;
        Ok(self.ledger.note_reprints(number, &reprints, &clock::now())?)
    }

    /// Notes a run that was sealed without a ledger.
    fn take_over(&mut self, run: &Path, campaign: &Campaign, plan: &Plan) -> Result<(), Failure> {
        let alone = Plan { ledger: Some(PlanLedger { run: ALONE, events: 0, wave: None }), ..plan.clone() };
        let standing = self.note_plan(run, &alone)?.unwrap_or(Standing::New);
        if matches!(standing, Standing::Sealed(_)) {
            return Ok(());
        }
        let path = manifest_path(run);
        let damaged = |what: String| Failure::new(Exit::Data, format!("{} cannot be read: {what}", path.display()));
        let bytes = std::fs::read(&path).map_err(|error| damaged(error.to_string()))?;
        let manifest: Manifest = serde_json::from_slice(&bytes).map_err(|error| damaged(error.to_string()))?;
        let mut keeper = Keeper { books: self, run: ALONE, wave: None, campaign, standing, content: None };
        keeper.begin().map_err(SealError::from)?;
        let letters = files::letters_path(run);
        let reader = LetterReader::new(&letters);
        let input = SealInput {
            run,
            campaign,
            plan,
            letters: &|range| reader.slice(range.start, range.end - range.start).map_err(Into::into),
            password: None,
            sign_offs: &[],
            journal: None,
            progress: &|_| {},
        };
        seal::list_letters(&input, &manifest, &mut |package, sequence, letter| {
            keeper.letter(package, sequence, letter)
        })?;
        keeper.end(&manifest, &store::sha256(&bytes)).map_err(SealError::from)?;
        Ok(())
    }

    fn open(campaign: &Campaign, open: fn(&Path) -> Result<Ledger, LedgerError>) -> Result<Option<Self>, Failure> {
        let Some(settings) = &campaign.ledger else { return Ok(None) };
        let lock = Lock::campaign(&settings.file)?;
        Ok(Some(Self { ledger: open(&settings.file)?, _lock: lock }))
    }

    /// Closes the ledger; its head is written where events were added.
    pub fn close(self) -> Result<(), Failure> {
        Ok(self.ledger.close()?)
    }

    /// What a run that is planned now remembers of the ledger.
    pub fn memory(&self, wave: Option<&str>) -> Result<(PlanLedger, Earlier), Failure> {
        let earlier = self.ledger.earlier(wave.map(str::to_owned))?;
        let (run, events) = (self.ledger.next_run()?, self.ledger.events());
        Ok((PlanLedger { run, events, wave: wave.map(str::to_owned) }, earlier))
    }

    /// Notes a run that was planned, unless it is noted already; gives where it stands.
    pub fn note_plan(&mut self, run: &Path, plan: &Plan) -> Result<Option<Standing>, Failure> {
        let Some(memory) = &plan.ledger else { return Ok(None) };
        let sha256 = plan_sha256(run)?;
        let standing = self.ledger.standing(memory.run, &sha256, memory.events)?;
        if standing == Standing::New {
            let folder = std::path::absolute(run).unwrap_or_else(|_| run.to_owned());
            let planned = PlannedRun {
                campaign: plan.campaign.clone(),
                folder: folder.to_string_lossy().into_owned(),
                plan_sha256: sha256,
                at: clock::now(),
                wave: memory.wave.clone(),
            };
            self.ledger.note_planned(memory.run, &planned)?;
        }
        Ok(Some(standing))
    }

    /// The record that sealing tells.
    pub fn keeper<'a>(&'a mut self, run: &Path, plan: &Plan, campaign: &'a Campaign) -> Result<Keeper<'a>, Failure> {
        let Some(memory) = plan.ledger.clone() else {
            return Err(Failure::with_hint(
                Exit::Config,
                format!("{} was planned without the ledger that its campaign names", run.display()),
                "plan into a new run folder",
            ));
        };
        let standing = self.note_plan(run, plan)?.unwrap_or(Standing::New);
        if manifest_path(run).exists() && !matches!(standing, Standing::Sealed(_)) {
            return Err(LedgerError::Unknown { path: self.ledger.path().to_owned(), run: memory.run }.into());
        }
        Ok(Keeper { books: self, run: memory.run, wave: memory.wave, campaign, standing, content: None })
    }

    /// The manifest of a run stands: its packages may leave.
    pub fn release(&mut self, number: u32) -> Result<(), Failure> {
        let state = self.runs()?.iter().find(|run| run.number == number).map(|run| run.state);
        if state == Some(RunState::Sealed) {
            self.ledger.note_released(number)?;
        }
        Ok(())
    }

    /// The pieces of a sealed run.
    pub fn pieces(&self, run: u32) -> Result<Pieces, Failure> {
        Ok(self.ledger.pieces(run)?)
    }

    /// Notes a feedback file and its effects.
    pub fn note_feedback(&mut self, run: u32, file: &FeedbackFile, applied: &Applied) -> Result<(), Failure> {
        Ok(self.ledger.note_feedback(run, file, applied)?)
    }

    /// Every run.
    pub fn runs(&self) -> Result<Vec<RunEntry>, Failure> {
        Ok(self.ledger.runs()?)
    }

    /// How many of these people have a letter in each other run, with the run's number and folder; sorts the codes.
    pub fn elsewhere(&self, run: u32, codes: &mut Vec<CaseCode>) -> Result<Vec<(RunEntry, u64)>, Failure> {
        codes.sort_unstable();
        codes.dedup();
        let letters = self.ledger.letters_elsewhere(run, codes)?;
        let runs = self.runs()?.into_iter().filter_map(|run| Some((letters.get(&run.number).copied()?, run)));
        Ok(runs.map(|(letters, run)| (run, letters)).collect())
    }

    /// Letters of all sealed runs by release date.
    pub fn released(&self) -> Result<Vec<ReleasedLine>, Failure> {
        let mut released: BTreeMap<(Date, u32), u64> = BTreeMap::new();
        for (run, package) in self.ledger.packages()? {
            *released.entry((package.release_date, run)).or_default() += package.letters;
        }
        Ok(released.into_iter().map(|((date, run), letters)| ReleasedLine { date, run, letters }).collect())
    }

    /// Runs whose letters count as sent, but which were killed before their manifest appeared.
    pub fn unreleased(&mut self) -> Result<Vec<PathBuf>, Failure> {
        let mut unreleased = Vec::new();
        for run in self.runs()?.into_iter().filter(|run| run.state == RunState::Sealed) {
            let folder = PathBuf::from(&run.planned.folder);
            if manifest_path(&folder).exists() {
                self.ledger.note_released(run.number)?;
            } else if folder.exists() {
                unreleased.push(folder);
            } else {
                return Err(LedgerError::Gone { run: run.number }.into());
            }
        }
        Ok(unreleased)
    }
}

/// SHA-256 of a run's `plan.json`.
pub fn plan_sha256(run: &Path) -> Result<String, Failure> {
    let path = files::plan_path(run);
    store::sha256_file(&path)
        .map_err(|error| Failure::new(Exit::CannotWrite, format!("cannot read {}: {error}", path.display())))
}

/// Notes in the ledger what is sealed.
pub struct Keeper<'a> {
    books: &'a mut Books,
    run: u32,
    wave: Option<String>,
    campaign: &'a Campaign,
    standing: Standing,
    /// The facts of the last letter, with their content: neighbours often share them.
    content: Option<(Arc<Facts>, String)>,
}

impl Keeper<'_> {
    fn content(&mut self, facts: &Arc<Facts>) -> String {
        match &self.content {
            Some((known, content)) if Arc::ptr_eq(known, facts) => content.clone(),
            _ => {
                let categories = facts.categories.iter().map(|(category, exposed)| (category.as_str(), exposed));
                let content = hex::encode(earlier::content(&self.campaign.template.name, categories));
                self.content = Some((Arc::clone(facts), content.clone()));
                content
            }
        }
    }
}

/// The number of a package in its run: `p0001`.
fn short(package: &str) -> &str {
    package.rsplit('-').next().unwrap_or(package)
}

impl Journal for Keeper<'_> {
    fn sealed(&self) -> Option<String> {
        match &self.standing {
            Standing::Sealed(sha256) => Some(sha256.clone()),
            _ => None,
        }
    }

    fn begin(&mut self) -> Result<(), JournalError> {
        if self.standing != (Standing::Open { sealing: true }) {
            self.books.ledger.note_sealing(self.run, &clock::now())?;
        }
        Ok(self.books.ledger.begin()?)
    }

    fn letter(&mut self, package: &str, sequence: u64, planned: &PlannedLetter) -> Result<(), JournalError> {
        let letter = &planned.letter;
        let content = self.content(&letter.facts);
        let wave = self.wave.clone().filter(|_| letter.facts.wave.is_some());
        let sent = SentLetter(
            short(package).to_owned(),
            sequence,
            letter.variant.to_string(),
            letter.languages.as_str().to_owned(),
            letter.format.to_string(),
            content,
            wave,
        );
        Ok(self.books.ledger.add_letter(self.run, letter.case_code, &sent)?)
    }

    fn end(&mut self, manifest: &Manifest, manifest_sha256: &str) -> Result<(), JournalError> {
        for package in &manifest.packages {
            let detail = serde_json::to_string(package).expect("plain data");
            self.books.ledger.add(self.run, Kind::Package, None, detail)?;
        }
        let sealed = SealedRun {
            manifest_sha256: manifest_sha256.to_owned(),
            at: clock::now(),
            letters: manifest.totals.letters,
        };
        Ok(self.books.ledger.commit_sealed(self.run, &sealed)?)
    }
}

impl From<LedgerError> for JournalError {
    fn from(error: LedgerError) -> Self {
        let exit_code = error.exit_code();
        Self { source: Box::new(error), exit_code }
    }
}

impl From<LedgerError> for Failure {
    fn from(error: LedgerError) -> Self {
        Self::new(Exit::from_code(error.exit_code()), error.to_string())
    }
}
