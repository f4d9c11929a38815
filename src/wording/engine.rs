//! Wording files and facts → Typst markup.
//!
//! Enters: a campaign with its letter template. Leaves: the markup of a body and its subject, for one request at a time.
//! Invariants: undefined names are errors; every value is escaped; two requests that agree in the names that the
//! wording uses have the same [`signature`](Wording::signature), and so the same text.

use std::collections::{BTreeMap, BTreeSet};

use minijinja::syntax::SyntaxConfig;
use minijinja::value::{Serde, Value};
use minijinja::{AutoEscape, Environment, Error, ErrorKind, UndefinedBehavior};

use super::context::{Context, NAMES, Request};
use super::{escape, format};
use crate::campaign::settings::Campaign;
use crate::model::language::Language;

/// Ends the name of a wording file.
pub(super) const SUFFIX: &str = ".typ.j2";
/// The file below a language's folder that holds the subject.
const SUBJECT: &str = "subject.typ.j2";
/// Instructions that one part may take: a wording that loops without end is stopped.
const FUEL: u64 = 2_000_000;

/// A wording that could not be rendered.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{file}{}: {message}", .line.map(|line| format!(", line {line}")).unwrap_or_default())]
pub struct WordingError {
    /// The file below the letter template's folder.
    pub file: String,
    /// 1-based line in that file.
    pub line: Option<usize>,
    /// Byte range in that file.
    pub range: Option<std::ops::Range<usize>>,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub hint: Option<String>,
}

/// The texts of one body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendered {
    /// The subject, as markup.
    pub subject: String,
    /// The subject, as plain text for the document's title.
    pub title: String,
    /// The parts of the body, as one piece of markup.
    pub body: String,
    /// Each part's file and the byte of `body` where it starts.
    pub parts: Vec<(String, usize)>,
}

impl Rendered {
    /// The file and the byte in its rendered text, for a byte of `body`.
    pub fn part_at(&self, offset: usize) -> Option<(&str, usize)> {
        let (file, start) = self.parts.iter().rev().find(|(_, start)| *start <= offset)?;
        Some((file, offset - start))
    }
}

/// The wordings of a campaign, compiled.
pub struct Wording<'c> {
    campaign: &'c Campaign,
    markup: Environment<'c>,
    plain: Environment<'c>,
    /// The names that any file of a language uses.
    used: BTreeMap<Language, BTreeSet<String>>,
    /// The names that a file uses, those of the files that it takes in included.
    used_by: BTreeMap<&'c str, BTreeSet<String>>,
}

impl<'c> Wording<'c> {
    /// Compiles every wording file of the campaign's letter template.
    ///
    /// # Errors
    /// Every file that does not compile, and every name that no wording can know.
    pub fn new(campaign: &'c Campaign) -> Result<Self, Vec<WordingError>> {
        let mut problems = Vec::new();
        let mut markup = markup_environment();
        let mut plain = environment(AutoEscape::None);
        plain.set_formatter(escape::plain);
        let mut used: BTreeMap<Language, BTreeSet<String>> = BTreeMap::new();
        let mut used_by: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
        for (path, text) in campaign.template.files.iter().filter(|(path, _)| path.ends_with(SUFFIX)) {
            let Some(language) = path.split('/').next().and_then(Language::parse) else { continue };
            for environment in [&mut markup, &mut plain] {
                if let Err(error) = environment.add_template(path, text) {
                    problems.push(explain(&error, path, text));
                    break;
                }
            }
            let Ok(template) = markup.get_template(path) else { continue };
            let names = template.undeclared_variables(false);
            for name in template.undeclared_variables(true).into_iter().collect::<BTreeSet<_>>() {
                problems.extend(missing_value(campaign, path, text, &name));
            }
            for name in names.iter().filter(|name| !NAMES.contains(&name.as_str())).collect::<BTreeSet<_>>() {
                let functions = markup.globals().any(|(global, _)| global == name.as_str());
                if !functions {
                    problems.push(undefined(path, text, name));
                }
            }
            used.entry(language).or_default().extend(names.iter().cloned());
            used_by.insert(path, names.into_iter().collect());
        }
        if !problems.is_empty() {
            return Err(problems);
        }
        let used_by = used_by.keys().map(|&path| (path, with_taken_in(campaign, &used_by, path))).collect();
        Ok(Self { campaign, markup, plain, used, used_by })
    }

    /// What the wording can tell one request from another by: equal signatures give equal texts. Facts, sender and
    /// campaign are the same for everybody and are not in it.
    pub fn signature(&self, request: &Request<'_>) -> String {
        signature(request, self.used.get(&request.language))
    }

    /// As [`signature`](Self::signature), for one file.
    pub fn file_signature(&self, file: &str, request: &Request<'_>) -> String {
        signature(request, self.used_by.get(file))
    }

