//! A finished page, read back: which texts stand where, and what else is drawn.
//!
//! Enters: the bytes of a PDF as it will be packed. Leaves: text runs and drawn areas in mm from the page's top left.
//! Invariant: it reads only the finished file, by interpreting its page content, which no part of writing it does; what
//! a form draws is interpreted once a file. Absent on purpose: everything that our pages never contain (inline images,
//! Type 3 fonts).

use std::borrow::Cow;
use std::collections::HashMap;
use std::rc::Rc;

use hayro_cmap::{BfString, CMap};
use hayro_syntax::Pdf;
use hayro_syntax::content::UntypedIter;
use hayro_syntax::object::{Array, Dict, Name, Number, Object, ObjectIdentifier, Stream, String as PdfString};
use hayro_syntax::page::Page;

use crate::render::geometry::{MM_PER_PT, PAGE_HEIGHT_MM};

/// A run of text that was shown at once.
#[derive(Clone, PartialEq)]
pub struct Run {
    /// The text, by the font's own table.
    pub text: String,
    /// Left end of the baseline.
    pub left_mm: f64,
    /// Baseline, from the page's top.
    pub baseline_mm: f64,
    /// How far the run reaches.
    pub width_mm: f64,
    /// Size of the type.
    pub size_pt: f64,
    /// Set in a bold font.
    pub bold: bool,
}

/// An area that is drawn on, other than by text.
#[derive(Debug, Clone, Copy, PartialEq)]
#[expect(missing_docs, reason = "the names say it")]
pub struct Area {
    pub left_mm: f64,
    pub top_mm: f64,
    pub right_mm: f64,
    pub bottom_mm: f64,
}

/// What a page, or a form, shows.
#[derive(Clone, Default)]
pub struct Content {
    /// Texts, in the order in which they are drawn.
    pub runs: Vec<Run>,
    /// Drawn areas.
    pub areas: Vec<Area>,
    /// A character was drawn that the font does not have, or that no table maps to text.
    pub glyph_missing: bool,
}

/// A page as it was found: its own content, and what the reader keeps of the forms below it.
#[derive(Clone)]
pub struct FoundPage<F = Content> {
    /// The page's own content.
    pub own: Content,
    /// The forms that it draws, each with its number in the file.
    pub forms: Vec<(ObjectIdentifier, Rc<F>)>,
}

impl FoundPage {
    /// The same page with less of its forms.
    pub fn digested<F>(&self, digest: impl Fn(Content) -> F) -> FoundPage<F> {
        let forms = self.forms.iter().map(|(id, form)| (*id, Rc::new(digest(Content::clone(form))))).collect();
        FoundPage { own: self.own.clone(), forms }
    }
}

/// Reads the pages of one finished file.
pub struct Reader<'a, F = Content> {
    pdf: &'a Pdf,
    fonts: HashMap<ObjectIdentifier, Rc<FontTable>>,
    forms: HashMap<ObjectIdentifier, Rc<F>>,
    digest: Box<dyn Fn(Content) -> F + 'a>,
}

/// A form that a content draws, and the place it is drawn at.
type Drawn<'a> = (Stream<'a>, Matrix);

/// A page of a finished file cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("page {page} of the finished file cannot be read: {what}")]
pub struct ReadError {
    /// 1-based.
    pub page: usize,
    /// What is wrong.
    pub what: &'static str,
}

/// What a font says of its glyphs.
struct FontTable {
    map: Option<CMap>,
    /// Text and width of each glyph that has a width of its own, by its number.
    glyphs: Vec<Option<(String, f64)>>,
    default_width: f64,
    bold: bool,
}

/// An affine transformation, as PDF writes it: a b c d e f.
type Matrix = [f64; 6];

/// Forms in forms; ours have none.
const FORMS_DEEP: usize = 8;

/// Changes nothing.
const IDENTITY: Matrix = [1.0, 0.0, 0.0, 1.0, 0.0, 0.0];

/// The transformation that does one after the other.
fn concat(first: Matrix, then: Matrix) -> Matrix {
    let row = |x: f64, y: f64| [x * then[0] + y * then[2], x * then[1] + y * then[3]];
    let [[m0, m1], [m2, m3], [m4, m5]] = [row(first[0], first[1]), row(first[2], first[3]), row(first[4], first[5])];
    [m0, m1, m2, m3, m4 + then[4], m5 + then[5]]
}

