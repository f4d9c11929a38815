//! Sealed packages of invented letters, opened as a print house would open them.
//!
//! Enters: a profile. Leaves: packages of a run that the program itself made, unpacked. Invariant: nothing of the
//! program's own code opens them.

use std::fmt::Write as _;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use tempfile::TempDir;
use zip::ZipArchive;

use crate::harness::{CAMPAIGN, RUN, Ran, Work, copy, finish, keys, root};

/// The password of the tests' AES packages.
pub const PASSWORD: &str = "a password of the tests, long enough";
/// The variable that the built-in profiles take it from.
pub const PASSWORD_VARIABLE: &str = "MELDPOST_ZIP_PASSWORD";
/// People in the letters' campaign; two of them are abroad, one has a protected address.
pub const PEOPLE: u32 = 24;

/// A campaign whose letters have one, two and three sheets.
pub struct Letters {
    pub work: Work,
}

impl Letters {
    /// For the tiny campaign's own print house, which takes five letters a stream and thirty a package.
    pub fn new() -> Self {
        let work = Work::people(PEOPLE);
        work.write("data/people.csv", people());
        // A leaked number makes a text of three pages: one, two or three sheets, by language.
        for language in ["nl", "en"] {
            let text = "{% if categories.bsn is defined %}\n#pagebreak()\nTwee.\n#pagebreak()\nDrie.\n{% endif %}\n";
            work.write(&format!("letter-templates/note/{language}/30-long.typ.j2"), text);
        }
        work.replace("letter-templates/note/letter.toml", "pages_max = 2", "pages_max = 3");
        work.replace("vendors/press.toml", "max_letters_per_file = 2", "max_letters_per_file = 5");
        work.replace("vendors/press.toml", "max_letters_per_package = 4", "max_letters_per_package = 30");
        work.replace("vendors/press.toml", "[\"country_class\"]", "[\"country_class\", \"sheets\"]");
        Self { work }
    }

    /// For a print house with this profile; it is a built-in one unless its text is given.
    pub fn of(vendor: &str, profile: Option<&str>) -> Self {
        let letters = Self::new();
        letters.work.replace("campaign.toml", "vendor = \"press\"", &format!("vendor = \"{vendor}\""));
        if let Some(profile) = profile {
            letters.work.write(&format!("vendors/{vendor}.toml"), profile);
        }
        letters
    }

    /// Runs a command with the password at hand.
    pub fn meldpost<A: AsRef<std::ffi::OsStr>>(&self, arguments: impl IntoIterator<Item = A>) -> Ran {
        finish(self.work.command(arguments).env(PASSWORD_VARIABLE, PASSWORD))
    }

    /// Plans, renders and seals.
    pub fn seal(&self) {
        self.meldpost(["run", CAMPAIGN, "--run", RUN]).ends(0);
    }

    /// Every package that is there, opened.
    pub fn packages(&self) -> Vec<Package> {
        all_packages(&self.work.run_folder(), &self.work.path("opened"))
    }
}

fn all_packages(run: &Path, below: &Path) -> Vec<Package> {
    let folder = fs::read_dir(run.join("packages")).unwrap();
    let mut files: Vec<PathBuf> = folder.map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files.iter().map(|file| Package::open(file, below)).collect()
}

/// The lists' people with all kinds of addresses: a letter, an addition, a long one, a PO box, abroad, protected.
fn people() -> String {
    let mut people = String::from(
        "person_key,initials,surname,birth_date,street,house_number,house_letter,house_addition,postcode,city,country,\
         foreign_line1,foreign_line2,language,address_status\n",
    );
    for (number, key) in (0..PEOPLE).zip(keys()) {
        let language = ["nl", "en", "both"][number as usize % 3];
        let home = match number {
            3 => format!("Kerkstraat,12345,,ABCD,{} ZX,Utrecht,,,", 9000 + number),
            5 => format!("Postbus,{number},,,{} KL,Utrecht,,,", 8000 + number),
            8 | 13 => ",,,,,,BE,Rue Haute 9,1000 Bruxelles".to_owned(),
            _ if number % 4 == 1 => format!("Kerkstraat,{number},A,,{} AB,Utrecht,,,", 1000 + number * 37),
            _ if number % 4 == 2 => format!("Kerkstraat,{number},,III,{} WT,Utrecht,,,", 1000 + number * 37),
            _ => format!("Kerkstraat,{},,,{} MN,Utrecht,,,", number + 1, 1000 + number * 37),
        };
        let status = if number == 9 { "protected" } else { "" };
        writeln!(people, "{key},A.,Persoon{number},1960-01-31,{home},{language},{status}").unwrap();
    }
    people
}

