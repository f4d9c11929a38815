//! Persons × exposures → what becomes of each row, and the letters.
//!
//! Enters: a checked campaign, the rows of its lists and the joined exposures. Leaves: one outcome for each participants
//! row, with its reason, and the letters. Invariant: every row has exactly one outcome, and every person exactly one row
//! that carries it. Absent on purpose: what only planning and rendering can find (`glyph-missing`, `does-not-fit`,
//! `too-many-pages`), the order of print, and control letters.
//!
//! [`decide`] is the one place where the reasons stand in their order; the other files answer its questions.

pub mod address;
pub mod addressee;
pub mod conflicts;
pub mod decide;
pub mod persons;
pub mod route;
pub mod rules;
pub mod sharing;
pub mod values;
pub mod variants;
pub mod waves;

#[cfg(test)]
mod fixtures;
#[cfg(test)]
mod tests;

pub use route::{Routed, RowOutcome, route};
pub use rules::{RoutingError, RuleProblem, check_rules};
