//! The door: everything behind it is in the library.

use std::process::ExitCode;

/// Letters are made of many small allocations; this allocator is measurably faster at them.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    meldpost::cli::main()
}
