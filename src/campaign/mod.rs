//! `campaign.toml`, vendor profile and letter template → checked settings.

pub mod letter_template;
pub mod settings;
pub mod vendor;
