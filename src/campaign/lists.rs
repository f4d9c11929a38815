//! `[[participants]]`, `[[exposures]]` and `[[registers]]` → how each list is read.
//!
//! Enters: the tables. Leaves: checked lists. Invariant: ids are unique over all lists and fit for file names; every
//! field, category and option that a list names exists. Absent on purpose: opening the files, which is `intake`'s.

use std::collections::BTreeMap;
use std::path::Path;

use super::settings::{
    ConfirmField, Encoding, ExposureLayout, ExposureList, KeyKind, ListSource, ParticipantsList, Register, RegisterKind,
};
use super::template_reader::LetterNames;
use super::toml_reader::{Field, Section, names};

/// Fields of a participants list.
pub const PARTICIPANT_FIELDS: &[&str] = &[
    "person_key",
    "initials",
    "given_names",
    "prefix",
    "surname",
    "partner_prefix",
    "partner_surname",
    "name_usage",
    "sex",
    "birth_date",
    "death_date",
    "street",
    "house_number",
    "house_letter",
    "house_addition",
    "designation",
    "postcode",
    "city",
    "municipality",
    "location_description",
    "country",
    "foreign_line1",
    "foreign_line2",
    "foreign_line3",
    "language",
    "format",
    "address_status",
    "representative_name",
    "representative_role",
    "institution",
    "source_ref",
];

/// Fields of a long exposure list.
pub const LONG_EXPOSURE_FIELDS: &[&str] = &[
    "person_key",
    "category",
    "certainty",
    "birth_date",
    "postcode",
    "surname",
    "period_from",
    "period_to",
    "dataset",
];

/// Fields of a wide exposure list, beside its categories.
pub const WIDE_EXPOSURE_FIELDS: &[&str] =
    &["person_key", "birth_date", "postcode", "surname", "period_from", "period_to", "dataset"];

/// Fields of a register.
pub const REGISTER_FIELDS: &[&str] = &["person_key", "date", "note"];

const CONFIRM: &[(&str, ConfirmField)] = &[
    ("birth_date", ConfirmField::BirthDate),
    ("postcode", ConfirmField::Postcode),
    ("surname", ConfirmField::Surname),
];

const KINDS: &[(&str, RegisterKind)] = &[
    ("deceased", RegisterKind::Deceased),
    ("do_not_mail", RegisterKind::DoNotMail),
    ("protected_address", RegisterKind::ProtectedAddress),
    ("already_informed", RegisterKind::AlreadyInformed),
    ("returned", RegisterKind::Returned),
];

/// Reads lists one after another; their ids must differ.
pub(super) struct Lists<'a> {
    folder: &'a Path,
    letter: &'a LetterNames,
    ids: Vec<String>,
}

impl<'a> Lists<'a> {
    pub(super) const fn new(folder: &'a Path, letter: &'a LetterNames) -> Self {
        Self { folder, letter, ids: Vec::new() }
    }

    pub(super) fn participants(&mut self, mut section: Section<'_>) -> Option<ParticipantsList> {
        let population = section.required("population", "population = \"cervical-screening\"");
        let population = population.and_then(|field| field.text().map(str::to_owned));
        let source = self.source(&mut section, PARTICIPANT_FIELDS);
        section.finish();
        Some(ParticipantsList { source: source?, population: population? })
    }

    pub(super) fn exposures(&mut self, mut section: Section<'_>) -> Option<ExposureList> {
        let layouts = [("long", false), ("wide", true)];
        let wide = section.required("layout", "layout = \"long\"").and_then(|field| field.choice(&layouts));
        let fields = if wide == Some(true) { WIDE_EXPOSURE_FIELDS } else { LONG_EXPOSURE_FIELDS };
        let source = self.source(&mut section, fields);
        let categories = match section.optional("categories", "categories = { bsn = \"BSN_leaked\" }") {
            Some(field) => self.categories(&field, wide),
            None => Some(BTreeMap::new()),
        };
        let confirm = match section.optional("confirm", "confirm = [\"birth_date\"]") {
            Some(field) => field.choices(CONFIRM),
            None => Some(Vec::new()),
        };
        section.finish();
        let layout =
            if wide? { ExposureLayout::Wide(categories?) } else { categories.map(|_| ExposureLayout::Long)? };
        Some(ExposureList { source: source?, layout, confirm: confirm? })
    }

    pub(super) fn register(&mut self, mut section: Section<'_>) -> Option<Register> {
        let kind = section.required("kind", "kind = \"deceased\"").and_then(|field| field.choice(KINDS));
        let source = self.source(&mut section, REGISTER_FIELDS);
        section.finish();
        Some(Register { source: source?, kind: kind? })
    }

