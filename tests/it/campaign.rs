//! Campaigns, vendor profiles and letter templates: what is accepted, and how faults are told.
//!
//! A fault's folder in `tests/fixtures` holds only what differs from `campaign-sound`.

use std::fs;
use std::path::Path;

use meldpost::campaign::settings::Campaign;
use meldpost::campaign::{Environment, Exit, Problems, load};
use tempfile::TempDir;

mod accepted;
mod parts;
mod refused;

/// The environment of a test.
struct Variables(&'static [(&'static str, &'static str)]);

impl Environment for Variables {
    fn variable(&self, name: &str) -> Option<Vec<u8>> {
        self.0.iter().find(|(known, _)| *known == name).map(|(_, value)| value.as_bytes().to_vec())
    }
}

const NO_VARIABLES: Variables = Variables(&[]);

/// A folder with the sound campaign and, over it, what the fault's folder holds.
fn campaign_with(fault: &str) -> TempDir {
    let folder = TempDir::new().expect("a folder");
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
    copy(&fixtures.join("campaign-sound"), folder.path());
    copy(&fixtures.join(fault), folder.path());
    folder
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder");
    for entry in fs::read_dir(from).expect("a fixture").map(|entry| entry.expect("an entry").path()) {
        let copy_to = to.join(entry.file_name().expect("a name"));
        if entry.is_dir() {
            copy(&entry, &copy_to);
        } else {
            fs::copy(&entry, copy_to).expect("a copy");
        }
    }
}

/// Replaces a text in a file of the campaign.
fn replace(folder: &TempDir, file: &str, old: &str, new: &str) {
    let path = folder.path().join(file);
    let text = fs::read_to_string(&path).expect("a file");
    assert!(text.contains(old), "{file} holds {old}");
    fs::write(path, text.replacen(old, new, 1)).expect("a file");
}

fn sound() -> Campaign {
    load(campaign_with("campaign-sound").path(), &NO_VARIABLES).expect("a sound campaign")
}

fn problems_of(fault: &str) -> Problems {
    problems_in(&campaign_with(fault), &NO_VARIABLES)
}

fn problems_in(folder: &TempDir, environment: &dyn Environment) -> Problems {
    let problems = load(folder.path(), environment).expect_err("a campaign with faults");
    assert_eq!(problems.exit(), Exit::Config);
    problems
}

/// Asserts that these and no others are told: file, line (0 where there is no place), message, and how the hint begins
/// or what it says.
fn assert_told(problems: &Problems, expected: &[(&str, usize, &str, &str)]) {
    let told: Vec<_> = problems.iter().map(|problem| (problem.line().unwrap_or(0), problem.message())).collect();
    let wanted: Vec<_> = expected.iter().map(|&(_, line, message, _)| (line, message)).collect();
    assert_eq!(told, wanted, "{problems}");
    for (problem, (file, _, message, hint)) in problems.iter().zip(expected) {
        assert!(problem.file().ends_with(file), "{message}: {} is {file}", problem.file());
        assert!(problem.hint().contains(hint), "{message}: `{}` says `{hint}`", problem.hint());
    }
}

/// Asserts that a text is in nothing that a problem shows.
fn assert_hidden(problems: &Problems, secret: &str) {
    assert!(!format!("{problems} {problems:?}").contains(secret));
    for problem in problems {
        assert!(!problem.source_text().contains(secret));
        assert!(!format!("{:?}", miette::Report::new(problem.clone())).contains(secret));
    }
}
