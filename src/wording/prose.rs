//! Typst markup → the sentences that a reader reads.
//!
//! Enters: rendered markup. Leaves: paragraphs as plain text, each character's place in the markup known, and their
//! sentences. Invariant: it goes by typst's own parser, so what is markup to typst is no text here. Absent on purpose:
//! what functions of the layout do to their content.

use std::ops::Range;

use typst::syntax::{SyntaxKind, SyntaxNode, parse};

/// A heading, a list item or a paragraph, on one line.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Paragraph {
    /// Its text, with single spaces.
    pub text: String,
    /// Byte offset in `text` and in the markup, where either starts a new piece.
    origins: Vec<(usize, usize)>,
}

impl Paragraph {
    /// A paragraph of plain text.
    pub fn plain(text: &str) -> Self {
        let mut paragraph = Self::default();
        paragraph.push(text, 0);
        paragraph.text.truncate(paragraph.text.trim_end().len());
        paragraph
    }

    /// The byte of the markup that this byte of the text comes from.
    pub fn origin(&self, at: usize) -> usize {
        self.origins.iter().rev().find(|(text, _)| *text <= at).map_or(0, |(text, markup)| markup + (at - text))
    }

    /// The places of its sentences. Only what ends like a sentence is one: a label or a signature is not.
    pub fn sentences(&self) -> Vec<Range<usize>> {
        let mut sentences = Vec::new();
        let mut start = 0;
        for (at, character) in self.text.char_indices() {
            let after = &self.text[at + character.len_utf8()..];
            let ends = match character {
                '.' | '?' | '!' => after.is_empty() || (begins_a_sentence(after) && !self.is_initial(at)),
                ':' => after.is_empty(),
                _ => false,
            };
            if ends {
                let end = at + character.len_utf8();
                sentences.push(start..end);
                start = end + after.len() - after.trim_start().len();
            }
        }
        sentences
    }

    /// Whether the full stop here belongs to a single letter, as in `R. de Wit` or `o.a.`.
    fn is_initial(&self, stop: usize) -> bool {
        let mut before = self.text[..stop].chars().rev();
        self.text[stop..].starts_with('.')
            && before.next().is_some_and(char::is_alphabetic)
            && before.next().is_none_or(|character| !character.is_alphanumeric())
    }

    fn push(&mut self, text: &str, origin: usize) {
        for (at, character) in text.char_indices() {
            if character.is_whitespace() {
                if !self.text.is_empty() && !self.text.ends_with(' ') {
                    self.origins.push((self.text.len(), origin + at));
                    self.text.push(' ');
                }
                continue;
            }
            let expected = self.origins.last().map(|(text, markup)| markup + (self.text.len() - text));
            if expected != Some(origin + at) {
                self.origins.push((self.text.len(), origin + at));
            }
            self.text.push(character);
        }
    }
}

fn begins_a_sentence(after: &str) -> bool {
    let Some(rest) = after.strip_prefix(' ') else { return false };
    let opens = |character: &char| matches!(character, '‘' | '“' | '\'' | '"' | '(');
    rest.chars().find(|character| !opens(character)).is_some_and(|first| first.is_uppercase() || first.is_numeric())
}

/// Words of a sentence: what holds a letter or a digit between spaces.
pub fn words(sentence: &str) -> impl Iterator<Item = &str> {
    sentence
        .split_whitespace()
        .map(|word| word.trim_matches(|character: char| !character.is_alphanumeric()))
        .filter(|word| !word.is_empty())
}

/// The paragraphs of some markup, in order.
pub fn paragraphs(markup: &str) -> Vec<Paragraph> {
    let mut reader = Reader { done: Vec::new(), open: Paragraph::default() };
    reader.walk(&parse(markup), 0);
    reader.end();
    reader.done
}

struct Reader {
    done: Vec<Paragraph>,
    open: Paragraph,
}

