//! Covers, bodies and marks → one PDF, built the way a press wants it.
//!
//! Enters: for each page of the result the form below it, the person's own drawing and the marks; for a letter that is
//! a file of its own also how it is read. Leaves: the bytes of a PDF 1.7. Invariants: a body page is stored once, as a
//! form without a transparency group; what is a person's own is page content, drawn after the form; a font stands in the
//! file once, with the glyphs in use; a page of the plan is a page of the result, in order, blank backs included.

use std::collections::HashMap;
use std::sync::Arc;

use flate2::{Compress, Compression, FlushCompress, Status};
use hayro_syntax::object::Dict;
use pdf_writer::{Chunk, Filter, Finish, Name, Rect, Ref, TextStr};
use sha2::{Digest, Sha256};

use super::copy::Copier;
use super::drawing::Drawing;
use super::form::{FIRST_PIECE, Form};
use super::reading::{self, PagePlace, Part, Reading};
use super::typeface::{self, FontPlaces, GlyphSet, TypefaceError, Typefaces};
use crate::render::geometry::{MM_PER_PT, PAGE_HEIGHT_MM, PAGE_WIDTH_MM};

/// What made the file.
pub(super) const PRODUCER: &str = concat!("meldpost ", env!("CARGO_PKG_VERSION"));
/// Name of a body's form in a page's resources.
const BODY_NAME: &[u8] = b"B";
/// Pages below one node of the page tree.
pub(super) const PAGES_A_NODE: usize = 64;
/// Level of the compression of page contents: the best that costs little.
const COMPRESSION: u32 = 6;

/// What tells a body's page from every other one: the body's signature and the page's index.
pub type FormKey = (Arc<str>, usize);

/// One page of the result.
#[derive(Clone, Default)]
pub struct PagePlan<'a> {
    /// The person's own part, laid over the body.
    pub own: Option<&'a Drawing>,
    /// The body's page, by what tells it from others.
    pub body: Option<(FormKey, &'a Form)>,
    /// Marks, as content in points from the page's bottom left.
    pub marks: Vec<u8>,
}

/// What the result says of itself; no personal data.
#[derive(Debug, Clone)]
pub struct Description<'a> {
    /// The document's title.
    pub title: &'a str,
    /// ISO 639-1 code of the document's first language.
    pub language: &'a str,
    /// The date of the campaign, for the creation date.
    pub date: jiff::civil::Date,
}

