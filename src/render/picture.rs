//! A profile's geometry on a letter's first page, as a picture.
//!
//! Enters: the laid out cover and body of page 1 and the vendor profile. Leaves: an SVG of the page, one unit a
//! millimetre, with window, clear zones, folds and marks drawn over it. Invariant: every coordinate comes from
//! [`Geometry`] or the profile, as the letters themselves take it; text of the picture stands on the page's own scale.

use std::fmt::Write;

use typst::foundations::Smart;
use typst::layout::Point;
use typst_layout::Page;
use typst_svg::SvgOptions;

use super::geometry::{Geometry, PAGE_HEIGHT_MM, PAGE_WIDTH_MM, WINDOW_KEEP_MM};
use crate::campaign::vendor::{DataMatrixPlace, Vendor};
use crate::marks::datamatrix::{self, Modules};
use crate::marks::kix::{self, Bar};

/// Where a fold is drawn.
const FOLD_COLOUR: &str = "#8a2be2";
/// What the envelope shows.
const WINDOW_COLOUR: &str = "#0057b8";
/// What stays free of the letter.
const CLEAR_COLOUR: &str = "#c00000";
/// Marks and what they keep clear.
const MARK_COLOUR: &str = "#008040";

/// What is drawn.
pub struct Picture<'a> {
    /// The profile.
    pub vendor: &'a Vendor,
    /// The places of the letter's format.
    pub geometry: &'a Geometry,
    /// The shared part of page 1.
    pub body: &'a Page,
    /// The addressee's part of page 1.
    pub cover: &'a Page,
    /// Lines of the address.
    pub address_lines: usize,
    /// The KIX below the address; none where the profile prints none.
    pub kix: Vec<Bar>,
    /// The DataMatrix of sheet 1.
    pub datamatrix: Option<(DataMatrixPlace, Modules)>,
}

/// Draws the picture.
pub fn svg(picture: &Picture<'_>) -> String {
    let mut out = String::new();
    // Writing to a string does not fail.
    let _ = writeln!(
        out,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" xmlns:xlink=\"http://www.w3.org/1999/xlink\" width=\"{PAGE_WIDTH_MM}mm\" height=\"{PAGE_HEIGHT_MM}mm\" \
         viewBox=\"0 0 {PAGE_WIDTH_MM} {PAGE_HEIGHT_MM}\" font-family=\"sans-serif\" font-size=\"2.6\">\n\
         <rect width=\"{PAGE_WIDTH_MM}\" height=\"{PAGE_HEIGHT_MM}\" fill=\"#fff\"/>"
    );
    clear(&mut out, picture.vendor);
    page(&mut out, picture);
    window(&mut out, picture);
    folds(&mut out, picture.geometry);
    bars(&mut out, picture);
    modules(&mut out, picture);
    out.push_str("</svg>\n");
    out
}

/// Body and cover, the one over the other as on paper; what lies below shows through.
fn page(out: &mut String, picture: &Picture<'_>) {
    let mut page = Page { fill: Smart::Custom(None), ..picture.body.clone() };
    page.frame.push_frame(Point::zero(), picture.cover.frame.clone());
    let drawn = typst_svg::svg(&page, &SvgOptions::default());
    let (_, inside) = drawn.split_once('>').expect("an SVG begins with its opening tag");
    // typst gives the size in points, which not every viewer converts inside of another picture: the box does it here.
    let size = page.frame.size();
    let _ = writeln!(
        out,
        "<svg id=\"page\" width=\"{PAGE_WIDTH_MM}\" height=\"{PAGE_HEIGHT_MM}\" viewBox=\"0 0 {} {}\">{inside}",
        size.x.to_pt(),
        size.y.to_pt()
    );
}

fn rect(out: &mut String, id: &str, [left, top, width, height]: [f64; 4], style: &str) {
    let _ = writeln!(
        out,
        "<rect id=\"{id}\" x=\"{left:.2}\" y=\"{top:.2}\" width=\"{width:.2}\" height=\"{height:.2}\" {style}/>"
    );
}

fn shape(out: &mut String, [left, top, width, height]: [f64; 4], style: &str) {
    let _ = writeln!(out, "<rect x=\"{left:.3}\" y=\"{top:.3}\" width=\"{width:.3}\" height=\"{height:.3}\" {style}/>");
}

fn text(out: &mut String, left: f64, baseline: f64, colour: &str, text: &str) {
    let _ = writeln!(out, "<text x=\"{left:.2}\" y=\"{baseline:.2}\" fill=\"{colour}\">{text}</text>");
}

