//! meldpost turns lists of people affected by a data breach into sealed, provably complete letter mailings.
//!
//! The modules stand in the order in which the data flows. A stage takes plain values and returns plain values; only
//! [`cli`] wires stages together.

pub mod store;
