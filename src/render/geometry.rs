//! Where things stand on a page, in mm from its top left.
//!
//! Enters: a vendor profile and a format. Leaves: the places that the layout, the fit and the page check share.
//! Invariant: one place decides each coordinate; the layout gets them as data. Fold marks follow NEN 1026 as Dutch
//! letter classes cite it.

use serde::Serialize;

use crate::campaign::vendor::Vendor;

/// Width of A4.
pub const PAGE_WIDTH_MM: f64 = 210.0;
/// Height of A4.
pub const PAGE_HEIGHT_MM: f64 = 297.0;
/// One PostScript point.
pub const MM_PER_PT: f64 = 25.4 / 72.0;

/// Text keeps this distance from the window's left, top and bottom.
pub const WINDOW_KEEP_MM: f64 = 3.0;
/// Text keeps this distance from the window's right: folding and inserting move the sheet.
pub const WINDOW_KEEP_RIGHT_MM: f64 = 15.0;
/// Size of the address lines.
pub const ADDRESS_PT: f64 = 10.0;
/// From baseline to baseline of the address lines.
pub const ADDRESS_PITCH_MM: f64 = 4.4;
/// Size of the sender's one-line return address.
pub const RETURN_LINE_PT: f64 = 6.5;
/// From the top of the window's text area to the baseline of the return line.
const RETURN_BASELINE_MM: f64 = 2.3;
/// From the return line's baseline to the first address line's.
const ADDRESS_FIRST_MM: f64 = 5.2;
/// The address block has at most this many lines.
pub const ADDRESS_LINES_MAX: usize = 6;
/// Below a baseline, as a share of the size: how far letters reach down.
pub const DESCENT_EM: f64 = 0.25;

/// The places on a page that the layout reads.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Geometry {
    /// Width of the page.
    pub page_width: f64,
    /// Height of the page.
    pub page_height: f64,
    /// Only the addressee may stand here.
    pub window: Rect,
    /// Free of the letter.
    pub clear: Edges,
    /// Margins of the letter's text.
    pub content: Edges,
    /// First page: where the row with date and reference stands.
    pub reference_top: f64,
    /// First page: where the body starts; the salutation stands above it, and so does the line that names the person
    /// where the letter is addressed to somebody else, three lines together at most.
    pub body_top: f64,
    /// Heights of fold marks.
    pub folds: Vec<f64>,
}

/// A rectangle.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[expect(missing_docs, reason = "the names say it")]
pub struct Rect {
    pub left: f64,
    pub top: f64,
    pub width: f64,
    pub height: f64,
}

/// Distances from the page's edges.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[expect(missing_docs, reason = "the names say it")]
pub struct Edges {
    pub left: f64,
    pub right: f64,
    pub top: f64,
    pub bottom: f64,
}

impl Geometry {
    /// The places for one vendor and one format.
    pub fn new(vendor: &Vendor, format: &str) -> Self {
        let window = Rect {
            left: vendor.window.left_mm,
            top: vendor.window.top_mm,
            width: vendor.window.width_mm,
            height: vendor.window.height_mm,
        };
        let clear = Edges {
            left: vendor.clear.left_mm,
            right: vendor.clear.right_mm,
            top: vendor.clear.top_mm,
            bottom: vendor.clear.bottom_mm,
        };
        let large = format == "large-print";
        let below_window = window.top + window.height;
        let reference_top = below_window + 8.0;
        Self {
            page_width: PAGE_WIDTH_MM,
            page_height: PAGE_HEIGHT_MM,
            window,
            clear,
            content: Edges {
                left: f64::max(25.0, clear.left),
                right: f64::max(25.0, clear.right),
                top: f64::max(20.0, clear.top),
                bottom: f64::max(22.0, clear.bottom + 12.0),
            },
            reference_top,
            body_top: reference_top + if large { 50.0 } else { 33.0 },
            folds: vec![108.0, 153.0],
        }
    }

    /// Left end of every line in the window.
    pub fn window_text_left(&self) -> f64 {
        self.window.left + WINDOW_KEEP_MM
    }

    /// How wide a line in the window may be.
    pub fn window_text_width(&self) -> f64 {
        self.window.width - WINDOW_KEEP_MM - WINDOW_KEEP_RIGHT_MM
    }

    /// Baseline of the return line.
    pub fn return_baseline(&self) -> f64 {
        self.window.top + WINDOW_KEEP_MM + RETURN_BASELINE_MM
    }

    /// Baseline of an address line, counted from 0.
    pub fn address_baseline(&self, line: usize) -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "an address has six lines at most")]
        let line = line as f64;
        line.mul_add(ADDRESS_PITCH_MM, self.return_baseline() + ADDRESS_FIRST_MM)
    }

    /// Lowest point of an address of this many lines.
    pub fn address_bottom(&self, lines: usize) -> f64 {
        self.address_baseline(lines.saturating_sub(1)) + ADDRESS_PT * MM_PER_PT * DESCENT_EM
    }

    /// How wide the letter's text is.
    pub fn content_width(&self) -> f64 {
        self.page_width - self.content.left - self.content.right
    }
}
