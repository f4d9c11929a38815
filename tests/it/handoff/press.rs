//! What a press and its people would find wrong: files, fonts, inks, the way pages are built, hashes, archives, ticket.

use std::collections::{BTreeSet, HashMap};
use std::fs;
use std::path::{Path, PathBuf};

use hayro_syntax::Pdf;
use hayro_syntax::object::{Dict, ObjRef, Stream};

use tempfile::TempDir;

use super::drawn::drawn;
use super::packages::{Letters, PASSWORD, PEOPLE, Package, example, profile, sealed, singles};
use super::tools::{Part, Picture, attempt, draw, have, run, run_in};

/// Single PDFs of a package that each program looks at.
const SINGLES: usize = 3;

/// Streams in the example's type and of letters of every thickness, and some single PDFs of every package.
fn pdfs() -> Vec<PathBuf> {
    let streams = example().iter().chain(sealed()).flat_map(Package::pdfs);
    streams.chain(singles().iter().flat_map(|package| package.pdfs().into_iter().take(SINGLES))).collect()
}

#[test]
fn qpdf_has_no_complaint() {
    if !have(&["qpdf"]) {
        return;
    }
    for pdf in pdfs() {
        let printed = run("qpdf", [Path::new("--check"), &pdf]);
        assert!(printed.contains("No syntax or stream encoding errors found"), "{printed}");
    }
}

#[test]
fn every_font_is_embedded() {
    if !have(&["pdffonts"]) {
        return;
    }
    for pdf in pdfs() {
        let printed = run("pdffonts", [&pdf]);
        let fonts: Vec<Vec<&str>> = printed.lines().skip(2).map(|line| line.split_whitespace().collect()).collect();
        assert!(!fonts.is_empty());
        for font in fonts {
            // From the right: object number and generation, then Unicode, subset, embedded.
            assert_eq!(font[font.len() - 5..font.len() - 2], ["yes", "yes", "yes"], "{font:?}");
        }
    }
}

#[test]
fn a_page_without_colour_takes_black_ink_only() {
    if !have(&["gs"]) {
        return;
    }
    let mut inked = 0;
    for pdf in pdfs() {
        let printed = run("gs", [Path::new("-q"), Path::new("-o"), Path::new("-"), Path::new("-sDEVICE=inkcov"), &pdf]);
        for line in printed.lines() {
            let inks: Vec<f64> = line.split_whitespace().take(4).map(|ink| ink.parse().unwrap()).collect();
            assert!(inks[..3] == [0.0; 3], "{}: {line}", pdf.display());
            inked += usize::from(inks[3] > 0.0);
        }
    }
    assert!(inked > 100);
}

#[test]
fn shared_text_is_stored_once_and_what_is_a_persons_own_lies_on_the_page() {
    for path in example().iter().flat_map(Package::pdfs) {
        let mut uses: HashMap<ObjRef, usize> = HashMap::new();
        let pdf = Pdf::new(fs::read(&path).unwrap()).unwrap();
        for page in pdf.pages().iter() {
            assert!(!page.raw().contains_key(b"Group"));
            let content = page.page_stream().unwrap_or_default();
            if content.is_empty() {
                continue;
            }
            let resources: Dict<'_> = page.raw().get(b"Resources").unwrap();
            let forms: Dict<'_> = resources.get(b"XObject").unwrap();
            assert_eq!(forms.keys().count(), 1, "nothing but the shared text is a form");
            let body = forms.get_ref(b"B").expect("the shared text is a form");
            let form: Stream<'_> = forms.get(b"B").unwrap();
            assert!(!form.dict().contains_key(b"Group"), "a group would be flattened by the RIP, page by page");
            let own = content.strip_prefix(b"/B Do").expect("the shared text lies below");
            assert!(own.windows(2).any(|pair| pair == b"Tj" || pair == b"TJ"), "the person's own text is page content");
            *uses.entry(body).or_default() += 1;
        }
        let stored: BTreeSet<String> = uses.keys().map(|&body| drawn(&pdf.xref().get(body.into()).unwrap())).collect();
        assert_eq!(stored.len(), uses.len(), "{}: no text is stored twice", path.display());
    }
}

/// At 100 dots an inch, half a millimetre: renderers round places and edges in ways of their own.
const NEAR_DOTS: usize = 2;
/// Where one renderer smooths an edge, the other may leave this grey.
const GREY: u8 = 215;
/// The specks that hinting and smoothing may leave on a page.
const SPECKS: usize = 10;

/// Dark dots of a picture that have neither a dark nor a grey dot of another near by.
fn unmatched(one: &Picture, other: &Picture) -> usize {
    assert_eq!((one.width, one.height), (other.width, other.height));
    let drawn_near = |x: usize, y: usize| {
        let columns = x.saturating_sub(NEAR_DOTS)..(x + NEAR_DOTS + 1).min(other.width);
        (y.saturating_sub(NEAR_DOTS)..(y + NEAR_DOTS + 1).min(other.height))
            .any(|y| columns.clone().any(|x| other.shade(x, y) < GREY))
    };
    let places = (0..one.height).flat_map(|y| (0..one.width).map(move |x| (x, y)));
    places.filter(|&(x, y)| one.is_dark(x, y) && !drawn_near(x, y)).count()
}

