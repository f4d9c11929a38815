//! A work folder for each test, and the real program in it.
//!
//! Enters: fixtures and arguments. Leaves: exit codes, what was printed, and the files of run folders. Invariant: a test
//! reads results with code that had no part in making them, except for the reader of finished pages.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fmt::Write as _;
use std::fs;
use std::io::{Cursor, Read};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;

use meldpost::render::check::content::{FoundPage, Reader};
use tempfile::TempDir;

/// The run folder of a work folder, relative to it.
pub const RUN: &str = "run";
/// The campaign of a work folder, relative to it.
pub const CAMPAIGN: &str = "campaign";

/// The repository.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

pub fn fixture(name: &str) -> PathBuf {
    root().join("tests/fixtures").join(name)
}

/// A work folder with a campaign in it.
pub struct Work {
    folder: TempDir,
}

impl Work {
    /// A few people, two languages, a letter of two short parts.
    pub fn tiny() -> Self {
        let work = Self { folder: TempDir::new().expect("a work folder") };
        copy(&fixture("tiny"), &work.path(CAMPAIGN));
        work
    }

    /// As many people as asked for, each with a letter; their bodies differ.
    pub fn people(count: u32) -> Self {
        let work = Self::tiny();
        let mut people =
            String::from("person_key,initials,surname,birth_date,street,house_number,postcode,city,language\n");
        let mut exposures = String::from("person_key,category,certainty\n");
        for (number, key) in (0..count).zip(keys()) {
            let language = ["nl", "en", "both"][number as usize % 3];
            let postcode = format!("{} {}", 1000 + number * 37 % 8999, ["AB", "CD", "EF"][number as usize % 3]);
            writeln!(
                people,
                "{key},A.,Persoon{number},1960-01-31,Kerkstraat,{},{postcode},Utrecht,{language}",
                number + 1
            )
            .expect("text");
            for (category, certainty) in
                [("name", "confirmed"), ("bsn", "possible")].iter().take(1 + number as usize % 2)
            {
                writeln!(exposures, "{key},{category},{certainty}").expect("text");
            }
        }
        work.write("data/people.csv", people);
        work.write("data/exposures.csv", exposures);
        work
    }

    /// A path below the work folder.
    pub fn path(&self, below: impl AsRef<Path>) -> PathBuf {
        self.folder.path().join(below)
    }

    /// The usual run folder.
    pub fn run_folder(&self) -> PathBuf {
        self.path(RUN)
    }

    /// Writes a file of the campaign.
    pub fn write(&self, file: &str, content: impl AsRef<[u8]>) {
        let path = self.path(CAMPAIGN).join(file);
        fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        fs::write(path, content).expect("written");
    }

    pub fn remove(&self, file: &str) {
        fs::remove_file(self.path(CAMPAIGN).join(file)).expect("removed");
    }

    /// Replaces a text in a file of the campaign.
    pub fn replace(&self, file: &str, old: &str, new: &str) {
        let path = self.path(CAMPAIGN).join(file);
        let text = fs::read_to_string(&path).expect("a file");
        assert!(text.contains(old), "{file} holds {old}");
        fs::write(path, text.replacen(old, new, 1)).expect("written");
    }

    /// The program with these arguments, started in the work folder.
    pub fn command<S: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = S>) -> Command {
        let mut command = program(arguments);
        command.current_dir(self.folder.path());
        command
    }

    pub fn meldpost<S: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = S>) -> Ran {
        finish(&mut self.command(arguments))
    }

    /// `meldpost run` of the campaign into the usual run folder.
    pub fn run(&self) -> Ran {
        self.meldpost(["run", CAMPAIGN, "--run", RUN])
    }

    pub fn start<S: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = S>) -> Child {
        self.command(arguments).stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("the program starts")
    }
}

/// The program with these arguments, whatever the environment of the tests says.
pub fn program<S: AsRef<OsStr>>(arguments: impl IntoIterator<Item = S>) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_meldpost"));
    command.args(arguments).env_clear().stdin(Stdio::null());
    command
}

pub fn finish(command: &mut Command) -> Ran {
    let output = command.output().expect("the program starts");
    Ran {
        code: output.status.code(),
        stdout: String::from_utf8(output.stdout).expect("text"),
        stderr: String::from_utf8(output.stderr).expect("text"),
    }
}

/// What a command did.
#[derive(Debug)]
pub struct Ran {
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

impl Ran {
    /// Asserts the exit code.
    #[track_caller]
    pub fn ends(self, code: i32) -> Self {
        assert!(
            self.code == Some(code),
            "ended with {:?} instead of {code}\n{}\n{}",
            self.code,
            self.stdout,
            self.stderr
        );
        self
    }

    /// Asserts that standard error says these texts, however its lines are broken.
    #[track_caller]
    pub fn says(self, texts: &[&str]) -> Self {
        let said = squeezed(&self.stderr);
        for text in texts {
            assert!(said.contains(&squeezed(text)), "`{text}` is not said in\n{}", self.stderr);
        }
        self
    }

    /// Asserts that standard error does not say a text.
    #[track_caller]
    pub fn hides(self, text: &str) -> Self {
        assert!(!squeezed(&self.stderr).contains(&squeezed(text)), "`{text}` is said in\n{}", self.stderr);
        self
    }

    /// How many diagnostics were printed.
    pub fn diagnostics(&self) -> usize {
        self.stderr.lines().filter(|line| line.trim_start().starts_with("× ")).count()
    }

