//! The text of `campaign.toml` → [`Campaign`].
//!
//! Enters: the TOML, and where profile, letter template and secrets are. Leaves: the checked campaign, or a problem for
//! each key that cannot be. Invariant: no setting is accepted that this version would ignore.

use std::ops::Range;

use toml::de::DeTable;

use crate::model::language::{Language, LanguageChoice};
use crate::model::private::Private;

use super::lists::Lists;
use super::load::Origin;
use super::people::{institutions, printed, seed_values, seeds};
use super::problem::Report;
use super::rules;
use super::secret::{self, KEY_MIN_BYTES, literals};
use super::settings::{Campaign, LedgerSettings};
use super::template_reader::{LetterNames, free_table};
use super::toml_reader::{Field, Place, Section, parse};
use super::vendor::Vendor;

/// Working days in which a letter must be posted, where the campaign says nothing.
pub const WORKING_DAYS: u32 = 2;
const WORKING_DAYS_MAX: u32 = 250;

const LANGUAGES: &[(&str, LanguageChoice)] = &[
    ("nl", LanguageChoice::One(Language::Nl)),
    ("en", LanguageChoice::One(Language::En)),
    ("both", LanguageChoice::Both),
];

/// The checked campaign; where there is none, the report says why.
pub(super) fn read(file: &str, text: &str, origin: &Origin<'_>, report: &Report) -> Option<Campaign> {
    let (source, root) = parse(file, text, report, covered);
    let root = root?;
    let mut root = Section::root(Place { source: &source, report }, root.get_ref());

    let id = root.required("id", "id = \"laboratory-breach\"").and_then(|field| id(&field));
    let date = root.required("date", "date = 2025-09-12").and_then(|field| field.date());
    let vendor = root.required("vendor", "vendor = \"nl-stream\"");
    let vendor = vendor.and_then(|field| origin.vendor(&field, report));
    let letter = root.required("letter", "letter = \"laboratory-breach\"");
    let (letter, template) = letter.map_or_else(Default::default, |field| origin.letter(&field, report));
    let letter = &letter;
    let language = root.required("default_language", "default_language = \"nl\"");
    let language = language.and_then(|field| default_language(&field, letter));
    let key = root.required("case_code_key", "case_code_key = { env = \"MELDPOST_CASE_KEY\" }");
    let key = key.and_then(|field| case_code_key(&field, origin));
    let facts = root.optional("facts", "[facts]").map(|field| field.section().is_some());
    let return_line = root.required("sender", "[sender]").and_then(|field| return_line(&field));

    let mut lists = Lists::new(origin.folder(), letter);
    let participants = some_of(&mut root, "participants", "[[participants]]", |section| lists.participants(section));
    let exposures = some_of(&mut root, "exposures", "[[exposures]]", |section| lists.exposures(section));
    let registers = all(root.tables("registers", "[[registers]]"), |section| lists.register(section));
    let institutions = institutions(root.tables("institutions", "[[institutions]]"));
    let variant_rules = root.tables("variants", "[[variants]]");
    let variants = rules::variants(&root, variant_rules, letter);
    let routing = match root.optional("routing", "[routing]") {
        Some(field) => rules::routing(&field),
        None => Some(std::collections::BTreeMap::new()),
    };
    let limits = rules::limits(root.optional("limits", "[limits]").as_ref());
    let release_per_day = match root.optional("release", "[release]") {
        Some(field) => rules::per_day(&field).map(Some),
        None => Some(None),
    };
    let approvals_required = match root.optional("approval", "[approval]") {
        Some(field) => rules::approvals_required(&field),
        None => Some(0),
    };
    let seeds = seeds(root.tables("seeds", "[[seeds]]"), letter);
    let room = match (&vendor, &seeds) {
        (Some(vendor), Some(seeds)) => has_room(&root, vendor, seeds.len()),
        _ => true,
    };
    let ledger = match root.optional("ledger", "[ledger]") {
        Some(field) => ledger(&field, origin, report).map(Some),
        None => Some(None),
    };
    let waves = root.tables("waves", "[[waves]]");
    if let (Some(first), Some(None)) = (waves.first(), &ledger) {
        first.problem("a wave needs to know who was written to before", "add `[ledger]` with `path`");
    }
    let waves = rules::waves(waves, letter);
    root.finish();

    if !room || facts == Some(false) {
        return None;
    }
    let (max_rejected_percent, max_unusable_exposures_percent) = limits?;
    Some(Campaign {
        folder: origin.folder().to_owned(),
        source: text.to_owned(),
        id: id?,
        template: template?,
        date: date?,
        vendor: vendor?,
        default_language: language?,
        case_code_key: key?,
        facts: free_table(text, "facts"),
        sender: free_table(text, "sender"),
        return_line: return_line?,
        participants: participants?,
        exposures: exposures?,
        registers: registers?,
        institutions: institutions?,
        variants: variants?,
        routing: routing?,
        max_rejected_percent,
        max_unusable_exposures_percent,
        release_per_day: release_per_day?,
        approvals_required: approvals_required?,
        seeds: seeds?,
        ledger: ledger?,
        waves: waves?,
    })
}

