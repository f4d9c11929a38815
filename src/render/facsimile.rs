//! Pages of a finished letter as pictures, and what they say.
//!
//! Enters: the bytes of a PDF as it would be packed. Leaves: each page as SVG, and its text line by line. Invariant: both
//! come from the finished bytes, by other code than made them. The pictures hold outlines only: no text, no script, no link.

use std::sync::Arc;

use hayro_interpret::util::TransformExt;
use hayro_interpret::{Context, InterpreterCache, InterpreterSettings, interpret_page};
use hayro_svg::{RenderCache, SvgRenderSettings, convert};
use hayro_syntax::Pdf;
use hayro_syntax::page::Page;
use kurbo::Rect;

use super::check::content::{Reader, Run};
use super::outlines::Outlines;

/// Runs whose baselines are this close stand on one line.
const SAME_LINE_MM: f64 = 0.6;
/// A gap of this share of the type's size is a space.
const SPACE_EM: f64 = 0.12;
/// One point in mm.
const MM: f64 = 25.4 / 72.0;

/// One page.
pub struct Facsimile {
    /// The page as SVG, in points, without a background.
    pub svg: String,
    /// The texts on it, from top to bottom.
    pub lines: Vec<String>,
}

/// The first pages of a finished PDF.
///
/// # Errors
/// A PDF that cannot be read back, in words.
pub fn pages(pdf: &[u8], pages: usize) -> Result<Vec<Facsimile>, String> {
    let pdf = Pdf::new(Arc::new(pdf.to_vec())).map_err(|_| "the finished file cannot be read back".to_owned())?;
    let cache = InterpreterCache::new();
    let mut reader = Reader::new(&pdf);
    (0..pages.min(pdf.pages().len()))
        .map(|index| {
            let found = reader.page(index).map_err(|error| error.to_string())?;
            let shared = found.forms.iter().flat_map(|(_, form)| &form.runs);
            let svg = svg(&pdf.pages()[index], &cache);
            Ok(Facsimile { svg, lines: lines(shared.chain(&found.own.runs).cloned().collect()) })
        })
        .collect()
}

fn svg<'a>(page: &'a Page<'a>, cache: &InterpreterCache<'a>) -> String {
    let settings = InterpreterSettings::default();
    let (width, height) = page.render_dimensions();
    let (width, height) = (f64::from(width), f64::from(height));
    let mut outlines = Outlines::new(width, height);
    let mut context = Context::new(
        page.initial_transform(true).to_kurbo(),
        Rect::new(0.0, 0.0, width, height),
        cache,
        page.xref(),
        settings.clone(),
    );
    interpret_page(page, &mut context, &mut outlines);
    drop(context);
    outlines.finish().unwrap_or_else(|| convert(page, &RenderCache::new(), &settings, &SvgRenderSettings::default()))
}

/// Runs as lines, from top to bottom and from left to right.
fn lines(mut runs: Vec<Run>) -> Vec<String> {
    runs.sort_by(|one, other| one.baseline_mm.total_cmp(&other.baseline_mm));
    let mut rows: Vec<Vec<Run>> = Vec::new();
    for run in runs {
        match rows.last_mut() {
            Some(row) if run.baseline_mm - row[0].baseline_mm < SAME_LINE_MM => row.push(run),
            _ => rows.push(vec![run]),
        }
    }
    rows.into_iter().map(line).filter(|line| !line.trim().is_empty()).collect()
}

fn line(mut row: Vec<Run>) -> String {
    row.sort_by(|one, other| one.left_mm.total_cmp(&other.left_mm));
    let mut text = String::new();
    let mut end_mm = f64::INFINITY;
    for run in row {
        if run.left_mm - end_mm > run.size_pt * MM * SPACE_EM && !text.ends_with(' ') {
            text.push(' ');
        }
        end_mm = run.left_mm + run.width_mm;
        text.push_str(&run.text);
    }
    text
}
