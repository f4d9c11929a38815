//! What is different between an approved text and the present one.
//!
//! Enters: two texts. Leaves: changed lines with their numbers, or words marked as kept, added or removed. Invariant:
//! kept and added pieces together are the present text, kept and removed ones the approved text.

use similar::{ChangeTag, DiffTag, TextDiff};

/// Some lines in the place of others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineChange {
    /// 1-based line of the present text where the change begins.
    pub line: usize,
    /// Lines that were approved and are gone.
    pub removed: Vec<String>,
    /// Lines that are there now.
    pub added: Vec<String>,
}

/// The changed lines, in order.
pub fn lines(approved: &str, present: &str) -> Vec<LineChange> {
    let diff = TextDiff::from_lines(approved, present);
    let text = |line: &str| line.trim_end_matches(['\n', '\r']).to_owned();
    diff.ops()
        .iter()
        .filter(|op| op.tag() != DiffTag::Equal)
        .map(|op| LineChange {
            line: op.new_range().start + 1,
            removed: op.old_range().filter_map(|index| diff.old_slice(index)).map(text).collect(),
            added: op.new_range().filter_map(|index| diff.new_slice(index)).map(text).collect(),
        })
        .collect()
}

/// A piece of a text that is compared with another.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Piece {
    /// What became of it.
    pub kind: Kind,
    /// The text.
    pub text: String,
}

/// What became of a piece.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// In both texts.
    Kept,
    /// In the present text only.
    Added,
    /// In the approved text only.
    Removed,
}

/// The present text with what was added and what was removed, word by word.
pub fn words(approved: &str, present: &str) -> Vec<Piece> {
    let diff = TextDiff::from_words(approved, present);
    let mut pieces: Vec<Piece> = Vec::new();
    for change in diff.iter_all_changes() {
        let kind = match change.tag() {
            ChangeTag::Equal => Kind::Kept,
            ChangeTag::Insert => Kind::Added,
            ChangeTag::Delete => Kind::Removed,
        };
        match pieces.last_mut() {
            Some(last) if last.kind == kind => last.text.push_str(change.value()),
            _ => pieces.push(Piece { kind, text: change.value().to_owned() }),
        }
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_changed_line_is_told_with_its_number() {
        let changes = lines("a\nb\nc\n", "a\nB\nc\nd\n");
        assert_eq!(
            changes,
            [
                LineChange { line: 2, removed: vec!["b".into()], added: vec!["B".into()] },
                LineChange { line: 4, removed: vec![], added: vec!["d".into()] },
            ]
        );
        assert_eq!(lines("a\n", "a\n"), []);
    }

    #[test]
    fn pieces_make_both_texts() {
        let (approved, present) = ("Uw naam is gelekt.", "Uw naam is misschien gelekt.");
        let pieces = words(approved, present);
        let text = |without: Kind| -> String {
            pieces.iter().filter(|piece| piece.kind != without).map(|piece| piece.text.as_str()).collect()
        };
        assert_eq!(text(Kind::Removed), present);
        assert_eq!(text(Kind::Added), approved);
        assert!(pieces.iter().any(|piece| piece.kind == Kind::Added && piece.text.trim() == "misschien"));
    }
}
