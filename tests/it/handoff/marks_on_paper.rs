//! The marks as a machine sees them: pages drawn by poppler, DataMatrix read by libdmtx, KIX read from the dots here.

use std::path::Path;

use tempfile::TempDir;

use super::packages::{Package, Row, sealed};
use super::tools::{Part, Picture, attempt, draw, have};

/// The left edge of a sheet, where the profile has its marks.
const EDGE: Part = Part { left: 0.0, top: 0.0, width: 15.0, height: 297.0 };
/// The profile's window and what surrounds it.
const WINDOW: Part = Part { left: 20.0, top: 46.0, width: 105.0, height: 48.0 };
const DOTS_AN_INCH: u32 = 600;
/// 2 mm, less two blurred dots.
const QUIET_DOTS: usize = 45;
/// Pieces of each thickness that are looked at.
const PIECES: usize = 4;
/// Characters of the longest KIX that fits the window.
const LONG_KIX: usize = 16;
/// A dot and its blurred neighbour.
const BLUR_MM: f64 = 0.06;

fn mm(dots: usize) -> f64 {
    f64::from(u32::try_from(dots).unwrap()) * 25.4 / f64::from(DOTS_AN_INCH)
}

/// All pieces of so many sheets.
fn pieces(sheets: u64) -> Vec<(&'static Package, &'static Row)> {
    let all = sealed().iter().flat_map(|package| package.rows.iter().map(move |row| (package, row)));
    all.filter(|(_, row)| row.sheets == sheets).collect()
}

/// The text and the size of the DataMatrix in a picture.
fn datamatrix(picture: &Path) -> Option<(String, String)> {
    let output = attempt("dmtxread", ["-v", "-n", "-N", "1", "-m", "3000", picture.to_str().unwrap()]);
    let text = String::from_utf8(output.stdout).unwrap().trim().to_owned();
    let about = String::from_utf8(output.stderr).unwrap();
    let size = about.lines().find_map(|line| line.trim().strip_prefix("Matrix Size: "))?.to_owned();
    Some((text, size)).filter(|_| output.status.success())
}

/// The contract's checksum: polynomial 1021, start FFFF.
fn crc(text: &str) -> u16 {
    let mut register = 0xFFFF_u16;
    for bit in text.bytes().flat_map(|byte| (0..8).rev().map(move |bit| byte >> bit & 1 == 1)) {
        let carry = register & 0x8000 != 0;
        register <<= 1;
        if carry != bit {
            register ^= 0x1021;
        }
    }
    register
}

#[test]
fn another_reader_finds_the_mark_of_the_index_on_every_sheet() {
    if !have(&["pdftoppm", "dmtxread"]) {
        return;
    }
    let pictures = TempDir::new().unwrap();
    for sheets in 1..=3 {
        let pieces = pieces(sheets);
        assert!(pieces.len() >= PIECES, "{} pieces of {sheets} sheets", pieces.len());
        for (package, row) in pieces.into_iter().take(PIECES) {
            let pdf = package.pdf(row);
            for sheet in 1..=sheets {
                let front = row.first_page + 2 * (sheet - 1);
                let (text, size) = datamatrix(&draw(&pdf, front, 300, EDGE, pictures.path())).unwrap();
                assert_eq!(size, "18 x 18");
                let end = if sheet == sheets { 'E' } else { 'C' };
                let body = format!("M1{}{sheet:02}{sheets:02}{end}", row.case_code.replace('-', ""));
                assert_eq!(text, format!("{body}{:04X}", crc(&body)), "{} sheet {sheet}", row.case_code);
                if sheet == 1 {
                    assert_eq!(text, row.mark);
                }
                let back = Picture::read(&draw(&pdf, front + 1, 300, EDGE, pictures.path()));
                assert!(back.dots().iter().all(|&dot| dot == 255), "a back has no mark");
            }
        }
    }
}

#[test]
fn the_bars_in_the_window_spell_the_kix_of_the_index() {
    if !have(&["pdftoppm"]) {
        return;
    }
    let pictures = TempDir::new().unwrap();
    let mut longest = 0;
    for sheets in 1..=3 {
        let mut read = 0;
        for (package, row) in pieces(sheets) {
            let picture =
                Picture::read(&draw(&package.pdf(row), row.first_page, DOTS_AN_INCH, WINDOW, pictures.path()));
            let kix = kix(&picture);
            if row.country == "NL" && row.postcode.is_empty() {
                assert!(kix.is_some(), "a protected address has a KIX on the paper that the index does not tell");
                continue;
            }
            assert_eq!(kix.as_deref().unwrap_or_default(), row.kix, "{}", row.case_code);
            assert_eq!(row.kix.is_empty(), row.country != "NL", "{}: none abroad", row.case_code);
            longest = longest.max(row.kix.len());
            read += usize::from(kix.is_some());
        }
        assert!(read >= PIECES, "{read} letters of {sheets} sheets have a KIX");
    }
    assert_eq!(longest, LONG_KIX);
}

