//! Finished pages, read back and held against the plan.

pub mod content;
pub mod expected;
pub mod verdict;
