//! The state that a live page shows, and how it follows the files.
//!
//! Enters: a campaign's path. Leaves: numbered versions of the campaign with the samples of its letters, and proofs made of
//! them when somebody looks. Invariants: a version that does not load, whose wording does not work, or whose proof that is
//! being looked at cannot be made, is never shown: its problems are, and the last good version stays.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde::Serialize;

use super::environment::ProcessEnvironment;
use super::failure::Failure;
use super::proofing::Chosen;
use super::screen::Screen;
use super::{approving, planning, proofing};
use crate::campaign;
use crate::campaign::settings::Campaign;
use crate::model::letter::Letter;
use crate::preview::approval::{self, Approvals};
use crate::preview::proof::{self, Proof};
use crate::preview::watch::{self, Seen};
use crate::render::bodies::Bodies;
use crate::render::workers;

/// Between two looks at the files.
const LOOK: Duration = Duration::from_millis(40);
/// How long a file must be quiet before it is read: editors write in several steps.
const QUIET: Duration = Duration::from_millis(10);
/// How long the files must be quiet before the whole wording is tried.
const TRY_AFTER: Duration = Duration::from_millis(1500);
/// Versions of typst's caches that are kept: a text that is edited back and forth is laid out once.
const KEPT_VERSIONS: usize = 6;

/// One version of the campaign.
pub struct Session {
    /// Counted from 1.
    pub version: u64,
    /// The campaign.
    pub campaign: Campaign,
    /// The letters that are shown.
    pub chosen: Arc<Chosen>,
    /// Sign-offs.
    pub approvals: Approvals,
    /// The campaign as it was signed off, where it is another one now.
    pub approved: Option<Campaign>,
    /// Whether real people are shown.
    pub real: bool,
    /// The lists, when they were read.
    lists: Seen,
}

/// A proof with what the approved wording says to the same reader.
pub struct Made {
    /// The proof.
    pub proof: Proof,
    /// The approved text.
    pub before: Option<String>,
}

/// What is wrong with a version, as the page shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ProblemView {
    /// The file.
    pub file: String,
    /// 1-based; 0 where no line is known.
    pub line: usize,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub hint: String,
    /// Lines around the place, with their numbers; true is the line itself.
    pub excerpt: Vec<(usize, String, bool)>,
}

/// What a page is told.
#[derive(Debug, Clone, Serialize)]
pub struct News {
    /// Changes with every other field.
    pub state: i64,
    /// The version that is shown.
    pub version: u64,
    /// The version since which the page itself is another one.
    pub reload: u64,
    /// Why a newer version is not shown.
    pub problems: Vec<ProblemView>,
}

struct State {
    session: Arc<Session>,
    news: News,
    made: BTreeMap<(u64, String), Arc<Made>>,
    /// The sample that somebody looked at last.
    looked_at: Option<String>,
}

/// The versions of one campaign.
pub struct Live {
    path: PathBuf,
    threads: NonZeroUsize,
    real: bool,
    state: Mutex<State>,
    changed: Condvar,
}

