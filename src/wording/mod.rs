//! minijinja → text, escaped.

pub mod context;
pub mod engine;
pub mod escape;
pub mod format;
pub mod trial;
