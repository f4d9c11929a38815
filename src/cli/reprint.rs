//! `meldpost reprint`: spoiled pieces → one more package.
//!
//! Enters: a sealed run folder and a list of case codes. Leaves: a package of these pieces, and one more attempt on record
//! for each, in the run folder and in the ledger, where one is kept. Invariants: all codes are known and none is with the
//! post, or nothing is made; what was killed before the ledger had it is noted by the next command, and not made twice.

use std::collections::BTreeSet;
use std::num::NonZeroUsize;
use std::path::Path;

use super::books::Books;
use super::exit::Exit;
use super::failure::Failure;
use super::output::Output;
use super::screen::Screen;
use super::{planning, purge, sealing};
use crate::campaign::settings::Campaign;
use crate::ledger::{PieceState, Pieces};
use crate::model::case_code::CaseCode;
use crate::plan::files;
use crate::plan::letters::LetterReader;
use crate::plan::record::Plan;
use crate::render::bodies::Bodies;
use crate::render::covers::CoverPress;
use crate::render::shard::ShardPress;
use crate::render::workers;
use crate::seal::reprint::{self, Reprint, ReprintData, ReprintInput, Reprints};
use crate::seal::spoiled::{self, Codes, Spoiled};

/// Codes that are named one by one in a message.
const NAMED: usize = 20;

/// Makes a package of the pieces that a list names.
pub fn reprint(
    run: &Path,
    campaign: &Campaign,
    plan: &Plan,
    codes: &Path,
    threads: NonZeroUsize,
    screen: &Screen,
) -> Result<Output, Failure> {
    if !run.join("manifest.json").exists() {
        return Err(Failure::with_hint(
            Exit::TryAgain,
            format!("{} is not sealed: nothing can have been spoiled yet", run.display()),
            "seal it first: meldpost seal --run DIR",
        ));
    }
    if run.join(purge::MARK).exists() {
        return Err(Failure::with_hint(
            Exit::Data,
            format!("{} was purged: its letters are gone", run.display()),
            "nothing can be printed again; to write to somebody again, make a new run",
        ));
    }
    let Codes { codes, doubled, .. } = read(codes)?;
    let (spoiled, unknown) = spoiled::find(run, campaign, plan, &codes)?;
    if !unknown.is_empty() {
        return Err(refused(
            "no printed piece of this run has",
            &unknown.iter().map(|code| code.printed()).collect::<Vec<_>>(),
        ));
    }
    let mut books = Books::for_reprint(run, campaign, plan)?;
    let mut left = Vec::new();
    if let Some((books, number, noted)) = &mut books {
        left = std::mem::take(noted);
        refuse_posted(&books.pieces(*number)?, &codes)?;
    }
    let reprints = Reprints::read(run)?;
    let begun = reprints.reprints.last().filter(|last| left.last() == Some(&last.id) && last.is_of(&codes));
    let made = if let Some(begun) = begun {
        begun.clone()
    } else {
        let password = sealing::password(campaign)?;
        let id = reprint::next_id(campaign, &reprints);
        let files = gather(run, campaign, &spoiled, &id, threads, screen)?;
        reprint::reprint(&ReprintInput { run, campaign, files: &files, password: password.as_ref() })?
    };
    if let Some((mut books, number, _)) = books {
        books.note_reprints(run, number)?;
        books.close()?;
    }
    tracing::info!(letters = made.letters, pages = made.pages, "reprinted");
    Ok(output(run, &made, doubled, &left))
}

/// A letter that is with the post is not printed again: somebody would get it twice.
fn refuse_posted(pieces: &Pieces, codes: &BTreeSet<CaseCode>) -> Result<(), Failure> {
    let is_posted = |code: &CaseCode| {
        let piece = pieces.find(*code).map(|at| pieces.all[at].state);
        matches!(piece, Some(PieceState::Posted | PieceState::Returned(_)))
    };
    let posted: Vec<String> = codes.iter().copied().filter(is_posted).map(CaseCode::printed).collect();
    if posted.is_empty() {
        return Ok(());
    }
    Err(Failure::with_hint(
        Exit::Data,
        format!("the ledger has these with the post: {}", named(&posted)),
        "take them off the list, or somebody gets two letters; who is to be written to again gets a wave. Nothing was made",
    ))
}