/// The dark runs of a row of dots, from and to.
fn runs(picture: &Picture, y: usize) -> Vec<(usize, usize)> {
    let mut runs = Vec::new();
    let mut x = 0;
    while x < picture.width {
        let from = x;
        while x < picture.width && picture.is_dark(x, y) {
            x += 1;
        }
        if x > from {
            runs.push((from, x));
        }
        x += 1;
    }
    runs
}

/// Whether a row of dots crosses the part that all bars have: bars of one width at one distance, seven characters at least.
fn crosses_all_bars(runs: &[(usize, usize)]) -> bool {
    runs.len() >= 28
        && runs.iter().all(|&(from, to)| (0.38 - BLUR_MM..=0.63 + BLUR_MM).contains(&mm(to - from)))
        && runs.windows(2).all(|pair| (1.016 - BLUR_MM..=1.27 + BLUR_MM).contains(&mm(pair[1].0 - pair[0].0)))
}

/// Finds the KIX in a picture, checks its measures against those of the post, and reads it.
fn kix(picture: &Picture) -> Option<String> {
    let top = (0..picture.height).find(|&y| crosses_all_bars(&runs(picture, y)))?;
    let bars = runs(picture, top);
    let bottom = (top..picture.height).find(|&y| !crosses_all_bars(&runs(picture, y))).unwrap();
    assert!((1.02 - BLUR_MM..=1.52 + BLUR_MM).contains(&mm(bottom - top)), "trackers of {} mm", mm(bottom - top));
    let distances = f64::from(u32::try_from(bars.len() - 1).unwrap());
    let pitch = mm(bars.last().unwrap().0 - bars[0].0) / distances;
    assert!((1.016..=1.27).contains(&pitch), "a pitch of {pitch} mm");

    let (mut ascenders, mut descenders) = (Vec::new(), Vec::new());
    let (mut highest, mut lowest) = (top, bottom);
    for &(from, to) in &bars {
        let middle = usize::midpoint(from, to);
        let up = (0..top).rev().take_while(|&y| picture.is_dark(middle, y)).count();
        let down = (bottom..picture.height).take_while(|&y| picture.is_dark(middle, y)).count();
        (highest, lowest) = (highest.min(top - up), lowest.max(bottom + down));
        ascenders.push(is_extended(mm(up)));
        descenders.push(is_extended(mm(down)));
    }
    let (left, right) = (bars[0].0, bars.last().unwrap().1);
    for y in highest - QUIET_DOTS..lowest + QUIET_DOTS {
        for x in left - QUIET_DOTS..right + QUIET_DOTS {
            let inside = (highest..lowest).contains(&y) && (left..right).contains(&x);
            assert!(inside || !picture.is_dark(x, y), "2 mm around the bars are clear");
        }
    }
    Some(ascenders.chunks(4).zip(descenders.chunks(4)).map(|(up, down)| character(up, down)).collect())
}

fn is_extended(length_mm: f64) -> bool {
    let extended = length_mm > 1.0;
    let allowed = if extended { 1.60 - BLUR_MM..=2.16 + BLUR_MM } else { 0.0..=BLUR_MM };
    assert!(allowed.contains(&length_mm), "an extension of {length_mm} mm");
    extended
}

/// RM4SCC: two of four ascenders give the character's row, two of four descenders its column.
fn character(ascenders: &[bool], descenders: &[bool]) -> char {
    const PATTERNS: [[u8; 4]; 6] = [[0, 0, 1, 1], [0, 1, 0, 1], [0, 1, 1, 0], [1, 0, 0, 1], [1, 0, 1, 0], [1, 1, 0, 0]];
    let place = |bars: &[bool]| {
        let bars: Vec<u8> = bars.iter().map(|&bar| u8::from(bar)).collect();
        PATTERNS.iter().position(|pattern| pattern[..] == bars).expect("two of four bars are extended")
    };
    char::from(b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"[6 * place(ascenders) + place(descenders)])
}