#[test]
fn two_renderers_draw_the_same_pages() {
    if !have(&["pdftoppm", "mutool"]) {
        return;
    }
    let pictures = TempDir::new().unwrap();
    let a4 = Part { left: 0.0, top: 0.0, width: 210.0, height: 297.0 };
    let mut before: Option<Picture> = None;
    for package in example().iter().step_by(2) {
        let row = &package.rows[0];
        let pdf = package.pdf(row);
        for page in row.first_page..row.first_page + row.pages {
            let poppler = Picture::read(&draw(&pdf, page, 100, a4, pictures.path()));
            let to = pictures.path().join("mutool.pgm");
            let size = [poppler.width.to_string(), poppler.height.to_string()];
            let options =
                ["draw", "-q", "-c", "gray", "-f", "-w", &size[0], "-h", &size[1], "-o", to.to_str().unwrap()];
            run("mutool", options.into_iter().chain([pdf.to_str().unwrap(), &page.to_string()]));
            let mupdf = Picture::read(&to);
            let (more, less) = (unmatched(&poppler, &mupdf), unmatched(&mupdf, &poppler));
            assert!(more + less <= SPECKS, "{} page {page}: {more} dots more, {less} less", package.id);
            if let Some(before) = &before {
                assert!(unmatched(before, &mupdf) > SPECKS * 10, "the measure tells pages apart");
            }
            before = Some(poppler).filter(|picture| picture.dots().iter().any(|&dot| dot < 128));
        }
    }
}

#[test]
fn sha256sum_and_unzip_accept_plain_packages() {
    if !have(&["sha256sum", "unzip"]) {
        return;
    }
    for package in example().iter().chain(sealed()) {
        run("unzip", [Path::new("-tq"), &package.file]);
        run_in(&package.folder, "sha256sum", ["--check", "--strict", "--quiet", "SHA256SUMS"]);
        let listed = fs::read_to_string(package.folder.join("SHA256SUMS")).unwrap();
        let listed: BTreeSet<&str> = listed.lines().map(|line| line.split_once("  ").unwrap().1).collect();
        assert!(listed.contains("index.csv") && listed.contains("job.xjdf"));
    }
}

#[test]
fn seven_zip_opens_aes_packages_with_the_password_alone() {
    if !have(&["7z", "sha256sum"]) {
        return;
    }
    for package in singles() {
        let file = package.file.to_str().unwrap();
        assert!(run("7z", ["l", "-slt", file]).contains("Method = AES-256 Deflate"));
        run("7z", ["t", &format!("-p{PASSWORD}"), file]);
        assert!(!attempt("7z", ["t", "-panother password of the tests", file]).status.success());
        run_in(&package.folder, "sha256sum", ["--check", "--strict", "--quiet", "SHA256SUMS"]);
    }
}

#[test]
fn age_opens_packages_with_the_print_houses_key() {
    if !have(&["age", "age-keygen", "unzip", "sha256sum"]) {
        return;
    }
    let keys = TempDir::new().unwrap();
    let key = keys.path().join("key.txt");
    run("age-keygen", [Path::new("-o"), &key]);
    let recipient = run("age-keygen", [Path::new("-y"), &key]);
    let recipients = format!("recipients = [\"{}\"]", recipient.trim());
    let letters = Letters::of("nl-stream", Some(&profile("nl-stream", "recipients = []", &recipients)));
    letters.seal();
    let mut opened = 0;
    for entry in fs::read_dir(letters.work.run_folder().join("packages")).unwrap() {
        let file = entry.unwrap().path();
        let plain = keys.path().join(file.file_stem().unwrap());
        run("age", ["-d", "-i", key.to_str().unwrap(), "-o", plain.to_str().unwrap(), file.to_str().unwrap()]);
        run("unzip", [Path::new("-tq"), &plain]);
        let package = Package::open(&plain, keys.path());
        run_in(&package.folder, "sha256sum", ["--check", "--strict", "--quiet", "SHA256SUMS"]);
        let verify = ["verify".as_ref(), file.as_os_str(), "--identity".as_ref(), key.as_os_str()];
        assert!(letters.meldpost(verify).ends(0).stdout.contains("verified: "));
        opened += package.rows.len();
    }
    assert!(opened > PEOPLE as usize);
}

/// The schema is no part of the project: `.ci/run` says where it is.
#[test]
fn the_job_ticket_is_valid_by_cip4s_schema() {
    let Some(schema) = std::env::var_os("XJDF_SCHEMA").filter(|_| have(&["xmllint"])) else {
        eprintln!("nothing was tested: XJDF_SCHEMA names no schema");
        return;
    };
    for package in example().iter().chain(sealed()) {
        let ticket = package.folder.join("job.xjdf");
        run("xmllint", ["--nonet".as_ref(), "--noout".as_ref(), "--schema".as_ref(), &*schema, ticket.as_os_str()]);
    }
}
