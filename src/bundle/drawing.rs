//! A laid out page → PDF operators.
//!
//! Enters: a typst frame. Leaves: the operators that draw it, and the glyphs that they show. Invariants: glyphs keep the
//! numbers of their font file, so that what is drawn does not depend on the file it is put into and one drawing serves
//! every file; text reads as the font's own table says, or says so itself; what has no operator here (pictures, clips,
//! gradients) is an error and never left out; where an outline is wanted, every operator that draws is in a piece of it or
//! in an artifact. Links are for screens and are left to the digital copy.

use pdf_writer::types::{ArtifactSubtype, ArtifactType, LineCapStyle};
use pdf_writer::{Content, Name, Str, TextStr};
use typst::layout::{Abs, Frame, FrameItem, GroupItem, Point, Transform};
use typst::pdf::ArtifactKind;
use typst::text::{Glyph, Locale, TextItem};
use typst::visualize::{Color, CurveItem, FillRule, FixedStroke, Geometry, LineCap, Paint, ProcessColor, Shape};

use super::structure::{Belongs, Outline, Place, ROOT, Structure};
use super::typeface::{self, GlyphSet, Typeface};

/// Decimals of a coordinate in points: a tenth of what the finest press can place.
const DECIMALS: f64 = 1000.0;
/// What a hyphen says that only divides a word between two lines.
const SOFT_HYPHEN: &str = "\u{AD}";
/// What is drawn and not read (ISO 32000-1, 14.8.2.2).
pub(super) const ARTIFACT: &[u8] = b"Artifact";

/// What draws a page, and what it draws it with.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Drawing {
    /// Operators, in points from the page's bottom left.
    pub operators: Vec<u8>,
    /// The glyphs that are shown.
    pub glyphs: GlyphSet,
    /// How it is read, where that was asked for and is not told elsewhere.
    pub structure: Option<Structure>,
}

impl Drawing {
    /// Whether anything on the page is read.
    pub(super) fn says_something(&self) -> bool {
        self.structure.as_ref().is_some_and(|structure| structure.says_something(ROOT))
    }
}

/// A page holds something that has no operator here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the page holds {0}")]
pub struct Undrawable(&'static str);

/// Draws a page of this height.
///
/// # Errors
/// The first part that cannot be drawn.
pub fn draw(frame: &Frame) -> Result<Drawing, Undrawable> {
    draw_with(frame, None)
}

/// Draws a page that is read by itself; its pieces of text are numbered from 0.
///
/// # Errors
/// The first part that cannot be drawn.
pub fn draw_and_read(frame: &Frame) -> Result<Drawing, Undrawable> {
    let mut outline = Outline::new(0, false);
    let drawing = draw_with(frame, Some(&mut outline))?;
    Ok(Drawing { structure: Some(outline.finish()), ..drawing })
}

/// Draws a page, which may be one of several that are read together.
///
/// # Errors
/// The first part that cannot be drawn.
pub fn draw_with(frame: &Frame, outline: Option<&mut Outline>) -> Result<Drawing, Undrawable> {
    let mut pen = Pen {
        content: Content::new(),
        glyphs: GlyphSet::default(),
        page_height: frame.height(),
        in_text: false,
        colour: None,
        outline,
        piece: None,
        line: None,
    };
    pen.frame(frame, Transform::identity())?;
    pen.end_text();
    Ok(Drawing { operators: pen.content.finish().to_vec(), glyphs: pen.glyphs, structure: None })
}

struct Pen<'o> {
    content: Content,
    glyphs: GlyphSet,
    page_height: Abs,
    in_text: bool,
    /// The fill colour in force: grey, or red, green and blue.
    colour: Option<Ink>,
    outline: Option<&'o mut Outline>,
    /// The open piece of text.
    piece: Option<(Belongs, Locale)>,
    /// The line that it ended with so far.
    line: Option<Line>,
}

