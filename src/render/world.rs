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
use super::paragraphs::Paragraphs;

/// The main file of a body.
const BODY_MAIN: &str = "#import \"/layout.typ\": body, category\n#body(json(\"/data.json\"), include \"/subject.typ\", \
                         include \"/wording.typ\")\n";
/// Gives a letter what all letters of its format share, which stands once in the data.
const WITH_FORMAT: &str = r"#let with-format(data, letter) = {
  let format = data.geometries.at(letter.geometry)
  let address = letter.address.enumerate().map(((index, line)) => {
    (text: line, x: format.address_x, y: format.baselines.at(index))
  })
  (..letter, geometry: format.places, size_pt: data.size_pt, return_line: format.return_line, address: address)
}
";
/// The main file of a batch of covers.
const COVERS_MAIN: &str = r#"#import "/layout.typ": cover
#let data = json("/covers.json")
#for letter in data.letters { cover(with-format(data, letter)) }
"#;
/// The main file of a whole letter begins like this; the languages' texts follow.
const WHOLE_MAIN: &str = r#"#import "/layout.typ": whole
#let data = json("/data.json")
#whole(data, with-format(data.covers, data.covers.letters.first()), (
"#;
/// Subject and wording of a letter's languages.
const TEXTS: [[&str; 2]; 2] = [["/subject.typ", "/wording.typ"], ["/subject-2.typ", "/wording-2.typ"]];
/// Stands before each rendered wording.
const WORDING_HEAD: &str = "#import \"/layout.typ\": *\n";

/// What all compilations of a run share.
pub struct Press {
    library: LazyHash<Library>,
    fonts: &'static Fonts,
    /// The template's own files below their paths.
    sources: HashMap<FileId, Source>,
    ids: Ids,
    paragraphs: Paragraphs,
}

/// The fixed paths of generated files.
struct Ids {
    main: FileId,
    /// Subject and wording of the first and the second language.
    texts: [[FileId; 2]; 2],
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
    /// Which of the letter's languages the file is of, counted from 0; 0 for files of no language.
    pub language: usize,
    /// Byte range in that file; in a wording, counted without the line the program puts before it.
    pub range: Option<std::ops::Range<usize>>,
    /// typst's own words.
    pub message: String,
    /// typst's own hints.
    pub hints: Vec<String>,
}

