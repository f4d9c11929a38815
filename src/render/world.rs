//! What typst sees of one compilation: a thin view over shared library, fonts and template.
//!
//! Enters: a template's layout and the texts and data of one body or one batch of covers. Leaves: a laid out document.
//! Invariants: paths are fixed, because typst never forgets a file id; there is no clock, no package, no file of the
//! machine; a body's world holds no personal value unless its wording asked for it.

use std::collections::HashMap;

use typst::diag::{FileError, FileResult, SourceDiagnostic};
use typst::ecow::EcoVec;
use typst::foundations::{Bytes, Datetime, Duration};
use typst::syntax::{FileId, RootedPath, Source, VirtualPath, VirtualRoot};
use typst::text::{Font, FontBook};
use typst::utils::LazyHash;
use typst::{Library, LibraryExt, World, WorldExt};
use typst_layout::PagedDocument;

use super::fonts::{self, Fonts};

/// The main file of a body.
const BODY_MAIN: &str = "#import \"/layout.typ\": body, category\n#body(json(\"/data.json\"), include \"/subject.typ\", \
                         include \"/wording.typ\")\n";
/// The main file of a batch of covers: what all letters of a format share stands once in the data.
const COVERS_MAIN: &str = r#"#import "/layout.typ": cover
#let data = json("/covers.json")
#for letter in data.letters {
  let format = data.geometries.at(letter.geometry)
  let address = letter.address.enumerate().map(((index, line)) => {
    (text: line, x: format.address_x, y: format.baselines.at(index))
  })
  cover((..letter, geometry: format.places, size_pt: data.size_pt, return_line: format.return_line, address: address))
}
"#;
/// Stands before each rendered wording.
const WORDING_HEAD: &str = "#import \"/layout.typ\": *\n";

/// What all compilations of a run share.
pub struct Press {
    library: LazyHash<Library>,
    fonts: &'static Fonts,
    /// The template's own files below their paths.
    sources: HashMap<FileId, Source>,
    ids: Ids,
}

/// The fixed paths of generated files.
struct Ids {
    main: FileId,
    subject: FileId,
    wording: FileId,
    data: FileId,
    covers: FileId,
}

/// typst refused a text.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{}", .problems.first().map_or("typst refused the text", |first| first.message.as_str()))]
pub struct CompileError {
    /// Every problem typst named.
    pub problems: Vec<CompileProblem>,
}

/// One problem that typst named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CompileProblem {
    /// The file: `layout.typ`, `wording.typ`, `subject.typ`.
    pub file: String,
    /// 1-based line in that file; in a wording, counted without the line the program puts before it.
    pub line: Option<usize>,
    /// typst's own words.
    pub message: String,
    /// typst's own hints.
    pub hints: Vec<String>,
}

fn file_id(path: &str) -> FileId {
    let path = VirtualPath::new(path).expect("fixed and checked template paths are plain");
    FileId::new(RootedPath::new(VirtualRoot::Project, path))
}

impl Press {
    /// Prepares the compilation of letters of one template; `files` are its `.typ` files by path.
    pub fn new<'a>(files: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let sources = files
            .into_iter()
            .map(|(path, text)| {
                let id = file_id(&format!("/{path}"));
                (id, Source::new(id, text.to_owned()))
            })
            .collect();
        Self {
            library: LazyHash::new(Library::default()),
            fonts: fonts::builtin(),
            sources,
            ids: Ids {
                main: file_id("/main.typ"),
                subject: file_id("/subject.typ"),
                wording: file_id("/wording.typ"),
                data: file_id("/data.json"),
                covers: file_id("/covers.json"),
            },
        }
    }

    /// Lays out a body.
    ///
    /// # Errors
    /// Returns what typst says of the wording or the layout.
    pub fn body(&self, subject: &str, wording: &str, data: &serde_json::Value) -> Result<PagedDocument, CompileError> {
        let generated = HashMap::from([
            (self.ids.main, Source::new(self.ids.main, BODY_MAIN.to_owned())),
            (self.ids.subject, Source::new(self.ids.subject, format!("{WORDING_HEAD}{subject}"))),
            (self.ids.wording, Source::new(self.ids.wording, format!("{WORDING_HEAD}{wording}"))),
        ]);
        self.compile(&Job { press: self, generated, data: (self.ids.data, Bytes::from_string(data.to_string())) })
    }

    /// Lays out a batch of covers: one page for each page of each letter, in order.
    ///
    /// # Errors
    /// Returns what typst says of the layout.
    pub fn covers(&self, letters: &str) -> Result<PagedDocument, CompileError> {
        let generated = HashMap::from([(self.ids.main, Source::new(self.ids.main, COVERS_MAIN.to_owned()))]);
        self.compile(&Job { press: self, generated, data: (self.ids.covers, Bytes::from_string(letters.to_owned())) })
    }

    fn compile(&self, job: &Job<'_>) -> Result<PagedDocument, CompileError> {
        typst::compile::<PagedDocument>(job).output.map_err(|errors| self.explain(job, &errors))
    }

    fn explain(&self, job: &Job<'_>, errors: &EcoVec<SourceDiagnostic>) -> CompileError {
        let problems = errors
            .iter()
            .map(|error| {
                let id = error.span.id();
                let head = usize::from(id == Some(self.ids.subject) || id == Some(self.ids.wording));
                let line = id
                    .and_then(|id| job.source(id).ok())
                    .zip(job.range(error.span))
                    .and_then(|(source, range)| source.lines().byte_to_line(range.start))
                    .map(|line| (line + 1).saturating_sub(head));
                CompileProblem {
                    file: id.map_or_else(String::new, |id| id.get().vpath().get_without_slash().to_owned()),
                    line,
                    message: error.message.to_string(),
                    hints: error.hints.iter().map(|hint| hint.v.to_string()).collect(),
                }
            })
            .collect();
        CompileError { problems }
    }
}

/// One compilation.
struct Job<'a> {
    press: &'a Press,
    generated: HashMap<FileId, Source>,
    data: (FileId, Bytes),
}

impl World for Job<'_> {
    fn library(&self) -> &LazyHash<Library> {
        &self.press.library
    }

    fn book(&self) -> &LazyHash<FontBook> {
        &self.press.fonts.book
    }

    fn main(&self) -> FileId {
        self.press.ids.main
    }

    fn source(&self, id: FileId) -> FileResult<Source> {
        self.generated.get(&id).or_else(|| self.press.sources.get(&id)).cloned().ok_or_else(|| missing(id))
    }

    fn file(&self, id: FileId) -> FileResult<Bytes> {
        if id == self.data.0 { Ok(self.data.1.clone()) } else { Err(missing(id)) }
    }

    fn font(&self, index: usize) -> Option<Font> {
        self.press.fonts.fonts.get(index).cloned()
    }

    fn today(&self, _: Option<Duration>) -> Option<Datetime> {
        None
    }
}

fn missing(id: FileId) -> FileError {
    FileError::NotFound(id.get().vpath().get_without_slash().into())
}