impl Live {
    /// Reads the first version; it must be sound.
    pub fn new(path: &Path, real: bool, threads: NonZeroUsize, screen: &Screen) -> Result<Self, Failure> {
        let campaign = campaign::load(path, &ProcessEnvironment)?;
        let seen = watch::look(&lists(&campaign));
        let chosen = Arc::new(proofing::choose_letters(&campaign, threads, screen)?);
        let session = Arc::new(Session::new(1, campaign, chosen, seen, real)?);
        let news = News { state: 0, version: 1, reload: 1, problems: Vec::new() };
        Ok(Self {
            path: path.to_owned(),
            threads,
            real,
            state: Mutex::new(State { session, news, made: BTreeMap::new(), looked_at: None }),
            changed: Condvar::new(),
        })
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // The state is whole between any two statements that can panic.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The version that is shown.
    pub fn session(&self) -> Arc<Session> {
        Arc::clone(&self.lock().session)
    }

    /// Waits until there is news after this state, or for a while.
    pub fn news(&self, after: i64, longest: Duration) -> News {
        let (state, _) = self
            .changed
            .wait_timeout_while(self.lock(), longest, |state| state.news.state == after)
            .unwrap_or_else(PoisonError::into_inner);
        state.news.clone()
    }

    /// The proof of a sample in a version; made when it is asked for. Nothing where there is no such sample, or the
    /// version is gone.
    pub fn sample(&self, id: &str, version: u64) -> Option<Result<Arc<Made>, Failure>> {
        let session = {
            let mut state = self.lock();
            if let Some(made) = state.made.get(&(version, id.to_owned())) {
                return Some(Ok(Arc::clone(made)));
            }
            if state.session.version != version {
                return None;
            }
            state.looked_at = Some(id.to_owned());
            Arc::clone(&state.session)
        };
        let made = session.sample(id)?;
        Some(made.map(|made| self.keep(version, id, made)))
    }

    /// The proof of somebody made up.
    pub fn person(&self, letter: Letter, id: &str) -> Result<(Arc<Session>, Arc<Made>), Failure> {
        let session = self.session();
        let made = session.letter(letter)?;
        let kept = self.keep(session.version, id, made);
        Ok((session, kept))
    }

    fn keep(&self, version: u64, id: &str, made: Made) -> Arc<Made> {
        let made = Arc::new(made);
        self.lock().made.insert((version, id.to_owned()), Arc::clone(&made));
        made
    }

    /// Follows the files, for ever.
    pub fn follow(&self) -> ! {
        let mut seen = self.look();
        let (mut quiet, mut tried) = (Duration::ZERO, self.session().version);
        loop {
            std::thread::sleep(LOOK);
            let mut now = self.look();
            if now == seen {
                quiet += LOOK;
                if quiet > TRY_AFTER && tried != self.session().version {
                    tried = self.session().version;
                    self.try_all();
                }
                continue;
            }
            quiet = Duration::ZERO;
            loop {
                std::thread::sleep(QUIET);
                let later = self.look();
                if later == now {
                    break;
                }
                now = later;
            }
            seen = now;
            self.reload();
        }
    }

    /// Tries the wording of the version that is shown for everybody whom no proof shows; says what does not work.
    fn try_all(&self) {
        let session = self.session();
        let Err(failure) = planning::tried_wording(&session.campaign) else { return };
        let mut state = self.lock();
        if state.session.version == session.version && state.news.problems.is_empty() {
            state.news.state += 1;
            state.news.problems = problems(&failure);
            drop(state);
            self.changed.notify_all();
        }
    }

    fn look(&self) -> Seen {
        let session = self.session();
        let campaign = &session.campaign;
        let folder = &campaign.folder;
        let mut places: Vec<PathBuf> = ["campaign.toml", "vendors", "letter-templates", approval::FILE]
            .iter()
            .map(|name| folder.join(name))
            .chain([self.path.clone()].into_iter().filter(|path| path.is_file()))
            .collect();
        places.extend(lists(campaign));
        watch::look(&places)
    }

    /// Reads the files again; shows them, or what is wrong with them.
    fn reload(&self) {
        let old = self.session();
        let next = self.next(&old);
        let mut state = self.lock();
        state.news.state += 1;
        match next {
            Ok((session, whole, first)) => {
                state.news.version = session.version;
                if whole {
                    state.news.reload = session.version;
                }
                state.news.problems = Vec::new();
                let (version, session) = (session.version, Arc::new(session));
                state.made.retain(|(kept, _), _| *kept + 1 >= version);
                if let Some((id, made)) = first {
                    state.made.insert((version, id), Arc::new(made));
                }
                state.session = session;
            }
            Err(failure) => state.news.problems = problems(&failure),
        }
        drop(state);
        self.changed.notify_all();
        typst::comemo::evict(KEPT_VERSIONS);
    }

    /// The next version, whether the page itself changed, and the proof that is being looked at.
    #[expect(clippy::type_complexity, reason = "the parts of one version, taken apart at once")]
    fn next(&self, old: &Session) -> Result<(Session, bool, Option<(String, Made)>), Failure> {
        let campaign = campaign::load(&self.path, &ProcessEnvironment)?;
        let letter_toml = |campaign: &Campaign| campaign.template.files.get("letter.toml").cloned();
        let seen = watch::look(&lists(&campaign));
        let same = campaign.source == old.campaign.source
            && campaign.vendor.source == old.campaign.vendor.source
            && letter_toml(&campaign) == letter_toml(&old.campaign)
            && seen == old.lists;
        let chosen = if same {
            // Only what is looked at must work at once; the rest is tried when the files are quiet.
            planning::wording(&campaign)?;
            Arc::clone(&old.chosen)
        } else {
            Arc::new(proofing::choose_letters(&campaign, self.threads, &Screen::silent())?)
        };
        let session = Session::new(old.version + 1, campaign, chosen, seen, self.real)?;
        let looked_at = self.lock().looked_at.clone();
        let first = match looked_at {
            Some(id) => session.sample(&id).transpose()?.map(|made| (id, made)),
            None => None,
        };
        Ok((session, !same, first))
    }
}

/// What a failure says, for the page.
pub fn problems(failure: &Failure) -> Vec<ProblemView> {
    failure.reports.iter().map(ProblemView::new).collect()
}

/// The lists of a campaign, as files.
fn lists(campaign: &Campaign) -> Vec<PathBuf> {
    let sources = campaign.participants.iter().map(|list| &list.source);
    let sources = sources.chain(campaign.exposures.iter().map(|list| &list.source));
    sources.chain(campaign.registers.iter().map(|list| &list.source)).map(|source| source.file.clone()).collect()
}

impl Session {
    fn new(version: u64, campaign: Campaign, chosen: Arc<Chosen>, lists: Seen, real: bool) -> Result<Self, Failure> {
        let approvals = approving::read(&campaign.folder)?;
        let approved = proofing::approved(&campaign, &approvals);
        Ok(Self { version, campaign, chosen, approvals, approved, real, lists })
    }

