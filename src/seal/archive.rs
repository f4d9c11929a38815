//! One package file: zip, then encryption, then disk, as one stream.
//!
//! Enters: entries in order, as bytes. Leaves: the committed file, its hash, and the hash of its SHA256SUMS. Invariant:
//! nothing is whole in memory and no plaintext touches the disk when there is encryption; names, order, times, modes and
//! compression are fixed, so the same entries give the same bytes before encryption. The archive is written without
//! seeking, which encryption needs; entries are deflated because a stored entry that was streamed has no length in front
//! and some readers of print houses could not take it.

use std::fmt::Write as _;
use std::io::{self, Seek as _, Write};
use std::path::Path;
use std::str::FromStr as _;

use age::x25519::Recipient;
use sha2::{Digest, Sha256};
use zip::write::{SimpleFileOptions, StreamWriter};
use zip::{AesMode, CompressionMethod, DateTime, System, ZipWriter};

use super::error::SealError;
use super::hashed::Hashed;
use crate::campaign::vendor::Encryption;
use crate::model::private::Private;
use crate::store::{self, Draft};

/// The name of the list of hashes inside a package.
pub(super) const SUMS: &str = "SHA256SUMS";

/// A zip password has at least this many characters: its key derivation has 1,000 rounds only.
pub const MIN_PASSWORD_CHARACTERS: usize = 20;

/// The lowest deflate level: PDFs are compressed already, only their frame shrinks.
const LEVEL: i64 = 1;

/// Entries from this size on get ZIP64 sizes; the room below 4 GiB is for what deflate and encryption add.
const LARGE_BYTES: u64 = 0xF000_0000;

/// How packages are encrypted, with what that needs at hand.
pub(super) enum Lock {
    Open,
    Age(Vec<Recipient>),
    ZipAes256(Private<Vec<u8>>),
}

impl Lock {
    pub(super) fn new(encryption: &Encryption, password: Option<&Private<Vec<u8>>>) -> Result<Self, SealError> {
        let refused = |what: String| SealError::Encryption { what };
        match encryption {
            Encryption::None => Ok(Self::Open),
            Encryption::Age(recipients) => {
                let parsed = recipients.iter().map(|text| {
                    Recipient::from_str(text).map_err(|reason| {
                        refused(format!("recipient {text} is unusable: {reason}\nhint: it looks like age1… and comes from age-keygen"))
                    })
                });
                Ok(Self::Age(parsed.collect::<Result<_, _>>()?))
            }
            Encryption::ZipAes256(_) => {
                let password = password.ok_or_else(|| {
                    refused("the password is missing\nhint: the vendor profile names its variable or file".to_owned())
                })?;
                if String::from_utf8_lossy(password.reveal()).chars().count() < MIN_PASSWORD_CHARACTERS {
                    return Err(refused(format!(
                        "the password is shorter than {MIN_PASSWORD_CHARACTERS} characters\nhint: use a long random one"
                    )));
                }
                Ok(Self::ZipAes256(password.clone()))
            }
        }
    }

    /// What the file's name ends in.
    pub(super) const fn extension(&self) -> &'static str {
        match self {
            Self::Age(_) => "zip.age",
            Self::Open | Self::ZipAes256(_) => "zip",
        }
    }
}

/// A package file that is complete.
pub(super) struct Shipped {
    pub(super) sha256: String,
    pub(super) plain_sha256: String,
    pub(super) bytes: u64,
    /// Size before age encryption.
    pub(super) zip_bytes: u64,
}

/// A package file that is being written.
pub(super) struct Archive<'a> {
    path: &'a Path,
    lock: &'a Lock,
    zip: ZipWriter<StreamWriter<Sink>>,
    sums: String,
    entry: Entry,
}

#[derive(Default)]
struct Entry {
    name: String,
    hasher: Sha256,
}

impl<'a> Archive<'a> {
    pub(super) fn create(path: &'a Path, lock: &'a Lock) -> Result<Self, SealError> {
        let file = Hashed::new(store::create(path)?);
        let sink = match lock {
            Lock::Age(recipients) => {
                let recipients = recipients.iter().map(|recipient| recipient as &dyn age::Recipient);
                let encryptor = age::Encryptor::with_recipients(recipients).map_err(|error| SealError::Encryption {
                    what: format!("{error}\nhint: name at least one recipient"),
                })?;
                Sink::Age(Box::new(encryptor.wrap_output(file).map_err(SealError::writing(path))?))
            }
            Lock::Open | Lock::ZipAes256(_) => Sink::Plain(file),
        };
        let zip = ZipWriter::new_stream(sink);
        Ok(Self { path, lock, zip, sums: String::new(), entry: Entry::default() })
    }

