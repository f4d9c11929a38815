//! Whether the pages of a PDF are those of the pieces that the index says stand there.
//!
//! Enters: a PDF and the pieces that the index lists for it. Leaves: findings. Invariant: it goes by what is drawn: every
//! page that is not blank names its piece's case code, only the back of a last sheet is blank, and each sheet's front
//! carries the mark of this sheet of this piece, read with error correction. Absent on purpose: what a letter says,
//! which was checked when it was made and is held by hashes since.

use datamatrix::DataMatrix;
use hayro_syntax::Pdf;
use hayro_syntax::content::UntypedIter;
use hayro_syntax::object::Object;

use super::finding::Findings;
use super::index::expected_mark;
use crate::model::case_code::CaseCode;
use crate::render::check::content::{FoundPage, Reader};

/// Modules of a mark at each side.
const SIZE: usize = 18;
/// How far a rectangle's edge may lie from the grid of modules, in modules.
const OFF_GRID: f64 = 0.1;

/// A piece as the index lists it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Piece {
    pub(super) code: CaseCode,
    /// 1-based, within the file.
    pub(super) first_page: u64,
    pub(super) pages: u64,
    pub(super) sheets: u64,
    /// Whether the index has a mark for it.
    pub(super) marked: bool,
}

/// Compares every page with the piece that it belongs to.
pub(super) fn check(pdf: &Pdf, pieces: &[Piece], findings: &mut Findings) {
    let mut reader = Reader::keeping(pdf, |_| ());
    for piece in pieces {
        let pages_a_sheet = (piece.pages / piece.sheets.max(1)).max(1);
        for position in 0..piece.pages {
            let number = piece.first_page + position;
            let Ok(index) = usize::try_from(number.saturating_sub(1)) else { continue };
            let read = reader.content(index).and_then(|content| Ok((reader.shown(index, &content)?, content)));
            let Ok((found, content)) = read else {
                findings.add(format!("page {number} cannot be read"));
                continue;
            };
            let mut wrong = |what: &str| findings.add(format!("page {number} {what}"));
            let last_back = pages_a_sheet == 2 && position % 2 == 1 && position + 1 == piece.pages;
            if !is_blank(&found) && !names(&found, piece.code) {
                wrong(&format!("does not name {}", piece.code));
            } else if is_blank(&found) && !last_back {
                wrong(&format!("is blank, in the middle of {}", piece.code));
            }
            if piece.marked {
                let front = position % pages_a_sheet == 0;
                let sheet = position / pages_a_sheet + 1;
                let expected = front.then(|| expected_mark(piece.code, sheet, piece.sheets));
                if !marks(&content).into_iter().eq(expected) {
                    wrong(&format!("has not the mark of its sheet of {}", piece.code));
                }
            }
        }
    }
}

fn is_blank(page: &FoundPage<()>) -> bool {
    page.forms.is_empty() && page.own.runs.is_empty() && page.own.areas.is_empty()
}

fn names(page: &FoundPage<()>, code: CaseCode) -> bool {
    let shown = page.own.runs.iter().flat_map(|run| run.text.chars());
    shown.filter(|character| !character.is_whitespace()).collect::<String>().contains(&code.printed())
}

/// A corner and the one opposite to it.
type Corners = [(f64, f64); 2];

/// The texts of all marks that a page's own content draws as rectangles; one that cannot be decoded is `None`.
fn marks(content: &[u8]) -> Vec<Option<String>> {
    let mut marks = Vec::new();
    let mut matrix = [1.0, 0.0, 0.0, 1.0, 0.0, 0.0];
    let mut saved = Vec::new();
    let mut rectangles: Vec<Corners> = Vec::new();
    let mut operations = UntypedIter::new(content);
    while let Some(instruction) = operations.next() {
        match &**instruction.operator {
            b"q" => saved.push(matrix),
            b"Q" => matrix = saved.pop().unwrap_or(matrix),
            b"cm" | b"re" => {
                let operands: Vec<f64> = instruction
                    .operands()
                    .filter_map(|operand| match operand {
                        Object::Number(number) => Some(number.as_f64()),
                        _ => None,
                    })
                    .collect();
                if let Ok(own) = <[f64; 6]>::try_from(&operands[..]) {
                    matrix = concat(own, matrix);
                } else if let &[x, y, width, height] = &operands[..] {
                    rectangles.push([apply(matrix, x, y), apply(matrix, x + width, y + height)]);
                }
            }
            b"f" | b"F" | b"f*" => {
                marks.extend(grid(&rectangles).map(|modules| decoded(&modules)));
                rectangles.clear();
            }
            b"n" | b"S" | b"s" | b"B" | b"B*" | b"b" | b"b*" => rectangles.clear(),
            _ => {}
        }
    }
    marks
}