pub(super) fn file_id(path: &str) -> FileId {
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
                texts: TEXTS.map(|texts| texts.map(file_id)),
                data: file_id("/data.json"),
                covers: file_id("/covers.json"),
            },
            paragraphs: Paragraphs::new(WORDING_HEAD),
        }
    }

    /// Lays out a body. A wording falls into paragraphs that typst remembers from other bodies; where it finds a fault, the
    /// wording is laid out again in one piece, so that the fault has its place in it.
    ///
    /// # Errors
    /// Returns what typst says of the wording or the layout.
    pub fn body(&self, subject: &str, wording: &str, data: &serde_json::Value) -> Result<PagedDocument, CompileError> {
        let (wording_of_parts, sources) = self.paragraphs.share(wording);
        if !sources.is_empty() {
            let mut generated = HashMap::from([(self.ids.main, Source::new(self.ids.main, BODY_MAIN.to_owned()))]);
            self.add_texts(&mut generated, 0, subject, &wording_of_parts);
            generated.extend(sources.into_iter().map(|source| (source.id(), source)));
            let data = (self.ids.data, Bytes::from_string(data.to_string()));
            if let Ok(document) = self.compile(&Job { press: self, generated, data }) {
                return Ok(document);
            }
        }
        self.body_in_one_piece(subject, wording, data)
    }

    /// Lays out a body whose wording is one file.
    ///
    /// # Errors
    /// Returns what typst says of the wording or the layout.
    pub fn body_in_one_piece(
        &self,
        subject: &str,
        wording: &str,
        data: &serde_json::Value,
    ) -> Result<PagedDocument, CompileError> {
        let mut generated = HashMap::from([(self.ids.main, Source::new(self.ids.main, BODY_MAIN.to_owned()))]);
        self.add_texts(&mut generated, 0, subject, wording);
        self.compile(&Job { press: self, generated, data: (self.ids.data, Bytes::from_string(data.to_string())) })
    }

    /// Lays out a whole letter, cover and bodies in one document; `texts` are subject and wording of one or two
    /// languages.
    ///
    /// # Errors
    /// Returns what typst says of the wording or the layout.
    pub fn whole(&self, texts: &[(&str, &str)], data: &serde_json::Value) -> Result<PagedDocument, CompileError> {
        let mut main = format!("{WITH_FORMAT}{WHOLE_MAIN}");
        let mut generated = HashMap::new();
        for (index, ((subject, wording), [subject_path, wording_path])) in texts.iter().zip(TEXTS).enumerate() {
            main.push_str(&format!("  (include \"{subject_path}\", include \"{wording_path}\"),\n"));
            self.add_texts(&mut generated, index, subject, wording);
        }
        main.push_str("))\n");
        generated.insert(self.ids.main, Source::new(self.ids.main, main));
        self.compile(&Job { press: self, generated, data: (self.ids.data, Bytes::from_string(data.to_string())) })
    }

    fn add_texts(&self, generated: &mut HashMap<FileId, Source>, index: usize, subject: &str, wording: &str) {
        for (id, text) in self.ids.texts[index].into_iter().zip([subject, wording]) {
            generated.insert(id, Source::new(id, format!("{WORDING_HEAD}{text}")));
        }
    }

    /// Lays out a batch of covers: one page for each page of each letter, in order.
    ///
    /// # Errors
    /// Returns what typst says of the layout.
    pub fn covers(&self, letters: &str) -> Result<PagedDocument, CompileError> {
        let generated =
            HashMap::from([(self.ids.main, Source::new(self.ids.main, format!("{WITH_FORMAT}{COVERS_MAIN}")))]);
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
                let language = self.ids.texts.iter().position(|texts| id.is_some_and(|id| texts.contains(&id)));
                let text =
                    language.and_then(|language| self.ids.texts[language].iter().position(|text| Some(*text) == id));
                let head = if language.is_some() { WORDING_HEAD.len() } else { 0 };
                let generated = text.map(|text| TEXTS[0][text].trim_start_matches('/').to_owned());
                let range =
                    job.range(error.span).map(|range| range.start.saturating_sub(head)..range.end.saturating_sub(head));
                CompileProblem {
                    file: generated.unwrap_or_else(|| {
                        id.map_or_else(String::new, |id| id.get().vpath().get_without_slash().to_owned())
                    }),
                    language: language.unwrap_or(0),
                    range,
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

#[cfg(test)]
mod tests {
    use super::*;

    const LAYOUT: &str = "#let category(body) = box(text(weight: \"bold\", body))\n#let body(data, subject, content) = { set \
                          page(width: 120mm, height: 60mm, margin: 9mm)\n set text(font: \"Noto Sans\", hyphenate: true)\n \
                          heading(subject)\n content }\n";

    fn exported(document: &PagedDocument) -> Vec<u8> {
        let options = typst_pdf::PdfOptions { tagged: false, ..typst_pdf::PdfOptions::default() };
        typst_pdf::pdf(document, &options).expect("the pages can be written")
    }

    #[test]
    fn a_body_of_shared_paragraphs_has_the_pages_of_a_body_in_one_piece() {
        let press = Press::new([("layout.typ", LAYOUT)]);
        let data = serde_json::json!({});
        let wordings = [
            "First, \"quoted\" #category[Name].\n\n- one\n- two\n\n  still two\n\n- three\n\n= Heading\nText - with -- dashes.\n",
            "Another start.\n\n- one\n- two\n\n  still two\n\n- three\n\n= Heading\nText - with -- dashes.\n",
            "#let x = [kept]\n\nText with #x.\n\n= Heading\nText - with -- dashes.\n",
            "#block[in\n\none block]\n\nSame.\n\nSame.\n\nSame.\n",
        ];
        for _ in 0..3 {
            for wording in wordings {
                let shared = press.body("Subject", wording, &data).expect("it is laid out");
                let alone = press.body_in_one_piece("Subject", wording, &data).expect("it is laid out");
                assert_eq!(exported(&shared), exported(&alone), "{wording}");
            }
        }
    }
}
