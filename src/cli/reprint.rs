//! `meldpost reprint`: spoiled pieces → one more package.
//!
//! Enters: a sealed run folder and a list of case codes. Leaves: a package of these pieces, and one more attempt on record
//! for each. Invariant: all codes are known or nothing is made.

use std::num::NonZeroUsize;
use std::path::Path;

use super::exit::Exit;
use super::failure::Failure;
use super::output::Output;
use super::screen::Screen;
use super::{planning, sealing};
use crate::campaign::settings::Campaign;
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
    let Codes { codes, doubled, .. } = read(codes)?;
    let (spoiled, unknown) = spoiled::find(run, campaign, plan, &codes)?;
    if !unknown.is_empty() {
        return Err(refused(
            "no printed piece of this run has",
            &unknown.iter().map(|code| code.printed()).collect::<Vec<_>>(),
        ));
    }
    let password = sealing::password(campaign)?;
    let id = reprint::next_id(campaign, &Reprints::read(run)?);
    let files = gather(run, campaign, &spoiled, &id, threads, screen)?;
    let made = reprint::reprint(&ReprintInput { run, campaign, files: &files, password: password.as_ref() })?;
    tracing::info!(letters = made.letters, pages = made.pages, "reprinted");
    Ok(output(run, &made, doubled))
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

fn refused(what: &str, which: &[String]) -> Failure {
    let more = match which.len().saturating_sub(NAMED) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let named = which.iter().take(NAMED).map(String::as_str).collect::<Vec<_>>().join(", ");
    Failure::with_hint(
        Exit::Data,
        format!("{what} {named}{more}"),
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

fn output(run: &Path, made: &Reprint, doubled: usize) -> Output {
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
    let json = serde_json::json!({ "reprint": made, "named_again": doubled });
    Output { text, json }
}