/// The transformation that does one after the other.
fn concat(first: [f64; 6], then: [f64; 6]) -> [f64; 6] {
    let origin = apply(then, 0.0, 0.0);
    let along = |x: f64, y: f64| {
        let end = apply(then, x, y);
        (end.0 - origin.0, end.1 - origin.1)
    };
    let (across, up, place) = (along(first[0], first[1]), along(first[2], first[3]), apply(then, first[4], first[5]));
    [across.0, across.1, up.0, up.1, place.0, place.1]
}

fn apply(matrix: [f64; 6], x: f64, y: f64) -> (f64, f64) {
    (matrix[0] * x + matrix[2] * y + matrix[4], matrix[1] * x + matrix[3] * y + matrix[5])
}

fn decoded(modules: &[bool]) -> Option<String> {
    DataMatrix::decode(modules, SIZE).ok().and_then(|bytes| String::from_utf8(bytes).ok())
}

/// The modules that rectangles filled at once make dark, row by row; `None` where they are not on such a grid.
fn grid(rectangles: &[Corners]) -> Option<Vec<bool>> {
    let corners = || rectangles.iter().flatten();
    if rectangles.len() < SIZE {
        return None;
    }
    let (left, right) = corners().fold((f64::MAX, f64::MIN), |(low, high), (x, _)| (low.min(*x), high.max(*x)));
    let (below, above) = corners().fold((f64::MAX, f64::MIN), |(low, high), (_, y)| (low.min(*y), high.max(*y)));
    #[expect(clippy::cast_precision_loss, reason = "a symbol has 18 modules a side")]
    let module = (right - left) / SIZE as f64;
    let mut dark = vec![false; SIZE * SIZE];
    for [one, other] in rectangles {
        let columns = cells(one.0.min(other.0) - left, one.0.max(other.0) - left, module)?;
        let rows = cells(above - one.1.max(other.1), above - one.1.min(other.1), module)?;
        for row in rows {
            dark.get_mut(row * SIZE..(row + 1) * SIZE)?.get_mut(columns.clone())?.fill(true);
        }
    }
    // The lowest row is solid, so the height follows from the rows; a code of bars is wider than high.
    ((above - below) / module).round().eq(&((right - left) / module).round()).then_some(dark)
}

/// The cells of a grid between two distances from its start; `None` off the grid.
fn cells(from: f64, to: f64, module: f64) -> Option<std::ops::Range<usize>> {
    let cell = |distance: f64| {
        let cells = distance / module;
        let whole = cells.round();
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and 18")]
        ((cells - whole).abs() < OFF_GRID && (0.0..=18.0).contains(&whole)).then_some(whole as usize)
    };
    Some(cell(from)?..cell(to)?)
}

#[cfg(test)]
mod tests {
    use super::marks;
    use crate::bundle::marks as drawing;
    use crate::campaign::vendor::DataMatrixPlace;
    use crate::marks::{datamatrix, kix};
    use crate::model::case_code::CaseCode;

    #[test]
    fn a_drawn_mark_is_read_among_bars_and_strokes() {
        let text = datamatrix::content(CaseCode::from_bits(77), 2, 3).unwrap();
        let place = DataMatrixPlace { left_mm: 5.0, top_mm: 120.0, module_mm: 0.5 };
        let mut content = b"q 1 0 0 -1 0 842 cm 0 300 20 1 re f Q\n".to_vec();
        content.extend(drawing::kix(&kix::bars("1234AB12XAB").unwrap(), 27.6, 70.0));
        assert_eq!(marks(&content), []);
        content.extend(drawing::datamatrix(&datamatrix::modules(&text).unwrap(), place));
        assert_eq!(marks(&content), [Some(text)]);
    }

    #[test]
    fn a_mark_that_lost_too_much_is_there_but_says_nothing() {
        let text = datamatrix::content(CaseCode::from_bits(77), 1, 1).unwrap();
        let place = DataMatrixPlace { left_mm: 5.0, top_mm: 120.0, module_mm: 0.4 };
        let content = String::from_utf8(drawing::datamatrix(&datamatrix::modules(&text).unwrap(), place)).unwrap();
        let mut kept = String::new();
        for (number, line) in content.lines().enumerate() {
            if !line.ends_with("re") || number % 3 != 0 || line.starts_with('0') {
                kept += &format!("{line}\n");
            }
        }
        assert_eq!(marks(kept.as_bytes()), [None]);
    }
}
