//! The files of an invented campaign besides its lists.
//!
//! Enters: people and seed, for a comment. Leaves: texts. Invariant: the lists' columns are named from the same table
//! that they are written with.

use std::fmt::Write;
use std::path::Path;

use include_dir::{Dir, include_dir};

use super::lists::{Column, PARTICIPANTS, REGISTERS, WIDE};
use super::names::Alphabet;
use crate::store::{self, StoreError};

/// The letter that everybody gets.
static LETTER: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/letter-templates/laboratory-breach");

/// Pages that the campaign's copy of the letter may have. Everything in large print has more, ordinary letters have
/// fewer, both by a page at least, so that a small change of the wording changes no outcome.
const PAGES_MAX: u32 = 5;

/// The print house's profile.
pub const PRESS: &str = include_str!("campaign/press.toml");

/// The key of the case codes. Whoever reads it knows that nobody is behind these codes.
pub fn case_key(seed: u64) -> String {
    format!("synthetic-key-for-invented-people-only-seed-{seed}\n")
}

/// Writes the campaign's own copy of the letter, with its own limit of pages.
///
/// # Errors
/// When a file cannot be written.
pub fn write_letter(folder: &Path) -> Result<(), StoreError> {
    fn write(folder: &Path, dir: &Dir<'_>) -> Result<(), StoreError> {
        store::folder(&folder.join(dir.path()))?;
        dir.files().try_for_each(|file| {
            let settings = file.path() == Path::new("letter.toml");
            let limited = file.contents_utf8().filter(|_| settings).map(with_own_limit);
            store::write(&folder.join(file.path()), limited.as_ref().map_or(file.contents(), String::as_bytes))
        })?;
        dir.dirs().try_for_each(|dir| write(folder, dir))
    }
    write(&folder.join("letter-templates/laboratory-breach"), &LETTER)
}

fn with_own_limit(settings: &str) -> String {
    let limit = |line: &str| {
        if line.starts_with("pages_max") { format!("pages_max = {PAGES_MAX}\n") } else { format!("{line}\n") }
    };
    settings.lines().map(limit).collect()
}

/// `campaign.toml`.
pub fn campaign(people: u64, seed: u64) -> String {
    let mut text = format!(
        "# An invented population: {people} people from seed {seed}, made by `meldpost synth`. Nobody in it exists.\n\
         # planted.json says what a run must make of it.\n\n",
    );
    text += include_str!("campaign/head.toml");
    for shape in &PARTICIPANTS {
        // Writing to a string does not fail.
        let _ = write!(
            text,
            "\n[[participants]]\nid = \"{}\"\npopulation = \"{}\"\npath = \"data/{0}.csv\"\nkey = \"{}\"\n",
            shape.id, shape.population, shape.key,
        );
        if shape.alphabet == Alphabet::Western {
            text += "encoding = \"windows-1252\"\n";
        }
        let renamed: Vec<String> = shape
            .columns
            .iter()
            .filter_map(|&(header, column)| Some((header, name(column)?)))
            .filter(|(header, name)| header != name)
            .map(|(header, name)| format!("{name} = \"{header}\"\n"))
            .collect();
        if !renamed.is_empty() {
            text += "\n[participants.columns]\n";
            text.extend(renamed);
        }
    }
    text += "\n[[exposures]]\nid = \"lab-delivery-1\"\npath = \"data/lab-delivery-1.csv\"\nkey = \"bsn\"\nlayout = \"wide\"\n\
             columns = { person_key = \"BSN\" }\n\n[exposures.categories]\n";
    for (category, column) in WIDE {
        let _ = writeln!(text, "{category} = \"{column}\"");
    }
    text += "\n[[exposures]]\nid = \"lab-delivery-2\"\npath = \"data/lab-delivery-2.csv\"\nkey = \"bsn\"\nlayout = \"long\"\n\n\
             [[exposures]]\nid = \"patient-exposures\"\npath = \"data/patient-exposures.csv\"\nkey = \"opaque\"\n\
             layout = \"long\"\nconfirm = [\"birth_date\"]\n";
    let kinds = ["deceased", "deceased", "do_not_mail", "already_informed", "protected_address", "returned"];
    for (id, kind) in REGISTERS.into_iter().zip(kinds) {
        let key = if id == "deaths-hospital" { "opaque" } else { "bsn" };
        let _ = write!(
            text,
            "\n[[registers]]\nid = \"{id}\"\nkind = \"{kind}\"\npath = \"data/{id}.csv\"\nkey = \"{key}\"\n"
        );
    }
    text.push('\n');
    text + include_str!("campaign/tail.toml")
}

/// The contract's name of a column; none where nothing maps it.
const fn name(column: Column) -> Option<&'static str> {
    match column {
        Column::Key => Some("person_key"),
        Column::BirthDate => Some("birth_date"),
        Column::DeathDate => Some("death_date"),
        Column::SourceRef => Some("source_ref"),
        Column::Text(field) => Some(field.as_str()),
        Column::Remark => None,
    }
}
