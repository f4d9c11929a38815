//! TOML with a place for everything: tables that are asked for their keys, values that are asked for their type.
//!
//! Enters: the text of a TOML file. Leaves: values with their places, and a problem for each syntax error, each missing
//! key, each wrong type and each key that nobody asked for. Invariant: an accessor that gives nothing has said why, so
//! that the caller goes on to the next key. Absent on purpose: `serde`, which stops at the first problem.

use std::ops::{Range, RangeInclusive};

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::problem::{Problem, Report, Source};

/// The parsed text of a file, or nothing where it is no TOML; `secrets` names the ranges that are never shown.
pub(super) fn parse<'a>(
    file: &str,
    text: &'a str,
    report: &Report,
    secrets: fn(&DeTable<'a>) -> Vec<Range<usize>>,
) -> (Source, Option<Spanned<DeTable<'a>>>) {
    let (root, errors) = DeTable::parse_recoverable(text);
    let mut covers = secrets(root.get_ref());
    if !errors.is_empty() {
        covers.extend(secret_lines(text));
    }
    let source = Source::new(file, text).covered(&covers);
    for error in &errors {
        let hint =
            "this is not TOML; texts stand in quotes, a table begins with [name], a list of tables with [[name]]";
        report.add(Problem::config(&source, error.span(), error.message(), hint));
    }
    (source, errors.is_empty().then_some(root))
}

/// What follows `=` on the lines that may hold a secret, for a file whose tables cannot be trusted.
fn secret_lines(text: &str) -> Vec<Range<usize>> {
    let mut ranges = Vec::new();
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        if let Some((key, value)) = line.split_once('=')
            && ["case_code_key", "password", "name", "street", "house_number"].contains(&key.trim())
        {
            ranges.push(start + line.len() - value.len()..start + line.len());
        }
        start += line.len();
    }
    ranges
}

/// Where problems of one file go.
#[derive(Clone, Copy)]
pub(super) struct Place<'a> {
    /// The file as it may be shown.
    pub(super) source: &'a Source,
    /// What is collected.
    pub(super) report: &'a Report,
}

impl Place<'_> {
    /// Notes a problem at this range.
    pub(super) fn problem(&self, span: Range<usize>, message: impl Into<String>, hint: impl Into<String>) {
        self.report.add(Problem::config(self.source, Some(span), message, hint));
    }
}

/// A table that is asked for its keys; what was not asked for when it is done is unknown.
pub(super) struct Section<'a> {
    at: Place<'a>,
    name: String,
    span: Range<usize>,
    table: &'a DeTable<'a>,
    known: Vec<&'static str>,
}

impl<'a> Section<'a> {
    /// The whole file.
    pub(super) fn root(at: Place<'a>, table: &'a DeTable<'a>) -> Self {
        Self { at, name: String::new(), span: 0..0, table, known: Vec::new() }
    }

    /// Where the table stands.
    pub(super) fn span(&self) -> Range<usize> {
        self.span.clone()
    }

    /// Notes a problem at the table's place.
    pub(super) fn problem(&self, message: impl Into<String>, hint: impl Into<String>) {
        self.at.problem(self.span(), message, hint);
    }

    /// The key's value; `example` shows how it is written.
    pub(super) fn optional(&mut self, key: &'static str, example: &'static str) -> Option<Field<'a>> {
        self.known.push(key);
        let (key, value) = self.table.get_key_value(key)?;
        Some(Field { at: self.at, name: self.full(key.get_ref()), example, key: key.span(), value })
    }

    /// The key's value; that it is missing is a problem.
    pub(super) fn required(&mut self, key: &'static str, example: &'static str) -> Option<Field<'a>> {
        let field = self.optional(key, example);
        if field.is_none() {
            self.problem(format!("`{}` is missing", self.full(key)), format!("add `{example}`"));
        }
        field
    }

    /// The tables `[[key]]`; none where there is no such key.
    pub(super) fn tables(&mut self, key: &'static str, example: &'static str) -> Vec<Section<'a>> {
        self.optional(key, example).map(|field| field.sections()).unwrap_or_default()
    }

    /// Every key with its value, for tables whose keys are names of the user's.
    pub(super) fn entries(&self, example: &'static str) -> Vec<(&'a str, Field<'a>)> {
        let field = |(key, value): (&'a Spanned<toml::de::DeString<'a>>, &'a Spanned<DeValue<'a>>)| {
            let name = key.get_ref().as_ref();
            (name, Field { at: self.at, name: self.full(name), example, key: key.span(), value })
        };
        self.table.iter().map(field).collect()
    }

    /// Notes every key that was never asked for.
    pub(super) fn finish(self) {
        for (key, _) in self.table {
            if self.known.iter().any(|known| known == key.get_ref()) {
                continue;
            }
            let message = format!("unknown key `{}`", self.full(key.get_ref()));
            let known = self.known.iter().copied();
            let hint = with_nearest(key.get_ref(), known.clone(), &format!("known here: {}", names(known)));
            self.at.problem(key.span(), message, hint);
        }
    }

    fn full(&self, key: &str) -> String {
        if self.name.is_empty() { key.to_owned() } else { format!("{}.{key}", self.name) }
    }
}

