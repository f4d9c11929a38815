//! KIX and DataMatrix as page content.
//!
//! Enters: bars or modules and where they stand, in mm from the page's top left. Leaves: PDF operators that fill
//! rectangles in black. Invariant: marks are vectors in one black component, drawn in whole units of their own grid, so
//! that they cost some hundred bytes and keep the tolerances of their standards.

use std::fmt::Write;

use crate::campaign::vendor::DataMatrixPlace;
use crate::marks::datamatrix::{self, Modules};
use crate::marks::kix::{self, Bar};
use crate::render::geometry::{MM_PER_PT, PAGE_HEIGHT_MM};

/// Units a millimetre that KIX bars are drawn in: finer than any printer.
const KIX_UNITS_A_MM: f64 = 1000.0;

/// Opens a graphics state in which one unit is `unit_mm` and y points down from a corner.
fn open(content: &mut String, left_mm: f64, top_mm: f64, unit_mm: f64) {
    let scale = unit_mm / MM_PER_PT;
    let x = left_mm / MM_PER_PT;
    let y = (PAGE_HEIGHT_MM - top_mm) / MM_PER_PT;
    // Writing to a string does not fail.
    let _ = writeln!(content, "q 0 g {scale:.6} 0 0 -{scale:.6} {x:.3} {y:.3} cm");
}

/// The bars of a KIX; `left_mm`, `top_mm`: the first bar's left edge, the highest bar's upper end.
pub fn kix(bars: &[Bar], left_mm: f64, top_mm: f64) -> Vec<u8> {
    let units = |mm: f64| (mm * KIX_UNITS_A_MM).round();
    let mut content = String::with_capacity(bars.len() * 20);
    open(&mut content, left_mm, top_mm, 1.0 / KIX_UNITS_A_MM);
    let mut left_bar_mm = 0.0;
    for bar in bars {
        let (top, bottom) = bar.extent_mm();
        let _ = writeln!(
            content,
            "{} {} {} {} re",
            units(left_bar_mm),
            units(top),
            units(kix::BAR_WIDTH_MM),
            units(bottom - top)
        );
        left_bar_mm += kix::PITCH_MM;
    }
    content.push_str("f Q\n");
    content.into_bytes()
}

/// The modules of a DataMatrix, runs of dark ones drawn as one.
pub fn datamatrix(modules: &Modules, place: DataMatrixPlace) -> Vec<u8> {
    let mut content = String::with_capacity(2048);
    open(&mut content, place.left_mm, place.top_mm, place.module_mm);
    for row in 0..datamatrix::SIZE {
        let mut column = 0;
        while column < datamatrix::SIZE {
            let dark = (column..datamatrix::SIZE).take_while(|&column| modules.is_dark(column, row)).count();
            if dark > 0 {
                let _ = writeln!(content, "{column} {row} {dark} 1 re");
            }
            column += dark + 1;
        }
    }
    content.push_str("f Q\n");
    content.into_bytes()
}
