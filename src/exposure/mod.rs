//! People × categories × certainty.

pub mod person;

pub use person::{Exposures, PersonExposure};