/// The last text that was drawn.
struct Line {
    start: Point,
    /// The glyph that ends it for those who listen, where it does not end in one.
    space: Option<(&'static Typeface, u16)>,
}

#[derive(Clone, Copy, PartialEq)]
enum Ink {
    Grey(f32),
    Rgb(f32, f32, f32),
}

/// A coordinate as it is written.
#[expect(clippy::cast_possible_truncation, reason = "PDF numbers are single precision")]
fn short(value: f64) -> f32 {
    ((value * DECIMALS).round() / DECIMALS) as f32
}

fn ink(paint: &Paint) -> Result<Ink, Undrawable> {
    let Paint::Solid(Color::Process(colour)) = paint else {
        return Err(Undrawable("a gradient, a pattern or a spot colour"));
    };
    if colour.alpha().is_some_and(|alpha| alpha < 1.0) {
        return Err(Undrawable("a transparent colour"));
    }
    match colour {
        ProcessColor::Luma(luma) => Ok(Ink::Grey(luma.luma)),
        ProcessColor::Cmyk(_) => Err(Undrawable("a colour in four inks")),
        _ => {
            let rgb = colour.to_rgb();
            Ok(Ink::Rgb(rgb.red, rgb.green, rgb.blue))
        }
    }
}

impl Pen<'_> {
    fn frame(&mut self, frame: &Frame, place: Transform) -> Result<(), Undrawable> {
        for (at, item) in frame.items() {
            let here = place.pre_concat(Transform::translate(at.x, at.y));
            match item {
                FrameItem::Group(group) if group.clip.is_some() => return Err(Undrawable("a clipped part")),
                FrameItem::Group(group) => self.group(group, here.pre_concat(group.transform))?,
                FrameItem::Text(text) => self.text(text, here)?,
                FrameItem::Shape(shape, _) => self.shape(shape, here)?,
                FrameItem::Image(..) => return Err(Undrawable("a picture")),
                FrameItem::Tag(tag) => {
                    if let Some(outline) = &mut self.outline {
                        outline.tag(tag);
                    }
                }
                FrameItem::Link(..) => {}
            }
        }
        Ok(())
    }

    fn group(&mut self, group: &GroupItem, place: Transform) -> Result<(), Undrawable> {
        let parent = group.parent.map(|parent| parent.location);
        let depth = parent.and_then(|parent| self.outline.as_mut().map(|outline| outline.enter(parent)));
        self.frame(&group.frame, place)?;
        if let (Some(outline), Some(parent), Some(depth)) = (&mut self.outline, parent, depth) {
            outline.leave(parent, depth);
        }
        Ok(())
    }

    /// Begins a piece of the outline where the text that comes does not belong to the open one, or says something else than
    /// its glyphs do. Pieces are never nested: readers take the end of an inner one for the end of the outer one.
    fn begin_piece(&mut self, item: &TextItem, place: Transform, said: Option<&str>) {
        let Some(outline) = &mut self.outline else { return };
        let language = Locale::new(item.lang, item.region);
        let belongs = outline.belongs();
        let artifact = matches!(belongs, Belongs::Artifact(_));
        if self.piece == Some((belongs, language)) && (artifact || said.is_none()) {
            return;
        }
        if self.piece.replace((belongs, language)).is_some() {
            self.content.end_marked_content();
        }
        self.line = None;
        match belongs {
            Belongs::To(element) => {
                let at = Point::zero().transform(place);
                let number = outline.text(element, language, Place { x: at.x.to_pt(), y: at.y.to_pt() });
                let role = outline.role(element).name();
                let mut mark = self.content.begin_marked_content_with_properties(Name(role.as_bytes()));
                let mut properties = mark.properties();
                properties.identify(number);
                if let Some(said) = said {
                    properties.actual_text(TextStr(said));
                }
            }
            Belongs::Artifact(kind) => self.begin_artifact(kind),
        }
    }

    fn end_piece(&mut self) {
        if self.piece.take().is_some() {
            self.content.end_marked_content();
        }
    }

    /// Shows a space behind a line that ended in the middle of a piece without one, so that its last word is not read as
    /// one with the next line's first.
    fn end_line(&mut self, place: Transform) {
        let next = Point::zero().transform(place);
        if let Some(line) = self.line.take()
            && let Some((typeface, space)) = line.space
            && next.y > line.start.y
            && next.x <= line.start.x
        {
            self.content.show(Str(&space.to_be_bytes()));
            self.glyphs.add(typeface, space);
        }
    }