    fn source(&mut self, section: &mut Section<'_>, fields: &[&'static str]) -> Option<ListSource> {
        let id = section.required("id", "id = \"screening\"").and_then(|field| self.id(&field));
        let path = section.required("path", "path = \"data/people.csv\"");
        let kind = path.as_ref().and_then(file_kind);
        let path = path.and_then(|field| field.text());
        let keys = [("bsn", KeyKind::Bsn), ("opaque", KeyKind::Opaque)];
        let key = section.required("key", "key = \"bsn\"").and_then(|field| field.choice(&keys));
        let columns = match section.optional("columns", "columns = { surname = \"Achternaam\" }") {
            Some(field) => columns(&field, fields),
            None => Some(BTreeMap::new()),
        };
        let encodings = [("utf-8", Encoding::Utf8), ("windows-1252", Encoding::Windows1252)];
        let encoding = match section.optional("encoding", "encoding = \"windows-1252\"") {
            Some(field) if useless(&field, kind, FileKind::Csv, ".csv") => None,
            Some(field) => field.choice(&encodings),
            None => Some(Encoding::Utf8),
        };
        let sheet = match section.optional("sheet", "sheet = \"People\"") {
            Some(field) if useless(&field, kind, FileKind::Xlsx, ".xlsx") => None,
            Some(field) => field.text().map(|text| Some(text.to_owned())),
            None => Some(None),
        };
        kind?;
        let path = path?;
        Some(ListSource {
            id: id?,
            path: path.to_owned(),
            file: self.folder.join(path),
            key: key?,
            columns: columns?,
            encoding: encoding?,
            sheet: sheet?,
        })
    }

    fn id(&mut self, field: &Field<'_>) -> Option<String> {
        let id = field.text()?;
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        if id.len() > 40 || !id.bytes().all(plain) {
            let hint = "write at most 40 letters, digits, `-` and `_`; the id names the list in files";
            field.problem(format!("`{}` is no plain name", field.name()), hint);
            return None;
        }
        if self.ids.iter().any(|known| known == id) {
            field.problem(format!("two lists are called `{id}`"), "give each list an id of its own, registers too");
            return None;
        }
        self.ids.push(id.to_owned());
        Some(id.to_owned())
    }

    /// Category → column of a wide list; a long list has its categories in a column.
    fn categories(&self, field: &Field<'_>, wide: Option<bool>) -> Option<BTreeMap<String, String>> {
        let entries = field.section()?.entries(field.example());
        if wide == Some(false) && !entries.is_empty() {
            let hint = "remove it: a long list names the category of each row in its column `category`";
            field.problem(format!("`{}` is for wide lists", field.name()), hint);
            return None;
        }
        let mut columns = BTreeMap::new();
        let mut sound = true;
        for (category, column) in entries {
            if let Some(known) = &self.letter.categories
                && !known.contains_key(category)
            {
                let known = known.keys().map(String::as_str);
                let otherwise = format!("letter.toml has {}", names(known.clone()));
                column.unknown_key(category, known, &otherwise);
                sound = false;
            }
            match column.text() {
                Some(text) => drop(columns.insert(category.to_owned(), text.to_owned())),
                None => sound = false,
            }
        }
        sound.then_some(columns)
    }
}

/// What a list's name says that it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum FileKind {
    Csv,
    Parquet,
    Xlsx,
}

fn file_kind(field: &Field<'_>) -> Option<FileKind> {
    let extension =
        Path::new(field.text()?).extension().map(|extension| extension.to_string_lossy().to_ascii_lowercase());
    match extension.as_deref() {
        Some("csv") => Some(FileKind::Csv),
        Some("parquet") => Some(FileKind::Parquet),
        Some("xlsx") => Some(FileKind::Xlsx),
        _ => {
            let hint = "lists are read from .csv, .parquet and .xlsx; save it as one of them, with that ending";
            field.problem(format!("`{}` names no kind of file that can be read", field.name()), hint);
            None
        }
    }
}

/// Notes an option that does nothing for this kind of file.
fn useless(field: &Field<'_>, kind: Option<FileKind>, of: FileKind, ending: &str) -> bool {
    let useless = kind.is_some_and(|kind| kind != of);
    if useless {
        field.problem_at_key(format!("`{}` is for {ending} lists only", field.name()), "remove it");
    }
    useless
}

/// Our field → their column.
fn columns(field: &Field<'_>, fields: &[&'static str]) -> Option<BTreeMap<String, String>> {
    let mut columns = BTreeMap::new();
    let mut sound = true;
    for (ours, theirs) in field.section()?.entries(field.example()) {
        if !fields.contains(&ours) {
            let otherwise = format!("this list has the fields {}", names(fields.iter().copied()));
            theirs.unknown_key(ours, fields.iter().copied(), &otherwise);
            sound = false;
        }
        match theirs.text() {
            Some(theirs) => drop(columns.insert(ours.to_owned(), theirs.to_owned())),
            None => sound = false,
        }
    }
    sound.then_some(columns)
}
