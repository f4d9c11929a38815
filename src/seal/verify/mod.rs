//! Read-back: a sealed run or one package, proven from its files alone.

mod finding;
mod frame;
mod index;
mod opening;
mod outcomes;
mod package;
mod pieces;
mod run;
mod ticket;

pub use finding::{Finding, VerifyError};
pub use opening::Keys;
pub use package::{PackageCounts, VerifiedPackage, verify_package};
pub use run::{Verified, verify_run};