/// A value with its name and its places.
#[derive(Clone)]
pub(super) struct Field<'a> {
    at: Place<'a>,
    name: String,
    example: &'static str,
    key: Range<usize>,
    value: &'a Spanned<DeValue<'a>>,
}

impl<'a> Field<'a> {
    /// The name with the tables it stands in, as `limits.max_rejected_percent`.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// How the value is written.
    pub(super) fn example(&self) -> &'static str {
        self.example
    }

    /// Where the value stands.
    pub(super) fn span(&self) -> Range<usize> {
        self.value.span()
    }

    /// Where a part of a text stands, given in bytes of the text; nothing where the file spells the text with escapes.
    pub(super) fn part(&self, part: Range<usize>) -> Option<Range<usize>> {
        let text = self.value.get_ref().as_str()?;
        let written = self.at.source.text().get(self.span())?;
        let start = self.span().start + written.find(text)?;
        (part.end <= text.len()).then(|| start + part.start..start + part.end)
    }

    /// Notes a problem at the value.
    pub(super) fn problem(&self, message: impl Into<String>, hint: impl Into<String>) {
        self.at.problem(self.span(), message, hint);
    }

    /// Notes a problem at a part of the value.
    pub(super) fn problem_at(&self, span: Range<usize>, message: impl Into<String>, hint: impl Into<String>) {
        self.at.problem(span, message, hint);
    }

    /// Notes a problem at the key.
    pub(super) fn problem_at_key(&self, message: impl Into<String>, hint: impl Into<String>) {
        self.at.problem(self.key.clone(), message, hint);
    }

    /// Whether a text stands here.
    pub(super) fn is_text(&self) -> bool {
        self.value.get_ref().is_str()
    }

    /// A text of one line that is not blank.
    pub(super) fn text(&self) -> Option<&'a str> {
        let text = self.prose()?;
        if text.contains('\n') {
            self.problem(format!("`{}` has several lines", self.name), "write it on one line");
            return None;
        }
        Some(text)
    }

    /// A text that is not blank; line ends are the only control characters in it.
    pub(super) fn prose(&self) -> Option<&'a str> {
        let Some(text) = self.value.get_ref().as_str() else {
            return self.wrong_type("a text in quotes");
        };
        if text.trim().is_empty() {
            self.problem(format!("`{}` is blank", self.name), format!("write `{}`", self.example));
            return None;
        }
        if text.replace("\r\n", "\n").chars().any(|character| character.is_control() && character != '\n') {
            self.problem(format!("`{}` holds a control character", self.name), "write spaces instead");
            return None;
        }
        Some(text)
    }

    /// The value that this word stands for.
    pub(super) fn choice<T: Copy>(&self, choices: &[(&'static str, T)]) -> Option<T> {
        let text = self.text()?;
        let found = choices.iter().find(|(word, _)| *word == text).map(|&(_, value)| value);
        if found.is_none() {
            let words = choices.iter().map(|&(word, _)| word);
            self.unknown_name(text, words.clone(), &format!("write one of: {}", names(words)));
        }
        found
    }

    /// Notes that this text, the value or an element of it, is none of the known names; with the nearest of them.
    pub(super) fn unknown_name<'n>(&self, text: &str, known: impl Iterator<Item = &'n str>, otherwise: &str) {
        self.problem(format!("`{}` does not know `{text}`", self.name), with_nearest(text, known, otherwise));
    }

    /// Notes that the key is none of the known names; with the nearest of them.
    pub(super) fn unknown_key<'n>(&self, key: &str, known: impl Iterator<Item = &'n str>, otherwise: &str) {
        self.problem_at_key(format!("unknown key `{}`", self.name), with_nearest(key, known, otherwise));
    }

    /// A whole number within these bounds.
    pub(super) fn integer(&self, bounds: RangeInclusive<u32>) -> Option<u32> {
        let DeValue::Integer(integer) = self.value.get_ref() else {
            return self.wrong_type("a whole number");
        };
        let number = u32::from_str_radix(integer.as_str(), integer.radix()).ok().filter(|n| bounds.contains(n));
        if number.is_none() {
            let message = format!("`{}` is out of bounds", self.name);
            self.problem(message, format!("write a number from {} to {}", bounds.start(), bounds.end()));
        }
        number
    }

    /// A number within these bounds.
    pub(super) fn number(&self, bounds: RangeInclusive<f64>) -> Option<f64> {
        let number = match self.value.get_ref() {
            DeValue::Float(float) => float.as_str().parse::<f64>().ok(),
            DeValue::Integer(integer) => i32::from_str_radix(integer.as_str(), integer.radix()).ok().map(f64::from),
            _ => return self.wrong_type("a number"),
        };
        let number = number.filter(|number| bounds.contains(number));
        if number.is_none() {
            let message = format!("`{}` is out of bounds", self.name);
            self.problem(message, format!("write a number from {} to {}", bounds.start(), bounds.end()));
        }
        number
    }

    /// `true` or `false`.
    pub(super) fn boolean(&self) -> Option<bool> {
        self.value.get_ref().as_bool().or_else(|| self.wrong_type("true or false"))
    }

    /// A date without a time.
    pub(super) fn date(&self) -> Option<jiff::civil::Date> {
        let Some(datetime) = self.value.get_ref().as_datetime() else {
            return self.wrong_type("a date without quotes");
        };
        let date = match (datetime.date, datetime.time, datetime.offset) {
            (Some(date), None, None) => Some(date),
            _ => None,
        };
        let numbers = date.and_then(|date| {
            let (month, day) = (i8::try_from(date.month).ok()?, i8::try_from(date.day).ok()?);
            jiff::civil::Date::new(i16::try_from(date.year).ok()?, month, day).ok()
        });
        if numbers.is_none() {
            self.problem(format!("`{}` is not a day", self.name), format!("write `{}`", self.example));
        }
        numbers
    }

    /// The elements of a list.
    pub(super) fn elements(&self) -> Option<Vec<Field<'a>>> {
        let Some(array) = self.value.get_ref().as_array() else {
            return self.wrong_type("a list in [ ]");
        };
        let element = |value: &'a Spanned<DeValue<'a>>| Field { value, key: value.span(), ..self.clone() };
        Some(array.iter().map(element).collect())
    }

    /// A list of words, each once; the value that each stands for.
    pub(super) fn choices<T: Copy + PartialEq>(&self, choices: &[(&'static str, T)]) -> Option<Vec<T>> {
        let mut chosen = Vec::new();
        for element in self.elements()? {
            let value = element.choice(choices)?;
            if chosen.contains(&value) {
                element.problem(format!("`{}` names this twice", self.name), "remove one of them");
                return None;
            }
            chosen.push(value);
        }
        Some(chosen)
    }

    /// The table that stands here.
    pub(super) fn section(&self) -> Option<Section<'a>> {
        let Some(table) = self.value.get_ref().as_table() else {
            return self.wrong_type("a table");
        };
        Some(Section { at: self.at, name: self.name.clone(), span: self.span(), table, known: Vec::new() })
    }

    /// The tables of a `[[list]]`.
    pub(super) fn sections(&self) -> Vec<Section<'a>> {
        self.elements().unwrap_or_default().iter().filter_map(Field::section).collect()
    }

    fn wrong_type<T>(&self, wanted: &str) -> Option<T> {
        let message = format!("`{}` must be {wanted}, but is {}", self.name, type_name(self.value.get_ref()));
        self.problem(message, format!("write `{}`", self.example));
        None
    }
}

const fn type_name(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "a text",
        DeValue::Integer(_) => "a whole number",
        DeValue::Float(_) => "a number",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}

/// A hint that begins with the known name nearest to this one, if any is near.
pub(super) fn with_nearest<'n>(name: &str, known: impl Iterator<Item = &'n str>, otherwise: &str) -> String {
    match nearest(name, known) {
        Some(nearest) => format!("did you mean `{nearest}`? {otherwise}"),
        None => otherwise.to_owned(),
    }
}

/// The known name that is nearest to this one, if any is so near that it is a slip of the finger.
fn nearest<'n>(name: &str, known: impl Iterator<Item = &'n str>) -> Option<&'n str> {
    known
        .map(|candidate| (strsim::damerau_levenshtein(&name.to_lowercase(), &candidate.to_lowercase()), candidate))
        .filter(|(distance, candidate)| *distance <= 1 + candidate.chars().count() / 3)
        .min()
        .map(|(_, candidate)| candidate)
}

/// Names as they stand in a hint.
pub(super) fn names<'n>(known: impl Iterator<Item = &'n str>) -> String {
    let list: Vec<String> = known.map(|name| format!("`{name}`")).collect();
    if list.is_empty() { "none".to_owned() } else { list.join(", ") }
}