fn apply(matrix: Matrix, x: f64, y: f64) -> (f64, f64) {
    (matrix[0] * x + matrix[2] * y + matrix[4], matrix[1] * x + matrix[3] * y + matrix[5])
}

impl<'a> Reader<'a> {
    /// Reads this file, and keeps all that its forms show.
    pub fn new(pdf: &'a Pdf) -> Self {
        Self::keeping(pdf, |content| content)
    }
}

impl<'a, F> Reader<'a, F> {
    /// Reads this file, and keeps of each form what `digest` makes of it: a file can have thousands.
    pub fn keeping(pdf: &'a Pdf, digest: impl Fn(Content) -> F + 'a) -> Self {
        Self { pdf, fonts: HashMap::new(), forms: HashMap::new(), digest: Box::new(digest) }
    }

    /// Pages of the file.
    pub fn page_count(&self) -> usize {
        self.pdf.pages().len()
    }

    /// Reads one page, 0-based.
    ///
    /// # Errors
    /// A page that is not there, or content that this reader does not understand.
    pub fn page(&mut self, index: usize) -> Result<FoundPage<F>, ReadError> {
        let content = self.content(index)?;
        self.shown(index, &content)
    }

    /// The content of one page, 0-based, unpacked.
    ///
    /// # Errors
    /// A page that is not there, or content that cannot be unpacked.
    pub fn content(&self, index: usize) -> Result<Cow<'a, [u8]>, ReadError> {
        let page = self.page_at(index)?;
        // A page remembers what it unpacked; a content of one stream is unpacked here, and forgotten by the caller.
        match page.raw().get::<Stream<'a>>(b"Contents") {
            Some(stream) => {
                stream.decoded().map_err(|_| ReadError { page: index + 1, what: "its content cannot be decompressed" })
            }
            None => Ok(Cow::Borrowed(page.page_stream().unwrap_or_default())),
        }
    }

    /// What one page, 0-based, shows by its content.
    ///
    /// # Errors
    /// As [`Self::page`].
    pub fn shown(&mut self, index: usize, content: &[u8]) -> Result<FoundPage<F>, ReadError> {
        let fail = |what| ReadError { page: index + 1, what };
        let resources: Dict<'a> = self.page_at(index)?.raw().get(b"Resources").unwrap_or_else(Dict::empty);
        let mut drawn = Vec::new();
        let own = self.interpret(content, &resources, IDENTITY, &mut drawn).map_err(fail)?;
        let forms = drawn.into_iter().map(|drawn| self.form(&drawn)).collect::<Result<_, _>>().map_err(fail)?;
        Ok(FoundPage { own, forms })
    }

    /// What is kept of a form; interpreted once a file, where it is drawn at its own place.
    fn form(&mut self, drawn: &Drawn<'a>) -> Result<(ObjectIdentifier, Rc<F>), &'static str> {
        let id = drawn.0.obj_id();
        let at_its_place = drawn.1 == IDENTITY;
        if let Some(known) = self.forms.get(&id).filter(|_| at_its_place) {
            return Ok((id, Rc::clone(known)));
        }
        let content = self.form_content(drawn, 0)?;
        let kept = Rc::new((self.digest)(content));
        if at_its_place {
            self.forms.insert(id, Rc::clone(&kept));
        }
        Ok((id, kept))
    }

    /// What a form shows, with the forms in it.
    fn form_content(&mut self, (stream, place): &Drawn<'a>, depth: usize) -> Result<Content, &'static str> {
        if depth > FORMS_DEEP {
            return Err("its forms lie too deep in each other");
        }
        let resources: Dict<'a> = stream.dict().get(b"Resources").unwrap_or_else(Dict::empty);
        let data = stream.decoded().map_err(|_| "a form cannot be decompressed")?;
        let mut below = Vec::new();
        let mut content = self.interpret(&data, &resources, *place, &mut below)?;
        for drawn in &below {
            let inner = self.form_content(drawn, depth + 1)?;
            content.runs.extend(inner.runs);
            content.areas.extend(inner.areas);
            content.glyph_missing |= inner.glyph_missing;
        }
        Ok(content)
    }

    fn page_at(&self, index: usize) -> Result<&'a Page<'a>, ReadError> {
        self.pdf.pages().get(index).ok_or(ReadError { page: index + 1, what: "there is no such page" })
    }

    fn interpret(
        &mut self,
        data: &[u8],
        resources: &Dict<'a>,
        base: Matrix,
        drawn: &mut Vec<Drawn<'a>>,
    ) -> Result<Content, &'static str> {
        let mut content = Content::default();
        let mut matrix = base;
        let mut saved = Vec::new();
        let mut text = IDENTITY;
        let mut font: Option<(Rc<FontTable>, f64)> = None;
        let mut path: Vec<(f64, f64)> = Vec::new();
        // For each open part of the content: what it says of itself, until the first text in it is shown.
        let mut said: Vec<Option<String>> = Vec::new();
        let mut operations = UntypedIter::new(data);
        while let Some(instruction) = operations.next() {
            let operands: Vec<Object<'_>> = instruction.operands().cloned().collect();
            match &**instruction.operator {
                b"q" => saved.push((matrix, font.clone())),
                b"Q" => (matrix, font) = saved.pop().ok_or("graphics state is restored that was not saved")?,
                b"cm" => matrix = concat(numbers(&operands)?, matrix),
                b"BT" => text = IDENTITY,
                b"Tm" => text = numbers(&operands)?,
                b"Td" | b"TD" => {
                    let [x, y] = numbers(&operands)?;
                    text = concat([1.0, 0.0, 0.0, 1.0, x, y], text);
                }
                b"Tf" => {
                    let [Object::Name(name), Object::Number(size)] = &operands[..] else {
                        return Err("a font is chosen without name and size");
                    };
                    font = Some((self.font(resources, name)?, size.as_f64()));
                }
                b"Tj" | b"TJ" => {
                    let (table, size) = font.as_ref().ok_or("text is shown without a font")?;
                    let said = said.iter_mut().rev().find_map(Option::as_mut);
                    show(&operands, table, *size, &mut text, matrix, said, &mut content)?;
                }
                b"re" => {
                    let [x, y, width, height] = numbers(&operands)?;
                    path.extend([(x, y), (x + width, y + height)].map(|(x, y)| apply(matrix, x, y)));
                }
                b"m" | b"l" => {
                    let [x, y] = numbers(&operands)?;
                    path.push(apply(matrix, x, y));
                }
                b"c" => {
                    let points: [f64; 6] = numbers(&operands)?;
                    path.extend(points.chunks_exact(2).map(|point| apply(matrix, point[0], point[1])));
                }
                b"v" | b"y" => {
                    let points: [f64; 4] = numbers(&operands)?;
                    path.extend(points.chunks_exact(2).map(|point| apply(matrix, point[0], point[1])));
                }
                b"f" | b"F" | b"f*" | b"S" | b"s" | b"B" | b"B*" | b"b" | b"b*" => {
                    content.areas.extend(area(&path));
                    path.clear();
                }
                b"n" => path.clear(),
                b"BDC" => said.push(actual_text(&operands)),
                b"BMC" => said.push(None),
                b"EMC" => {
                    said.pop().ok_or("a part of the content ends that did not begin")?;
                }
                b"Do" => {
                    let Some(Object::Name(name)) = operands.first() else {
                        return Err("an object is drawn without a name");
                    };
                    draw(resources, name, matrix, &mut content, drawn)?;
                }
                b"BI" | b"sh" => return Err("it draws an inline image or a shading"),
                _ => {}
            }
        }
        Ok(content)
    }

    fn font(&mut self, resources: &Dict<'a>, name: &Name<'_>) -> Result<Rc<FontTable>, &'static str> {
        let fonts: Dict<'a> = resources.get(b"Font").ok_or("a font is used that the page does not have")?;
        let id = fonts.get_ref(&**name).map(ObjectIdentifier::from);
        if let Some(known) = id.and_then(|id| self.fonts.get(&id)) {
            return Ok(Rc::clone(known));
        }
        let dict: Dict<'a> = fonts.get(&**name).ok_or("a font is used that the page does not have")?;
        let table = Rc::new(FontTable::read(&dict)?);
        if let Some(id) = id {
            self.fonts.insert(id, Rc::clone(&table));
        }
        Ok(table)
    }
}

