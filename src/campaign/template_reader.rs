//! A letter template's files → [`LetterTemplate`]: what `letter.toml` names, and whether every language has all of it.
//!
//! Enters: the files. Leaves: the template, or a problem for each file, category and label that a language lacks.
//! Invariant: what one language has, each has, before any letter is made. Absent on purpose: the wording's own syntax
//! and language, which `wording` checks.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use crate::model::exposure::Nature;
use crate::model::language::Language;

use super::letter_template::{CategoryText, LetterTemplate, LintLimits};
use super::lint_reader;
use super::problem::{Problem, Report};
use super::template_files::TemplateFiles;
use super::toml_reader::{Field, Place, Section, names, parse};

/// Pages of one language at most: a mark has two digits for the sheets of a piece, in two languages on one side each.
const PAGES_MAX: u32 = 49;

const SUBJECT: &str = "subject.typ.j2";

const LANGUAGES: &[(&str, Language)] = &[("nl", Language::Nl), ("en", Language::En)];

const NATURES: &[(&str, Nature)] = &[
    ("ordinary", Nature::Ordinary),
    ("contact", Nature::Contact),
    ("identity", Nature::Identity),
    ("identifier", Nature::Identifier),
    ("health", Nature::Health),
    ("criminal", Nature::Criminal),
    ("financial", Nature::Financial),
    ("security", Nature::Security),
];

/// What `letter.toml` names; nothing where it is wrong, so that the rest can still be checked.
#[derive(Default)]
pub(super) struct LetterNames {
    pub(super) languages: Option<Vec<Language>>,
    pub(super) variants: Option<Vec<String>>,
    pub(super) categories: Option<BTreeMap<String, Nature>>,
}

impl LetterNames {
    /// Whether the letter is written in this language, as far as is known.
    pub(super) fn may_have_language(&self, language: Language) -> bool {
        self.languages.as_ref().is_none_or(|languages| languages.contains(&language))
    }
}

/// What `letter.toml` says beside the names.
struct LetterSettings {
    formats: Vec<String>,
    pages_max: u32,
    category_order: Vec<String>,
    uses_person: bool,
    lint: LintLimits,
}

/// The names, so that a campaign can be checked against them, and the template where nothing in it is wrong.
pub(super) fn read(name: &str, files: TemplateFiles, report: &Report) -> (LetterNames, Option<LetterTemplate>) {
    require(&files, "layout.typ", "add the layout: cover and body, in Typst", report);
    let (names, settings) = letter_toml(&files, report);
    let template = languages(&files, &names, report).and_then(|texts| {
        let settings = settings?;
        Some(LetterTemplate {
            name: name.to_owned(),
            sha256: files.sha256(),
            languages: names.languages.clone()?,
            variants: names.variants.clone()?,
            formats: settings.formats,
            pages_max: settings.pages_max,
            categories: names.categories.clone()?,
            category_order: settings.category_order,
            uses_person: settings.uses_person,
            category_texts: texts.categories,
            labels: texts.labels,
            wording: texts.wording,
            lint: settings.lint,
            files: files.files,
        })
    });
    (names, template)
}

/// What the languages' folders hold.
struct Texts {
    categories: BTreeMap<Language, BTreeMap<String, CategoryText>>,
    labels: BTreeMap<Language, BTreeMap<String, String>>,
    wording: BTreeMap<Language, Vec<String>>,
}

fn languages(files: &TemplateFiles, names: &LetterNames, report: &Report) -> Option<Texts> {
    let languages = names.languages.as_ref()?;
    unlisted_languages(files, languages, report);
    let mut categories = BTreeMap::new();
    let mut labels = BTreeMap::new();
    for &language in languages {
        categories.insert(language, category_texts(files, language, names.categories.as_ref(), report));
        labels.insert(language, labels_of(files, language, report));
    }
    label_parity(files, &labels, report);
    let wording = wording(files, languages, report);
    let categories = categories.into_iter().map(|(language, texts)| Some((language, texts?))).collect::<Option<_>>()?;
    let labels = labels.into_iter().map(|(language, labels)| Some((language, labels?))).collect::<Option<_>>()?;
    Some(Texts { categories, labels, wording })
}

