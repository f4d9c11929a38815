//! Paragraphs that several bodies share, so that typst lays each of them out once.
//!
//! Enters: the wording of a body. Leaves: the same wording, in which a paragraph that came before stands in a file of its
//! own. typst knows a paragraph again by its text and its place in its file; in one long file a word more at the top moves
//! everything below it. Invariants: a wording without its own definitions only is taken apart, at blank lines between its
//! topmost parts, and means the same put together again; only what came twice gets a file, and there is a limit to
//! files, because typst never forgets one. What does not get one stays where it was: slower, never different.

use std::collections::HashMap;
use std::fmt::Write;
use std::ops::Range;
use std::sync::{Mutex, PoisonError};

use typst::syntax::{FileId, Source, SyntaxKind, parse};

use super::world::file_id;

/// Paragraphs with files of their own; typst has 65,535 file ids in a process.
const FILES_MAX: usize = 1 << 14;

/// Paragraphs that are remembered by their hash until they come again.
const REMEMBERED_MAX: usize = 1 << 18;

/// Paragraphs that came before.
pub struct Paragraphs {
    head: &'static str,
    known: Mutex<Known>,
}

#[derive(Default)]
struct Known {
    /// By the paragraph's hash: its text came once, or has a file. The file's text is not kept: it is the paragraph's.
    seen: HashMap<u128, Option<FileId>>,
    files: usize,
}

impl Paragraphs {
    /// Nothing came yet; `head` is what each file begins with.
    pub fn new(head: &'static str) -> Self {
        Self { head, known: Mutex::default() }
    }

    /// A wording with its known paragraphs as includes, and the files that it includes.
    pub fn share(&self, wording: &str) -> (String, Vec<Source>) {
        let mut shared = String::with_capacity(wording.len());
        let mut sources = Vec::new();
        for range in paragraphs(wording) {
            let paragraph = &wording[range];
            match self.file(paragraph) {
                Some(file) => {
                    write!(shared, "#include \"{}\"", file.get().vpath().get_with_slash()).expect("text takes all");
                    sources.push(Source::new(file, format!("{}{paragraph}", self.head)));
                }
                None => shared.push_str(paragraph),
            }
            shared.push_str("\n\n");
        }
        (shared, sources)
    }

    fn file(&self, paragraph: &str) -> Option<FileId> {
        // The maps are whole between any two statements that can panic.
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let Known { seen, files } = &mut *known;
        let hash = typst::utils::hash128(paragraph);
        match seen.get_mut(&hash) {
            Some(Some(file)) => Some(*file),
            Some(file) if *files < FILES_MAX => {
                *file = Some(file_id(&format!("/paragraph-{files}.typ")));
                *files += 1;
                *file
            }
            Some(None) => None,
            None => {
                if seen.len() < REMEMBERED_MAX {
                    seen.insert(hash, None);
                }
                None
            }
        }
    }
}

/// Where the topmost parts of a wording stand that blank lines part; nothing, if what comes first changes what follows.
fn paragraphs(wording: &str) -> Vec<Range<usize>> {
    let root = parse(wording);
    if !root.errors_and_warnings().0.is_empty() {
        return Vec::new();
    }
    let mut parts = Vec::new();
    let mut start = 0;
    let mut at = 0;
    for node in root.children() {
        let end = at + node.len();
        match node.kind() {
            SyntaxKind::SetRule
            | SyntaxKind::ShowRule
            | SyntaxKind::LetBinding
            | SyntaxKind::ModuleImport
            | SyntaxKind::FuncReturn => return Vec::new(),
            SyntaxKind::Parbreak => {
                parts.push(start..at);
                start = end;
            }
            _ => {}
        }
        at = end;
    }
    parts.push(start..at);
    parts.retain(|part| !wording[part.clone()].trim().is_empty());
    parts
}