    /// Renders the texts of one body.
    ///
    /// # Errors
    /// The first name or value in the wording that does not work for this request.
    pub fn render(&self, request: &Request<'_>) -> Result<Rendered, WordingError> {
        let context = Value::from(Serde(Context::new(self.campaign, request)));
        let subject_file = subject_file(request.language);
        let mut body = String::new();
        let mut parts = Vec::new();
        for file in self.campaign.template.wording.get(&request.language).into_iter().flatten() {
            let text = self.file(&self.markup, file, &context)?;
            if text.trim().is_empty() {
                continue;
            }
            parts.push((file.clone(), body.len()));
            body.push_str(&text);
            body.push_str("\n\n");
        }
        Ok(Rendered {
            subject: self.file(&self.markup, &subject_file, &context)?.trim().to_owned(),
            title: self.file(&self.plain, &subject_file, &context)?.trim().to_owned(),
            body,
            parts,
        })
    }

    /// Renders one file.
    ///
    /// # Errors
    /// The first name or value in it that does not work for this request.
    pub fn render_file(&self, file: &str, request: &Request<'_>) -> Result<String, WordingError> {
        let context = Value::from(Serde(Context::new(self.campaign, request)));
        if file == subject_file(request.language) {
            self.file(&self.plain, file, &context)?;
        }
        self.file(&self.markup, file, &context)
    }

    fn file(&self, environment: &Environment<'_>, path: &str, context: &Value) -> Result<String, WordingError> {
        environment.get_template(path).and_then(|template| template.render(context)).map_err(|error| {
            // An included file's error names that file.
            let path = error.name().unwrap_or(path).to_owned();
            let text = self.campaign.template.files.get(&path).map_or("", String::as_str);
            explain(&error, &path, text)
        })
    }
}

/// What texts that use these names can tell one request from another by.
fn signature(request: &Request<'_>, used: Option<&BTreeSet<String>>) -> String {
    let uses = |name: &str| used.is_some_and(|used| used.contains(name));
    let facts = request.facts;
    let mut signature = format!("{} {}", request.language.code(), request.format);
    let mut add = |name: &str, value: &str| {
        signature.push('\n');
        signature.push_str(name);
        signature.push(' ');
        signature.push_str(value);
    };
    if uses("variant") {
        add("variant", request.variant);
    }
    if uses("addressee") {
        add("addressee", facts.addressee.as_str());
    }
    if uses("populations") {
        facts.populations.iter().for_each(|population| add("population", population));
    }
    if uses("lists") {
        facts.lists.iter().for_each(|list| add("list", list));
    }
    if uses("age") {
        add("age", &facts.age.map_or(String::new(), |age| age.to_string()));
    }
    if uses("country") {
        add("country", &facts.country);
    }
    if uses("written_before") {
        add("written_before", if facts.written_before { "yes" } else { "no" });
    }
    let periods = ["confirmed", "possible", "ruled_out"].into_iter().any(uses);
    if periods || uses("categories") || uses("certainties") {
        for (category, exposed) in &facts.categories {
            add(category, exposed.certainty.as_str());
            if periods {
                add("from", &exposed.period_from.map_or(String::new(), |date| date.iso()));
                add("to", &exposed.period_to.map_or(String::new(), |date| date.iso()));
            }
        }
    }
    if let Some((person, position)) = request.person {
        add("name", &person.name_line);
        add("salutation", person.salutations.get(position).map_or("", String::as_str));
    }
    signature
}

/// The names of a file and of all files that it takes in; of all files of its language where it computes which.
fn with_taken_in(campaign: &Campaign, used_by: &BTreeMap<&str, BTreeSet<String>>, path: &str) -> BTreeSet<String> {
    let folder = path.split('/').next().unwrap_or_default();
    let mut open = vec![path];
    let mut taken: BTreeSet<&str> = BTreeSet::new();
    while let Some(next) = open.pop() {
        if !taken.insert(next) {
            continue;
        }
        let text = campaign.template.files.get(next).map_or("", String::as_str);
        let of_language = used_by.keys().copied().filter(|other| other.starts_with(folder));
        let computed = takes_in_what_it_computes(text);
        open.extend(
            of_language.filter(|other| computed || other.rsplit('/').next().is_some_and(|name| text.contains(name))),
        );
    }
    taken.into_iter().filter_map(|path| used_by.get(path)).flatten().cloned().collect()
}

/// Whether a tag takes in a file that is not named in quotes.
fn takes_in_what_it_computes(text: &str) -> bool {
    text.split("{%").skip(1).any(|tag| {
        let tag = tag.trim_start_matches(['-', '+']).trim_start();
        let taken = ["include", "import", "from", "extends"].iter().find_map(|word| tag.strip_prefix(word));
        taken.is_some_and(|name| !name.trim_start().starts_with(['"', '\'']))
    })
}

