//! Tests of the program's behaviour, one file a stage.

mod campaign;
mod seal;
mod vectors;
