//! Numbers as places on a drawing: bars and their scale.
//!
//! Enters: labelled numbers. Leaves: coordinates in units of the drawing. Invariant: a bar is as long as its number says;
//! the scale begins at nought. Absent on purpose: SVG, which is the page's.

use serde::Serialize;

/// The drawing.
const WIDTH: f64 = 480.0;
const HEIGHT: f64 = 190.0;
/// Where the bars stand in it.
const LEFT: f64 = 62.0;
/// Room for half a label right of the last bar.
const MARGIN: f64 = 26.0;
const TOP: f64 = 12.0;
const BOTTOM: f64 = 158.0;
/// Bars are no wider than this, however few there are.
const BAR_MAX: f64 = 46.0;
/// Labels below the bars, at most.
const LABELS: usize = 5;

/// A drawing of bars.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Chart {
    width: f64,
    height: f64,
    left: f64,
    right: f64,
    bottom: f64,
    lines: Vec<Line>,
    bars: Vec<Bar>,
}

/// A line of the scale.
#[derive(Debug, Clone, PartialEq, Serialize)]
struct Line {
    y: f64,
    value: u64,
}

/// One bar, of parts that stand on one another.
#[derive(Debug, Clone, PartialEq, Serialize)]
struct Bar {
    x: f64,
    middle: f64,
    width: f64,
    title: String,
    label: String,
    parts: Vec<Part>,
}

/// A part of a bar.
#[derive(Debug, Clone, PartialEq, Serialize)]
struct Part {
    y: f64,
    height: f64,
    series: usize,
    value: u64,
}

impl Chart {
    /// Bars of parts, one a label, in their order; the parts are in the order of their series.
    pub fn bars(numbers: &[(String, Vec<u64>)]) -> Option<Self> {
        let most = numbers.iter().map(|(_, parts)| parts.iter().sum::<u64>()).max().filter(|&most| most > 0)?;
        let step = step(most);
        let top_value = most.div_ceil(step) * step;
        #[expect(clippy::cast_precision_loss, reason = "counts of letters are far below 2^52")]
        let length = |value: u64| (BOTTOM - TOP) * value as f64 / top_value as f64;
        #[expect(clippy::cast_precision_loss, reason = "a few hundred days")]
        let pitch = (WIDTH - LEFT - MARGIN) / numbers.len() as f64;
        let width = (pitch * 0.72).min(BAR_MAX);
        let every = numbers.len().div_ceil(LABELS);
        let mut bars = Vec::with_capacity(numbers.len());
        let mut middle = LEFT + pitch.min(BAR_MAX * 1.6) / 2.0;
        for (index, (label, parts)) in numbers.iter().enumerate() {
            let mut base = BOTTOM;
            let parts = parts
                .iter()
                .enumerate()
                .map(|(series, &value)| {
                    base -= length(value);
                    Part { y: rounded(base), height: rounded(length(value)), series, value }
                })
                .collect();
            let shown = if index % every == 0 { label.clone() } else { String::new() };
            bars.push(Bar {
                x: rounded(middle - width / 2.0),
                middle: rounded(middle),
                width: rounded(width),
                title: label.clone(),
                label: shown,
                parts,
            });
            middle += pitch.min(BAR_MAX * 1.6);
        }
        let lines = (0..=top_value / step)
            .map(|line| Line { y: rounded(BOTTOM - length(line * step)), value: line * step })
            .collect();
        Some(Self { width: WIDTH, height: HEIGHT, left: LEFT, right: WIDTH, bottom: BOTTOM, lines, bars })
    }
}

/// A round step of which at most five reach the number.
fn step(most: u64) -> u64 {
    let mut decade = 1;
    loop {
        for step in [1, 2, 5].map(|digit| digit * decade) {
            if most.div_ceil(step) <= 5 {
                return step;
            }
        }
        decade *= 10;
    }
}

fn rounded(number: f64) -> f64 {
    (number * 10.0).round() / 10.0
}

/// A part of a whole, as a stretch of a bar of 100.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Share {
    /// What it is a share of.
    pub name: String,
    /// How many.
    pub value: u64,
    /// Where it begins.
    pub x: f64,
    /// How long it is.
    pub width: f64,
}

/// Numbers as shares of their sum, in their order.
pub fn shares(numbers: &[(&str, u64)]) -> Vec<Share> {
    let sum = numbers.iter().map(|(_, value)| value).sum::<u64>().max(1);
    let mut x = 0.0;
    let share = |&(name, value): &(&str, u64)| {
        #[expect(clippy::cast_precision_loss, reason = "row counts are far below 2^52")]
        let width = value as f64 * 100.0 / sum as f64;
        let share = Share { name: name.to_owned(), value, x: (x * 100.0_f64).round() / 100.0, width };
        x += width;
        share
    };
    numbers.iter().map(share).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_is_as_long_as_its_number_and_the_scale_begins_at_nought() {
        let chart = Chart::bars(&[("a".to_owned(), vec![50, 50]), ("b".to_owned(), vec![25])]).unwrap();
        let heights: Vec<f64> = chart.bars.iter().map(|bar| bar.parts.iter().map(|part| part.height).sum()).collect();
        assert!((heights[0] - (BOTTOM - TOP)).abs() < 0.11 && (heights[1] * 4.0 - heights[0]).abs() < 0.3);
        assert_eq!((chart.lines[0].value, chart.lines.last().unwrap().value), (0, 100));
        assert_eq!(Chart::bars(&[("a".to_owned(), vec![0])]), None);
    }

    #[test]
    fn steps_are_round() {
        assert_eq!([1, 7, 11, 94, 50_000, 941_000].map(step), [1, 2, 5, 20, 10_000, 200_000]);
    }

    #[test]
    fn shares_fill_the_whole() {
        let shares = shares(&[("a", 1), ("b", 3)]);
        assert!((shares[1].x - 25.0).abs() < 0.01 && (shares[1].width - 75.0).abs() < 0.01);
    }
}
