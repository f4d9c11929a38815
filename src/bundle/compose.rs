//! Covers, bodies and marks → one PDF, built the way a press wants it.
//!
//! Enters: for each page of the result the form below it, the person's own drawing and the marks. Leaves: the bytes of a
//! PDF 1.7. Invariants: a body page is stored once, as a form without a transparency group; what is a person's own is
//! page content, drawn after the form; a font stands in the file once, with the glyphs in use; a page of the plan is a
//! page of the result, in order, blank backs included.

use std::collections::{HashMap, HashSet};

use flate2::{Compress, Compression, FlushCompress, Status};
use hayro_syntax::object::Dict;
use pdf_writer::{Chunk, Filter, Finish, Name, Rect, Ref, TextStr};

use super::copy::Copier;
use super::drawing::Drawing;
use super::form::Form;
use super::typeface::{self, FontPlaces, GlyphSet, TypefaceError, Typefaces};
use crate::render::geometry::{MM_PER_PT, PAGE_HEIGHT_MM, PAGE_WIDTH_MM};

/// Name of a body's form in a page's resources.
const BODY_NAME: &[u8] = b"B";
/// Pages below one node of the page tree.
pub(super) const PAGES_A_NODE: usize = 64;
/// Level of the compression of page contents: the best that costs little.
const COMPRESSION: u32 = 6;

/// What tells a body's page from every other one: the body's signature and the page's index.
pub type FormKey<'a> = (&'a str, usize);

/// One page of the result.
#[derive(Clone, Default)]
pub struct PagePlan<'a> {
    /// The person's own part, laid over the body.
    pub own: Option<&'a Drawing>,
    /// The body's page, by what tells it from others.
    pub body: Option<(FormKey<'a>, &'a Form)>,
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