    fn begin_artifact(&mut self, kind: ArtifactKind) {
        let subtype = match kind {
            ArtifactKind::Header => ArtifactSubtype::Header,
            ArtifactKind::Footer => ArtifactSubtype::Footer,
            ArtifactKind::Watermark => ArtifactSubtype::Watermark,
            _ => {
                self.content.begin_marked_content(Name(ARTIFACT));
                return;
            }
        };
        let mut mark = self.content.begin_marked_content_with_properties(Name(ARTIFACT));
        mark.properties().artifact().kind(ArtifactType::Pagination).subtype(subtype);
    }

    fn end_text(&mut self) {
        self.end_piece();
        if std::mem::take(&mut self.in_text) {
            self.content.end_text();
        }
    }

    fn fill(&mut self, ink: Ink) {
        if self.colour != Some(ink) {
            match ink {
                Ink::Grey(grey) => self.content.set_fill_gray(grey),
                Ink::Rgb(red, green, blue) => self.content.set_fill_rgb(red, green, blue),
            };
            self.colour = Some(ink);
        }
    }

    fn text(&mut self, item: &TextItem, place: Transform) -> Result<(), Undrawable> {
        if item.stroke.is_some() {
            return Err(Undrawable("outlined text"));
        }
        let typeface = typeface::of(&item.font).ok_or(Undrawable("text in a font that is not built in"))?;
        self.fill(ink(&item.fill)?);
        if !self.in_text {
            self.content.begin_text();
            self.in_text = true;
        }
        let lines = pieces(item, self.outline.is_some());
        self.begin_piece(item, place, lines.first().and_then(|line| line.said));
        self.end_line(place);
        self.content.set_font(Name(typeface.name()), short(item.size.to_pt()));
        let mut x = Abs::zero();
        for (index, line) in lines.iter().enumerate() {
            if index > 0 {
                self.begin_piece(item, place, line.said);
            }
            let start = line.glyphs.first().map_or(Abs::zero(), |glyph| glyph.x_offset.at(item.size));
            let rise = line.glyphs.first().map_or(Abs::zero(), |glyph| glyph.y_offset.at(item.size));
            self.text_place(place, Point::new(x + start, -rise));
            let in_element = matches!(self.piece, Some((Belongs::To(_), _)));
            let span = line.said.filter(|_| !in_element);
            if let Some(said) = span {
                let mut mark = self.content.begin_marked_content_with_properties(Name(b"Span"));
                mark.properties().actual_text(TextStr(said));
            }
            self.show(line.glyphs, typeface);
            if span.is_some() {
                self.content.end_marked_content();
            } else if line.said.is_some() {
                self.end_piece();
            }
            x += line.glyphs.iter().map(|glyph| glyph.x_advance.at(item.size)).sum::<Abs>();
        }
        if self.outline.is_some() {
            let hyphenated = item.glyphs.last().is_some_and(|glyph| glyph.range.is_empty());
            let joined = hyphenated || item.text.ends_with(|end: char| end.is_whitespace() || end == '-');
            let space = item.font.ttf().glyph_index(' ').filter(|_| !joined);
            self.line =
                Some(Line { start: Point::zero().transform(place), space: space.map(|glyph| (typeface, glyph.0)) });
        }
        Ok(())
    }

    /// Sets the text matrix so that text starts at a point of the frame.
    fn text_place(&mut self, place: Transform, at: Point) {
        let at = at.transform(place);
        self.content.set_text_matrix([
            short(place.sx.get()),
            short(-place.ky.get()),
            short(-place.kx.get()),
            short(place.sy.get()),
            short(at.x.to_pt()),
            short((self.page_height - at.y).to_pt()),
        ]);
    }

    fn show(&mut self, glyphs: &[Glyph], typeface: &Typeface) {
        let mut show = self.content.show_positioned();
        let mut items = show.items();
        let mut codes: Vec<u8> = Vec::with_capacity(glyphs.len() * 2);
        // In thousandths of the type size, how far the font's own widths are ahead of where the next glyph belongs.
        let mut ahead = 0.0;
        for glyph in glyphs {
            let adjustment = short(ahead);
            if adjustment != 0.0 {
                items.show(Str(&codes)).adjust(adjustment);
                codes.clear();
                ahead -= f64::from(adjustment);
            }
            codes.extend(glyph.id.to_be_bytes());
            self.glyphs.add(typeface, glyph.id);
            ahead += f64::from(typeface.width(glyph.id)) - glyph.x_advance.get() * 1000.0;
        }
        items.show(Str(&codes));
    }