    /// The proof of a sample.
    fn sample(&self, id: &str) -> Option<Result<Made, Failure>> {
        let (index, sample) = self.chosen.samples.iter().enumerate().find(|(_, sample)| sample.id == id)?;
        Some(self.make(|studio| studio.sample(sample, index as u64 + 1)))
    }

    /// The proof of a letter.
    fn letter(&self, letter: Letter) -> Result<Made, Failure> {
        let letter = Mutex::new(Some(letter));
        self.make(|studio| {
            let letter = letter.lock().unwrap_or_else(PoisonError::into_inner).take().expect("it is made once");
            studio.proof(letter)
        })
    }

    fn make(
        &self,
        make: impl Fn(&proof::Studio<'_>) -> Result<Proof, Vec<crate::render::bodies::BodyError>> + Sync,
    ) -> Result<Made, Failure> {
        let campaign = &self.campaign;
        // The layout engine wants a thread of its own, with a deep stack.
        let mut made = workers::run(NonZeroUsize::MIN, 1, |_| {
            let press = planning::press(campaign);
            let bodies = Bodies::new(campaign, planning::wording(campaign)?, &press);
            let studio = proofing::studio(campaign, &bodies, &press, self.real);
            let proof = make(&studio).map_err(|errors| proofing::failed(campaign, errors))?;
            let before = self.approved.as_ref().zip(proof.planned.as_ref()).and_then(|(approved, planned)| {
                let press = planning::press(approved);
                let bodies = Bodies::new(approved, planning::wording(approved).ok()?, &press);
                proof::text(&bodies, approved, planned)
            });
            Ok(Made { proof, before })
        });
        made.pop().expect("one job has one result")
    }
}

impl ProblemView {
    /// What a diagnostic says, and where.
    fn new(report: &miette::Report) -> Self {
        let mut view = Self {
            file: String::new(),
            line: 0,
            message: report.to_string(),
            hint: report.help().map(|hint| hint.to_string()).unwrap_or_default(),
            excerpt: Vec::new(),
        };
        let label = report.labels().and_then(|mut labels| labels.next());
        let spot = label.zip(report.source_code());
        let Some((label, Ok(around))) =
            spot.map(|(label, source)| (label.clone(), source.read_span(label.inner(), 2, 2)))
        else {
            // Without a place the message begins with the file's name.
            if let Some((file, message)) = view.message.clone().split_once(": ").filter(|(file, _)| !file.contains(' '))
            {
                (view.file, view.message) = (file.to_owned(), message.to_owned());
            } else {
                "campaign".clone_into(&mut view.file);
            }
            return view;
        };
        let text = String::from_utf8_lossy(around.data()).into_owned();
        let before = label.offset().saturating_sub(around.span().offset());
        let own = text.get(..before).map_or(0, |before| before.matches('\n').count());
        let first = around.line() + 1;
        around.name().unwrap_or("campaign").clone_into(&mut view.file);
        view.line = first + own;
        view.excerpt =
            text.lines().enumerate().map(|(index, line)| (first + index, line.to_owned(), index == own)).collect();
        view
    }
}
