//! Other people's programs, which look at what the program made.
//!
//! Where one is missing a test says so and ends, but on the build server (`CI` is set) it fails: what was not looked at
//! there was never looked at.

use std::ffi::OsStr;
use std::path::Path;
use std::process::{Command, Output};

/// The programs and the Debian packages that bring them.
const TOOLS: &[(&str, &str)] = &[
    ("7z", "p7zip-full"),
    ("age", "age"),
    ("age-keygen", "age"),
    ("dmtxread", "dmtx-utils"),
    ("gs", "ghostscript"),
    ("mutool", "mupdf-tools"),
    ("pdffonts", "poppler-utils"),
    ("pdftoppm", "poppler-utils"),
    ("qpdf", "qpdf"),
    ("sha256sum", "coreutils"),
    ("unzip", "unzip"),
    ("xmllint", "libxml2-utils"),
];

/// Whether all of these programs are here.
pub fn have(tools: &[&str]) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let missing: Vec<&str> = tools
        .iter()
        .filter(|tool| !std::env::split_paths(&path).any(|folder| folder.join(tool).is_file()))
        .map(|tool| TOOLS.iter().find(|(known, _)| known == tool).expect("every tool has a package").1)
        .collect();
    if missing.is_empty() {
        return true;
    }
    let message = format!("nothing was tested: apt-get install {}", missing.join(" "));
    assert!(std::env::var_os("CI").is_none(), "{message}");
    eprintln!("{message}");
    false
}

/// Runs a program, whatever comes of it.
pub fn attempt<A: AsRef<OsStr>>(tool: &str, arguments: impl IntoIterator<Item = A>) -> Output {
    Command::new(tool).args(arguments).output().unwrap()
}

/// Runs a program that must succeed; what it prints.
pub fn run<A: AsRef<OsStr>>(tool: &str, arguments: impl IntoIterator<Item = A>) -> String {
    succeeded(tool, &attempt(tool, arguments))
}

/// Runs a program that must succeed, in a folder.
pub fn run_in<A: AsRef<OsStr>>(folder: &Path, tool: &str, arguments: impl IntoIterator<Item = A>) -> String {
    succeeded(tool, &Command::new(tool).current_dir(folder).args(arguments).output().unwrap())
}

fn succeeded(tool: &str, output: &Output) -> String {
    let printed = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{tool}: {printed}{}", String::from_utf8_lossy(&output.stderr));
    printed
}

/// A grey picture.
pub struct Picture {
    pub width: usize,
    pub height: usize,
    dots: Vec<u8>,
}

impl Picture {
    /// Reads a binary PGM.
    pub fn read(path: &Path) -> Self {
        let bytes = std::fs::read(path).unwrap();
        let mut rest = &bytes[..];
        let mut fields = Vec::new();
        while fields.len() < 4 {
            let end = rest.iter().position(u8::is_ascii_whitespace).unwrap();
            fields.push(std::str::from_utf8(&rest[..end]).unwrap().to_owned());
            rest = &rest[end + 1..];
            while fields.len() < 4 && rest[0] == b'#' {
                let end = rest.iter().position(|&byte| byte == b'\n').unwrap();
                rest = &rest[end + 1..];
            }
        }
        assert_eq!((fields[0].as_str(), fields[3].as_str()), ("P5", "255"));
        let (width, height) = (fields[1].parse().unwrap(), fields[2].parse().unwrap());
        assert_eq!(rest.len(), width * height);
        Self { width, height, dots: rest.to_vec() }
    }

    pub fn dots(&self) -> &[u8] {
        &self.dots
    }

    pub fn is_dark(&self, x: usize, y: usize) -> bool {
        self.shade(x, y) < 128
    }

    /// From 0, black, to 255, white.
    pub fn shade(&self, x: usize, y: usize) -> u8 {
        self.dots[y * self.width + x]
    }
}

/// A part of a page, in mm from its top left.
#[derive(Clone, Copy)]
pub struct Part {
    pub left: f64,
    pub top: f64,
    pub width: f64,
    pub height: f64,
}

/// Draws a part of a page, counted from 1, with poppler.
pub fn draw(pdf: &Path, page: u64, dots_an_inch: u32, part: Part, folder: &Path) -> std::path::PathBuf {
    let dots = |mm: f64| format!("{:.0}", mm / 25.4 * f64::from(dots_an_inch));
    let stem = pdf.file_stem().unwrap().to_string_lossy();
    let to = folder.join(format!("{stem}-{page}-{dots_an_inch}-{:.0}-{:.0}", part.left, part.top));
    let (page, resolution) = (page.to_string(), dots_an_inch.to_string());
    let part = [dots(part.left), dots(part.top), dots(part.width), dots(part.height)];
    let options = ["-gray", "-singlefile", "-r", &resolution, "-f", &page, "-l", &page];
    let place = ["-x", &part[0], "-y", &part[1], "-W", &part[2], "-H", &part[3]];
    let files = [pdf.to_str().unwrap(), to.to_str().unwrap()];
    run("pdftoppm", options.into_iter().chain(place).chain(files));
    to.with_extension("pgm")
}
