//! Tests of the program's behaviour, one file a stage.

#![expect(clippy::disallowed_methods, reason = "tests make files and look at the machine")]

mod campaign;
mod intake;
mod seal;
mod vectors;
