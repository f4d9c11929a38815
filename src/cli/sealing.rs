//! Rendered shards → sealed packages.
//!
//! Enters: a run folder. Leaves: packages, final outcomes, report and, last, the manifest. Invariant: passwords come
//! from the environment or a file, and reach nothing but the archive.

use std::cell::RefCell;
use std::path::Path;

use super::approving;
use super::books::Books;
use super::environment::ProcessEnvironment;
use super::exit::Exit;
use super::failure::Failure;
use super::screen::Screen;
use crate::campaign::settings::Campaign;
use crate::campaign::vendor::Encryption;
use crate::model::private::Private;
use crate::plan::files;
use crate::plan::letters::LetterReader;
use crate::plan::record::Plan;
use crate::seal::{self, Journal, Progress, SealInput, Sealed};

/// Seals a run whose shards are all there.
pub fn seal(
    run: &Path,
    campaign: &Campaign,
    plan: &Plan,
    books: Option<&mut Books>,
    screen: &Screen,
) -> Result<Sealed, Failure> {
    let password = password(campaign)?;
    let path = files::letters_path(run);
    let reader = LetterReader::new(&path);
    let bar = screen.letters("sealing", plan.letters);
    let sign_offs = approving::given(campaign, &files::campaign_path(run))?;
    let mut books = books;
    let keeper = match &mut books {
        Some(books) => Some(RefCell::new(books.keeper(run, plan, campaign)?)),
        None => None,
    };
    let sealed = seal::seal(&SealInput {
        run,
        campaign,
        plan,
        letters: &|range| reader.slice(range.start, range.end - range.start).map_err(|error| Box::new(error) as Box<_>),
        password: password.as_ref(),
        sign_offs: &sign_offs,
        journal: keeper.as_ref().map(|keeper| keeper as &RefCell<dyn Journal + '_>),
        progress: &|progress| match progress {
            Progress::Package { letters } => bar.inc(letters),
            Progress::Outcomes { .. } | Progress::Report | Progress::Manifest => {}
        },
    })?;
    bar.finish_and_clear();
    drop(keeper);
    if let (Some(books), Some(memory)) = (books, &plan.ledger) {
        books.release(memory.run)?;
    }
    let totals = &sealed.manifest.totals;
    tracing::info!(letters = totals.letters, packages = totals.packages, pages = totals.pages, "sealed");
    Ok(sealed)
}

/// The password that the campaign's packages are encrypted with, where its profile asks for one.
pub fn password(campaign: &Campaign) -> Result<Option<Private<Vec<u8>>>, Failure> {
    match &campaign.vendor.encryption {
        Encryption::ZipAes256(source) => source.password(&ProcessEnvironment).map(Some).map_err(|error| {
            Failure::with_hint(
                Exit::Config,
                format!("vendor profile `{}`: {error}", campaign.vendor.name),
                error.hint(),
            )
        }),
        Encryption::None | Encryption::Age(_) => Ok(None),
    }
}
