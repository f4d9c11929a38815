//! A campaign's folder, or a run's copy of it, → [`Campaign`]; and the copy itself.
//!
//! Enters: a path and the environment as the command line hands it down. Leaves: the checked campaign, or everything
//! that is wrong with campaign, profile and letter template at once. Invariant: what [`Campaign::files_for_run`] gives
//! is all that [`load_planned`] needs, and holds no secret. Absent on purpose: the lists, which `intake` opens.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::campaign_reader;
use super::letter_template::LetterTemplate;
use super::problem::{Problem, Problems, Report, Source};
use super::secret::Environment;
use super::settings::Campaign;
use super::template_files::{self, TemplateFiles};
use super::template_reader::{self, LetterNames};
use super::toml_reader::{Field, names};
use super::vendor::{Encryption, PasswordSource, Vendor};
use super::vendor_profile::{self, Profile, builtin, builtin_names};

const CAMPAIGN_FILE: &str = "campaign.toml";
const VENDOR_FILE: &str = "vendor.toml";
const LETTER_FOLDER: &str = "letter";
/// What to do about a profile that is there and cannot be read.
const READABLE: &str = "make the profile readable, in UTF-8";
/// Where a run's copy says where the campaign's ledger is.
const LEDGER_PATH_FILE: &str = "ledger-file.txt";
/// Where a run's copy says where the profile's password file is; the file itself is never copied.
const PASSWORD_PATH_FILE: &str = "password-file.txt";

/// Reads a campaign; `path` is a `campaign.toml` or the folder that holds it.
///
/// # Errors
/// Every problem of the campaign, its vendor profile and its letter template; all lead to exit code 78.
pub fn load(path: &Path, environment: &dyn Environment) -> Result<Campaign, Problems> {
    let file = if path.is_dir() { path.join(CAMPAIGN_FILE) } else { path.to_owned() };
    let folder = match file.parent() {
        Some(parent) if parent != Path::new("") => parent.to_owned(),
        _ => PathBuf::from("."),
    };
    read(&file, &Origin::Campaign { folder: &folder, environment })
}

/// Reads the copy of a campaign from a run folder's `campaign/`: as it was planned, without lists and without secrets.
/// Its `case_code_key` is empty: case codes were made when the run was planned.
///
/// # Errors
/// Every problem, as for [`load`]; there is none unless somebody changed the copy.
pub fn load_planned(folder: &Path) -> Result<Campaign, Problems> {
    read(&folder.join(CAMPAIGN_FILE), &Origin::Planned { folder })
}

/// Reads the profile of a print house for a campaign, whichever one the campaign itself names. What only sealing needs,
/// recipients and passwords, may be missing: this is for whoever looks at a profile before they use it.
///
/// # Errors
/// Every problem of the profile; all lead to exit code 78.
pub fn load_vendor(campaign: &Campaign, name: &str) -> Result<Vendor, Problems> {
    let report = Report::default();
    let unusable = |message: String, hint: String| {
        report.add(Problem::config(&Source::new("--vendor", ""), None, message, hint));
    };
    if !is_plain(name) {
        unusable(format!("`{name}` is no plain name"), "write letters, digits, `-` and `_`; not a path".to_owned());
        return report.finish(None);
    }
    let folder = &campaign.folder;
    let vendor = match profile_text(folder, name, &report) {
        ProfileText::Found { shown, text } => {
            vendor_profile::read(&Profile { name, file: &shown, text: &text, folder, environment: None }, &report)
        }
        ProfileText::Absent => {
            let there = profile_names(folder);
            let hint = format!("there are {}", names(there.iter().map(String::as_str)));
            unusable(format!("there is no vendor profile `{name}`"), hint);
            None
        }
        ProfileText::Unreadable => None,
    };
    report.finish(vendor)
}

impl Campaign {
    /// The files of a run folder's `campaign/`: path below it and bytes. Paths to lists stay as they were written.
    pub fn files_for_run(&self) -> Vec<(String, Vec<u8>)> {
        let mut files = vec![
            (CAMPAIGN_FILE.to_owned(), self.source.clone().into_bytes()),
            (VENDOR_FILE.to_owned(), self.vendor.source.clone().into_bytes()),
        ];
        if let Encryption::ZipAes256(PasswordSource::File(file)) = &self.vendor.encryption {
            files.push((PASSWORD_PATH_FILE.to_owned(), file.as_os_str().as_encoded_bytes().to_vec()));
        }
        if let Some(ledger) = &self.ledger {
            files.push((LEDGER_PATH_FILE.to_owned(), ledger.file.as_os_str().as_encoded_bytes().to_vec()));
        }
        let template = self.template.files.iter();
        files.extend(template.map(|(path, text)| (format!("{LETTER_FOLDER}/{path}"), text.clone().into_bytes())));
        files
    }

