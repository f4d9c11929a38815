//! Reconciliation of a sealed run: `report.json` for programs, `report.html` for people.

mod chart;
mod page;
mod reasons;
mod reconciliation;
mod tally;

pub use page::{ReportError, grouped};
pub use reconciliation::{
    CategoryLine, DayLine, FeedbackDay, FeedbackReport, OutcomeLine, PopulationLine, ReleasedLine, Report, ReportInput,
    RunLine, SignOff, VariantLine,
};
pub use tally::Tally;
