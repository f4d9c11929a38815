//! Reconciliation of a sealed run: `report.json` for programs, `report.html` for people.

mod page;
mod reconciliation;

pub use page::{ReportError, grouped};
pub use reconciliation::{OutcomeLine, Report, ReportInput};
