//! How one letter is read, as a PDF stores it: its structure tree (ISO 32000-1, 14.7).
//!
//! Enters: the structures of the bodies and of the cover pages over them, and where the pages are. Leaves: the tree's
//! objects, the numbers that lead from drawn text to its element, and the file's description in XMP. Invariants: a
//! cover's texts are read where they stand on the page, between those of the body; every piece of drawn text has one
//! element; a change of language is said at the highest element that it is true of. Elements are small and many, so they
//! are stored together and compressed (7.5.7), which older readers than PDF 1.5 could not open.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{Error, Write};
use std::ops::Range;

use pdf_writer::{Chunk, Filter, Name, Pdf, Ref, XRefFilter};
use typst::text::Locale;
use xmp_writer::{DateTime, LangId, XmpWriter};

use super::compose::{Description, PRODUCER, compress};
use super::structure::{Kid, Place, ROOT, Role, Structure, Text};

/// Texts whose baselines are this close stand on one line, in points.
const SAME_LINE: f64 = 2.0;

/// Where one page of the result is.
pub(super) struct PagePlace<'a> {
    pub number: Ref,
    /// The body's form.
    pub form: Option<Ref>,
    /// How the person's own part is read.
    pub own: Option<&'a Structure>,
}

/// What a letter says in one language.
pub struct Part<'a> {
    /// How the body is read.
    pub structure: &'a Structure,
    /// The body's pages among those of the letter, from 0.
    pub pages: Range<usize>,
    /// ISO 639-1 code.
    pub language: &'static str,
}

/// The key by which the elements of a page's own content are found.
pub(super) fn page_key(page: usize) -> i32 {
    i32::try_from(page * 2).unwrap_or(i32::MAX)
}

/// The key by which the elements of a page's form are found.
pub(super) fn form_key(page: usize) -> i32 {
    page_key(page).saturating_add(1)
}

/// A tree that was written.
pub(super) struct Reading {
    /// The stream that holds its objects.
    stream: Ref,
    /// These objects, in their order in the stream; the first is the root.
    inside: Vec<Ref>,
    root: Ref,
    metadata: Ref,
}

/// Writes the tree of a letter.
pub(super) fn write(
    pages: &[PagePlace<'_>],
    parts: &[Part<'_>],
    about: &Description<'_>,
    chunk: &mut Chunk,
    next: &mut Ref,
) -> Result<Reading, Error> {
    let root = next.bump();
    let mut tree = Tree { pages, next: *next, objects: Objects::default(), parents: BTreeMap::new() };
    let document = tree.next.bump();
    let mut kids = Vec::new();
    for part in parts {
        let said = (part.language != about.language).then_some(part.language);
        if parts.len() == 1 && said.is_none() {
            tree.blocks(part, document, &mut kids)?;
        } else {
            let number = tree.next.bump();
            let mut blocks = Vec::new();
            tree.blocks(part, number, &mut blocks)?;
            tree.objects.element(number, "Part", document, said, "", &blocks)?;
            kids.push(Item::Element(number));
        }
    }
    tree.objects.element(document, "Document", root, None, "", &kids)?;
    tree.root(root, document)?;

    let Tree { next: after, objects, .. } = tree;
    *next = after;
    let (stream, metadata) = (next.bump(), next.bump());
    let inside = objects.write(stream, chunk)?;
    write_metadata(metadata, about, conforms(pages, parts), chunk);
    Ok(Reading { stream, inside, root, metadata })
}

/// The file's description; that it is PDF/UA-1 (ISO 14289-1, 5) is among it, where it is.
fn write_metadata(number: Ref, about: &Description<'_>, conforms: bool, chunk: &mut Chunk) {
    let mut xmp = XmpWriter::new();
    xmp.title([(Some(LangId(about.language)), about.title)]);
    xmp.language([LangId(about.language)]);
    xmp.producer(PRODUCER);
    let date = about.date;
    let (year, month, day) = (date.year().unsigned_abs(), date.month().unsigned_abs(), date.day().unsigned_abs());
    xmp.create_date(DateTime::date(year, month, day));
    if conforms {
        xmp.pdfua_part(1);
    }
    let xmp = xmp.finish(None);
    chunk.stream(number, xmp.as_bytes()).pair(Name(b"Type"), Name(b"Metadata")).pair(Name(b"Subtype"), Name(b"XML"));
}

/// What is in an element that is written.
enum Item {
    Element(Ref),
    /// A piece of the page's own content: the page, the number.
    OnPage(Ref, i32),
    /// A piece of a form's content: the page, the form, the number.
    InForm(Ref, Ref, i32),
}

struct Tree<'a> {
    pages: &'a [PagePlace<'a>],
    next: Ref,
    objects: Objects,
    /// Elements of the pieces of text, by the page's or the form's key and the piece's number.
    parents: BTreeMap<i32, BTreeMap<i32, Ref>>,
}

