//! What the communications team sees, changes and signs off: proofs, gallery, live page, approval.

pub mod approval;
pub mod changes;
pub mod content;
