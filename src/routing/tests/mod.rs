//! What routing decides, by behaviour.

mod addressees;
mod addresses;
mod conservation;
mod persons;
mod reasons;
mod variants;