/// One element of the highest level: of the body, or of a page's cover.
struct Block<'a> {
    structure: &'a Structure,
    element: usize,
    first_page: usize,
    start: (usize, Place),
}

impl Tree<'_> {
    /// The elements of the highest level of a part.
    fn blocks(&mut self, part: &Part<'_>, around: Ref, kids: &mut Vec<Item>) -> Result<(), Error> {
        for block in in_order(self.pages, part) {
            kids.push(Item::Element(self.element(&block, block.element, around, part.language)?));
        }
        Ok(())
    }

    fn element(&mut self, block: &Block<'_>, element: usize, around: Ref, language: &str) -> Result<Ref, Error> {
        let structure = block.structure;
        let number = self.next.bump();
        let spoken = only_language(structure, element).map(|locale| locale.rfc_3066());
        let said = spoken.as_deref().filter(|spoken| *spoken != language);
        let language = said.unwrap_or(language);
        let mut kids = Vec::new();
        for kid in structure.kids(element) {
            match kid {
                Kid::Element(inner) if structure.says_something(*inner) => {
                    kids.push(Item::Element(self.element(block, *inner, number, language)?));
                }
                Kid::Element(_) => {}
                Kid::Text(text) if text.language.rfc_3066() == language => {
                    kids.push(self.piece(block, text, number)?);
                }
                Kid::Text(text) => {
                    let span = self.next.bump();
                    let piece = self.piece(block, text, span)?;
                    let said = text.language.rfc_3066();
                    self.objects.element(span, "Span", number, Some(&said), "", &[piece])?;
                    kids.push(Item::Element(span));
                }
            }
        }
        let own = &structure.elements[element];
        self.objects.element(number, own.role.name(), around, said, &attributes(own.role, own.spans), &kids)?;
        Ok(number)
    }

    /// A piece of text in its element, which is noted for the way back.
    fn piece(&mut self, block: &Block<'_>, text: &Text, element: Ref) -> Result<Item, Error> {
        let index = block.first_page + text.page;
        let page = self.pages.get(index).ok_or_else(|| Error::other("text is on a page that is not there"))?;
        let (key, item) = match page.form {
            Some(form) if block.structure.in_form => (form_key(index), Item::InForm(page.number, form, text.number)),
            _ => (page_key(index), Item::OnPage(page.number, text.number)),
        };
        if self.parents.entry(key).or_default().insert(text.number, element).is_some() {
            return Err(Error::other("two pieces of text have the same number"));
        }
        Ok(item)
    }

    fn root(&mut self, root: Ref, document: Ref) -> Result<(), Error> {
        let mut nums = Vec::new();
        for (key, elements) in &self.parents {
            write!(nums, "{key}[")?;
            let last = elements.keys().last().copied().unwrap_or(0);
            for number in 0..=last {
                match elements.get(&number) {
                    Some(element) => write!(nums, "{} 0 R ", element.get())?,
                    None => nums.extend_from_slice(b"null "),
                }
            }
            nums.extend_from_slice(b"]");
        }
        let after = page_key(self.pages.len());
        let target = self.objects.begin(root);
        write!(target, "<</Type/StructTreeRoot/K {} 0 R/ParentTreeNextKey {after}/ParentTree<</Nums[", document.get())?;
        target.extend_from_slice(&nums);
        target.extend_from_slice(b"]>>>>\n");
        Ok(())
    }
}

