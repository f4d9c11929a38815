//! What the communications team sees, changes and signs off: proofs, gallery, live page, approval.

pub mod again;
pub mod approval;
pub mod changes;
pub mod choose;
pub mod content;
pub mod gallery;
pub mod guard;
pub mod invented;
pub mod made_up;
pub mod proof;
pub mod server;
pub mod view;
pub mod watch;