/// A PDF could not be put together.
#[derive(Debug, thiserror::Error)]
pub enum ComposeError {
    /// A page of a finished PDF is not there; counted from 0.
    #[error("page {0} is wanted and not there")]
    NoSuchPage(usize),
    /// The content could not be compressed.
    #[error("a page's content cannot be compressed: {0}")]
    Compression(#[from] std::io::Error),
    /// A font could not be stored.
    #[error(transparent)]
    Typeface(#[from] TypefaceError),
}

/// A PDF that pages are put into, one after the other; what was put in is kept only as the bytes of the result.
pub struct Composer {
    pdf: pdf_writer::Pdf,
    next: Ref,
    /// The numbers of the catalog, the page tree and the description.
    numbers: [Ref; 3],
    nodes: Vec<Node>,
    pages: usize,
    glyphs: GlyphSet,
    fonts: FontPlaces,
    forms: HashMap<FormKey, Ref>,
    /// Forms by the digest of their operators: texts that differ on one page may be the same on the next.
    stored: HashMap<[u8; 32], Ref>,
    /// Pages over the same form, with the same fonts, have the same resources.
    shared: HashMap<(Option<Ref>, Vec<usize>), Ref>,
    packer: Packer,
    content: Vec<u8>,
    /// Where pages and their forms are, if it is also written how they are read.
    places: Option<Vec<(Ref, Option<Ref>)>>,
}

impl Default for Composer {
    fn default() -> Self {
        let mut next = Ref::new(1);
        let mut pdf = pdf_writer::Pdf::new();
        pdf.set_version(1, 7);
        Self {
            numbers: std::array::from_fn(|_| next.bump()),
            pdf,
            next,
            nodes: Vec::new(),
            pages: 0,
            glyphs: GlyphSet::default(),
            fonts: FontPlaces::default(),
            forms: HashMap::new(),
            stored: HashMap::new(),
            shared: HashMap::new(),
            packer: Packer::default(),
            content: Vec::new(),
            places: None,
        }
    }
}

impl Composer {
    /// How many pages were put in.
    pub const fn pages(&self) -> usize {
        self.pages
    }

    /// Puts in the next page.
    ///
    /// # Errors
    /// A body whose page is not there, or content that cannot be stored.
    pub fn page(&mut self, page: &PagePlan<'_>) -> Result<(), ComposeError> {
        let form = page.body.as_ref().map(|(key, form)| self.form(key, form)).transpose()?;
        let resources = self.resources(form, page.own);
        let read = self.places.is_some();
        self.content.clear();
        let opaque = matches!(page.body, Some((_, Form::Exported { .. })));
        match page.body {
            Some(_) if read && opaque => {
                self.content.extend(format!("/P <</MCID {FIRST_PIECE}>> BDC\n/B Do\nEMC\n").into_bytes());
            }
            Some(_) => self.content.extend_from_slice(b"/B Do\n"),
            None => {}
        }
        if let Some(own) = page.own {
            self.content.extend_from_slice(&own.operators);
            self.content.push(b'\n');
        }
        if read && !page.marks.is_empty() {
            self.content.extend_from_slice(b"/Artifact BMC\n");
            self.content.extend_from_slice(&page.marks);
            self.content.extend_from_slice(b"EMC\n");
        } else {
            self.content.extend_from_slice(&page.marks);
        }

        if self.pages.is_multiple_of(PAGES_A_NODE) {
            self.nodes.push((self.next.bump(), Vec::with_capacity(PAGES_A_NODE)));
        }
        self.pages += 1;
        let number = self.next.bump();
        if let Some(places) = &mut self.places {
            places.push((number, form));
        }
        let stream = (!self.content.is_empty()).then(|| self.next.bump());
        if let Some((node, kids)) = self.nodes.last_mut() {
            kids.push(number);
            let mut target = self.pdf.page(number);
            target.parent(*node);
            target.pair(Name(b"Resources"), resources);
            if let Some(stream) = stream {
                target.contents(stream);
                if read && (opaque || page.own.is_some_and(Drawing::says_something)) {
                    target.struct_parents(reading::page_key(self.pages - 1));
                }
            }
        }
        if let Some(stream) = stream {
            self.pdf.stream(stream, self.packer.pack(&self.content)?).filter(Filter::FlateDecode);
        }
        Ok(())
    }

    /// The whole PDF; `also` are glyphs that the fonts in use hold in any case.
    ///
    /// # Errors
    /// A font that cannot be stored.
    pub fn finish(
        mut self,
        about: &Description<'_>,
        typefaces: &Typefaces,
        also: &GlyphSet,
    ) -> Result<Vec<u8>, ComposeError> {
        self.glyphs.add_all(also);
        typefaces.write(&self.glyphs, &self.fonts, &mut self.pdf, &mut self.next)?;
        debug_assert_eq!(self.nodes.iter().map(|(_, kids)| kids.len()).sum::<usize>(), self.pages);
        Ok(finish(self.pdf, self.numbers, &self.nodes, self.pages, about))
    }

    /// Where a body's page is stored as a form; stores it where it is new.
    fn form(&mut self, key: &FormKey, form: &Form) -> Result<Ref, ComposeError> {
        if let Some(&number) = self.forms.get(key) {
            return Ok(number);
        }
        let number = match form {
            Form::Drawn { operators, glyphs } => {
                let digest = <[u8; 32]>::from(Sha256::digest(operators));
                // A form that is read has one place among what is read.
                if let Some(&number) = self.stored.get(&digest).filter(|_| self.places.is_none()) {
                    number
                } else {
                    self.place_fonts(glyphs);
                    let number = self.next.bump();
                    let mut target = self.pdf.form_xobject(number, operators);
                    target.bbox(page_box());
                    if self.places.is_some() {
                        target.struct_parents(reading::form_key(self.pages));
                    }
                    typeface::write_resources(&mut target.insert(Name(b"Resources")).dict(), glyphs, &self.fonts);
                    target.filter(Filter::FlateDecode);
                    self.stored.insert(digest, number);
                    number
                }
            }
            Form::Exported { pdf, page: index } => {
                let page = pdf.pages().get(*index).ok_or(ComposeError::NoSuchPage(*index))?;
                let content = compress(page.page_stream().unwrap_or_default())?;
                let mut copier = Copier::new(pdf);
                let number = self.next.bump();
                let mut target = self.pdf.form_xobject(number, &content);
                target.bbox(page_box());
                let resources: Dict<'_> = page.raw().get(b"Resources").unwrap_or_else(Dict::empty);
                let mut own = target.insert(Name(b"Resources")).dict();
                copier.entries(&mut own, &resources, &mut self.next);
                own.finish();
                target.filter(Filter::FlateDecode);
                target.finish();
                copier.write_reached(&mut self.pdf, &mut self.next);
                number
            }
        };
        self.forms.insert(key.clone(), number);
        Ok(number)
    }

    /// The resources of a page over this form.
    fn resources(&mut self, form: Option<Ref>, own: Option<&Drawing>) -> Ref {
        if let Some(own) = own {
            self.place_fonts(&own.glyphs);
        }
        let used: Vec<usize> = own.map(|own| own.glyphs.fonts().collect()).unwrap_or_default();
        let Self { pdf, next, fonts, shared, .. } = self;
        *shared.entry((form, used)).or_insert_with(|| {
            let resources = next.bump();
            let mut target = pdf.indirect(resources).dict();
            if let Some(own) = own {
                typeface::write_resources(&mut target, &own.glyphs, fonts);
            }
            if let Some(form) = form {
                target.insert(Name(b"XObject")).dict().pair(Name(BODY_NAME), form);
            }
            resources
        })
    }

    /// Notes glyphs, and gives each of their fonts a number.
    fn place_fonts(&mut self, glyphs: &GlyphSet) {
        self.glyphs.add_all(glyphs);
        for font in glyphs.fonts() {
            self.fonts[font].get_or_insert_with(|| self.next.bump());
        }
    }
}

/// Puts pages together; `also` are glyphs that the fonts in use hold in any case.
///
/// # Errors
/// A body whose page is not there, or a font or content that cannot be stored.
pub fn compose(
    pages: &[PagePlan<'_>],
    about: &Description<'_>,
    typefaces: &Typefaces,
    also: &GlyphSet,
) -> Result<Vec<u8>, ComposeError> {
    let mut composer = Composer::default();
    pages.iter().try_for_each(|page| composer.page(page))?;
    composer.finish(about, typefaces, also)
}

/// Puts one letter together, with how it is read: `parts` are its languages, in order.
///
/// # Errors
/// A body whose page is not there, or a font or content that cannot be stored.
pub fn compose_for_reading(
    pages: &[PagePlan<'_>],
    parts: &[Part<'_>],
    about: &Description<'_>,
    typefaces: &Typefaces,
    also: &GlyphSet,
) -> Result<Vec<u8>, ComposeError> {
    let mut composer = Composer { places: Some(Vec::with_capacity(pages.len())), ..Composer::default() };
    pages.iter().try_for_each(|page| composer.page(page))?;
    composer.glyphs.add_all(also);
    let Composer { mut pdf, mut next, numbers, nodes, glyphs, fonts, places, .. } = composer;
    typefaces.write(&glyphs, &fonts, &mut pdf, &mut next)?;
    let places: Vec<PagePlace<'_>> = places
        .into_iter()
        .flatten()
        .zip(pages)
        .map(|((number, form), page)| PagePlace { number, form, own: page.own.and_then(|own| own.structure.as_ref()) })
        .collect();
    let read = reading::write(&places, parts, about, &mut pdf, &mut next)?;
    Ok(read.end(around(pdf, numbers, &nodes, pages.len(), about, Some(&read)), next))
}

/// A whole PDF around finished pages; `numbers` are those of the catalog, the page tree and the description.
pub(super) fn finish(
    pdf: pdf_writer::Pdf,
    numbers: [Ref; 3],
    kids: &[Node],
    pages: usize,
    about: &Description<'_>,
) -> Vec<u8> {
    around(pdf, numbers, kids, pages, about, None).finish()
}

/// What stands around the pages.
fn around(
    mut pdf: pdf_writer::Pdf,
    numbers: [Ref; 3],
    kids: &[Node],
    pages: usize,
    about: &Description<'_>,
    read: Option<&Reading>,
) -> pdf_writer::Pdf {
    let [catalog, tree, info] = numbers;
    let id = document_id(&pdf);
    let mut root = pdf.catalog(catalog);
    root.pages(tree).lang(TextStr(about.language));
    root.viewer_preferences().display_doc_title(true);
    if let Some(read) = read {
        root.mark_info().marked(true);
        root.pair(Name(b"StructTreeRoot"), read.root());
        root.metadata(read.metadata());
    }
    root.finish();
    pdf.document_info(info)
        .title(TextStr(about.title))
        .producer(TextStr(PRODUCER))
        .creation_date(creation_date(about.date));
    write_tree(&mut pdf, tree, kids, pages);
    pdf.set_file_id((id.clone(), id));
    pdf
}

/// A node of the page tree with the pages below it.
pub(super) type Node = (Ref, Vec<Ref>);

fn creation_date(date: jiff::civil::Date) -> pdf_writer::Date {
    pdf_writer::Date::new(date.year().unsigned_abs()).month(date.month().unsigned_abs()).day(date.day().unsigned_abs())
}

/// The first half of the content's SHA-256: the same letters give the same id, and no clock is asked.
fn document_id(content: &Chunk) -> Vec<u8> {
    Sha256::digest(content.as_bytes())[..16].to_vec()
}

fn write_tree(pdf: &mut pdf_writer::Pdf, tree: Ref, nodes: &[Node], count: usize) {
    let number = |count: usize| i32::try_from(count).unwrap_or(i32::MAX);
    pdf.pages(tree).kids(nodes.iter().map(|(node, _)| *node)).count(number(count)).media_box(page_box());
    for (node, kids) in nodes {
        pdf.pages(*node).parent(tree).kids(kids.iter().copied()).count(number(kids.len()));
    }
}

fn page_box() -> Rect {
    #[expect(clippy::cast_possible_truncation, reason = "PDF numbers are single precision")]
    Rect::new(0.0, 0.0, (PAGE_WIDTH_MM / MM_PER_PT) as f32, (PAGE_HEIGHT_MM / MM_PER_PT) as f32)
}

/// Compresses one short text after the other, with the same tables.
struct Packer {
    compress: Compress,
    packed: Vec<u8>,
}

impl Default for Packer {
    fn default() -> Self {
        Self { compress: Compress::new(Compression::new(COMPRESSION), true), packed: Vec::new() }
    }
}

impl Packer {
    fn pack(&mut self, content: &[u8]) -> Result<&[u8], std::io::Error> {
        self.compress.reset();
        self.packed.clear();
        let mut read = 0;
        loop {
            self.packed.reserve(content.len() / 2 + 64);
            let status = self
                .compress
                .compress_vec(&content[read..], &mut self.packed, FlushCompress::Finish)
                .map_err(std::io::Error::other)?;
            read = usize::try_from(self.compress.total_in()).unwrap_or(usize::MAX);
            if status == Status::StreamEnd {
                return Ok(&self.packed);
            }
        }
    }
}

/// Compresses a page's operators.
///
/// # Errors
/// None in practice: it writes to memory.
pub fn compress(content: &[u8]) -> Result<Vec<u8>, std::io::Error> {
    Packer::default().pack(content).map(<[u8]>::to_vec)
}