/// The letters' packages, sealed once for all tests that only look.
pub fn sealed() -> &'static [Package] {
    static SEALED: OnceLock<(Letters, Vec<Package>)> = OnceLock::new();
    let (_, packages) = SEALED.get_or_init(|| {
        let letters = Letters::new();
        letters.seal();
        let packages = letters.packages();
        (letters, packages)
    });
    packages
}

/// The same letters for a print house that takes single PDFs in AES archives.
pub fn singles() -> &'static [Package] {
    static SEALED: OnceLock<(Letters, Vec<Package>)> = OnceLock::new();
    let (_, packages) = SEALED.get_or_init(|| {
        let letters = Letters::of("nl-single", None);
        letters.seal();
        let packages = letters.packages();
        (letters, packages)
    });
    packages
}

/// The packages of the example campaign: real wording in real type.
pub fn example() -> &'static [Package] {
    static SEALED: OnceLock<(TempDir, Vec<Package>)> = OnceLock::new();
    let (_, packages) = SEALED.get_or_init(|| {
        let folder = TempDir::new().unwrap();
        let campaign = folder.path().join("campaign");
        copy(&root().join("examples/laboratory-breach"), &campaign);
        let run = folder.path().join(RUN);
        finish(crate::harness::program(["run", "--run"]).arg(&run).arg(&campaign)).ends(0);
        let packages = all_packages(&run, &folder.path().join("opened"));
        (folder, packages)
    });
    packages
}

/// A built-in profile's text, with one part of it replaced.
pub fn profile(name: &str, from: &str, to: &str) -> String {
    let text = meldpost::campaign::builtin(name).unwrap();
    assert!(text.contains(from), "{name} has `{from}`");
    text.replace(from, to)
}

/// A package and its files.
pub struct Package {
    pub id: String,
    pub file: PathBuf,
    /// Where its entries were unpacked.
    pub folder: PathBuf,
    pub rows: Vec<Row>,
}

impl Package {
    /// Unpacks a package.
    pub fn open(file: &Path, below: &Path) -> Self {
        let name = file.file_name().unwrap().to_str().unwrap();
        let id = name.strip_suffix(".zip").unwrap().to_owned();
        let folder = below.join(&id);
        let mut archive = ZipArchive::new(fs::File::open(file).unwrap()).unwrap();
        for position in 0..archive.len() {
            let locked = archive.by_index_raw(position).unwrap().encrypted();
            let mut entry = if locked {
                archive.by_index_decrypt(position, PASSWORD.as_bytes()).unwrap()
            } else {
                archive.by_index(position).unwrap()
            };
            let to = folder.join(&*entry.name().unwrap());
            fs::create_dir_all(to.parent().unwrap()).unwrap();
            let mut bytes = Vec::new();
            entry.read_to_end(&mut bytes).unwrap();
            fs::write(to, bytes).unwrap();
        }
        let rows = csv::Reader::from_path(folder.join("index.csv")).unwrap().into_deserialize().map(Result::unwrap);
        Self { id, file: file.to_owned(), rows: rows.collect(), folder }
    }

    /// Its PDFs, each once, in the index's order.
    pub fn pdfs(&self) -> Vec<PathBuf> {
        let mut names: Vec<&str> = self.rows.iter().map(|row| row.file.as_str()).collect();
        names.dedup();
        names.into_iter().map(|name| self.folder.join(name)).collect()
    }

    /// The PDF that a row points into.
    pub fn pdf(&self, row: &Row) -> PathBuf {
        self.folder.join(&row.file)
    }
}

/// A row of the index.
#[derive(Debug, Clone, PartialEq, Eq, serde::Deserialize)]
pub struct Row {
    pub sequence: u64,
    pub case_code: String,
    pub file: String,
    pub first_page: u64,
    pub pages: u64,
    pub sheets: u64,
    pub weight_g: String,
    pub language: String,
    pub variant: String,
    pub country: String,
    pub postcode: String,
    pub kix: String,
    pub mark: String,
}
