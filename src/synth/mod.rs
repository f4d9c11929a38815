//! Invented populations: campaigns of any size, with every edge case in known proportion.

pub mod cases;
mod exposed;
mod files;
mod keys;
mod lists;
mod names;
mod person;
mod places;
pub mod planted;
mod population;
mod random;
mod row;

pub use population::{PEOPLE_MAX, synthesise};
