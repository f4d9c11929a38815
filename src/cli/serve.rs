//! `meldpost preview --serve`: proofs as a local page that follows the files.
//!
//! Enters: a campaign's path and an address. Leaves: nothing; it answers until it is interrupted. Invariants: it listens at
//! this machine alone unless told otherwise; the page's address holds a token that was drawn for this start; nothing that
//! a page asks writes a file, reads one, or changes the campaign.

use std::fmt::Write;
use std::net::{SocketAddr, TcpListener};
use std::num::NonZeroUsize;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use super::exit::Exit;
use super::failure::Failure;
use super::output::Output;
use super::proofing;
use super::screen::Screen;
use super::session::{Live, Made, Session};
use crate::campaign::settings::Campaign;
use crate::model::language::LanguageChoice;
use crate::plan::record::PlannedLetter;
use crate::preview::choose::{Kind, Sample};
use crate::preview::guard::Guard;
use crate::preview::server::{self, Answer, Question};
use crate::preview::view::{self, Choice, Form, ProofView};
use crate::preview::{gallery, made_up};

/// How long a question for news waits.
const PATIENCE: Duration = Duration::from_secs(25);
/// Case codes of made-up people start here, far from those of the samples.
const FIRST_PERSON: u64 = 1_000_000;

/// Where the page is served.
pub struct Listen {
    /// The address.
    pub address: SocketAddr,
    /// Whether other machines may reach it.
    pub expose: bool,
    /// Whether the page's address is told to a program.
    pub json: bool,
}

/// Serves the page.
pub fn serve(
    campaign: &Path,
    listen: &Listen,
    real: bool,
    threads: NonZeroUsize,
    screen: &Screen,
) -> Result<Output, Failure> {
    if !listen.address.ip().is_loopback() && !listen.expose {
        return Err(Failure::with_hint(
            Exit::Usage,
            format!("other machines can reach {}, and what is sent is not encrypted", listen.address),
            "name an address of this machine alone, such as 127.0.0.1:8421, or add --expose",
        ));
    }
    let cannot = |error: std::io::Error| {
        Failure::with_hint(
            Exit::CannotWrite,
            format!("cannot listen at {}: {error}", listen.address),
            "choose another port, or 0 for one that is free",
        )
    };
    // Asks the system for the port before the lists are read; a port of 0 becomes a free one.
    let address = TcpListener::bind(listen.address).and_then(|listener| listener.local_addr()).map_err(cannot)?;
    let live = Arc::new(Live::new(campaign, real, threads, screen)?);
    let token = token()?;
    let page = Arc::new(Desk { live: Arc::clone(&live), people: AtomicU64::new(FIRST_PERSON) });
    let listening =
        server::serve(address, Guard::new(&token, address), move |question| page.answer(&question)).map_err(cannot)?;
    announce(listen, &format!("http://{address}/{token}/"), real);
    std::thread::spawn(move || live.follow());
    listening.join().map_err(cannot)?;
    Err(Failure::new(Exit::Bug, "the page is not served any more"))
}

/// Says where the page is: the result comes before the command ends.
fn announce(listen: &Listen, url: &str, real: bool) {
    use std::io::Write as _;
    let mut out = std::io::stdout().lock();
    let who = if real { "shows REAL PEOPLE; " } else { "" };
    // Whoever closed standard output does not want to know.
    let _ = if listen.json {
        writeln!(out, "{}", serde_json::json!({ "url": url, "real": real }))
    } else {
        writeln!(out, "{url}\n  {who}follows the files; ends with Ctrl-C. Keep the address to yourself: it is the key")
    };
    let _ = out.flush();
}

/// 128 random bits: what nobody can guess is the key to the page.
fn token() -> Result<String, Failure> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes)
        .map_err(|error| Failure::new(Exit::Bug, format!("the system gives no random numbers: {error}")))?;
    Ok(hex::encode(bytes))
}

/// Answers questions.
struct Desk {
    live: Arc<Live>,
    people: AtomicU64,
}

impl Desk {
    fn answer(&self, question: &Question) -> Answer {
        if let Some(sent) = &question.sent {
            return if question.path == "person" { self.person(sent) } else { nothing() };
        }
        let version = || number(&question.query, "v").and_then(|version| u64::try_from(version).ok());
        match question.path.as_str() {
            "" => self.page(),
            "gallery.css" => Answer::new("text/css; charset=utf-8", gallery::CSS),
            "gallery.js" => Answer::new("text/javascript; charset=utf-8", gallery::JS),
            "icon.svg" => Answer::new("image/svg+xml", gallery::ICON),
            "changes" => json(&self.live.news(number(&question.query, "after").unwrap_or(-1), PATIENCE)),
            "status" => self.status(number(&question.query, "lint").is_some()),
            path => {
                let file = path.split_once('/').zip(version());
                match file {
                    Some((("proof", id), version)) => self.proof(id, version),
                    Some((("pages", name), version)) => self.picture(name, version),
                    Some((("pdf", name), version)) => self.pdf(name, version),
                    _ => nothing(),
                }
            }
        }
    }

    fn page(&self) -> Answer {
        let session = self.live.session();
        let campaign = &session.campaign;
        let samples = &session.chosen.samples;
        let views = samples.iter().map(|sample| view::proof(campaign, sample, None, None, &str::to_owned)).collect();
        let mut page = proofing::page(campaign, &session.approvals, &session.chosen, session.real, false, views);
        page.live = true;
        page.form = Some(form(campaign));
        html(gallery::page(&page, session.version))
    }

