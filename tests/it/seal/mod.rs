//! Sealing and read-back, on small run folders that are made up here.

mod alteration;
mod interruption;
mod package;
mod run_folder;