/// What `Do` draws: an area for a picture, a form to be interpreted by itself.
fn draw<'a>(
    resources: &Dict<'a>,
    name: &Name<'_>,
    matrix: Matrix,
    content: &mut Content,
    drawn: &mut Vec<Drawn<'a>>,
) -> Result<(), &'static str> {
    let objects: Dict<'a> = resources.get(b"XObject").ok_or("an object is drawn that the page does not have")?;
    let stream: Stream<'a> = objects.get(&**name).ok_or("an object is drawn that the page does not have")?;
    let kind: Name<'a> = stream.dict().get(b"Subtype").ok_or("an object is drawn that is of no kind")?;
    if &*kind != b"Form" {
        content.areas.extend(area(&[(0.0, 0.0), (1.0, 1.0)].map(|(x, y)| apply(matrix, x, y))));
        return Ok(());
    }
    let own = stream.dict().get::<Array<'a>>(b"Matrix").map_or(Ok(IDENTITY), |own| {
        let own: Vec<Object<'_>> = own.iter::<Object<'_>>().collect();
        numbers(&own)
    })?;
    drawn.push((stream, concat(own, matrix)));
    Ok(())
}

impl FontTable {
    fn read(dict: &Dict<'_>) -> Result<Self, &'static str> {
        let name: Name<'_> = dict.get(b"BaseFont").ok_or("a font has no name")?;
        let map = match dict.get::<Stream<'_>>(b"ToUnicode") {
            Some(stream) => {
                let data = stream.decoded().map_err(|_| "a font's text table cannot be decompressed")?;
                CMap::parse(&data, |_| None)
            }
            None => None,
        };
        let descendants: Array<'_> =
            dict.get(b"DescendantFonts").ok_or("a font is not of the kind that typst writes")?;
        let descendant: Dict<'_> = descendants.iter::<Dict<'_>>().next().ok_or("a font has no descendant")?;
        let default_width = descendant.get::<Number>(b"DW").map_or(1000.0, |width| width.as_f64());
        let mut widths = HashMap::new();
        if let Some(entries) = descendant.get::<Array<'_>>(b"W") {
            let entries: Vec<Object<'_>> = entries.iter::<Object<'_>>().collect();
            read_widths(&entries, &mut widths);
        }
        let mut glyphs = vec![None; widths.keys().max().map_or(0, |&last| usize::from(last) + 1)];
        for (glyph, width) in widths {
            glyphs[usize::from(glyph)] = Some((text_of(map.as_ref(), glyph), width));
        }
        Ok(Self { map, glyphs, default_width, bold: contains(&name, b"Bold") })
    }
}

