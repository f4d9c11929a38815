//! Whether window, clear zones and marks of a profile can be on one page together.
//!
//! Enters: measures in mm on A4. Leaves: a problem for each piece that does not fit. Invariant: the addressee's text has
//! room inside the window, the letter has room inside the clear zones, and the DataMatrix with its quiet zone stands
//! where the letter never does.

use super::toml_reader::Field;
use super::vendor::{Clear, DataMatrixPlace, Zone};

/// Width of A4.
pub(super) const PAGE_WIDTH_MM: f64 = 210.0;
/// Height of A4.
pub(super) const PAGE_HEIGHT_MM: f64 = 297.0;

/// The widest clear zone; more leaves no room for a letter.
const CLEAR_MAX_MM: f64 = 50.0;
/// What text in the window keeps free at its left and right, and room for a KIX of 11 characters.
const WINDOW_MIN_WIDTH_MM: f64 = 3.0 + 15.0 + 50.1;
/// What text in the window keeps free at its top and bottom, and room for the return address, three lines and a KIX.
const WINDOW_MIN_HEIGHT_MM: f64 = 3.0 + 3.0 + 24.0;
/// Modules of a DataMatrix at each side; a quiet zone of one module surrounds them.
const DATAMATRIX_MODULES: f64 = 18.0;
/// Below this the cameras of inserters misread, above it the symbol fits no margin.
const MODULE_MM: std::ops::RangeInclusive<f64> = 0.3..=1.0;
/// Profiles are written in tenths of a mm; sums of them are not exact.
const TOLERANCE_MM: f64 = 1e-6;

/// A value with the field it came from.
pub(super) struct Placed<'a, T> {
    pub(super) value: T,
    pub(super) field: Field<'a>,
}

/// Whether the clear zones leave room for a letter.
pub(super) fn check_clear(clear: &Placed<'_, Clear>) -> bool {
    let Clear { left_mm, right_mm, top_mm, bottom_mm } = clear.value;
    let sound = [left_mm, right_mm, top_mm, bottom_mm].iter().all(|&side_mm| side_mm <= CLEAR_MAX_MM);
    if !sound {
        let hint = format!("no side needs more than {CLEAR_MAX_MM} mm");
        clear.field.problem("the clear zones leave no room for the letter", hint);
    }
    sound
}

/// Notes where the window leaves the page, meets a clear zone, or is too small.
pub(super) fn check_window(window: &Placed<'_, Zone>, clear: Clear) {
    let Zone { left_mm, top_mm, width_mm, height_mm } = window.value;
    let (right_mm, bottom_mm) = (left_mm + width_mm, top_mm + height_mm);
    if right_mm > PAGE_WIDTH_MM + TOLERANCE_MM || bottom_mm > PAGE_HEIGHT_MM + TOLERANCE_MM {
        let message = format!("the window ends at {right_mm:.1} × {bottom_mm:.1} mm, off the page");
        window.field.problem(message, "measure from the page's top left; an A4 page has 210 × 297 mm");
        return;
    }
    let inside = left_mm + TOLERANCE_MM >= clear.left_mm
        && top_mm + TOLERANCE_MM >= clear.top_mm
        && right_mm <= PAGE_WIDTH_MM - clear.right_mm + TOLERANCE_MM
        && bottom_mm <= PAGE_HEIGHT_MM - clear.bottom_mm + TOLERANCE_MM;
    if !inside {
        let hint = "move the window, or make `page.clear` smaller: the addressee is part of the letter";
        window.field.problem("the window reaches into a clear zone", hint);
    }
    if width_mm < WINDOW_MIN_WIDTH_MM || height_mm < WINDOW_MIN_HEIGHT_MM {
        let hint = format!(
            "an address with its margins needs {WINDOW_MIN_WIDTH_MM:.1} × {WINDOW_MIN_HEIGHT_MM:.1} mm at least"
        );
        window.field.problem(format!("a window of {width_mm:.1} × {height_mm:.1} mm is too small"), hint);
    }
}

/// Notes where the DataMatrix leaves the page or its clear zone, or has modules that cannot be read.
pub(super) fn check_datamatrix(mark: &Placed<'_, DataMatrixPlace>, clear: Clear) {
    let DataMatrixPlace { left_mm, top_mm, module_mm } = mark.value;
    if !MODULE_MM.contains(&module_mm) {
        let hint = format!("write {} to {} mm; 0.5 is usual", MODULE_MM.start(), MODULE_MM.end());
        mark.field.problem(format!("modules of {module_mm} mm cannot be read or placed"), hint);
        return;
    }
    let reach_mm = (DATAMATRIX_MODULES + 1.0) * module_mm;
    if left_mm + TOLERANCE_MM < module_mm || left_mm + reach_mm > clear.left_mm + TOLERANCE_MM {
        let hint = format!(
            "with its quiet zone it is {:.1} mm wide; move it, make its modules smaller or `page.clear` wider",
            reach_mm + module_mm
        );
        let message = format!("the DataMatrix does not stand inside the left clear zone of {} mm", clear.left_mm);
        mark.field.problem(message, hint);
    }
    if top_mm + TOLERANCE_MM < module_mm || top_mm + reach_mm > PAGE_HEIGHT_MM + TOLERANCE_MM {
        let hint = "measure its top from the page's top; an A4 page is 297 mm high";
        mark.field.problem("the DataMatrix does not stand on the page", hint);
    }
}