    /// Standard output as JSON.
    #[track_caller]
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}: {}", self.stdout))
    }
}

fn squeezed(text: &str) -> String {
    text.chars().filter(|character| !character.is_whitespace() && !matches!(character, '│' | '|')).collect()
}

/// Copies a folder, without the runs in it.
pub fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder");
    for entry in fs::read_dir(from).expect("a fixture").map(|entry| entry.expect("an entry").path()) {
        let target = to.join(entry.file_name().expect("a name"));
        match entry.is_dir() {
            true if entry.ends_with("runs") => {}
            true => copy(&entry, &target),
            false => drop(fs::copy(&entry, target).expect("a copy")),
        }
    }
}

/// Citizen service numbers from a range for tests.
pub fn keys() -> impl Iterator<Item = String> {
    (99_991_000_u32..).filter_map(|number| {
        let digits = format!("{number:08}");
        let sum: u32 = digits.bytes().zip((2..=9).rev()).map(|(digit, weight)| u32::from(digit - b'0') * weight).sum();
        (sum % 11 < 10).then(|| format!("{digits}{}", sum % 11))
    })
}

/// Every file below a folder, by path.
pub fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    walk(folder, &mut |path| {
        if path.is_file() {
            let name = path.strip_prefix(folder).expect("below").to_string_lossy().into_owned();
            found.insert(name, fs::read(path).expect("a file"));
        }
    });
    found
}

/// Calls `visit` for a folder and everything below it.
pub fn walk(folder: &Path, visit: &mut dyn FnMut(&Path)) {
    visit(folder);
    for entry in fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path()) {
        if entry.is_dir() { walk(&entry, visit) } else { visit(&entry) }
    }
}

/// Asserts that two folders hold the same files with the same bytes.
#[track_caller]
pub fn assert_same_files(one: &Path, other: &Path) {
    let (one, other) = (files(one), files(other));
    let names = |files: &BTreeMap<String, Vec<u8>>| files.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&one), names(&other));
    let differing: Vec<&String> =
        one.iter().filter(|(name, bytes)| other[*name] != **bytes).map(|(name, _)| name).collect();
    assert!(differing.is_empty(), "{differing:?} differ");
}

/// Asserts that nobody but the owner can read or change anything.
#[track_caller]
pub fn assert_private(folder: &Path) {
    walk(folder, &mut |path| {
        let mode = fs::metadata(path).expect("a file").permissions().mode() & 0o7777;
        let wanted = if path.is_dir() { 0o700 } else { 0o600 };
        assert!(mode == wanted, "{} has mode {mode:o}", path.display());
    });
}

/// The rows of a CSV file, without its header.
pub fn rows(path: &Path) -> Vec<Vec<String>> {
    rows_of(&fs::read(path).expect("a CSV file"))
}

pub fn rows_of(bytes: &[u8]) -> Vec<Vec<String>> {
    csv::Reader::from_reader(bytes)
        .records()
        .map(|row| row.expect("a row").iter().map(str::to_owned).collect())
        .collect()
}

pub fn json(path: &Path) -> serde_json::Value {
    serde_json::from_slice(&fs::read(path).expect("a file")).expect("JSON")
}

pub fn manifest(run: &Path) -> serde_json::Value {
    json(&run.join("manifest.json"))
}

/// `plain_sha256` of every package.
pub fn plain_hashes(run: &Path) -> Vec<String> {
    let manifest = manifest(run);
    let packages = manifest["packages"].as_array().expect("packages");
    packages.iter().map(|package| package["plain_sha256"].as_str().expect("a hash").to_owned()).collect()
}

/// Every package of a run, with its entries.
pub fn packages(run: &Path) -> BTreeMap<String, BTreeMap<String, Vec<u8>>> {
    let packages = files(&run.join("packages"));
    packages.into_iter().map(|(name, bytes)| (name, unzip(bytes))).collect()
}

fn unzip(bytes: Vec<u8>) -> BTreeMap<String, Vec<u8>> {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).expect("an archive");
    (0..archive.len())
        .map(|index| {
            let mut entry = archive.by_index(index).expect("an entry");
            let mut content = Vec::new();
            entry.read_to_end(&mut content).expect("the content");
            (entry.name().expect("a name").into_owned(), content)
        })
        .collect()
}

/// The pages of a finished PDF, as the check of finished pages reads them.
pub fn pages(pdf: Vec<u8>) -> Vec<FoundPage> {
    let pdf = hayro_syntax::Pdf::new(Arc::new(pdf)).expect("a PDF");
    let mut reader = Reader::new(&pdf);
    (0..reader.page_count()).map(|page| reader.page(page).expect("a page")).collect()
}

/// What a page says, its shared part included, without any space.
pub fn text(page: &FoundPage) -> String {
    let shared = page.forms.iter().flat_map(|(_, form)| &form.runs);
    shared
        .chain(&page.own.runs)
        .flat_map(|run| run.text.chars())
        .filter(|character| !character.is_whitespace())
        .collect()
}

/// What all pages of a run's packages say.
pub fn texts(run: &Path) -> Vec<String> {
    packages(run)
        .into_values()
        .flatten()
        .filter(|(name, _)| Path::new(name).extension().is_some_and(|extension| extension == "pdf"))
        .flat_map(|(_, pdf)| pages(pdf))
        .map(|page| text(&page))
        .collect()
}