fn path(language: Language, file: &str) -> String {
    format!("{}/{file}", language.code())
}

fn require(files: &TemplateFiles, path: &str, hint: &str, report: &Report) -> bool {
    let there = files.files.contains_key(path);
    if !there {
        report.add(Problem::config(&files.source(path), None, "is missing", hint));
    }
    there
}

fn letter_toml(files: &TemplateFiles, report: &Report) -> (LetterNames, Option<LetterSettings>) {
    if !require(files, "letter.toml", "add it: languages, variants, formats, pages_max, [categories]", report) {
        return Default::default();
    }
    let text = &files.files["letter.toml"];
    let (source, root) = parse(&files.shown("letter.toml"), text, report, |_| Vec::new());
    let Some(root) = root else { return Default::default() };
    let mut section = Section::root(Place { source: &source, report }, root.get_ref());

    let languages = section.required("languages", "languages = [\"nl\", \"en\"]").and_then(|field| {
        let languages = field.choices(LANGUAGES)?;
        not_empty(&field, languages)
    });
    let variants =
        section.required("variants", "variants = [\"confirmed\", \"possible\"]").and_then(|field| variants(&field));
    let formats =
        section.required("formats", "formats = [\"standard\", \"large-print\"]").and_then(|field| formats(&field));
    let pages_max = section.required("pages_max", "pages_max = 4").and_then(|field| field.integer(1..=PAGES_MAX));
    let uses = match section.optional("uses", "uses = [\"person\"]") {
        Some(field) => field.choices(&[("person", ())]),
        None => Some(Vec::new()),
    };
    let (categories, category_order) =
        section.required("categories", "[categories]").and_then(|field| categories(&field)).unzip();
    let lint = match section.optional("lint", "[lint]") {
        Some(field) => lint_reader::read(&field),
        None => Some(LintLimits::default()),
    };
    section.finish();

    let settings = (|| {
        Some(LetterSettings {
            formats: formats?,
            pages_max: pages_max?,
            category_order: category_order?,
            uses_person: !uses?.is_empty(),
            lint: lint?,
        })
    })();
    (LetterNames { languages, variants, categories }, settings)
}

/// A table of a file that parsed, as plain values.
pub(super) fn free_table(text: &str, key: &str) -> toml::Table {
    let mut root: toml::Table = text.parse().unwrap_or_default();
    match root.remove(key) {
        Some(toml::Value::Table(table)) => table,
        _ => toml::Table::new(),
    }
}

fn not_empty<T>(field: &Field<'_>, values: Vec<T>) -> Option<Vec<T>> {
    if values.is_empty() {
        field.problem(format!("`{}` is empty", field.name()), "name at least one");
        return None;
    }
    Some(values)
}

fn variants(field: &Field<'_>) -> Option<Vec<String>> {
    let mut variants: Vec<String> = Vec::new();
    let mut sound = true;
    for element in field.elements()? {
        let variant = element.text()?;
        let (message, hint) = if !is_id(variant) {
            (format!("the variant `{variant}` is no plain name"), "write it with a-z, 0-9, `-` and `_` only")
        } else if variant == "seed" {
            ("the variant `seed` is taken".to_owned(), "index.csv calls control letters so; choose another name")
        } else if variants.iter().any(|known| known == variant) {
            (format!("the variant `{variant}` is named twice"), "remove one of them")
        } else {
            variants.push(variant.to_owned());
            continue;
        };
        element.problem(message, hint);
        sound = false;
    }
    not_empty(field, variants).filter(|_| sound)
}