    /// Starts the next entry; `bytes` is its expected size.
    pub(super) fn begin(&mut self, name: &str, bytes: u64) -> Result<(), SealError> {
        let options = SimpleFileOptions::default()
            .compression_method(CompressionMethod::Deflated)
            .compression_level(Some(LEVEL))
            .last_modified_time(DateTime::DEFAULT)
            .system(System::Unix)
            .unix_permissions(0o600)
            .large_file(bytes >= LARGE_BYTES);
        let options = match self.lock {
            Lock::ZipAes256(password) => options.with_aes_encryption_bytes(AesMode::Aes256, password.reveal()),
            Lock::Open | Lock::Age(_) => options,
        };
        self.entry = Entry { name: name.to_owned(), hasher: Sha256::new() };
        self.zip.start_file(name, options).map_err(io::Error::other).map_err(SealError::writing(self.path))
    }

    /// Ends the entry; gives its hash.
    pub(super) fn end(&mut self) -> String {
        let Entry { name, hasher } = std::mem::take(&mut self.entry);
        let sha256 = hex::encode(hasher.finalize());
        let _ = writeln!(self.sums, "{sha256}  {name}");
        sha256
    }

    /// Copies a whole entry; gives its hash and size.
    pub(super) fn copy(
        &mut self,
        name: &str,
        bytes: u64,
        from: &mut impl io::Read,
    ) -> Result<(String, u64), SealError> {
        self.begin(name, bytes)?;
        let path = self.path;
        let copied = io::copy(from, self).map_err(SealError::writing(path))?;
        Ok((self.end(), copied))
    }

    /// Writes the list of hashes and lets the file appear.
    pub(super) fn finish(mut self) -> Result<Shipped, SealError> {
        let sums = std::mem::take(&mut self.sums);
        let plain_sha256 = store::sha256(sums.as_bytes());
        self.begin(SUMS, sums.len() as u64)?;
        self.write_all(sums.as_bytes()).map_err(SealError::writing(self.path))?;
        let mut zip = self.zip.finish().map_err(io::Error::other).map_err(SealError::writing(self.path))?;
        let zip_bytes = zip.stream_position().map_err(SealError::writing(self.path))?;
        let file = match zip.into_inner() {
            Sink::Plain(file) => file,
            Sink::Age(encrypted) => encrypted.finish().map_err(SealError::writing(self.path))?,
        };
        let (draft, sha256, bytes) = file.finish();
        draft.commit()?;
        Ok(Shipped { sha256, plain_sha256, bytes, zip_bytes })
    }
}

impl Write for Archive<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.zip.write(bytes)?;
        self.entry.hasher.update(&bytes[..written]);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.zip.flush()
    }
}

/// Where the zip's bytes go.
enum Sink {
    Plain(Hashed<Draft>),
    Age(Box<age::stream::StreamWriter<Hashed<Draft>>>),
}

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Plain(file) => file.write(bytes),
            Self::Age(encrypted) => encrypted.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Plain(file) => file.flush(),
            Self::Age(encrypted) => encrypted.flush(),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs::File;
    use std::io::{Read as _, Write as _};

    use zip::ZipArchive;

    use super::{Archive, LARGE_BYTES, Lock, SUMS};

    /// More entries than plain zip can count.
    const MANY: usize = 0xFFFF + 10;

    #[test]
    fn an_archive_goes_beyond_the_limits_of_plain_zip_where_it_must() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("many.zip");
        let mut archive = Archive::create(&path, &Lock::Open).expect("an archive");
        for number in 0..MANY {
            // The first is announced as larger than 4 GiB: its sizes have eight bytes.
            archive
                .begin(&format!("letters/{number}.pdf"), if number == 0 { LARGE_BYTES } else { 0 })
                .expect("an entry");
            archive.write_all(b"%PDF").expect("its bytes");
            archive.end();
        }
        let shipped = archive.finish().expect("finished");
        assert_eq!(shipped.bytes, shipped.zip_bytes);

        let mut read = ZipArchive::new(File::open(&path).expect("a file")).expect("a zip");
        assert_eq!(read.len(), MANY + 1);
        let mut sums = String::new();
        read.by_name(SUMS).expect("hashes").read_to_string(&mut sums).expect("text");
        assert_eq!(sums.lines().count(), MANY);
        let mut first = read.by_index(0).expect("an entry");
        assert_eq!(first.extra_data_fields().count(), 1, "its sizes stand in ZIP64's field");
        let mut content = String::new();
        first.read_to_string(&mut content).expect("its bytes");
        assert_eq!(content, "%PDF");
        drop(first);

        // Another program reads it: where there is none, nothing more is shown here.
        if let Ok(tested) = std::process::Command::new("unzip").arg("-tqq").arg(&path).output() {
            assert!(tested.status.success(), "{}", String::from_utf8_lossy(&tested.stdout));
        }
    }
}
