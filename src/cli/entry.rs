//! From arguments to an exit code.
//!
//! Enters: the process's arguments. Leaves: results on standard output, diagnostics on standard error, an exit code.
//! Invariant: a bug's message carries no data, only where it happened.

use std::io::Write;
use std::path::Path;
use std::process::ExitCode;

use clap::Parser;
use clap::error::ErrorKind;

use super::args::{Arguments, Command, Global};
use super::books::Books;
use super::environment::{ProcessEnvironment, threads};
use super::exit::Exit;
use super::failure::Failure;
use super::lock::Lock;
use super::output::Output;
use super::screen::{Screen, run_span};
use super::serve::Listen;
use super::{
    approving, check, geometry, letter, nightly, notify, planning, preview, proofs, purge, reconcile, rendering,
    reprint, sealing, serve, status, synth, verify,
};
use crate::campaign;
use crate::campaign::settings::Campaign;

/// Runs the program.
pub fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            // What cannot be printed cannot be reported either.
            let _ = error.print();
            return match error.kind() {
                ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => Exit::Ok,
                _ => Exit::Usage,
            }
            .into();
        }
    };
    std::panic::set_hook(Box::new(|panic| {
        // The payload may hold a person's data; the place does not.
        if let Some(place) = panic.location() {
            tracing::error!(file = place.file(), line = place.line(), "internal fault");
        }
    }));
    let Arguments { global, command } = arguments;
    let ended = std::panic::catch_unwind(|| dispatch(&global, command));
    match ended {
        Ok(Ok(output)) => print(&global, &output).into(),
        Ok(Err(failure)) => report(&failure).into(),
        Err(_) => report(&Failure::with_hint(
            Exit::Bug,
            "an internal fault stopped the program",
            "run the command again with --log text and report the place that it names; what was made is kept",
        ))
        .into(),
    }
}

fn dispatch(global: &Global, command: Command) -> Result<Output, Failure> {
    let screen = Screen::new(global);
    let threads = threads(global);
    // The pool of the stages before rendering; rendering has threads of its own.
    // It is built once; a process that has one already keeps it.
    let _ = rayon::ThreadPoolBuilder::new().num_threads(threads.get()).build_global();
    let _span = command.run().map(|run| run_span(run).entered());
    match command {
        Command::Check { campaign, vendor, out } => {
            let campaign = load(&campaign)?;
            match vendor {
                Some(vendor) => geometry::draw(campaign, &vendor, out, threads),
                None => check::check(&campaign, threads, &screen),
            }
        }
        Command::Plan { campaign, run, wave } => {
            let campaign = load(&campaign)?;
            let mut books = Books::for_planning(&campaign)?;
            let _lock = Lock::exclusive(&run)?;
            planning::plan(&campaign, &run, books.as_mut(), wave.as_deref(), threads, &screen)?;
            books.map_or(Ok(()), Books::close)?;
            status::status(&run)
        }
        Command::Render { run, shard } => {
            let (campaign, plan) = rendering::open(&run)?;
            let _lock = if shard.is_some() {
                Lock::shared(&run)?
            } else {
                let lock = Lock::exclusive(&run)?;
                rendering::sweep(&run)?;
                lock
            };
            rendering::render(&run, &campaign, &plan, shard, threads, &screen)?;
            status::status(&run)
        }
        Command::Seal { run } => {
            let (campaign, plan) = rendering::open(&run)?;
            let _lock = Lock::exclusive(&run)?;
            rendering::sweep(&run)?;
            planning::limits(&campaign, &plan)?;
            let mut books = Books::for_run(&campaign)?;
            let sealed = sealing::seal(&run, &campaign, &plan, books.as_mut(), &screen)?;
            books.map_or(Ok(()), Books::close)?;
            Ok(status::sealed(&run, &sealed.manifest, false))
        }
        Command::Run { campaign, run, wave, notify_command } => {
            let ended =
                load(&campaign).and_then(|campaign| nightly::run(&campaign, run, wave.as_deref(), threads, &screen));
            if let Some(command) = notify_command {
                notify::notify(&command, &campaign, &ended);
            }
            ended
        }
        Command::Verify { result, identity, password_env } => {
            verify::verify(&result, identity.as_deref(), password_env.as_deref())
        }
        Command::Letter { run, code, out } => letter::letter(&run, &code, out.as_deref()),
        Command::Synth { people, seed, out } => synth::synth(people, seed, &out, &screen),
        Command::Approve { campaign, by } => approving::approve(&load(&campaign)?, &by),
        Command::Reprint { run, codes } => {
            let (campaign, plan) = rendering::open(&run)?;
            let _lock = Lock::exclusive(&run)?;
            reprint::reprint(&run, &campaign, &plan, &codes, threads, &screen)
        }
        Command::Proofs { campaign, out, real } => proofs::proofs(&load(&campaign)?, &out, real, threads, &screen),
        Command::Preview { campaign, out: Some(out), real, .. } => {
            preview::preview(&load(&campaign)?, &out, real, threads, &screen)
        }
        Command::Preview { campaign, serve: Some(address), expose, real, .. } => {
            serve::serve(&campaign, &Listen { address, expose, json: global.json }, real, threads, &screen)
        }
        Command::Preview { .. } => Err(Failure::new(Exit::Usage, "name --out DIR or --serve ADDRESS")),
        Command::Reconcile { run, feedback, on } => reconcile::reconcile(&run, feedback.as_deref(), on, &screen),
        Command::Purge { run, keep_ledger, force } => purge::purge(&run, keep_ledger, force),
        Command::Status { run } => status::status(&run),
    }
}

fn load(path: &Path) -> Result<Campaign, Failure> {
    Ok(campaign::load(path, &ProcessEnvironment)?)
}

fn print(global: &Global, output: &Output) -> Exit {
    let mut out = std::io::stdout().lock();
    let written = if global.json {
        writeln!(out, "{}", output.json)
    } else if global.quiet {
        Ok(())
    } else {
        writeln!(out, "{}", output.text)
    };
    // A reader that closed the pipe has seen enough.
    match written {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => Exit::CannotWrite,
        _ => Exit::Ok,
    }
}

fn report(failure: &Failure) -> Exit {
    let mut err = std::io::stderr().lock();
    for report in &failure.reports {
        // Nobody is left to tell when standard error is closed.
        let _ = writeln!(err, "{report:?}");
    }
    failure.exit
}