fn formats(field: &Field<'_>) -> Option<Vec<String>> {
    let mut formats = field.choices(&[("standard", "standard"), ("large-print", "large-print")])?;
    if !formats.contains(&"standard") {
        field.problem("the format `standard` is missing", "add it: it is the format of people whose list says nothing");
        return None;
    }
    formats.sort_by_key(|format| *format != "standard");
    Some(formats.into_iter().map(str::to_owned).collect())
}

/// The categories with their natures, and their names in the order of the file.
fn categories(field: &Field<'_>) -> Option<(BTreeMap<String, Nature>, Vec<String>)> {
    let mut entries = field.section()?.entries("bsn = \"identity\"");
    entries.sort_by_key(|(_, nature)| nature.span().start);
    if entries.is_empty() {
        field.problem("`categories` is empty", "name every category of data with its nature, as `bsn = \"identity\"`");
        return None;
    }
    let read = |(id, nature): (&str, Field<'_>)| {
        if !is_id(id) {
            let hint = "write it with a-z, 0-9, `-` and `_` only";
            nature.problem_at_key(format!("the category `{id}` is no plain name"), hint);
            return None;
        }
        nature.choice(NATURES).map(|nature| (id.to_owned(), nature))
    };
    let read: Vec<Option<(String, Nature)>> = entries.into_iter().map(read).collect();
    let read: Vec<(String, Nature)> = read.into_iter().collect::<Option<_>>()?;
    let order = read.iter().map(|(id, _)| id.clone()).collect();
    Some((read.into_iter().collect(), order))
}

/// Whether a name is fit for expressions, columns and file names.
fn is_id(name: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-' || byte == b'_';
    (1..=40).contains(&name.len()) && name.bytes().all(plain)
}

/// A folder of a language that `letter.toml` does not name would be forgotten without a word.
fn unlisted_languages(files: &TemplateFiles, languages: &[Language], report: &Report) {
    let folders: BTreeSet<&str> = files.files.keys().filter_map(|path| Some(path.split_once('/')?.0)).collect();
    for (code, language) in LANGUAGES {
        if folders.contains(code) && !languages.contains(language) {
            let hint = format!("add \"{code}\" to `languages` in letter.toml, or take the folder out");
            report.add(Problem::config(&files.source(code), None, "is no language of this letter", hint));
        }
    }
}

fn category_texts(
    files: &TemplateFiles,
    language: Language,
    letter: Option<&BTreeMap<String, Nature>>,
    report: &Report,
) -> Option<BTreeMap<String, CategoryText>> {
    let path = path(language, "categories.toml");
    let hint = "add it: a table for each category, with label, consequence and steps";
    if !require(files, &path, hint, report) {
        return None;
    }
    let (source, root) = parse(&files.shown(&path), &files.files[&path], report, |_| Vec::new());
    let root = root?;
    let place = Place { source: &source, report };
    let mut texts = BTreeMap::new();
    for (id, field) in Section::root(place, root.get_ref()).entries("[bsn]") {
        if let Some(text) = category_text(&field) {
            texts.insert(id.to_owned(), text);
        }
        if let Some(letter) = letter.filter(|letter| !letter.contains_key(id)) {
            let known = letter.keys().map(String::as_str);
            let otherwise = format!("letter.toml has {}; add it there, or remove it here", names(known.clone()));
            field.unknown_key(id, known, &otherwise);
        }
    }
    for id in letter.iter().flat_map(|letter| letter.keys()) {
        if !root.get_ref().contains_key(id.as_str()) {
            let message = format!("the category `{id}` is missing in language {}", language.code());
            let hint = format!("add [{id}] with label, consequence and steps; letter.toml and so each language has it");
            place.problem(end_of(&files.files[&path]), message, hint);
        }
    }
    Some(texts)
}

fn category_text(field: &Field<'_>) -> Option<CategoryText> {
    let mut section = field.section()?;
    let mut prose = |key, example| section.required(key, example).and_then(|field| field.prose().map(str::to_owned));
    let label = prose("label", "label = \"your citizen service number\"");
    let consequence = prose("consequence", "consequence = \"Somebody may …\"");
    let steps = section.required("steps", "steps = [\"Check …\"]").and_then(|field| {
        field.elements()?.iter().map(|step| step.prose().map(str::to_owned)).collect::<Option<Vec<_>>>()
    });
    section.finish();
    Some(CategoryText { label: label?, consequence: consequence?, steps: steps? })
}