    /// The same campaign with other files in its letter template and another `[facts]`, `[sender]` and `date`: what it said
    /// at another time. Nothing where these files are no template.
    #[must_use]
    pub fn with_content(&self, files: BTreeMap<String, String>, facts: &toml::Table) -> Option<Self> {
        let report = Report::default();
        let name = &self.template.name;
        let (_, template) = template_reader::read(name, TemplateFiles::of_texts(name, files), &report);
        let template = report.finish(template).ok()?;
        let table = |key| facts.get(key).and_then(toml::Value::as_table).cloned().unwrap_or_default();
        let date = facts.get("date").and_then(|date| date.to_string().parse().ok())?;
        Some(Self { template, date, facts: table("facts"), sender: table("sender"), ..self.clone() })
    }
}

fn read(file: &Path, origin: &Origin<'_>) -> Result<Campaign, Problems> {
    let report = Report::default();
    let hint = "name a campaign.toml, or the folder that holds it";
    let campaign = read_text(file, hint, &report)
        .and_then(|text| campaign_reader::read(&file.display().to_string(), &text, origin, &report));
    report.finish(campaign)
}

/// The text of a file, or a problem.
fn read_text(file: &Path, hint: &str, report: &Report) -> Option<String> {
    let problem = |message: String| {
        report.add(Problem::config(&Source::new(file.display().to_string(), ""), None, message, hint));
    };
    match std::fs::read(file).map(String::from_utf8) {
        Ok(Ok(text)) => Some(text),
        Ok(Err(_)) => {
            problem("is not UTF-8".to_owned());
            None
        }
        Err(reason) => {
            problem(format!("cannot be read: {reason}"));
            None
        }
    }
}

/// Where a campaign's parts are.
pub(super) enum Origin<'a> {
    /// In a folder of the operator's, with profiles and letters beside it and in the program.
    Campaign {
        /// The folder.
        folder: &'a Path,
        /// Where secrets are looked up.
        environment: &'a dyn Environment,
    },
    /// In a run folder's `campaign/`, complete but for secrets.
    Planned {
        /// The folder.
        folder: &'a Path,
    },
}