fn text_of(map: Option<&CMap>, glyph: u16) -> String {
    match map.and_then(|map| map.lookup_bf_string(u32::from(glyph))) {
        Some(BfString::Char(character)) => character.to_string(),
        Some(BfString::String(characters)) => characters,
        None => String::new(),
    }
}

/// `/W`: `first [width …]` or `first last width` (ISO 32000-1, 9.7.4.3).
fn read_widths(entries: &[Object<'_>], widths: &mut HashMap<u16, f64>) {
    let mut rest = entries;
    while let [Object::Number(first), tail @ ..] = rest {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "glyph numbers have 16 bits")]
        let first = first.as_f64() as u16;
        match tail {
            [Object::Array(list), tail @ ..] => {
                for (offset, width) in list.iter::<Number>().enumerate() {
                    if let Some(glyph) = u16::try_from(offset).ok().and_then(|offset| first.checked_add(offset)) {
                        widths.insert(glyph, width.as_f64());
                    }
                }
                rest = tail;
            }
            [Object::Number(last), Object::Number(width), tail @ ..] => {
                #[expect(
                    clippy::cast_possible_truncation,
                    clippy::cast_sign_loss,
                    reason = "glyph numbers have 16 bits"
                )]
                let last = last.as_f64() as u16;
                widths.extend((first..=last).map(|glyph| (glyph, width.as_f64())));
                rest = tail;
            }
            _ => return,
        }
    }
}