/// Where wordings become markup.
pub(super) fn markup_environment<'c>() -> Environment<'c> {
    let mut markup = environment(AutoEscape::Custom("typst".into()));
    markup.set_formatter(escape::markup);
    markup
}

/// Filters and rules that every wording file has.
fn environment<'c>(escaping: AutoEscape) -> Environment<'c> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_auto_escape_callback(move |_| escaping.clone());
    environment.set_fuel(Some(FUEL));
    environment.set_debug(true);
    // A line that holds a block tag only leaves nothing behind: people lay out wordings by eye.
    environment.set_syntax(
        SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build().expect("the usual delimiters"),
    );
    // Included files stand in the language's own folder.
    environment.set_path_join_callback(|name, parent| match parent.rsplit_once('/') {
        Some((folder, _)) if !name.contains('/') => format!("{folder}/{name}").into(),
        _ => name.into(),
    });
    // Values are data: nothing may declare them markup.
    environment.remove_filter("safe");
    environment.add_filter("date", |state: &minijinja::State<'_, '_>, text: String| {
        filter(state, &text, "date", format::date)
    });
    environment.add_filter("until", |state: &minijinja::State<'_, '_>, from: String, to: String| {
        filter(state, &from, "date that the other follows", |from, language| format::until(from, &to, language))
    });
    environment.add_filter("number", |state: &minijinja::State<'_, '_>, value: Value| {
        filter(state, &value.to_string(), "whole number", format::number)
    });
    environment
}

/// The file of a language that holds the subject.
pub fn subject_file(language: Language) -> String {
    format!("{}/{SUBJECT}", language.code())
}

fn filter(
    state: &minijinja::State<'_, '_>,
    text: &str,
    kind: &str,
    write: impl Fn(&str, Language) -> Option<String>,
) -> Result<String, Error> {
    let language = state.name().split('/').next().and_then(Language::parse).unwrap_or(Language::Nl);
    write(text, language).ok_or_else(|| Error::new(ErrorKind::InvalidOperation, format!("this value is no {kind}")))
}

fn undefined(path: &str, text: &str, name: &str) -> WordingError {
    let at = text.find(name);
    WordingError {
        file: path.to_owned(),
        line: at.map(|at| text[..at].matches('\n').count() + 1),
        range: at.map(|at| at..at + name.len()),
        message: format!("the name `{name}` is not defined"),
        hint: nearest(name),
    }
}

/// A value of `[facts]` or `[sender]` that the campaign lacks.
fn missing_value(campaign: &Campaign, path: &str, text: &str, name: &str) -> Option<WordingError> {
    let (table, key) = name.split_once('.')?;
    let values = match table {
        "facts" => &campaign.facts,
        "sender" => &campaign.sender,
        _ => return None,
    };
    let key = key.split('.').next().unwrap_or(key);
    if values.contains_key(key) {
        return None;
    }
    let near = values
        .keys()
        .map(|known| (strsim::damerau_levenshtein(key, known), known))
        .min()
        .filter(|(distance, known)| *distance <= known.len() / 2);
    let hint = near.map_or_else(
        || format!("give it a value in the campaign's [{table}]"),
        |(_, near)| format!("did you mean `{table}.{near}`? else give it a value in the campaign's [{table}]"),
    );
    Some(WordingError { hint: Some(hint), ..undefined(path, text, &format!("{table}.{key}")) })
}

fn nearest(name: &str) -> Option<String> {
    NAMES
        .iter()
        .map(|known| (strsim::damerau_levenshtein(name, known), *known))
        .min()
        .filter(|(distance, known)| *distance <= known.len() / 2)
        .map(|(_, known)| format!("did you mean `{known}`?"))
}

fn explain(error: &Error, path: &str, text: &str) -> WordingError {
    let range = error.range().filter(|range| text.get(range.clone()).is_some());
    let spot = range.clone().and_then(|range| text.get(range)).unwrap_or_default();
    let name = spot.rsplit(['.', ' ', '{']).next().unwrap_or_default();
    let hint = match error.kind() {
        ErrorKind::UndefinedError if spot.starts_with("facts") => {
            Some("give it a value in the campaign's [facts]".to_owned())
        }
        ErrorKind::UndefinedError if spot.starts_with("sender") => {
            Some("give it a value in the campaign's [sender]".to_owned())
        }
        ErrorKind::UndefinedError => nearest(name),
        ErrorKind::OutOfFuel => Some("the wording takes too many steps; does a loop never end?".to_owned()),
        _ => None,
    };
    let detail = error.detail().map_or_else(|| error.kind().to_string(), str::to_owned);
    let message = if spot.is_empty() { detail } else { format!("{detail}: `{spot}`") };
    WordingError { file: path.to_owned(), line: error.line(), range, message, hint }
}