/// What a cell says of itself (ISO 32000-1, 14.8.5.7).
fn attributes(role: Role, (columns, rows): (usize, usize)) -> String {
    let mut attributes = String::new();
    if role == Role::Header {
        attributes.push_str("/Scope/Column");
    }
    if columns > 1 {
        // Writing to a string does not fail.
        let _ = write!(attributes, "/ColSpan {columns}");
    }
    if rows > 1 {
        let _ = write!(attributes, "/RowSpan {rows}");
    }
    if attributes.is_empty() { attributes } else { format!("/A<</O/Table{attributes}>>") }
}

/// The elements of the highest level of a part, in the order in which they are read: the body's, and between them those
/// of each page's cover, each where the fewest stand on the wrong side of it.
fn in_order<'a>(pages: &[PagePlace<'a>], part: &Part<'a>) -> Vec<Block<'a>> {
    let body = blocks(part.structure, part.pages.start);
    let mut placed: Vec<(usize, Block<'a>)> = Vec::new();
    for index in part.pages.clone() {
        let Some(own) = pages.get(index).and_then(|page| page.own) else { continue };
        let here = |block: &Block<'_>| block.page() == index;
        let first = body.iter().position(|block| block.page() >= index).unwrap_or(body.len());
        let last = first + body[first..].iter().take_while(|block| here(block)).count();
        for block in blocks(own, index) {
            let wrong = |at: &usize| {
                let before = body[first..*at].iter().filter(|other| block.precedes(other)).count();
                before + body[*at..last].iter().filter(|other| other.precedes(&block)).count()
            };
            placed.push(((first..=last).min_by_key(wrong).unwrap_or(last), block));
        }
    }
    placed.sort_by_key(|(at, _)| *at);
    let mut ordered = Vec::with_capacity(body.len() + placed.len());
    let mut placed = placed.into_iter().peekable();
    for (at, block) in body.into_iter().enumerate() {
        while let Some((_, own)) = placed.next_if(|(before, _)| *before <= at) {
            ordered.push(own);
        }
        ordered.push(block);
    }
    ordered.extend(placed.map(|(_, block)| block));
    ordered
}

fn blocks(structure: &Structure, first_page: usize) -> Vec<Block<'_>> {
    let kids = structure.kids(ROOT).into_iter();
    kids.filter_map(|kid| match kid {
        Kid::Element(element) => {
            structure.elements[*element].start.map(|start| Block { structure, element: *element, first_page, start })
        }
        Kid::Text(_) => None,
    })
    .collect()
}

impl Block<'_> {
    /// The page of the letter that it begins on.
    const fn page(&self) -> usize {
        self.first_page + self.start.0
    }

    /// Whether it stands above another one of its page, or on the same line and left of it.
    fn precedes(&self, other: &Self) -> bool {
        let (one, other) = (self.start.1, other.start.1);
        if (one.y - other.y).abs() < SAME_LINE { one.x < other.x } else { one.y < other.y }
    }
}

/// The language of an element, where it has only one.
fn only_language(structure: &Structure, element: usize) -> Option<Locale> {
    fn gather(structure: &Structure, element: usize, found: &mut Option<Locale>) -> bool {
        structure.elements[element].kids.iter().all(|kid| match kid {
            Kid::Element(inner) => gather(structure, *inner, found),
            Kid::Text(text) => *found.get_or_insert(text.language) == text.language,
        })
    }
    let mut found = None;
    gather(structure, element, &mut found).then_some(found).flatten()
}

/// Whether the letter is what PDF/UA-1 asks for where it depends on the template: headings without a gap between their
/// levels, tables with heads, and nothing that is drawn without being known.
fn conforms(pages: &[PagePlace<'_>], parts: &[Part<'_>]) -> bool {
    let mut level = 0;
    let mut steps = true;
    for block in parts.iter().flat_map(|part| in_order(pages, part)) {
        headings(block.structure, block.element, &mut |next| {
            steps &= next <= level + 1;
            level = next;
        });
    }
    let headed = |structure: &Structure| {
        let mut roles = structure.elements.iter().map(|element| element.role);
        roles.clone().all(|role| role != Role::Table) || roles.any(|role| role == Role::Header)
    };
    steps && parts.iter().all(|part| part.structure.in_form && headed(part.structure))
}