impl Reader {
    fn end(&mut self) {
        let mut paragraph = std::mem::take(&mut self.open);
        paragraph.text.truncate(paragraph.text.trim_end().len());
        if !paragraph.text.is_empty() {
            self.done.push(paragraph);
        }
    }

    fn walk(&mut self, node: &SyntaxNode, offset: usize) {
        match node.kind() {
            SyntaxKind::Text | SyntaxKind::Link | SyntaxKind::SmartQuote | SyntaxKind::Space => {
                self.open.push(node.leaf_text(), offset);
            }
            SyntaxKind::Escape => self.open.push(node.leaf_text().trim_start_matches('\\'), offset),
            SyntaxKind::Shorthand => {
                self.open.push(if node.leaf_text() == "~" { " " } else { node.leaf_text() }, offset);
            }
            SyntaxKind::Str => {
                // Values come as `#"…";`, and nothing but quotes and backslashes is escaped in them.
                let text = node.leaf_text();
                let inner = text.strip_prefix('"').and_then(|text| text.strip_suffix('"')).unwrap_or(text);
                self.open.push(&inner.replace("\\\"", "\"").replace("\\\\", "\\"), offset + 1);
            }
            SyntaxKind::Parbreak | SyntaxKind::Linebreak => self.end(),
            SyntaxKind::Heading | SyntaxKind::ListItem | SyntaxKind::EnumItem | SyntaxKind::TermItem => {
                self.end();
                self.children(node, offset);
                self.end();
            }
            SyntaxKind::FuncCall => {
                // Boxes stand in a line; whatever else takes content may be a block of its own.
                let name = node.children().next().map(|name| name.leaf_text().as_str());
                let inline = matches!(name, Some("box" | "text" | "strong" | "emph" | "link" | "category"));
                if !inline {
                    self.end();
                }
                self.children(node, offset);
                if !inline {
                    self.end();
                }
            }
            SyntaxKind::Markup
            | SyntaxKind::Strong
            | SyntaxKind::Emph
            | SyntaxKind::ContentBlock
            | SyntaxKind::Args => self.children(node, offset),
            _ => {}
        }
    }

    fn children(&mut self, node: &SyntaxNode, offset: usize) {
        let mut at = offset;
        for child in node.children() {
            self.walk(child, at);
            at += child.len();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(markup: &str) -> Vec<String> {
        paragraphs(markup).into_iter().map(|paragraph| paragraph.text).collect()
    }

    #[test]
    fn only_what_is_read_remains() {
        let markup = "== What now?\n\nCall us on #box[#\"0800 1\";].\nSoon. \n\n- #category[#\"a \\\"b\\\"\";] (x)\n\n\
                      #block(sticky: true)[*Leaked* data:]\n#v(0.5em)\nA \\\nB // no\n";
        assert_eq!(texts(markup), ["What now?", "Call us on 0800 1. Soon.", "a \"b\" (x)", "Leaked data:", "A", "B"]);
    }

    #[test]
    fn a_character_knows_its_place_in_the_markup() {
        let markup = "== Head\n\nOne #box[#\"two\";] three.";
        let paragraph = &paragraphs(markup)[1];
        for word in ["One", "two", "three"] {
            let at = paragraph.text.find(word).unwrap();
            assert_eq!(&markup[paragraph.origin(at)..][..word.len()], word);
        }
    }

    #[test]
    fn sentences_end_where_they_are_read_to_end() {
        let paragraph =
            Paragraph::plain("Bel 8.00 uur, o.a. R. de Wit. Of typ www.x.example in! Naam: a. 3 juli. Label");
        let sentences: Vec<&str> = paragraph.sentences().into_iter().map(|range| &paragraph.text[range]).collect();
        assert_eq!(sentences, ["Bel 8.00 uur, o.a. R. de Wit.", "Of typ www.x.example in!", "Naam: a. 3 juli."]);
    }
}
