//! The files of a letter template, from a folder or from the program itself.
//!
//! Enters: a folder, or the name of a letter that the program brings. Leaves: every file's text by its path below the
//! folder. Invariant: paths are plain ASCII with `/`, texts are UTF-8, so that the same template has the same hash on
//! every system. Hidden files (`.name`) are not part of a template.

use std::collections::BTreeMap;
use std::path::Path;

use include_dir::{Dir, include_dir};
use sha2::{Digest, Sha256};

use super::problem::{Problem, Report, Source};

/// The letter templates that the program brings.
static BUILT_IN: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/letter-templates");

/// Every file of a template.
pub(super) struct TemplateFiles {
    /// What messages put before a file's path.
    base: String,
    /// What messages put behind a file's path.
    suffix: &'static str,
    /// Path below the template's folder → text.
    pub(super) files: BTreeMap<String, String>,
}

impl TemplateFiles {
    /// The files of a template that are known already, by path.
    pub(super) fn of_texts(name: &str, files: BTreeMap<String, String>) -> Self {
        Self { base: format!("letter-templates/{name}"), suffix: "", files }
    }

    /// The name that messages give the file at this path.
    pub(super) fn shown(&self, path: &str) -> String {
        format!("{}/{path}{}", self.base, self.suffix)
    }

    /// A file for messages about a whole file.
    pub(super) fn source(&self, path: &str) -> Source {
        Source::new(self.shown(path), "")
    }

    /// SHA-256 over the paths and contents in order, hex. Lengths keep paths and contents apart.
    pub(super) fn sha256(&self) -> String {
        let mut hash = Sha256::new();
        for (path, text) in &self.files {
            for part in [path, text] {
                hash.update((part.len() as u64).to_le_bytes());
                hash.update(part);
            }
        }
        hex::encode(hash.finalize())
    }
}

/// The names of the letters that the program brings.
pub(super) fn built_in_names() -> impl Iterator<Item = &'static str> {
    BUILT_IN.dirs().filter_map(|folder| folder.path().to_str())
}

/// The template of this name that the program brings.
pub(super) fn built_in(name: &str, report: &Report) -> Option<TemplateFiles> {
    let folder = BUILT_IN.get_dir(name)?;
    let base = format!("letter-templates/{name}");
    let mut template = TemplateFiles { base, suffix: " (built in)", files: BTreeMap::new() };
    add_built_in(&mut template, folder, name, report);
    Some(template)
}

fn add_built_in(template: &mut TemplateFiles, folder: &Dir<'static>, name: &str, report: &Report) {
    for file in folder.files() {
        if let Ok(path) = file.path().strip_prefix(name) {
            add(template, path, file.contents(), report);
        }
    }
    for below in folder.dirs() {
        add_built_in(template, below, name, report);
    }
}

/// The template in this folder; what cannot be read is a problem.
pub(super) fn from_folder(folder: &Path, report: &Report) -> TemplateFiles {
    let mut template = TemplateFiles { base: folder.display().to_string(), suffix: "", files: BTreeMap::new() };
    add_folder(&mut template, folder, folder, report);
    template
}

fn add_folder(template: &mut TemplateFiles, root: &Path, folder: &Path, report: &Report) {
    let unreadable = |path: &Path, reason: &std::io::Error| {
        let source = Source::new(path.display().to_string(), "");
        let hint = "make the letter template readable for this user";
        report.add(Problem::config(&source, None, format!("cannot be read: {reason}"), hint));
    };
    let entries = match std::fs::read_dir(folder).and_then(Iterator::collect::<Result<Vec<_>, _>>) {
        Ok(entries) => entries,
        Err(reason) => return unreadable(folder, &reason),
    };
    for path in entries.into_iter().map(|entry| entry.path()) {
        let below = path.strip_prefix(root).unwrap_or(&path);
        if hidden(below) {
            continue;
        }
        if path.is_dir() {
            add_folder(template, root, &path, report);
            continue;
        }
        match std::fs::read(&path) {
            Ok(bytes) => add(template, below, &bytes, report),
            Err(reason) => unreadable(&path, &reason),
        }
    }
}

fn hidden(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b"."))
}

fn add(template: &mut TemplateFiles, path: &Path, bytes: &[u8], report: &Report) {
    if hidden(path) {
        return;
    }
    let plain = |name: &str| {
        name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"._-".contains(&byte))
    };
    let names: Option<Vec<&str>> = path.iter().map(|name| name.to_str().filter(|name| plain(name))).collect();
    let Some(names) = names else {
        let hint = "name files of a letter template with a-z, 0-9, `.`, `_` and `-` only";
        report.add(Problem::config(&template.source(&path.to_string_lossy()), None, "is no plain file name", hint));
        return;
    };
    let path = names.join("/");
    if let Ok(text) = std::str::from_utf8(bytes) {
        template.files.insert(path, text.to_owned());
    } else {
        let hint = "a letter template holds text files in UTF-8 only; save the file as UTF-8 or take it out";
        report.add(Problem::config(&template.source(&path), None, "is not UTF-8", hint));
    }
}
