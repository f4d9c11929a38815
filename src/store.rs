//! The only writer of files.
//!
//! Enters: bytes and a path. Leaves: a file that is either the old one or the whole new one, never half of either.
//! Invariant: files are 0600, folders 0700; a file appears under its name by rename only, after its bytes were synced.
//! Absent on purpose: appending, and any knowledge of what is written.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, BufWriter, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

/// Ends the name of a file that is still being written.
const DRAFT_SUFFIX: &str = ".draft";

/// A file or folder could not be written.
#[derive(Debug, thiserror::Error)]
#[error("cannot write {}: {source}", path.display())]
pub struct StoreError {
    /// What was to be written.
    pub path: PathBuf,
    /// What the system said.
    pub source: io::Error,
}

impl StoreError {
    fn at(path: &Path) -> impl FnOnce(io::Error) -> Self + '_ {
        move |source| Self { path: path.to_owned(), source }
    }
}

/// Makes a folder and those above it, mode 0700; one that exists is left as it is.
pub fn folder(path: &Path) -> Result<(), StoreError> {
    DirBuilder::new().recursive(true).mode(0o700).create(path).map_err(StoreError::at(path))
}

/// Writes a whole file at once.
pub fn write(path: &Path, bytes: &[u8]) -> Result<(), StoreError> {
    let mut draft = create(path)?;
    draft.write_all(bytes).map_err(StoreError::at(path))?;
    draft.commit()
}

/// Starts a file that appears under its name when it is committed.
pub fn create(path: &Path) -> Result<Draft, StoreError> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let draft = path.with_file_name(format!(".{name}{DRAFT_SUFFIX}"));
    let file = OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&draft)
        .map_err(StoreError::at(path))?;
    Ok(Draft { target: path.to_owned(), draft, file: Some(BufWriter::with_capacity(1 << 18, file)) })
}

/// Removes a folder with all that is in it; one that is not there is fine.
pub fn remove_folder(path: &Path) -> Result<(), StoreError> {
    match fs::remove_dir_all(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(StoreError::at(path)(error)),
        _ => Ok(()),
    }
}

/// Closes a folder that was there before to everybody else.
pub fn close_folder(path: &Path) -> Result<(), StoreError> {
    fs::set_permissions(path, fs::Permissions::from_mode(0o700)).map_err(StoreError::at(path))
}

/// Lets a file appear under another name in the same file system.
pub fn rename(from: &Path, to: &Path) -> Result<(), StoreError> {
    fs::rename(from, to).map_err(StoreError::at(to))?;
    sync_folder(to).map_err(StoreError::at(to))
}

/// What happened to a name must survive a power cut.
fn sync_folder(of: &Path) -> io::Result<()> {
    File::open(of.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new(".")))?.sync_all()
}

/// Makes an empty file, mode 0600, unless there is one.
pub fn touch(path: &Path) -> Result<(), StoreError> {
    OpenOptions::new()
        .create(true)
        .append(true)
        .mode(0o600)
        .open(path)
        .and_then(|_| sync_folder(path))
        .map_err(StoreError::at(path))
}

/// Removes a file; one that is not there is fine.
pub fn remove(path: &Path) -> Result<(), StoreError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(StoreError::at(path)(error)),
        _ => Ok(()),
    }
}

/// Removes what a killed program left half written in a folder.
pub fn remove_drafts(path: &Path) -> Result<(), StoreError> {
    let entries = match fs::read_dir(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        entries => entries.map_err(StoreError::at(path))?,
    };
    for entry in entries {
        let entry = entry.map_err(StoreError::at(path))?;
        let name = entry.file_name();
        let name = name.to_string_lossy();
        if name.starts_with('.') && name.ends_with(DRAFT_SUFFIX) {
            remove(&entry.path())?;
        }
    }
    Ok(())
}

/// SHA-256 of a file, lower-case hex.
pub fn sha256_file(path: &Path) -> io::Result<String> {
    let mut file = File::open(path)?;
    let mut hasher = Sha256::new();
    let mut buffer = vec![0; 1 << 18];
    loop {
        match file.read(&mut buffer)? {
            0 => return Ok(hex::encode(hasher.finalize())),
            read => hasher.update(&buffer[..read]),
        }
    }
}

/// SHA-256 of bytes, lower-case hex.
pub fn sha256(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

/// A file that is being written; dropped without [`Draft::commit`], it is removed.
#[derive(Debug)]
pub struct Draft {
    target: PathBuf,
    draft: PathBuf,
    file: Option<BufWriter<File>>,
}

impl Draft {
    /// Writes the next bytes.
    pub fn put(&mut self, bytes: &[u8]) -> Result<(), StoreError> {
        self.write_all(bytes).map_err(|source| StoreError { path: self.target.clone(), source })
    }

    /// Syncs the bytes and lets the file appear under its name.
    pub fn commit(mut self) -> Result<(), StoreError> {
        let Some(file) = self.file.take() else { return Ok(()) };
        let finish = || {
            file.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()?;
            fs::rename(&self.draft, &self.target)?;
            sync_folder(&self.target)
        };
        finish().map_err(|source| {
            // The reason of the failure counts; a draft that cannot be removed is swept by the next run.
            let _ = fs::remove_file(&self.draft);
            StoreError { path: self.target.clone(), source }
        })
    }

    fn file(&mut self) -> io::Result<&mut BufWriter<File>> {
        self.file.as_mut().ok_or_else(|| io::Error::other("the file was committed"))
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        if self.file.take().is_some() {
            // Nothing to report to from here; the next run sweeps drafts.
            let _ = fs::remove_file(&self.draft);
        }
    }
}

impl Write for Draft {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file()?.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file()?.flush()
    }
}

impl Read for Draft {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let file = self.file()?;
        file.flush()?;
        file.get_mut().read(buffer)
    }
}

impl Seek for Draft {
    fn seek(&mut self, position: SeekFrom) -> io::Result<u64> {
        self.file()?.seek(position)
    }
}
