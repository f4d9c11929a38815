//! Sealing and read-back, on small run folders that are made up here.

mod alteration;
mod interruption;
mod package;
mod plan_file;
mod run_folder;
