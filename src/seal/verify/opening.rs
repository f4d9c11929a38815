//! Opens a package with the keys at hand.
//!
//! Enters: a package file and keys. Leaves: its bytes as a seekable zip, decrypted on the fly, or that no key opens it.
//! Invariant: nothing is written anywhere; keys appear in no message.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek};
use std::path::Path;

use crate::model::private::Private;

/// Keys that open packages.
#[derive(Debug, Clone, Default)]
pub struct Keys {
    /// The content of an age identity file.
    pub age_identities: Option<Private<String>>,
    /// The password of AES entries.
    pub zip_password: Option<Private<Vec<u8>>>,
}

/// Bytes that can be read from anywhere.
pub(super) trait Seekable: Read + Seek {}
impl<T: Read + Seek> Seekable for T {}

/// A package that was tried.
pub(super) enum Opened {
    Zip(Box<dyn Seekable>),
    /// The key that it needs is not at hand.
    Locked,
}

/// Opens a package; an error is a finding.
pub(super) fn open(path: &Path, keys: &Keys) -> Result<Opened, String> {
    let file = File::open(path).map_err(|error| format!("cannot be read: {error}"))?;
    let file = BufReader::with_capacity(1 << 16, file);
    if path.extension().is_none_or(|extension| extension != "age") {
        return Ok(Opened::Zip(Box::new(file)));
    }
    let Some(identities) = &keys.age_identities else { return Ok(Opened::Locked) };
    let unusable = |error: &dyn std::fmt::Display| format!("the age identity cannot be used: {error}");
    let identities = age::IdentityFile::from_buffer(io::Cursor::new(identities.reveal().as_bytes()))
        .map_err(|error| unusable(&error))?
        .into_identities()
        .map_err(|error| unusable(&error))?;
    let decryptor = age::Decryptor::new_buffered(file).map_err(|error| format!("is no age file: {error}"))?;
    let identities = identities.iter().map(|identity| &**identity as &dyn age::Identity);
    let plain = decryptor.decrypt(identities).map_err(|error| format!("the age identity does not open it: {error}"))?;
    Ok(Opened::Zip(Box::new(plain)))
}
