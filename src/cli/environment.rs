//! The process's environment: the only place that reads it.

use std::num::NonZeroUsize;
use std::os::unix::ffi::OsStringExt;

use super::args::Global;
use crate::campaign::Environment;

/// The variables of this process.
pub struct ProcessEnvironment;

impl Environment for ProcessEnvironment {
    #[expect(clippy::disallowed_methods, reason = "the command line is where the environment is read")]
    fn variable(&self, name: &str) -> Option<Vec<u8>> {
        std::env::var_os(name).map(OsStringExt::into_vec)
    }
}

/// How many threads work: as asked, or one a processor.
pub fn threads(global: &Global) -> NonZeroUsize {
    global.threads.or_else(|| std::thread::available_parallelism().ok()).unwrap_or(NonZeroUsize::MIN)
}
