//! People × categories × certainty.

mod confirm;
mod identity;
mod join;
pub mod person;

pub use join::join;
pub use person::{Exposures, PersonExposure};