/// The codes of a list.
fn read(path: &Path) -> Result<Codes, Failure> {
    let text = std::fs::read_to_string(path).map_err(|error| {
        Failure::with_hint(
            Exit::Data,
            format!("the list of codes {} cannot be read: {error}", path.display()),
            "write the case codes of the spoiled pieces into a text file, one a line",
        )
    })?;
    let codes = Codes::read(&text);
    if !codes.wrong.is_empty() {
        let lines: Vec<String> = codes.wrong.iter().map(|line| format!("line {line}")).collect();
        return Err(refused("these are no case codes, or were mistyped:", &lines));
    }
    if codes.codes.is_empty() {
        return Err(Failure::with_hint(
            Exit::Data,
            format!("{} names no case code", path.display()),
            "write the case codes of the spoiled pieces into it, one a line",
        ));
    }
    Ok(codes)
}

/// As many as fit a message, and how many more there are.
fn named(which: &[String]) -> String {
    let more = match which.len().saturating_sub(NAMED) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    which.iter().take(NAMED).map(String::as_str).collect::<Vec<_>>().join(", ") + &more
}

fn refused(what: &str, which: &[String]) -> Failure {
    Failure::with_hint(
        Exit::Data,
        format!("{what} {}", named(which)),
        "correct the list; nothing was made, so that no piece is forgotten",
    )
}

/// The pieces as PDFs; shards whose PDFs are gone are rendered again.
fn gather(
    run: &Path,
    campaign: &Campaign,
    spoiled: &[Spoiled],
    id: &str,
    threads: NonZeroUsize,
    screen: &Screen,
) -> Result<Vec<ReprintData>, Failure> {
    let wording = planning::wording(campaign)?;
    let press = planning::press(campaign);
    let bodies = Bodies::new(campaign, wording, &press);
    let shards = ShardPress::new(campaign, &bodies, CoverPress::new(&press, campaign));
    let path = files::letters_path(run);
    let reader = LetterReader::new(&path);
    let bar = screen.letters("reprint", spoiled.iter().map(|spoiled| spoiled.shard.letters).sum());
    let taken = workers::run(threads, spoiled.len(), |index| {
        let spoiled = &spoiled[index];
        let letters = reader.slice(spoiled.shard.first, spoiled.shard.letters)?;
        let data =
            spoiled::sealed_data(run, spoiled, || Ok::<_, Failure>(shards.make(spoiled.shard.number, &letters)?))?;
        bar.inc(spoiled.shard.letters);
        Ok::<_, Failure>(spoiled::take(campaign, spoiled, data, &letters, id)?)
    });
    bar.finish_and_clear();
    Ok(spoiled::files(campaign, taken.into_iter().collect::<Result<_, _>>()?, id)?)
}

/// What was made; `left` are packages that an interrupted command had not noted in the ledger.
fn output(run: &Path, made: &Reprint, doubled: usize, left: &[String]) -> Output {
    let mut text = format!(
        "{}: {} letters, {} control letters, {} pages on {} sheets",
        run.join("packages").join(&made.file).display(),
        made.letters,
        made.seeds,
        made.pages,
        made.sheets,
    );
    if doubled > 0 {
        text.push_str(&format!("\n  {doubled} lines name a piece that was named before; each is in it once"));
    }
    let again = made.attempts.values().filter(|&&attempts| attempts > 2).count();
    if again > 0 {
        text.push_str(&format!("\n  {again} of them were printed again before; look into why they spoil"));
    }
    for id in left {
        text.push_str(&if *id == made.id {
            "\n  it was interrupted before, and is complete now; no second package was made".to_owned()
        } else {
            format!("\n  {id}, which was interrupted before, is complete too")
        });
    }
    let json = serde_json::json!({ "reprint": made, "named_again": doubled, "interrupted_before": left });
    Output { text, json }
}
