//! Where in a wording's files a rendered text comes from.
//!
//! Enters: a campaign's wordings and a request. Leaves: the rendered text of a file, and for each place in it the file
//! and line that wrote it. A second rendering does it, from files in which the first printed character of each piece of
//! plain text is followed by a mark that no text holds. Invariant: marks leave whitespace control as it is, so that
//! without its marks a traced text equals the printed one. Only a wording that compares its own captured text could tell
//! the difference; who depends on the equality compares.

use std::collections::BTreeMap;

use minijinja::Environment;
use minijinja::value::{Serde, Value};

use super::context::{Context, Request};
use super::engine::{self, SUFFIX};
use crate::campaign::settings::Campaign;

/// The first mark; one for each line of all files, from the private planes of Unicode.
const MARKS: u32 = 0xF_0000;

/// A campaign's wording files with marks in them.
pub struct Marked<'c> {
    campaign: &'c Campaign,
    texts: BTreeMap<&'c str, String>,
    /// For each file, the number of its first line among the lines of all files.
    first_lines: Vec<(u32, &'c str)>,
}

/// A place in a wording file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The file below the letter template's folder.
    pub file: String,
    /// 1-based line.
    pub line: usize,
}

/// A rendered text that knows where it comes from.
pub struct Traced {
    /// The text, as it is printed.
    pub text: String,
    /// Byte offset behind the marked character, and where that character stands.
    marks: Vec<(usize, Place)>,
}

impl<'c> Marked<'c> {
    /// Marks the wording files of this campaign.
    pub fn new(campaign: &'c Campaign) -> Self {
        let mut first_lines = Vec::new();
        let mut texts = BTreeMap::new();
        let mut next = 0;
        for (path, text) in campaign.template.files.iter().filter(|(path, _)| path.ends_with(SUFFIX)) {
            first_lines.push((next, path.as_str()));
            texts.insert(path.as_str(), mark(text, next));
            next += u32::try_from(text.lines().count()).unwrap_or(u32::MAX - next);
        }
        Self { campaign, texts, first_lines }
    }

    /// Compiles the marked files. Files that do not compile are left out; they have no trace.
    pub fn tracer(&self) -> Tracer<'_> {
        let mut environment = engine::markup_environment();
        for (path, text) in &self.texts {
            // A file that does not compile was reported when the wordings were compiled.
            let _ = environment.add_template(path, text);
        }
        Tracer { marked: self, environment }
    }

    fn place(&self, mark: char) -> Option<Place> {
        let number = u32::from(mark).checked_sub(MARKS)?;
        let (first, file) = self.first_lines.iter().rev().find(|(first, _)| *first <= number)?;
        Some(Place { file: (*file).to_owned(), line: (number - first) as usize + 1 })
    }
}

/// Renders wording files with their origin.
pub struct Tracer<'m> {
    marked: &'m Marked<'m>,
    environment: Environment<'m>,
}

impl Tracer<'_> {
    /// Renders one file; nothing where it does not render.
    pub fn trace(&self, path: &str, request: &Request<'_>) -> Option<Traced> {
        let context = Value::from(Serde(Context::new(self.marked.campaign, request)));
        let rendered = self.environment.get_template(path).ok()?.render(&context).ok()?;
        let mut traced = Traced { text: String::with_capacity(rendered.len()), marks: Vec::new() };
        for character in rendered.chars() {
            match self.marked.place(character) {
                Some(place) => traced.marks.push((traced.text.len(), place)),
                None => traced.text.push(character),
            }
        }
        Some(traced)
    }
}

impl Traced {
    /// What wrote the text at this byte offset: the last piece that begins on the same line, else the nearest.
    pub fn place(&self, offset: usize) -> Option<&Place> {
        let offset = offset.min(self.text.len());
        let line = self.text.get(..offset).and_then(|before| before.rfind('\n')).map_or(0, |end| end + 1);
        let end = self.text.get(offset..).and_then(|rest| rest.find('\n')).map_or(self.text.len(), |end| offset + end);
        // A mark stands behind its character.
        let before = self.marks.iter().rev().find(|(at, _)| *at <= offset + 1);
        let behind = || self.marks.iter().find(|(at, _)| *at > offset);
        before
            .filter(|(at, _)| *at > line)
            .or_else(|| behind().filter(|(at, _)| *at <= end))
            .or(before)
            .or_else(behind)
            .map(|(_, place)| place)
    }
}

/// The text with marks in its plain parts, counted from the file's first line.
fn mark(text: &str, first_line: u32) -> String {
    let mut out = String::with_capacity(text.len() + text.len() / 8);
    let mut line = first_line;
    let mut due = true;
    let mut rest = text;
    while let Some(character) = rest.chars().next() {
        let taken = tag(rest).unwrap_or(character.len_utf8());
        let (piece, after) = rest.split_at(taken);
        out.push_str(piece);
        line += u32::try_from(piece.matches('\n').count()).unwrap_or(0);
        if taken > character.len_utf8() || character == '\n' {
            due = true;
        } else if due && !character.is_whitespace() {
            out.extend(char::from_u32(MARKS + line));
            due = false;
        }
        rest = after;
    }
    out
}

/// Length of the tag that starts here, if one does.
fn tag(text: &str) -> Option<usize> {
    let (end, code) = match text.get(..2)? {
        "{{" => ("}}", true),
        "{%" => ("%}", true),
        "{#" => ("#}", false),
        _ => return None,
    };
    let mut quote = None;
    for (at, character) in text.char_indices().skip(2) {
        match quote {
            Some(open) if character == open => quote = None,
            None if code && matches!(character, '"' | '\'') => quote = Some(character),
            None if text[at..].starts_with(end) => return Some(at + end.len()),
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(marked: &str) -> Vec<u32> {
        marked.chars().filter_map(|character| u32::from(character).checked_sub(MARKS)).collect()
    }

    #[test]
    fn every_piece_of_plain_text_tells_its_line() {
        let text = "{# a\ncomment #}\nOne {{ \"}}\" }} two\n\n{% if x %}\n  three {%- endif %}\n";
        let marked = mark(text, 10);
        assert_eq!(numbers(&marked), [12, 12, 15]);
        let plain: String = marked.chars().filter(|&character| u32::from(character) < MARKS).collect();
        assert_eq!(plain, text);
    }

    #[test]
    fn a_place_is_the_last_piece_before_it_on_its_line() {
        let place = |line| Place { file: "nl/a.typ.j2".to_owned(), line };
        let traced = Traced {
            text: "abc def\nvalue\nghi".to_owned(),
            marks: vec![(1, place(1)), (5, place(2)), (15, place(4))],
        };
        assert_eq!(traced.place(2), Some(&place(1)));
        assert_eq!(traced.place(6), Some(&place(2)));
        assert_eq!(traced.place(9), Some(&place(2)));
        assert_eq!(traced.place(14), Some(&place(4)));
    }
}
