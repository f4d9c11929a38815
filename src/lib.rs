//! meldpost turns lists of people affected by a data breach into sealed, provably complete letter mailings.
//!
//! The modules stand in the order in which the data flows. A stage takes plain values and returns plain values; only
//! [`cli`] wires stages together.

pub mod campaign;
pub mod model;

pub mod bundle;
pub mod exposure;
pub mod intake;
pub mod ledger;
pub mod marks;
pub mod plan;
pub mod preview;
pub mod render;
pub mod report;

pub mod routing;
pub mod seal;
pub mod synth;
pub mod wording;

pub mod store;

pub mod cli;
