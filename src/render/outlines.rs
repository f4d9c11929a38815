//! A page of outlines as a small picture.
//!
//! Enters: what a page draws, instruction by instruction. Leaves: SVG in which each glyph's outline stands once. Invariant:
//! whatever this cannot draw exactly (images, patterns, masks, clips, Type 3 glyphs) makes it give up, so that no picture
//! is less than its page; the caller then takes the general converter, whose pictures are several times as large.

use std::collections::HashMap;
use std::fmt::Write;

use hayro_interpret::font::Glyph;
use hayro_interpret::{
    BlendMode, CacheKey, ClipPath, Device, FillRule, GlyphDrawMode, Image, Paint, PathDrawMode, SoftMask,
};
use kurbo::{Affine, BezPath, Cap, Join, PathEl, Point, Rect, Shape};

/// Draws one page.
pub struct Outlines {
    page: Rect,
    glyphs: HashMap<u128, usize>,
    /// The outlines by number, in thousandths of the type's size.
    definitions: String,
    drawn: String,
    /// Scale and colour of the group that is open.
    open: Option<(Affine, String)>,
    complete: bool,
}

impl Outlines {
    /// A page of this size in points.
    pub fn new(width_pt: f64, height_pt: f64) -> Self {
        Self {
            page: Rect::new(0.0, 0.0, width_pt, height_pt),
            glyphs: HashMap::new(),
            definitions: String::new(),
            drawn: String::new(),
            open: None,
            complete: true,
        }
    }

    /// The picture; nothing where the page draws something else than outlines.
    pub fn finish(mut self) -> Option<String> {
        self.close();
        let (width, height) = (self.page.width(), self.page.height());
        self.complete.then(|| {
            format!(
                "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\">\n<defs>\n{}</defs>\n{}</svg>\n",
                self.definitions, self.drawn
            )
        })
    }

    fn close(&mut self) {
        if self.open.take().is_some() {
            self.drawn.push_str("</g>\n");
        }
    }

    fn glyph(&mut self, number: usize, at: Affine, color: String) {
        let [xx, yx, xy, yy, left, top] = at.as_coeffs();
        let linear = Affine::new([xx, yx, xy, yy, 0.0, 0.0]);
        if linear.determinant() == 0.0 {
            return;
        }
        let group = (linear, color);
        if self.open.as_ref() != Some(&group) {
            self.close();
            // Writing to a string does not fail.
            let _ = writeln!(self.drawn, "<g transform=\"{}\" fill=\"{}\">", matrix(linear), group.1);
            self.open = Some(group);
        }
        // Where the glyph stands, in the group's own units.
        let Point { x, y } = linear.inverse() * Point::new(left, top);
        let _ = writeln!(self.drawn, "<use href=\"#g{number}\" x=\"{x:.0}\" y=\"{y:.0}\"/>");
    }

    /// The colour as SVG writes it; nothing where it is none, or lets through what is below.
    fn color(paint: &Paint<'_>) -> Option<String> {
        let Paint::Color(color) = paint else { return None };
        let [red, green, blue, alpha] = color.to_rgba().to_rgba8();
        (alpha == u8::MAX).then(|| format!("#{red:02x}{green:02x}{blue:02x}"))
    }
}

impl Device<'_> for Outlines {
    fn set_soft_mask(&mut self, mask: Option<SoftMask<'_>>) {
        self.complete &= mask.is_none();
    }

    fn set_blend_mode(&mut self, mode: BlendMode) {
        self.complete &= mode == BlendMode::default();
    }

    fn draw_path(&mut self, path: &BezPath, transform: Affine, paint: &Paint<'_>, mode: &PathDrawMode) {
        let Some(color) = Self::color(paint) else {
            self.complete = false;
            return;
        };
        self.close();
        let _ = write!(self.drawn, "<path transform=\"{}\" ", matrix(transform));
        let _ = match mode {
            PathDrawMode::Fill(rule) => {
                let rule = if *rule == FillRule::EvenOdd { " fill-rule=\"evenodd\"" } else { "" };
                write!(self.drawn, "fill=\"{color}\"{rule}")
            }
            PathDrawMode::Stroke(stroke) => {
                self.complete &= stroke.dash_array.is_empty();
                let cap = match stroke.line_cap {
                    Cap::Butt => "butt",
                    Cap::Round => "round",
                    Cap::Square => "square",
                };
                let join = match stroke.line_join {
                    Join::Bevel => "bevel",
                    Join::Miter => "miter",
                    Join::Round => "round",
                };
                write!(
                    self.drawn,
                    "fill=\"none\" stroke=\"{color}\" stroke-width=\"{}\" stroke-linecap=\"{cap}\" stroke-linejoin=\"{join}\" stroke-miterlimit=\"{}\"",
                    stroke.line_width, stroke.miter_limit
                )
            }
        };
        let _ = writeln!(self.drawn, " d=\"{}\"/>", data(path, 3));
    }

    fn push_clip_path(&mut self, clip: &ClipPath) {
        // The page's own edge cuts nothing off; any other clip may.
        let cut = clip.path.bounding_box();
        let tolerance = 0.01;
        self.complete &= cut.x0 <= tolerance
            && cut.y0 <= tolerance
            && cut.x1 >= self.page.x1 - tolerance
            && cut.y1 >= self.page.y1 - tolerance;
    }

    fn push_transparency_group(&mut self, opacity: f32, mask: Option<SoftMask<'_>>, mode: BlendMode) {
        self.complete &= opacity >= 1.0 && mask.is_none() && mode == BlendMode::default();
    }

    fn draw_glyph(
        &mut self,
        glyph: &Glyph<'_>,
        transform: Affine,
        glyph_transform: Affine,
        paint: &Paint<'_>,
        mode: &GlyphDrawMode,
    ) {
        let (outline, color) = match (glyph, mode, Self::color(paint)) {
            (_, GlyphDrawMode::Invisible, _) => return,
            (Glyph::Outline(outline), GlyphDrawMode::Fill, Some(color)) => (outline, color),
            _ => {
                self.complete = false;
                return;
            }
        };
        let next = self.glyphs.len();
        let number = *self.glyphs.entry(outline.identifier().cache_key()).or_insert(next);
        if number == next {
            let _ = writeln!(self.definitions, "<path id=\"g{number}\" d=\"{}\"/>", data(&outline.outline(), 0));
        }
        self.glyph(number, transform * glyph_transform, color);
    }

    fn draw_image(&mut self, _: Image<'_, '_>, _: Affine) {
        self.complete = false;
    }

    fn pop_clip_path(&mut self) {}

    fn pop_transparency_group(&mut self) {}
}

/// A transformation as SVG writes it.
fn matrix(transform: Affine) -> String {
    format!("matrix({})", transform.as_coeffs().map(|number| number.to_string()).join(" "))
}

/// A path as SVG writes it, with this many decimals.
fn data(path: &BezPath, decimals: usize) -> String {
    let mut data = String::new();
    for element in path.elements() {
        let (letter, points): (char, &[Point]) = match element {
            PathEl::MoveTo(to) => ('M', &[*to]),
            PathEl::LineTo(to) => ('L', &[*to]),
            PathEl::QuadTo(one, to) => ('Q', &[*one, *to]),
            PathEl::CurveTo(one, two, to) => ('C', &[*one, *two, *to]),
            PathEl::ClosePath => ('Z', &[]),
        };
        data.push(letter);
        for (index, point) in points.iter().enumerate() {
            let space = if index > 0 { " " } else { "" };
            let _ = write!(data, "{space}{:.decimals$} {:.decimals$}", point.x, point.y);
        }
    }
    data
}