fn headings(structure: &Structure, element: usize, found: &mut impl FnMut(usize)) {
    if let Role::Heading(level) = structure.elements[element].role {
        found(level);
    }
    for kid in &structure.elements[element].kids {
        if let Kid::Element(inner) = kid {
            headings(structure, *inner, found);
        }
    }
}

/// Objects that are stored in one stream.
#[derive(Default)]
struct Objects {
    bytes: Vec<u8>,
    starts: Vec<(Ref, usize)>,
}

impl Objects {
    fn begin(&mut self, number: Ref) -> &mut Vec<u8> {
        self.starts.push((number, self.bytes.len()));
        &mut self.bytes
    }

    fn element(
        &mut self,
        number: Ref,
        role: &str,
        around: Ref,
        language: Option<&str>,
        attributes: &str,
        kids: &[Item],
    ) -> Result<(), Error> {
        let target = self.begin(number);
        write!(target, "<</Type/StructElem/S/{role}/P {} 0 R", around.get())?;
        if let Some(language) = language {
            write!(target, "/Lang({language})")?;
        }
        target.extend_from_slice(attributes.as_bytes());
        let page = kids.iter().find_map(|kid| if let Item::OnPage(page, _) = kid { Some(*page) } else { None });
        if let Some(page) = page {
            write!(target, "/Pg {} 0 R", page.get())?;
        }
        target.extend_from_slice(b"/K[");
        for kid in kids {
            match *kid {
                Item::Element(kid) => write!(target, "{} 0 R ", kid.get())?,
                Item::OnPage(on, number) if Some(on) == page => write!(target, "{number} ")?,
                Item::OnPage(on, number) => write!(target, "<</Type/MCR/Pg {} 0 R/MCID {number}>>", on.get())?,
                Item::InForm(on, form, number) => {
                    write!(target, "<</Type/MCR/Pg {} 0 R/Stm {} 0 R/MCID {number}>>", on.get(), form.get())?;
                }
            }
        }
        target.extend_from_slice(b"]>>\n");
        Ok(())
    }

    /// Writes the stream and returns the objects in their order in it.
    fn write(self, stream: Ref, chunk: &mut Chunk) -> Result<Vec<Ref>, Error> {
        let mut content = Vec::with_capacity(self.bytes.len() + self.starts.len() * 8);
        for (number, start) in &self.starts {
            write!(content, "{} {start} ", number.get())?;
        }
        let first = content.len();
        content.extend_from_slice(&self.bytes);
        let number = |length: usize| i32::try_from(length).map_err(Error::other);
        let (count, first) = (number(self.starts.len())?, number(first)?);
        let content = compress(&content)?;
        let mut target = chunk.stream(stream, &content);
        target.filter(Filter::FlateDecode);
        target.pair(Name(b"Type"), Name(b"ObjStm")).pair(Name(b"N"), count).pair(Name(b"First"), first);
        Ok(self.starts.into_iter().map(|(number, _)| number).collect())
    }
}

impl Reading {
    /// The root of the tree.
    pub(super) const fn root(&self) -> Ref {
        self.root
    }

    /// The file's description.
    pub(super) const fn metadata(&self) -> Ref {
        self.metadata
    }

    /// Ends a file with a table that also finds the objects of the tree; `number` is the table's own.
    pub(super) fn end(&self, pdf: Pdf, number: Ref) -> Vec<u8> {
        pdf.finish_with_xref_stream_and_filter(number, |table| {
            let table = self.with_objects(table, number);
            match compress(&table) {
                Ok(table) => (table, XRefFilter::Single(Filter::FlateDecode)),
                Err(_) => (table, XRefFilter::Multiple(Vec::new())),
            }
        })
    }

