//! Keys and passwords: where they come from, and reading them.
//!
//! Enters: `{ env = "…" }` or `{ file = "…" }`. Leaves: the bytes, masked. Invariant: a secret stands in no campaign, no
//! profile, no message and no run folder; a literal one is refused and covered where the file is shown.

use std::ops::Range;
use std::path::Path;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::model::private::Private;

use super::toml_reader::Field;
use super::vendor::PasswordSource;

/// A password of a WinZip AES-256 archive has at least this many characters: its key derivation is weak.
pub const PASSWORD_MIN_CHARS: usize = 20;

/// A case code key has at least this many bytes.
pub(super) const KEY_MIN_BYTES: usize = 16;

/// The environment as the command line hands it down; nothing below it looks by itself.
pub trait Environment {
    /// The variable's bytes, or nothing where it is not set.
    fn variable(&self, name: &str) -> Option<Vec<u8>>;
}

/// Why a secret cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum SecretError {
    /// The variable is not set.
    #[error("the environment variable `{0}` is not set")]
    NotSet(String),
    /// The file cannot be read.
    #[error("cannot read `{file}`: {reason}")]
    Unreadable {
        /// The file.
        file: String,
        /// What the system says.
        reason: std::io::Error,
    },
    /// A password is no text.
    #[error("the password is not UTF-8")]
    NoText,
    /// A password is too short.
    #[error("the password has fewer than {PASSWORD_MIN_CHARS} characters")]
    TooShort,
}

impl SecretError {
    /// What to do.
    pub const fn hint(&self) -> &'static str {
        match self {
            Self::NotSet(_) => "set the variable for this command, or name another place",
            Self::Unreadable { .. } => "put the file there, readable for this user only, or name another place",
            Self::NoText | Self::TooShort => {
                "agree on a long random one with the print house, as `openssl rand -hex 24` prints"
            }
        }
    }
}

impl PasswordSource {
    /// The secret's bytes, one line feed at the end removed.
    ///
    /// # Errors
    /// [`SecretError`] where the variable is not set or the file cannot be read.
    pub fn read(&self, environment: &dyn Environment) -> Result<Private<Vec<u8>>, SecretError> {
        let mut bytes = match self {
            Self::Env(name) => environment.variable(name).ok_or_else(|| SecretError::NotSet(name.clone()))?,
            Self::File(file) => std::fs::read(file)
                .map_err(|reason| SecretError::Unreadable { file: file.display().to_string(), reason })?,
        };
        if bytes.last() == Some(&b'\n') {
            bytes.pop();
        }
        Ok(Private::new(bytes))
    }

    /// The secret as the password of an archive: UTF-8, at least [`PASSWORD_MIN_CHARS`] characters.
    ///
    /// # Errors
    /// [`SecretError`] where there is none, or none that is long enough.
    pub fn password(&self, environment: &dyn Environment) -> Result<Private<Vec<u8>>, SecretError> {
        let password = self.read(environment)?;
        let characters = std::str::from_utf8(password.reveal()).map_err(|_| SecretError::NoText)?.chars().count();
        if characters < PASSWORD_MIN_CHARS { Err(SecretError::TooShort) } else { Ok(password) }
    }
}

/// Where the secret comes from: exactly one of `env` and `file`, the latter relative to the campaign's folder.
pub(super) fn source(field: &Field<'_>, folder: &Path) -> Option<PasswordSource> {
    if field.is_text() {
        let hint = "take the secret out of this file, make a new one, and name its place: \
                    { env = \"VARIABLE\" } or { file = \"name\" }";
        field.problem(format!("`{}` is written out", field.name()), hint);
        return None;
    }
    let mut section = field.section()?;
    let env = section.optional("env", "env = \"MELDPOST_SECRET\"");
    let file = section.optional("file", "file = \"secret.key\"");
    let span = section.span();
    section.finish();
    match (env, file) {
        (Some(env), None) => env.text().map(|name| PasswordSource::Env(name.to_owned())),
        (None, Some(file)) => file.text().map(|path| PasswordSource::File(folder.join(path))),
        _ => {
            let message = format!("`{}` needs one of `env` and `file`", field.name());
            field.problem_at(span, message, "write { env = \"VARIABLE\" } or { file = \"name\" }");
            None
        }
    }
}

/// The ranges of literal secrets in what should only name a secret's place.
pub(super) fn literals(value: &Spanned<DeValue<'_>>) -> Vec<Range<usize>> {
    match value.get_ref() {
        DeValue::Table(table) => literals_but_places(table),
        _ => vec![value.span()],
    }
}

fn literals_but_places(table: &DeTable<'_>) -> Vec<Range<usize>> {
    let place = |key: &str| matches!(key, "env" | "file");
    table.iter().filter(|(key, _)| !place(key.get_ref())).map(|(_, value)| value.span()).collect()
}