/// Whether a package has room for a letter beside the control letters.
fn has_room(root: &Section<'_>, vendor: &Vendor, seeds: usize) -> bool {
    let most = vendor.output.max_letters_per_package;
    let room = seeds < most as usize;
    if !room {
        root.problem(
            format!("{seeds} control letters leave no room for letters: a package of `{}` holds {most}", vendor.name),
            "remove some of [[seeds]], or raise `max_letters_per_package` in the vendor profile",
        );
    }
    room
}

/// What is never shown: a literal key, and the people that control letters go to.
fn covered(root: &DeTable<'_>) -> Vec<Range<usize>> {
    let mut covered = root.get("case_code_key").map(literals).unwrap_or_default();
    covered.extend(seed_values(root));
    covered
}

fn id(field: &Field<'_>) -> Option<String> {
    let id = field.text()?;
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    if id.len() > 40 || !id.bytes().all(plain) {
        field.problem("`id` is no campaign id", "write 1 to 40 of a-z, 0-9 and `-`; packages are named after it");
        return None;
    }
    Some(id.to_owned())
}

fn default_language(field: &Field<'_>, letter: &LetterNames) -> Option<LanguageChoice> {
    let choice = field.choice(LANGUAGES)?;
    if !choice.languages().iter().all(|&language| letter.may_have_language(language)) {
        field.problem("the letter is not written in this language", "choose a language that letter.toml names");
        return None;
    }
    Some(choice)
}

/// The key's bytes; in a run's copy none, because case codes were made when it was planned.
fn case_code_key(field: &Field<'_>, origin: &Origin<'_>) -> Option<Private<Vec<u8>>> {
    let source = secret::source(field, origin.folder())?;
    let Some(environment) = origin.environment() else { return Some(Private::default()) };
    let problem = match source.read(environment) {
        Ok(key) if key.reveal().len() >= KEY_MIN_BYTES => return Some(key),
        Ok(_) => format!("the case code key has fewer than {KEY_MIN_BYTES} bytes"),
        Err(reason) => reason.to_string(),
    };
    let hint = "make a key once, as `openssl rand -hex 32` prints, and keep it: the same key gives a person the same case code";
    field.problem(problem, hint);
    None
}

/// `[sender]` is free but for the line that stands in the window.
fn return_line(field: &Field<'_>) -> Option<String> {
    let mut section = field.section()?;
    let line = section.required("return_line", "return_line = \"Retour: Postbus 1, 1000 AA Amsterdam\"");
    line.and_then(|field| printed(&field))
}

/// The ledger's file, and when a letter that was not posted is overdue.
fn ledger(field: &Field<'_>, origin: &Origin<'_>, report: &Report) -> Option<LedgerSettings> {
    let mut section = field.section()?;
    let path = section.required("path", "path = \"ledger.sqlite\"").and_then(|field| field.text());
    let days = section.optional("working_days", "working_days = 2");
    let working_days = days.map_or(Some(WORKING_DAYS), |field| field.integer(0..=WORKING_DAYS_MAX));
    section.finish();
    Some(LedgerSettings { file: origin.ledger(path?, report)?, working_days: working_days? })
}

/// The lists of a kind that a campaign cannot be without.
fn some_of<'a, T>(
    root: &mut Section<'a>,
    key: &'static str,
    example: &'static str,
    read: impl FnMut(Section<'a>) -> Option<T>,
) -> Option<Vec<T>> {
    let sections = root.required(key, example).map(|field| field.sections())?;
    all(sections, read)
}

/// Every table read, so that each tells its problems; nothing where one is wrong.
fn all<'a, T>(sections: Vec<Section<'a>>, read: impl FnMut(Section<'a>) -> Option<T>) -> Option<Vec<T>> {
    let read: Vec<Option<T>> = sections.into_iter().map(read).collect();
    read.into_iter().collect()
}