    /// The table's entries have a kind (1 byte), a place, and a generation (2 bytes). Objects of the tree are free in it so far;
    /// they are of kind 2, with their stream and their index there (ISO 32000-1, 7.5.8.3).
    fn with_objects(&self, table: &[u8], last: Ref) -> Vec<u8> {
        let mut table = table.to_vec();
        let width = table.len() / (last.get().unsigned_abs() as usize + 1);
        // No number is free.
        table[1..width - 2].fill(0);
        for (index, object) in self.inside.iter().enumerate() {
            let start = object.get().unsigned_abs() as usize * width;
            let entry = &mut table[start..start + width];
            entry[0] = 2;
            let place = self.stream.get().to_be_bytes();
            let wide = width - 3;
            entry[1..=wide].fill(0);
            let taken = wide.min(place.len());
            entry[1 + wide - taken..=wide].copy_from_slice(&place[place.len() - taken..]);
            entry[width - 2..].copy_from_slice(&u16::try_from(index).unwrap_or(u16::MAX).to_be_bytes());
        }
        table
    }
}

#[cfg(test)]
mod tests {
    use std::str::FromStr as _;
    use std::sync::Arc;

    use hayro_syntax::object::{Array, Dict, MaybeRef, Name, Object, String as PdfString};
    use typst::text::Lang;

    use super::*;
    use crate::bundle::compose::{PagePlan, compose_for_reading};
    use crate::bundle::drawing::draw_and_read;
    use crate::bundle::form::forms_and_structure;
    use crate::bundle::typeface::{GlyphSet, Typefaces};
    use crate::render::world::Press;

    const LAYOUT: &str = "#let category(body) = body\n#let body(data, subject, content) = { set page(width: 120mm, \
                          height: 60mm, margin: 8mm)\n set text(font: \"Noto Sans\", lang: \"nl\")\n content }\n";

    /// The elements of a text, each with its kids: `P(2)` has two pieces of text, `P(nl: …)` says its language.
    fn tree(wording: &str, cover: Option<&str>) -> (String, bool) {
        let press = Press::new([("layout.typ", LAYOUT)]);
        let lay_out = |text: &str| press.body_in_one_piece("", text, &serde_json::json!({})).expect("it is laid out");
        let body = lay_out(wording);
        let dutch = Locale::new(Lang::from_str("nl").expect("a language"), None);
        let forms = forms_and_structure(body.pages(), dutch).expect("it can be drawn");
        let own = cover.map(|text| draw_and_read(&lay_out(text).pages()[0].frame).expect("it can be drawn"));
        let plan = |(index, form)| PagePlan {
            own: own.as_ref().filter(|_| index == 0),
            body: Some((("".into(), index), form)),
            ..PagePlan::default()
        };
        let pages: Vec<PagePlan<'_>> = forms.pages.iter().enumerate().map(plan).collect();
        let structure = forms.structure.as_ref().expect("it was asked for");
        let part = Part { structure, pages: 0..pages.len(), language: "nl" };
        let about = Description { title: "Titel", language: "nl", date: jiff::civil::date(2025, 9, 26) };
        let typefaces = Typefaces::default();
        let pdf =
            compose_for_reading(&pages, &[part], &about, &typefaces, &GlyphSet::default()).expect("it is written");
        let claims = pdf.windows(11).any(|bytes| bytes == b"pdfuaid:par");
        let pdf = hayro_syntax::Pdf::new(Arc::new(pdf)).expect("it can be read back");
        let catalog: Dict<'_> = pdf.xref().get(pdf.xref().root_id()).expect("a catalog");
        let root: Dict<'_> = catalog.get(b"StructTreeRoot").expect("a tree");
        let document: Dict<'_> = root.get(b"K").expect("a document");
        (written(&document), claims)
    }

