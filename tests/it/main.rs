//! Tests of the program's behaviour, one file a stage.

#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "tests make files, look at the machine and may fail"
)]

mod harness;

mod approval;
mod bad_input;
mod campaign;
mod example;
mod faults;
mod handoff;
mod intake;
mod kills;
mod letters;
mod lint;
mod nightly;
mod preview;
mod properties;
mod run;
mod seal;
mod serve;
mod synth;
mod vectors;
