//! minijinja → text, escaped.

pub mod context;
pub mod engine;
pub mod escape;
pub mod format;
pub mod lint;
pub mod passive;
pub mod prose;
pub mod readability;
pub mod trace;
pub mod trial;
