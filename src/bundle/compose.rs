//! Covers and bodies → one PDF, built the way a press wants it.
//!
//! Enters: a PDF with one page for each page of each letter (the covers), a PDF with the pages of all bodies in use, and
//! for each page of the result which of them it shows. Leaves: the bytes of a PDF 1.7. Invariants: a body page is stored
//! once, as a form without a transparency group; what is a person's own is page content, drawn after the form;
//! a page of the plan is a page of the result, in order, blank backs included.

use std::collections::HashMap;
use std::io::Write;

use flate2::Compression;
use flate2::write::ZlibEncoder;
use hayro_syntax::Pdf;
use hayro_syntax::object::Dict;
use pdf_writer::{Chunk, Content, Filter, Finish, Name, Rect, Ref, TextStr};

use super::copy::Copier;
use crate::render::geometry::{MM_PER_PT, PAGE_HEIGHT_MM, PAGE_WIDTH_MM};

/// Name of a body's form in a page's resources.
const BODY_NAME: &[u8] = b"B";
/// Pages below one node of the page tree.
pub(super) const PAGES_A_NODE: usize = 64;
/// Level of the compression of page contents: the best that costs little.
const COMPRESSION: u32 = 6;

/// One page of the result.
#[derive(Debug, Clone, Default)]
pub struct PagePlan {
    /// 0-based page of the covers, laid over the body.
    pub cover: Option<usize>,
    /// 0-based page of the bodies.
    pub body: Option<usize>,
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
    /// A PDF that typst wrote could not be read back.
    #[error("a page that was just laid out cannot be read back ({0})")]
    Unreadable(&'static str),
    /// A page that the plan names is not there.
    #[error("the plan of pages names page {0}, which was not laid out")]
    NoSuchPage(usize),
    /// The content could not be compressed.
    #[error("a page's content cannot be compressed: {0}")]
    Compression(#[from] std::io::Error),
}

/// Puts covers, bodies and marks together.
///
/// # Errors
/// An input PDF that cannot be read, or a plan that names a page that is not there.
pub fn compose(
    covers: &Pdf,
    bodies: &Pdf,
    pages: &[PagePlan],
    about: &Description<'_>,
) -> Result<Vec<u8>, ComposeError> {
    let mut next = Ref::new(1);
    let catalog = next.bump();
    let tree = next.bump();
    let info = next.bump();
    let mut chunk = Chunk::new();

    let forms = write_forms(bodies, pages, &mut chunk, &mut next)?;
    let kids = write_pages(covers, &forms, pages, &mut chunk, &mut next)?;

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

/// Stores each body page in use as a form and returns where.
fn write_forms(
    bodies: &Pdf,
    pages: &[PagePlan],
    chunk: &mut Chunk,
    next: &mut Ref,
) -> Result<HashMap<usize, Ref>, ComposeError> {
    let mut used: Vec<usize> = pages.iter().filter_map(|page| page.body).collect();
    used.sort_unstable();
    used.dedup();
    let mut copier = Copier::new(bodies);
    let mut forms = HashMap::with_capacity(used.len());
    // Texts that differ on one page may be the same on the next.
    let mut stored: HashMap<(&[u8], &[u8]), Ref> = HashMap::with_capacity(used.len());
    for index in used {
        let page = bodies.pages().get(index).ok_or(ComposeError::NoSuchPage(index))?;
        let drawn = page.page_stream().unwrap_or_default();
        let resources: Dict<'_> = page.raw().get(b"Resources").unwrap_or_else(Dict::empty);
        if let Some(&number) = stored.get(&(drawn, resources.data())) {
            forms.insert(index, number);
            continue;
        }
        let content = compress(drawn)?;
        let number = next.bump();
        stored.insert((drawn, resources.data()), number);
        let mut form = chunk.form_xobject(number, &content);
        form.bbox(page_box());
        let mut target = form.insert(Name(b"Resources")).dict();
        copier.entries(&mut target, &resources, next);
        target.finish();
        form.filter(Filter::FlateDecode);
        form.finish();
        forms.insert(index, number);
    }
    copier.write_reached(chunk, next);
    Ok(forms)
}

fn write_pages(
    covers: &Pdf,
    forms: &HashMap<usize, Ref>,
    pages: &[PagePlan],
    chunk: &mut Chunk,
    next: &mut Ref,
) -> Result<Vec<Node>, ComposeError> {
    let mut copier = Copier::new(covers);
    let mut nodes: Vec<Node> = Vec::with_capacity(pages.len().div_ceil(PAGES_A_NODE));
    for (index, page) in pages.iter().enumerate() {
        if index % PAGES_A_NODE == 0 {
            nodes.push((next.bump(), Vec::with_capacity(PAGES_A_NODE)));
        }
        let Some((node, kids)) = nodes.last_mut() else { continue };
        let number = next.bump();
        kids.push(number);

        let cover = match page.cover {
            Some(cover) => Some(covers.pages().get(cover).ok_or(ComposeError::NoSuchPage(cover))?),
            None => None,
        };
        let form = match page.body {
            Some(body) => Some(*forms.get(&body).ok_or(ComposeError::NoSuchPage(body))?),
            None => None,
        };
        let mut content = Content::new();
        if form.is_some() {
            content.x_object(Name(BODY_NAME));
        }
        let mut content = content.finish().to_vec();
        if let Some(own) = cover.and_then(hayro_syntax::page::Page::page_stream) {
            content.push(b'\n');
            content.extend_from_slice(own);
        }
        if !page.marks.is_empty() {
            content.push(b'\n');
            content.extend_from_slice(&page.marks);
        }
        let stream = (!content.is_empty()).then(|| next.bump());
        let mut target = chunk.page(number);
        target.parent(*node);
        let mut resources = target.insert(Name(b"Resources")).dict();
        let own: Dict<'_> = cover.and_then(|cover| cover.raw().get(b"Resources")).unwrap_or_else(Dict::empty);
        write_resources(&mut copier, &mut resources, &own, form, next);
        resources.finish();
        if let Some(stream) = stream {
            target.contents(stream);
        }
        target.finish();
        if let Some(stream) = stream {
            chunk.stream(stream, &compress(&content)?).filter(Filter::FlateDecode);
        }
    }
    copier.write_reached(chunk, next);
    debug_assert_eq!(nodes.iter().map(|(_, kids)| kids.len()).sum::<usize>(), pages.len());
    Ok(nodes)
}

/// A cover's resources and the form below it; procedure sets are obsolete (ISO 32000-1, 14.2) and left out.
fn write_resources(
    copier: &mut Copier<'_>,
    target: &mut pdf_writer::Dict<'_>,
    own: &Dict<'_>,
    form: Option<Ref>,
    next: &mut Ref,
) {
    for (key, value) in own.entries() {
        if !matches!(&*key, b"ProcSet" | b"XObject") {
            copier.value(target.insert(Name(&key)), &value, next);
        }
    }
    let own_forms: Option<Dict<'_>> = own.get(b"XObject");
    if form.is_some() || own_forms.is_some() {
        let mut forms = target.insert(Name(b"XObject")).dict();
        if let Some(own_forms) = own_forms {
            copier.entries(&mut forms, &own_forms, next);
        }
        if let Some(form) = form {
            forms.pair(Name(BODY_NAME), form);
        }
    }
}

fn compress(content: &[u8]) -> Result<Vec<u8>, std::io::Error> {
    let mut encoder = ZlibEncoder::new(Vec::with_capacity(content.len() / 2), Compression::new(COMPRESSION));
    encoder.write_all(content)?;
    encoder.finish()
}
