//! A profile's geometry as a picture.

use std::fs;

use super::packages::{Letters, profile};
use super::tools::{Picture, have, run};
use crate::harness::CAMPAIGN;

/// The measures of the rectangle of this name.
fn rectangle(svg: &str, id: &str) -> [f64; 4] {
    let element = svg.split('<').find(|element| element.starts_with(&format!("rect id=\"{id}\""))).unwrap();
    ["x", "y", "width", "height"].map(|name| {
        let value = element.split_once(&format!(" {name}=\"")).unwrap().1;
        value.split_once('"').unwrap().0.parse().unwrap()
    })
}

#[track_caller]
fn assert_at(found: [f64; 4], wanted: [f64; 4]) {
    let near = found.iter().zip(wanted).all(|(found, wanted)| (found - wanted).abs() < 0.01);
    assert!(near, "{found:?} instead of {wanted:?}");
}

#[test]
fn every_built_in_profile_is_drawn_on_an_invented_letter_without_keys_or_lists() {
    let letters = Letters::new();
    // Whoever draws has no access to the lists.
    fs::remove_dir_all(letters.work.path(CAMPAIGN).join("data")).unwrap();
    for vendor in meldpost::campaign::builtin_names() {
        let out = letters.work.path("picture.svg");
        letters.work.meldpost(["check", CAMPAIGN, "--vendor", vendor, "--out", "picture.svg"]).ends(0);
        let svg = fs::read_to_string(&out).unwrap();
        let window = if vendor == "nl-right-window" { [109.0, 50.0, 76.0, 40.0] } else { [24.6, 50.0, 95.4, 40.0] };
        let [left, top, width, height] = window;
        assert_at(rectangle(&svg, "window"), window);
        assert_at(rectangle(&svg, "clear-left"), [0.0, 0.0, 15.0, 297.0]);
        assert_at(rectangle(&svg, "window-text"), [left + 3.0, top + 3.0, width - 18.0, height - 6.0]);
        assert_eq!(svg.contains("id=\"datamatrix\""), vendor != "simplex");
        assert!(svg.contains("id=\"fold-1\"") && svg.contains("id=\"fold-2\"") && svg.contains("id=\"kix\""));
        let page = svg.split('<').find(|element| element.starts_with("svg id=\"page\"")).unwrap();
        assert!(page.contains("width=\"210\" height=\"297\" viewBox=\"0 0 595.2"), "page 1 fills the paper: {page}");
    }
}

/// The picture, drawn by another program, against the letter itself on the page that is printed.
#[test]
fn the_picture_shows_the_letter_and_its_marks_where_they_are_printed() {
    if !have(&["mutool"]) {
        return;
    }
    let letters = Letters::new();
    letters.work.meldpost(["check", CAMPAIGN, "--vendor", "press"]).ends(0);
    let folder = letters.work.path("press.svg");
    let to = folder.with_extension("pgm");
    let options = ["draw", "-q", "-c", "gray", "-f", "-w", "2100", "-h", "2970", "-o", to.to_str().unwrap()];
    run("mutool", options.into_iter().chain([folder.to_str().unwrap()]));
    let picture = Picture::read(&to);
    // Ten dots a millimetre. The symbol's lower edge is solid, and the corner opposite to it is light.
    assert!((0..18).all(|column| picture.is_dark(52 + 5 * column, 1287)));
    assert!(!picture.is_dark(137, 1202));
    // The sender's letter stands at the page's margins: dark dots below the window, none right of the text.
    let inked = |left: usize, right: usize, top: usize, bottom: usize| {
        (top..bottom).any(|y| (left..right).any(|x| picture.is_dark(x, y)))
    };
    assert!(inked(250, 800, 980, 1070), "date and subject");
    assert!(inked(1350, 1850, 2750, 2880), "the reference at the foot");
}

#[test]
fn a_profile_that_is_wrong_or_absent_is_named() {
    let wrong = profile("nl-single", "left = 24.6", "left = 150.0").replace("nl-single", "far-right");
    let letters = Letters::new();
    letters.work.write("vendors/far-right.toml", wrong);
    for (vendor, why) in [("far-right", "off the page"), ("nobody", "no vendor profile"), ("../x", "no plain name")] {
        letters.work.meldpost(["check", CAMPAIGN, "--vendor", vendor]).ends(78).says(&[why]);
        assert!(!letters.work.path(format!("{vendor}.svg")).exists());
    }
}
