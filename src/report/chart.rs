//! Numbers as places on a drawing: bars and their scale.
//!
//! Enters: labelled numbers. Leaves: coordinates in units of the drawing. Invariant: a bar is as long as its number says;
//! the scale begins at nought; days on which nothing happened have their place. Absent on purpose: SVG, which is the page's.

use std::collections::BTreeMap;

use jiff::civil::Date;
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
/// Days that have a bar of their own; when there are more, a bar is a week.
const DAYS_MAX: i32 = 92;
/// Weeks that have a bar of their own; a date that is further away is a slip of somebody's pen.
const WEEKS_MAX: i32 = 260;
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

impl Chart {
    /// Bars of parts along a calendar, one a day; where that would be too many, one a week, which sums up its days.
    pub fn days(numbers: &BTreeMap<Date, Vec<u64>>) -> Option<Self> {
        Self::bars(&calendar(numbers, |sum, parts| {
            sum.iter_mut().zip(parts).for_each(|(sum, part)| *sum += part);
        }))
    }

    /// Bars along a calendar of what was reached until each day: a bar shows its last day, and one without any the same as
    /// the one before.
    pub fn reached(numbers: &BTreeMap<Date, Vec<u64>>) -> Option<Self> {
        let mut bars = calendar(numbers, |sum, parts| sum.copy_from_slice(parts));
        let mut before: Vec<u64> = Vec::new();
        for (_, parts) in &mut bars {
            if parts.iter().all(|&part| part == 0) && !before.is_empty() {
                parts.clone_from(&before);
            }
            before.clone_from(parts);
        }
        Self::bars(&bars)
    }
}

/// A place for every day, or every week, from the first to the last; `take` adds a day's numbers to those of its place.
fn calendar(numbers: &BTreeMap<Date, Vec<u64>>, take: impl Fn(&mut [u64], &[u64])) -> Vec<(String, Vec<u64>)> {
    let (Some((&first, parts)), Some((&last, _))) = (numbers.first_key_value(), numbers.last_key_value()) else {
        return Vec::new();
    };
    let day = |date: Date| date.since(first).map_or(0, |span| span.get_days());
    if day(last) >= WEEKS_MAX * 7 {
        return numbers.iter().map(|(date, parts)| (date.to_string(), parts.clone())).collect();
    }
    let step = if day(last) < DAYS_MAX { 1 } else { 7 };
    let mut bars: Vec<(String, Vec<u64>)> = std::iter::successors(Some(first), |&date| {
        date.checked_add(jiff::Span::new().days(step)).ok().filter(|&next| next <= last)
    })
    .map(|date| (date.to_string(), vec![0; parts.len()]))
    .collect();
    for (&date, parts) in numbers {
        let place = usize::try_from(day(date) / step).unwrap_or(0);
        take(&mut bars[place].1, parts);
    }
    bars
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
    fn every_day_has_its_place_and_many_days_are_weeks() {
        let days = |dates: &[(i8, i8, u64)]| -> BTreeMap<Date, Vec<u64>> {
            dates.iter().map(|&(month, day, value)| (jiff::civil::date(2025, month, day), vec![value])).collect()
        };
        let shown = |chart: Chart| -> Vec<(String, u64)> {
            chart.bars.iter().map(|bar| (bar.title.clone(), bar.parts[0].value)).collect()
        };
        let few = shown(Chart::days(&days(&[(9, 12, 5), (9, 15, 7)])).unwrap());
        assert_eq!(few.iter().map(|bar| bar.1).collect::<Vec<_>>(), [5, 0, 0, 7]);
        assert_eq!((few[1].0.as_str(), few[3].0.as_str()), ("2025-09-13", "2025-09-15"));
        let many = days(&[(1, 1, 1), (1, 7, 2), (1, 8, 4), (12, 31, 8)]);
        let weeks = shown(Chart::days(&many).unwrap());
        assert_eq!((weeks.len(), &weeks[0], weeks[1].1), (53, &("2025-01-01".to_owned(), 3), 4));
        assert_eq!(weeks.iter().map(|bar| bar.1).sum::<u64>(), 15);
        assert_eq!(
            shown(Chart::reached(&days(&[(9, 12, 5), (9, 14, 7)])).unwrap())
                .iter()
                .map(|bar| bar.1)
                .collect::<Vec<_>>(),
            [5, 5, 7]
        );
        let reached = shown(Chart::reached(&many).unwrap());
        assert_eq!((reached[0].1, reached[1].1, reached[2].1, reached[52].1), (2, 4, 4, 8));
        assert_eq!(Chart::days(&BTreeMap::new()), None);
        let mut slip = days(&[(1, 1, 1)]);
        slip.insert(jiff::civil::date(2205, 1, 1), vec![2]);
        assert_eq!(shown(Chart::days(&slip).unwrap()).len(), 2);
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