/// The layout's texts in one language; a template without any has no such file.
fn labels_of(files: &TemplateFiles, language: Language, report: &Report) -> Option<BTreeMap<String, String>> {
    let path = path(language, "labels.toml");
    let Some(text) = files.files.get(&path) else { return Some(BTreeMap::new()) };
    let (source, root) = parse(&files.shown(&path), text, report, |_| Vec::new());
    let root = root?;
    let entries =
        Section::root(Place { source: &source, report }, root.get_ref()).entries("questions = \"Questions?\"");
    let texts: Vec<_> =
        entries.iter().map(|(key, field)| Some(((*key).to_owned(), field.prose()?.to_owned()))).collect();
    texts.into_iter().collect()
}

/// A label of one language that another lacks is a problem of the other.
fn label_parity(files: &TemplateFiles, labels: &BTreeMap<Language, Option<BTreeMap<String, String>>>, report: &Report) {
    let keys: BTreeSet<&String> = labels.values().flatten().flat_map(BTreeMap::keys).collect();
    for (&language, own) in labels {
        let Some(own) = own else { continue };
        let path = path(language, "labels.toml");
        for key in keys.iter().filter(|key| !own.contains_key(**key)) {
            let message = format!("the label `{key}` is missing in language {}", language.code());
            let hint = format!("add `{key} = \"…\"`; another language has it");
            let (source, span) = match files.files.get(&path) {
                Some(text) => (super::problem::Source::new(files.shown(&path), text.as_str()), Some(end_of(text))),
                None => (files.source(&path), None),
            };
            report.add(Problem::config(&source, span, message, hint));
        }
    }
}

/// The end of a text, where something that is missing would be added.
fn end_of(text: &str) -> Range<usize> {
    let end = text.trim_end().len();
    end..end
}

/// The parts of the body per language, in order; every language must have the same wording files.
fn wording(files: &TemplateFiles, languages: &[Language], report: &Report) -> BTreeMap<Language, Vec<String>> {
    let mut own: BTreeMap<Language, BTreeSet<&str>> = BTreeMap::new();
    for &language in languages {
        let prefix = path(language, "");
        let names = files.files.keys().filter_map(|path| path.strip_prefix(&prefix));
        let (wording, others): (BTreeSet<&str>, BTreeSet<&str>) = names.partition(|name| name.ends_with(".typ.j2"));
        for other in others.into_iter().filter(|name| !matches!(*name, "categories.toml" | "labels.toml")) {
            let hint = "name wording files `….typ.j2`, or take this file out; nothing reads it";
            report.add(Problem::config(&files.source(&path(language, other)), None, "is no file of a language", hint));
        }
        own.insert(language, wording);
    }
    let mut all: BTreeSet<&str> = own.values().flatten().copied().collect();
    all.insert(SUBJECT);
    for (&language, wording) in &own {
        for missing in all.difference(wording) {
            let hint = match *missing {
                SUBJECT => "add it: the subject line of the letter",
                _ => "add it; another language has this part of the wording",
            };
            report.add(Problem::config(&files.source(&path(language, missing)), None, "is missing", hint));
        }
        if !wording.iter().any(|name| is_part(name)) {
            let hint = "add a wording file such as `10-core.typ.j2`";
            report.add(Problem::config(&files.source(language.code()), None, "has no part of a body", hint));
        }
    }
    own.into_iter()
        .map(|(language, names)| {
            (language, names.into_iter().filter(|name| is_part(name)).map(|name| path(language, name)).collect())
        })
        .collect()
}

fn is_part(name: &str) -> bool {
    name != SUBJECT && !name.rsplit('/').next().unwrap_or_default().starts_with('_')
}