    fn status(&self, lint: bool) -> Answer {
        let session = self.live.session();
        let (approvals, chosen) = (&session.approvals, &session.chosen);
        html(gallery::status(&proofing::page(&session.campaign, approvals, chosen, session.real, lint, Vec::new())))
    }

    fn proof(&self, id: &str, version: u64) -> Answer {
        let session = self.live.session();
        let Some(sample) = session.chosen.samples.iter().find(|sample| sample.id == id) else { return nothing() };
        match self.live.sample(id, version) {
            None => nothing(),
            Some(Err(failure)) => refused(&failure),
            Some(Ok(made)) => html(gallery::proof(&shown(&session, sample, &made, version))),
        }
    }

    fn picture(&self, name: &str, version: u64) -> Answer {
        let found = name.strip_suffix(".svg").and_then(|name| name.rsplit_once('-'));
        let Some((id, page)) = found.and_then(|(id, page)| Some((id, page.parse::<usize>().ok()?))) else {
            return nothing();
        };
        let Some(Ok(made)) = self.live.sample(id, version) else { return nothing() };
        match page.checked_sub(1).and_then(|page| made.proof.pages.get(page)) {
            Some(page) => Answer::new("image/svg+xml", page.svg.as_bytes()),
            None => nothing(),
        }
    }

    fn pdf(&self, name: &str, version: u64) -> Answer {
        let made = name.strip_suffix(".pdf").and_then(|id| self.live.sample(id, version));
        match made {
            Some(Ok(made)) if !made.proof.pdf.is_empty() => Answer::new("application/pdf", made.proof.pdf.as_slice()),
            _ => nothing(),
        }
    }

    fn person(&self, sent: &[u8]) -> Answer {
        let number = self.people.fetch_add(1, Ordering::Relaxed);
        let id = format!("made-up-{number}");
        let letter = match made_up::letter(&self.live.session().campaign, sent, number) {
            Ok(letter) => letter,
            Err(words) => return Answer::refused(422, &words),
        };
        match self.live.person(letter.clone(), &id) {
            Err(failure) => refused(&failure),
            Ok((session, made)) => {
                let planned = made.proof.planned.clone().unwrap_or(PlannedLetter {
                    letter,
                    printed_lines: Vec::new(),
                    printed_kix: String::new(),
                    pages: Vec::new(),
                    seed: false,
                });
                let sample = Sample {
                    id,
                    kind: Kind::MadeUp,
                    planned,
                    people: 0,
                    addressees: std::collections::BTreeMap::new(),
                    categories: std::collections::BTreeMap::new(),
                };
                html(gallery::proof(&shown(&session, &sample, &made, session.version)))
            }
        }
    }
}

fn shown(session: &Session, sample: &Sample, made: &Made, version: u64) -> ProofView {
    let src = |file: &str| format!("{file}?v={version}");
    view::proof(&session.campaign, sample, Some(&made.proof), made.before.as_deref(), &src)
}

/// The form's choices.
fn form(campaign: &Campaign) -> Form {
    let choice = |value: &str, name: String| Choice { value: value.to_owned(), name };
    let template = &campaign.template;
    let mut languages: Vec<LanguageChoice> = template.languages.iter().map(|&one| LanguageChoice::One(one)).collect();
    if languages.len() > 1 {
        languages.push(LanguageChoice::Both);
    }
    let lists = &campaign.participants;
    Form {
        lists: lists
            .iter()
            .map(|list| choice(&list.source.id, format!("{} ({})", list.source.id, list.population)))
            .collect(),
        languages: languages
            .into_iter()
            .map(|language| {
                let value = if language == LanguageChoice::Both { "both" } else { language.as_str() };
                choice(value, view::language_name(language).to_owned())
            })
            .collect(),
        formats: template.formats.clone(),
        institutions: campaign.institutions.iter().map(|(id, place)| choice(id, place.name.clone())).collect(),
        earlier: earlier(campaign),
        categories: template.categories.keys().map(|id| choice(id, id.replace('_', " "))).collect(),
    }
}

/// Whether the made-up person was written to before; a campaign without a memory does not ask.
fn earlier(campaign: &Campaign) -> Vec<Choice> {
    let choice = |value: String, name: String| Choice { value, name };
    if campaign.ledger.is_none() {
        return Vec::new();
    }
    let waves = campaign
        .waves
        .iter()
        .map(|wave| choice(format!("{}{}", made_up::WAVE, wave.id), format!("yes, and now in wave {}", wave.id)));
    [choice(String::new(), "no".to_owned()), choice(made_up::BEFORE.to_owned(), "yes".to_owned())]
        .into_iter()
        .chain(waves)
        .collect()
}

/// A whole number of a query.
fn number(query: &str, name: &str) -> Option<i64> {
    form_urlencoded::parse(query.as_bytes()).find(|(key, _)| key == name)?.1.parse().ok()
}

fn nothing() -> Answer {
    Answer::refused(404, "not found")
}

fn json(value: &impl serde::Serialize) -> Answer {
    Answer::new("application/json", serde_json::to_vec(value).unwrap_or_default())
}

fn html(drawn: Result<String, minijinja::Error>) -> Answer {
    match drawn {
        Ok(page) => Answer::new("text/html; charset=utf-8", page),
        Err(error) => {
            let mut words = "the page cannot be drawn: ".to_owned();
            // Writing to a string does not fail.
            let _ = write!(words, "{error:#}");
            Answer::refused(500, &words)
        }
    }
}

/// A proof that cannot be made, with its problems at their lines.
fn refused(failure: &Failure) -> Answer {
    let problems = super::session::problems(failure);
    Answer { status: 422, ..json(&serde_json::json!({ "problems": problems })) }
}
