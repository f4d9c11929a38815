//! `campaign.toml`, vendor profile and letter template → checked settings.

pub mod letter_template;
pub mod lists;
pub mod load;
pub mod problem;
pub mod secret;
pub mod settings;
pub mod vendor;
pub mod vendor_profile;

mod campaign_reader;
mod lint_reader;
mod people;
mod rules;
mod template_files;
mod template_reader;
mod toml_reader;
mod vendor_geometry;

pub use campaign_reader::WORKING_DAYS;
pub use load::{load, load_planned, load_vendor};
pub use problem::{Exit, Problem, Problems};
pub use secret::Environment;
pub use vendor_profile::{builtin, builtin_names};