    fn written(element: &Dict<'_>) -> String {
        let role: Name<'_> = element.get(b"S").expect("a role");
        let mut inside = Vec::new();
        if let Some(language) = element.get::<PdfString<'_>>(b"Lang") {
            inside.push(String::from_utf8_lossy(language.as_ref()).into_owned());
        }
        if let Some(attributes) = element.get::<Dict<'_>>(b"A") {
            let mut keys: Vec<String> = attributes
                .keys()
                .map(|key| String::from_utf8_lossy(&key).into_owned())
                .filter(|key| key != "O")
                .collect();
            keys.sort();
            inside.extend(keys);
        }
        let kids: Array<'_> = element.get(b"K").expect("kids");
        let texts = kids.raw_iter().filter(|kid| match kid {
            MaybeRef::Ref(_) => false,
            MaybeRef::NotRef(kid) => matches!(kid, Object::Number(_) | Object::Dict(_)),
        });
        let texts = texts.count();
        if texts > 0 {
            inside.push(texts.to_string());
        }
        for (raw, kid) in kids.raw_iter().zip(kids.iter::<Object<'_>>()) {
            if let (MaybeRef::Ref(_), Object::Dict(kid)) = (raw, kid) {
                inside.push(written(&kid));
            }
        }
        format!("{}({})", String::from_utf8_lossy(&role), inside.join(" "))
    }

    #[test]
    fn paragraphs_headings_lists_and_tables_are_what_they_are() {
        let (tree, claims) = tree(
            "= Een\n== Twee\nTekst, *vet* en verder.\n\n- a\n- b\n  - c\n\n#quote(block: true)[Zo.]\n\
             #table(columns: 2, table.header[x][y], [1], table.cell(rowspan: 2)[2], [3])",
            None,
        );
        assert_eq!(
            tree,
            "Document(H1(1) H2(1) P(1) L(LI(Lbl(1) LBody(1)) LI(Lbl(1) LBody(P(1) L(LI(Lbl(1) LBody(1)))))) \
             BlockQuote(P(1)) Table(TR(TH(Scope 1) TH(Scope 1)) TR(TD(1) TD(RowSpan 1)) TR(TD(1))))"
        );
        assert!(claims);
    }

    #[test]
    fn text_outside_of_any_paragraph_is_one_and_an_empty_one_is_none() {
        let (tree, _) = tree("#place(top)[Los]\n#place(bottom)[ook]\n#par[]\n#box[In een doos]", None);
        assert_eq!(tree, "Document(P(1) P(1) P(1))");
    }

    #[test]
    fn what_goes_on_over_a_page_break_is_one_element() {
        let long = "woord ".repeat(120);
        let (tree, _) = tree(&format!("{long}\n- een {long}\n- twee"), None);
        // Pages hold a dozen lines: each part of a text on a page is a piece.
        assert_eq!(tree, "Document(P(2) L(LI(Lbl(1) LBody(2)) LI(Lbl(1) LBody(1))))");
    }

    #[test]
    fn another_language_is_said_where_it_begins() {
        let (tree, _) = tree("Een #text(lang: \"en\")[word] hier\n\n#text(lang: \"en\")[All of this.]", None);
        assert_eq!(tree, "Document(P(2 Span(en 1)) P(en 1))");
    }

    #[test]
    fn what_is_decoration_is_not_read() {
        let (tree, _) = tree("#pdf.artifact[Voet]\n#hide[Geheim]\nTekst #underline[met] lijn", None);
        // A line under a word parts the text in two.
        assert_eq!(tree, "Document(P(2))");
    }

    #[test]
    fn a_covers_texts_are_read_where_they_stand() {
        let body = "#place(top, dy: 0mm, par[Boven])\n#place(top, dy: 20mm, par[Links])\n#place(top, dy: 30mm, heading[Onder])";
        let cover =
            "#place(top, dy: 40mm)[Laatst]\n#place(top, dx: 30mm, dy: 20mm)[Rechts]\n#place(top, dy: 10mm)[Tussen]";
        let (tree, _) = tree(body, Some(cover));
        assert_eq!(tree, "Document(P(1) P(1) P(1) P(1) H1(1) P(1))");
    }

    #[test]
    fn nothing_is_claimed_of_a_text_whose_headings_skip_a_level_or_that_is_a_picture() {
        assert!(tree("= Een\n== Twee", None).1);
        assert!(!tree("== Twee", None).1);
        assert!(!tree("= Een\n=== Drie", None).1);
        let (tree, claims) = tree("#box(fill: gradient.linear(red, blue))[Bont]", None);
        assert_eq!((tree.as_str(), claims), ("Document(P(1))", false));
    }
}