fn contains(haystack: &[u8], needle: &[u8]) -> bool {
    haystack.windows(needle.len()).any(|window| window == needle)
}

fn numbers<const N: usize>(operands: &[Object<'_>]) -> Result<[f64; N], &'static str> {
    let mut values = [0.0; N];
    if operands.len() != N {
        return Err("an operator has the wrong number of operands");
    }
    for (value, operand) in values.iter_mut().zip(operands) {
        let Object::Number(number) = operand else { return Err("an operand is not a number") };
        *value = number.as_f64();
    }
    Ok(values)
}

fn area(points: &[(f64, f64)]) -> Option<Area> {
    let (first, rest) = points.split_first()?;
    let (mut low, mut high) = (*first, *first);
    for point in rest {
        low = (low.0.min(point.0), low.1.min(point.1));
        high = (high.0.max(point.0), high.1.max(point.1));
    }
    Some(Area {
        left_mm: low.0 * MM_PER_PT,
        top_mm: PAGE_HEIGHT_MM - high.1 * MM_PER_PT,
        right_mm: high.0 * MM_PER_PT,
        bottom_mm: PAGE_HEIGHT_MM - low.1 * MM_PER_PT,
    })
}

/// Shows strings and adjustments, and moves the text position on.
fn show(
    operands: &[Object<'_>],
    font: &FontTable,
    size: f64,
    text: &mut Matrix,
    matrix: Matrix,
    said: Option<&mut String>,
    content: &mut Content,
) -> Result<(), &'static str> {
    let place = concat(*text, matrix);
    let mut shown = String::new();
    let mut width = 0.0;
    let mut string = |bytes: &[u8], width: &mut f64| {
        for code in bytes.chunks_exact(2) {
            let glyph = u16::from_be_bytes([code[0], code[1]]);
            let known = font.glyphs.get(usize::from(glyph)).and_then(Option::as_ref);
            let length = shown.len();
            match known {
                Some((text, _)) => shown.push_str(text),
                None => shown.push_str(&text_of(font.map.as_ref(), glyph)),
            }
            content.glyph_missing |= glyph == 0 || (shown.len() == length && said.is_none());
            *width += known.map_or(font.default_width, |(_, width)| *width) / 1000.0 * size;
        }
    };
    match operands {
        [Object::String(one)] => string(bytes(one), &mut width),
        [Object::Array(several)] => {
            for item in several.iter::<Object<'_>>() {
                match item {
                    Object::String(one) => string(bytes(&one), &mut width),
                    Object::Number(back) => width -= back.as_f64() / 1000.0 * size,
                    _ => return Err("text is shown that is neither string nor adjustment"),
                }
            }
        }
        _ => return Err("text is shown that is neither string nor array"),
    }
    if let Some(said) = said {
        shown = std::mem::take(said);
    }
    let (left, baseline) = apply(place, 0.0, 0.0);
    let (right, _) = apply(place, width, 0.0);
    let (_, up) = apply(place, 0.0, size);
    *text = concat([1.0, 0.0, 0.0, 1.0, width, 0.0], *text);
    content.runs.push(Run {
        text: shown,
        left_mm: left * MM_PER_PT,
        baseline_mm: PAGE_HEIGHT_MM - baseline * MM_PER_PT,
        width_mm: (right - left) * MM_PER_PT,
        size_pt: (up - baseline).abs(),
        bold: font.bold,
    });
    Ok(())
}

/// What a part of the content says of itself (ISO 32000-1, 14.9.4).
fn actual_text(operands: &[Object<'_>]) -> Option<String> {
    let Some(Object::Dict(properties)) = operands.get(1) else { return None };
    let text: PdfString<'_> = properties.get(b"ActualText")?;
    let bytes = text.as_ref();
    Some(match bytes.strip_prefix(b"\xFE\xFF") {
        Some(units) => {
            let units = units.chunks_exact(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]]));
            char::decode_utf16(units).map(|character| character.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
        }
        None => bytes.iter().map(|&byte| char::from(byte)).collect(),
    })
}

fn bytes<'s>(string: &'s PdfString<'_>) -> &'s [u8] {
    string.as_ref()
}