    fn shape(&mut self, shape: &Shape, place: Transform) -> Result<(), Undrawable> {
        if place != Transform::translate(place.tx, place.ty) {
            return Err(Undrawable("a shape that is turned or scaled"));
        }
        self.end_text();
        if self.outline.is_some() {
            self.content.begin_marked_content(Name(ARTIFACT));
        }
        if let Some(paint) = &shape.fill {
            self.fill(ink(paint)?);
        }
        if let Some(stroke) = &shape.stroke {
            self.stroke(stroke)?;
        }
        let height = self.page_height;
        let to_page = |point: Point| {
            let point = point.transform(place);
            [short(point.x.to_pt()), short((height - point.y).to_pt())]
        };
        match &shape.geometry {
            Geometry::Line(end) => {
                let ([x0, y0], [x1, y1]) = (to_page(Point::zero()), to_page(*end));
                self.content.move_to(x0, y0).line_to(x1, y1);
            }
            Geometry::Rect(size) => {
                let [x, y] = to_page(Point::with_y(size.y));
                self.content.rect(x, y, short(size.x.to_pt()), short(size.y.to_pt()));
            }
            Geometry::Curve(curve) => {
                for item in &curve.0 {
                    match item {
                        CurveItem::Move(to) => {
                            let [x, y] = to_page(*to);
                            self.content.move_to(x, y);
                        }
                        CurveItem::Line(to) => {
                            let [x, y] = to_page(*to);
                            self.content.line_to(x, y);
                        }
                        CurveItem::Cubic(first, second, to) => {
                            let ([x1, y1], [x2, y2], [x3, y3]) = (to_page(*first), to_page(*second), to_page(*to));
                            self.content.cubic_to(x1, y1, x2, y2, x3, y3);
                        }
                        CurveItem::Close => {
                            self.content.close_path();
                        }
                    }
                }
            }
        }
        let even_odd = matches!(shape.fill_rule, FillRule::EvenOdd);
        match (shape.fill.is_some(), shape.stroke.is_some(), even_odd) {
            (true, true, false) => self.content.fill_nonzero_and_stroke(),
            (true, true, true) => self.content.fill_even_odd_and_stroke(),
            (true, false, false) => self.content.fill_nonzero(),
            (true, false, true) => self.content.fill_even_odd(),
            (false, true, _) => self.content.stroke(),
            (false, false, _) => self.content.end_path(),
        };
        if self.outline.is_some() {
            self.content.end_marked_content();
        }
        Ok(())
    }

    fn stroke(&mut self, stroke: &FixedStroke) -> Result<(), Undrawable> {
        if stroke.dash.is_some() {
            return Err(Undrawable("a dashed line"));
        }
        match ink(&stroke.paint)? {
            Ink::Grey(grey) => self.content.set_stroke_gray(grey),
            Ink::Rgb(red, green, blue) => self.content.set_stroke_rgb(red, green, blue),
        };
        self.content.set_line_width(short(stroke.thickness.to_pt()));
        self.content.set_line_cap(match stroke.cap {
            LineCap::Butt => LineCapStyle::ButtCap,
            LineCap::Round => LineCapStyle::RoundCap,
            LineCap::Square => LineCapStyle::ProjectingSquareCap,
        });
        Ok(())
    }
}

/// Glyphs that are shown at once.
struct Piece<'a> {
    glyphs: &'a [Glyph],
    /// What they say, where the font's own table says something else.
    said: Option<&'a str>,
}