impl Origin<'_> {
    /// The folder that paths start from.
    pub(super) const fn folder(&self) -> &Path {
        match self {
            Self::Campaign { folder, .. } | Self::Planned { folder } => folder,
        }
    }

    /// Where secrets are looked up; a planned run looks at none until it seals.
    pub(super) const fn environment(&self) -> Option<&dyn Environment> {
        match self {
            Self::Campaign { environment, .. } => Some(*environment),
            Self::Planned { .. } => None,
        }
    }

    /// The vendor profile that the campaign asks for.
    pub(super) fn vendor(&self, field: &Field<'_>, report: &Report) -> Option<Vendor> {
        let name = plain_name(field)?;
        let folder = self.folder();
        let found = match self {
            Self::Campaign { .. } => profile_text(folder, name, report),
            Self::Planned { .. } => profile_file(&folder.join(VENDOR_FILE), report),
        };
        if matches!(found, ProfileText::Absent) {
            let there = profile_names(folder);
            let known = there.iter().map(String::as_str);
            let otherwise = format!(
                "put it in vendors/{name}.toml below the campaign's folder; there are {}",
                names(known.clone())
            );
            field.unknown_name(name, known, &otherwise);
        }
        let ProfileText::Found { shown, text } = found else { return None };
        let profile = Profile { name, file: &shown, text: &text, folder, environment: self.environment() };
        let mut vendor = vendor_profile::read(&profile, report)?;
        self.find_password(&mut vendor, report)?;
        Some(vendor)
    }

    /// The ledger is named relative to the operator's folder, wherever the command is started.
    pub(super) fn ledger(&self, path: &str, report: &Report) -> Option<PathBuf> {
        match self {
            Self::Campaign { folder, .. } => {
                let file = folder.join(path);
                Some(std::path::absolute(&file).unwrap_or(file))
            }
            Self::Planned { folder } => {
                read_text(&folder.join(LEDGER_PATH_FILE), "plan the run again", report).map(PathBuf::from)
            }
        }
    }

    /// A password file is named relative to the operator's folder, wherever the command is started.
    fn find_password(&self, vendor: &mut Vendor, report: &Report) -> Option<()> {
        if let Encryption::ZipAes256(PasswordSource::File(file)) = &mut vendor.encryption {
            *file = match self {
                Self::Campaign { .. } => std::path::absolute(&*file).unwrap_or_else(|_| file.clone()),
                Self::Planned { folder } => {
                    PathBuf::from(read_text(&folder.join(PASSWORD_PATH_FILE), "plan the run again", report)?)
                }
            };
        }
        Some(())
    }

    /// The letter template that the campaign asks for, and its names even where something in it is wrong.
    pub(super) fn letter(&self, field: &Field<'_>, report: &Report) -> (LetterNames, Option<LetterTemplate>) {
        let Some(name) = plain_name(field) else { return Default::default() };
        if let Some(files) = self.letter_files(name, report) {
            return template_reader::read(name, files, report);
        }
        let there = self.letter_names();
        let known = there.iter().map(String::as_str);
        let otherwise = format!(
            "put it in letter-templates/{name} below the campaign's folder; there are {}",
            names(known.clone())
        );
        field.unknown_name(name, known, &otherwise);
        Default::default()
    }

    fn letter_files(&self, name: &str, report: &Report) -> Option<TemplateFiles> {
        match self {
            Self::Planned { folder } => Some(template_files::from_folder(&folder.join(LETTER_FOLDER), report)),
            Self::Campaign { folder, .. } => {
                let own = folder.join("letter-templates").join(name);
                if own.is_dir() {
                    Some(template_files::from_folder(&own, report))
                } else {
                    template_files::built_in(name, report)
                }
            }
        }
    }

    /// The names of the letters below the campaign's folder and in the program.
    fn letter_names(&self) -> BTreeSet<String> {
        let mut names = below(&self.folder().join("letter-templates"), Path::is_dir);
        names.extend(template_files::built_in_names().map(str::to_owned));
        names
    }
}

/// The text of a profile.
enum ProfileText {
    Found {
        /// What messages call the profile's file.
        shown: String,
        text: String,
    },
    /// There is none of this name.
    Absent,
    /// It cannot be read, and the report says so.
    Unreadable,
}

/// The profile of this name: the campaign's own goes before the built-in one.
fn profile_text(folder: &Path, name: &str, report: &Report) -> ProfileText {
    let file = folder.join("vendors").join(format!("{name}.toml"));
    if file.exists() {
        return profile_file(&file, report);
    }
    builtin(name).map_or(ProfileText::Absent, |text| ProfileText::Found {
        shown: format!("{name}.toml (built in)"),
        text: text.to_owned(),
    })
}

fn profile_file(file: &Path, report: &Report) -> ProfileText {
    read_text(file, READABLE, report)
        .map_or(ProfileText::Unreadable, |text| ProfileText::Found { shown: file.display().to_string(), text })
}

/// The names of the profiles below the campaign's folder and in the program.
fn profile_names(folder: &Path) -> BTreeSet<String> {
    let mut names = below(&folder.join("vendors"), |path| path.extension().is_some_and(|ending| ending == "toml"));
    names.extend(builtin_names().map(str::to_owned));
    names
}

/// The names, without ending, of what stands in a folder and is wanted.
fn below(folder: &Path, wanted: impl Fn(&Path) -> bool) -> BTreeSet<String> {
    let paths = std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    let stem = |path: PathBuf| path.file_stem().map(|stem| stem.to_string_lossy().into_owned());
    paths.filter(|path| wanted(path)).filter_map(stem).collect()
}

/// A name that becomes part of a path and must not lead elsewhere.
fn plain_name<'a>(field: &Field<'a>) -> Option<&'a str> {
    let name = field.text()?;
    if !is_plain(name) {
        field.problem(format!("`{}` is no plain name", field.name()), "write letters, digits, `-` and `_`; not a path");
        return None;
    }
    Some(name)
}

fn is_plain(name: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    !name.is_empty() && name.len() <= 60 && name.bytes().all(plain)
}
