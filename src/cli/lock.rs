//! One command at a time on a run folder.
//!
//! Enters: a run folder. Leaves: a lock that ends with the process, however it ends. Invariant: planning and sealing
//! are alone; processes that render shards share the folder.

use std::fs::{File, OpenOptions, TryLockError};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use super::exit::Exit;
use super::failure::Failure;
use crate::store;

/// The lock file's name in a run folder.
const FILE: &str = ".lock";

/// A held lock.
#[derive(Debug)]
pub struct Lock {
    _file: File,
}

impl Lock {
    /// Makes the folder if it is not there, and locks it against every other command.
    ///
    /// # Errors
    /// 75 when another command works on the run; 73 when the folder cannot be written.
    pub fn exclusive(run: &Path) -> Result<Self, Failure> {
        if is_foreign(run) {
            return Err(Failure::with_hint(
                Exit::Usage,
                format!("{} is not empty and not a run folder", run.display()),
                "name a folder that is not there yet, or one that meldpost made",
            ));
        }
        store::folder(run)?;
        store::close_folder(run)?;
        Self::take(run, File::try_lock)
    }

    /// Locks the folder against planning and sealing, but not against other processes that render.
    ///
    /// # Errors
    /// As [`Self::exclusive`].
    pub fn shared(run: &Path) -> Result<Self, Failure> {
        Self::take(run, File::try_lock_shared)
    }

    /// Locks the campaign whose ledger this is against every other command that plans, seals or reconciles.
    ///
    /// # Errors
    /// 75 when another command works on the campaign; 73 when the lock cannot be written.
    pub fn campaign(ledger: &Path) -> Result<Self, Failure> {
        let mut name = ledger.as_os_str().to_owned();
        name.push(".lock");
        Self::take_file(Path::new(&name), "the campaign of ", ledger, File::try_lock)
    }

    fn take(run: &Path, lock: fn(&File) -> Result<(), TryLockError>) -> Result<Self, Failure> {
        Self::take_file(&run.join(FILE), "", run, lock)
    }

    fn take_file(
        path: &Path,
        what: &str,
        of: &Path,
        lock: fn(&File) -> Result<(), TryLockError>,
    ) -> Result<Self, Failure> {
        let cannot = |error: std::io::Error| {
            Failure::with_hint(
                Exit::CannotWrite,
                format!("cannot write {}: {error}", path.display()),
                "give write access to its folder, or choose another run folder with --run",
            )
        };
        let file =
            OpenOptions::new().create(true).write(true).truncate(false).mode(0o600).open(path).map_err(cannot)?;
        match lock(&file) {
            Ok(()) => Ok(Self { _file: file }),
            Err(TryLockError::WouldBlock) => Err(Failure::with_hint(
                Exit::TryAgain,
                format!("another command works on {what}{}", of.display()),
                "wait until it has ended, then run this one again",
            )),
            Err(TryLockError::Error(error)) => Err(cannot(error)),
        }
    }
}

/// A folder with files in it that no run left there.
fn is_foreign(run: &Path) -> bool {
    !run.join(FILE).exists() && std::fs::read_dir(run).is_ok_and(|mut entries| entries.next().is_some())
}