/// A run in pieces: one where every glyph stands on the line and says what its font says of it. To be read aloud, a hyphen
/// at a line's end must say that it is no part of the word.
fn pieces(item: &TextItem, aloud: bool) -> Vec<Piece<'_>> {
    let mut pieces: Vec<Piece<'_>> = Vec::with_capacity(1);
    let mut start = 0;
    let mut open = 0;
    let glyphs = &item.glyphs;
    let typeface = typeface::of(&item.font);
    while start < glyphs.len() {
        let end = glyphs[start..]
            .iter()
            .position(|glyph| glyph.range != glyphs[start].range)
            .map_or(glyphs.len(), |length| start + length);
        let cluster = &glyphs[start..end];
        let text = item.text.get(glyphs[start].range()).unwrap_or_default();
        let moved = cluster.iter().any(|glyph| glyph.x_offset.get() != 0.0 || glyph.y_offset.get() != 0.0);
        let hyphen = aloud && text.is_empty();
        let reads =
            !hyphen && typeface.is_none_or(|typeface| typeface.reads(cluster.iter().map(|glyph| glyph.id), text));
        if moved || !reads {
            if open < start {
                pieces.push(Piece { glyphs: &glyphs[open..start], said: None });
            }
            if reads {
                pieces.extend(cluster.chunks(1).map(|glyphs| Piece { glyphs, said: None }));
            } else {
                let mut said = Some(if hyphen { SOFT_HYPHEN } else { text });
                // A mark that stands off the line is placed by itself; the first piece says the text of all.
                for glyphs in cluster.chunk_by(|_, next| next.x_offset.get() == 0.0 && next.y_offset.get() == 0.0) {
                    pieces.push(Piece { glyphs, said: Some(said.take().unwrap_or_default()) });
                }
            }
            open = end;
        }
        start = end;
    }
    if open < glyphs.len() {
        pieces.push(Piece { glyphs: &glyphs[open..], said: None });
    }
    pieces
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use hayro_syntax::Pdf;

    use super::*;
    use crate::bundle::compose::{Description, PagePlan, compose};
    use crate::bundle::typeface::Typefaces;
    use crate::render::check::content::Reader;
    use crate::render::world::Press;

    const LAYOUT: &str = "#let category(body) = body\n#let body(data, subject, content) = { set page(width: 120mm, height: 60mm)\n set text(font: \"Noto \
                          Sans\")\n content }\n";

    #[test]
    fn what_is_drawn_reads_as_it_was_written_ligatures_and_marks_included() {
        let text = "office fluff i\u{30A} q\u{302}a\u{328}\u{301} \u{1EC7}\u{15F} AVATAR";
        assert_eq!(read(text, draw), text);
        assert_eq!(read(text, draw_and_read), text);
    }

    #[test]
    fn who_listens_hears_where_a_line_was_broken_by_hand_and_where_a_word_was_divided() {
        let text = "#set text(lang: \"nl\", hyphenate: true)\nR. de Wit \\ namens ons #block(width: 40mm)[verantwoordelijkheidsgevoel]";
        let read_aloud = read(text, draw_and_read);
        let (by_hand, divided) = read_aloud.split_once("ons").expect("the first paragraph");
        assert_eq!(by_hand, "R. de Wit namens ");
        assert_eq!(divided.replace('\u{AD}', "").trim(), "verantwoordelijkheidsgevoel");
        assert!(divided.contains('\u{AD}'));
        assert!(read(text, draw).starts_with("R. de Witnamens"), "paper needs no space there");
    }

    /// What the check of finished pages finds in a text that was drawn.
    fn read(text: &str, draw: impl Fn(&Frame) -> Result<Drawing, Undrawable>) -> String {
        let press = Press::new([("layout.typ", LAYOUT)]);
        let document = press.body_in_one_piece("", text, &serde_json::json!({})).expect("it is laid out");
        let drawing = draw(&document.pages()[0].frame).expect("it can be drawn");
        let page = PagePlan { own: Some(&drawing), ..PagePlan::default() };
        let about = Description { title: "", language: "nl", date: jiff::civil::date(2025, 9, 26) };
        let pdf = compose(&[page], &about, &Typefaces::default(), &GlyphSet::default()).expect("it is put together");
        let pdf = Pdf::new(Arc::new(pdf)).expect("it can be read back");
        let own = Reader::new(&pdf).page(0).expect("the page can be read").own;
        assert!(!own.glyph_missing);
        own.runs.iter().map(|run| run.text.as_str()).collect()
    }

    #[test]
    fn a_picture_or_a_gradient_is_refused_and_never_left_out() {
        let press = Press::new([("layout.typ", LAYOUT)]);
        for wording in ["#box(fill: gradient.linear(red, blue))[x]", "#box(clip: true)[x]", "#text(stroke: 1pt)[x]"] {
            let document = press.body_in_one_piece("", wording, &serde_json::json!({})).expect("it is laid out");
            assert!(draw(&document.pages()[0].frame).is_err(), "{wording}");
        }
    }
}