/// Puts covers, bodies and marks together; `also` are glyphs that the fonts hold in any case.
///
/// # Errors
/// A body whose page is not there, or a font or content that cannot be stored.
pub fn compose(
    pages: &[PagePlan<'_>],
    about: &Description<'_>,
    typefaces: &Typefaces,
    also: &GlyphSet,
) -> Result<Vec<u8>, ComposeError> {
    let mut next = Ref::new(1);
    let catalog = next.bump();
    let tree = next.bump();
    let info = next.bump();
    let mut chunk = Chunk::new();

    let fonts = typefaces.write(&glyphs(pages, also), &mut chunk, &mut next)?;
    let forms = write_forms(pages, &fonts, &mut chunk, &mut next)?;
    let kids = write_pages(&forms, &fonts, pages, &mut chunk, &mut next)?;

    Ok(finish(&chunk, [catalog, tree, info], &kids, pages.len(), about))
}

/// A whole PDF around finished pages; `numbers` are those of the catalog, the page tree and the description.
pub(super) fn finish(
    chunk: &Chunk,
    numbers: [Ref; 3],
    kids: &[Node],
    pages: usize,
    about: &Description<'_>,
) -> Vec<u8> {
    let [catalog, tree, info] = numbers;
    let mut pdf = pdf_writer::Pdf::new();
    pdf.set_version(1, 7);
    let mut root = pdf.catalog(catalog);
    root.pages(tree).lang(TextStr(about.language));
    root.viewer_preferences().display_doc_title(true);
    root.finish();
    pdf.document_info(info)
        .title(TextStr(about.title))
        .producer(TextStr(concat!("meldpost ", env!("CARGO_PKG_VERSION"))))
        .creation_date(creation_date(about.date));
    write_tree(&mut pdf, tree, kids, pages);
    pdf.extend(chunk);
    let id = document_id(chunk);
    pdf.set_file_id((id.clone(), id));
    pdf.finish()
}

/// A node of the page tree with the pages below it.
pub(super) type Node = (Ref, Vec<Ref>);

fn creation_date(date: jiff::civil::Date) -> pdf_writer::Date {
    pdf_writer::Date::new(date.year().unsigned_abs()).month(date.month().unsigned_abs()).day(date.day().unsigned_abs())
}

/// The first half of the content's SHA-256: the same letters give the same id, and no clock is asked.
fn document_id(chunk: &Chunk) -> Vec<u8> {
    use sha2::{Digest, Sha256};
    Sha256::digest(chunk.as_bytes())[..16].to_vec()
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

/// Every glyph that the program's own pen drew.
fn glyphs(pages: &[PagePlan<'_>], also: &GlyphSet) -> GlyphSet {
    let mut glyphs = also.clone();
    let mut seen = HashSet::new();
    for page in pages {
        if let Some(own) = page.own {
            glyphs.add_all(&own.glyphs);
        }
        if let Some((key, Form::Drawn { glyphs: shown, .. })) = page.body
            && seen.insert(key)
        {
            glyphs.add_all(shown);
        }
    }
    glyphs
}

/// Stores each body page in use as a form, in the order of first use, and returns where.
fn write_forms<'a>(
    pages: &[PagePlan<'a>],
    fonts: &FontPlaces,
    chunk: &mut Chunk,
    next: &mut Ref,
) -> Result<HashMap<FormKey<'a>, Ref>, ComposeError> {
    let mut forms = HashMap::new();
    // Texts that differ on one page may be the same on the next.
    let mut stored: HashMap<&[u8], Ref> = HashMap::new();
    for (key, form) in pages.iter().filter_map(|page| page.body) {
        if forms.contains_key(&key) {
            continue;
        }
        if let Form::Drawn { operators, .. } = form
            && let Some(&number) = stored.get(operators.as_slice())
        {
            forms.insert(key, number);
            continue;
        }
        let number = next.bump();
        forms.insert(key, number);
        match form {
            Form::Drawn { operators, glyphs } => {
                stored.insert(operators, number);
                let mut target = chunk.form_xobject(number, operators);
                target.bbox(page_box());
                typeface::write_resources(&mut target.insert(Name(b"Resources")).dict(), glyphs, fonts);
                target.filter(Filter::FlateDecode);
            }
            Form::Exported { pdf, page: index } => {
                let page = pdf.pages().get(*index).ok_or(ComposeError::NoSuchPage(*index))?;
                let content = compress(page.page_stream().unwrap_or_default())?;
                let mut copier = Copier::new(pdf);
                let mut target = chunk.form_xobject(number, &content);
                target.bbox(page_box());
                let resources: Dict<'_> = page.raw().get(b"Resources").unwrap_or_else(Dict::empty);
                let mut own = target.insert(Name(b"Resources")).dict();
                copier.entries(&mut own, &resources, next);
                own.finish();
                target.filter(Filter::FlateDecode);
                target.finish();
                copier.write_reached(chunk, next);
            }
        }
    }
    Ok(forms)
}

fn write_pages(
    forms: &HashMap<FormKey<'_>, Ref>,
    fonts: &FontPlaces,
    pages: &[PagePlan<'_>],
    chunk: &mut Chunk,
    next: &mut Ref,
) -> Result<Vec<Node>, ComposeError> {
    let mut nodes: Vec<Node> = Vec::with_capacity(pages.len().div_ceil(PAGES_A_NODE));
    // Pages over the same form, with the same fonts, have the same resources.
    let mut shared: HashMap<(Option<Ref>, Vec<usize>), Ref> = HashMap::new();
    let mut packer = Packer::default();
    let mut content = Vec::new();
    for (index, page) in pages.iter().enumerate() {
        if index % PAGES_A_NODE == 0 {
            nodes.push((next.bump(), Vec::with_capacity(PAGES_A_NODE)));
        }
        let Some((node, kids)) = nodes.last_mut() else { continue };
        let number = next.bump();
        kids.push(number);

        content.clear();
        let form = page.body.and_then(|(key, _)| forms.get(&key).copied());
        if form.is_some() {
            content.extend_from_slice(b"/B Do\n");
        }
        if let Some(own) = page.own {
            content.extend_from_slice(&own.operators);
            content.push(b'\n');
        }
        content.extend_from_slice(&page.marks);
        let used: Vec<usize> = page.own.map(|own| own.glyphs.fonts().collect()).unwrap_or_default();
        let resources = *shared.entry((form, used)).or_insert_with(|| {
            let resources = next.bump();
            let mut target = chunk.indirect(resources).dict();
            if let Some(own) = page.own {
                typeface::write_resources(&mut target, &own.glyphs, fonts);
            }
            if let Some(form) = form {
                target.insert(Name(b"XObject")).dict().pair(Name(BODY_NAME), form);
            }
            resources
        });
        let stream = (!content.is_empty()).then(|| next.bump());
        let mut target = chunk.page(number);
        target.parent(*node);
        target.pair(Name(b"Resources"), resources);
        if let Some(stream) = stream {
            target.contents(stream);
        }
        target.finish();
        if let Some(stream) = stream {
            chunk.stream(stream, packer.pack(&content)?).filter(Filter::FlateDecode);
        }
    }
    debug_assert_eq!(nodes.iter().map(|(_, kids)| kids.len()).sum::<usize>(), pages.len());
    Ok(nodes)
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