fn clear(out: &mut String, vendor: &Vendor) {
    let edges = vendor.clear;
    let (right, bottom) = (PAGE_WIDTH_MM - edges.right_mm, PAGE_HEIGHT_MM - edges.bottom_mm);
    let style = format!("fill=\"{CLEAR_COLOUR}\" fill-opacity=\"0.12\"");
    rect(out, "clear-left", [0.0, 0.0, edges.left_mm, PAGE_HEIGHT_MM], &style);
    rect(out, "clear-right", [right, 0.0, edges.right_mm, PAGE_HEIGHT_MM], &style);
    rect(out, "clear-top", [edges.left_mm, 0.0, right - edges.left_mm, edges.top_mm], &style);
    rect(out, "clear-bottom", [edges.left_mm, bottom, right - edges.left_mm, edges.bottom_mm], &style);
    let said = format!(
        "clear: left {} right {} top {} bottom {} mm",
        edges.left_mm, edges.right_mm, edges.top_mm, edges.bottom_mm
    );
    text(out, edges.left_mm + 2.0, edges.top_mm + 3.5, CLEAR_COLOUR, &said);
}

fn window(out: &mut String, picture: &Picture<'_>) {
    let zone = picture.vendor.window;
    let whole = [zone.left_mm, zone.top_mm, zone.width_mm, zone.height_mm];
    let style = format!("fill=\"none\" stroke=\"{WINDOW_COLOUR}\" stroke-width=\"0.4\"");
    rect(out, "window", whole, &style);
    let safe = [
        picture.geometry.window_text_left(),
        zone.top_mm + WINDOW_KEEP_MM,
        picture.geometry.window_text_width(),
        2.0f64.mul_add(-WINDOW_KEEP_MM, zone.height_mm),
    ];
    rect(out, "window-text", safe, &format!("{style} stroke-dasharray=\"1.5 1\""));
    let said = format!(
        "window: {} × {} mm at {} / {} mm; text stays inside the dashes",
        zone.width_mm, zone.height_mm, zone.left_mm, zone.top_mm
    );
    text(out, zone.left_mm, zone.top_mm - 1.0, WINDOW_COLOUR, &said);
}

fn folds(out: &mut String, geometry: &Geometry) {
    for (number, fold) in (1..).zip(&geometry.folds) {
        let _ = writeln!(
            out,
            "<line id=\"fold-{number}\" x1=\"0\" x2=\"{PAGE_WIDTH_MM}\" y1=\"{fold:.2}\" y2=\"{fold:.2}\" \
             stroke=\"{FOLD_COLOUR}\" stroke-width=\"0.25\" stroke-dasharray=\"4 2\"/>"
        );
        text(out, PAGE_WIDTH_MM - 30.0, fold - 0.8, FOLD_COLOUR, &format!("fold: {fold} mm"));
    }
}

fn bars(out: &mut String, picture: &Picture<'_>) {
    if picture.kix.is_empty() {
        return;
    }
    let left = picture.geometry.window_text_left();
    let top = picture.geometry.address_bottom(picture.address_lines) + kix::QUIET_ZONE_MM;
    let mut bar_left = left;
    for bar in &picture.kix {
        let (from, to) = bar.extent_mm();
        shape(out, [bar_left, top + from, kix::BAR_WIDTH_MM, to - from], "fill=\"#000\"");
        bar_left += kix::PITCH_MM;
    }
    let quiet = kix::QUIET_ZONE_MM;
    let zone = [
        left - quiet,
        top - quiet,
        2.0f64.mul_add(quiet, kix::width_mm(picture.kix.len())),
        2.0f64.mul_add(quiet, kix::HEIGHT_MM),
    ];
    let style = format!("fill=\"none\" stroke=\"{MARK_COLOUR}\" stroke-width=\"0.25\"");
    rect(out, "kix", zone, &style);
    text(out, zone[0] + zone[2] + 1.0, zone[1] + zone[3], MARK_COLOUR, "KIX");
}

fn modules(out: &mut String, picture: &Picture<'_>) {
    let Some((place, modules)) = &picture.datamatrix else { return };
    let size = place.module_mm;
    for (column, row) in modules.dark() {
        #[expect(clippy::cast_precision_loss, reason = "a symbol has 18 columns and rows")]
        let (column, row) = (column as f64, row as f64);
        let (left, top) = (column.mul_add(size, place.left_mm), row.mul_add(size, place.top_mm));
        shape(out, [left, top, size, size], "fill=\"#000\"");
    }
    #[expect(clippy::cast_precision_loss, reason = "a symbol has 18 columns and rows")]
    let (side, quiet) = (datamatrix::SIZE as f64 * size, datamatrix::QUIET_ZONE_MODULES as f64 * size);
    let whole = 2.0f64.mul_add(quiet, side);
    let style = format!("fill=\"none\" stroke=\"{MARK_COLOUR}\" stroke-width=\"0.25\"");
    rect(out, "datamatrix", [place.left_mm - quiet, place.top_mm - quiet, whole, whole], &style);
    text(out, place.left_mm - quiet, place.top_mm - quiet - 0.8, MARK_COLOUR, "DataMatrix");
}
