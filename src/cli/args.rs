//! What was typed.
//!
//! Enters: the command line. Leaves: typed arguments; nothing is opened or checked yet.

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::synth::PEOPLE_MAX;

/// Turns lists of people affected by a data breach into sealed, provably complete letter mailings.
#[derive(Debug, Parser)]
#[command(name = "meldpost", version, arg_required_else_help = true, after_help = EXAMPLES)]
pub struct Arguments {
    /// Settings of every command.
    #[command(flatten)]
    pub global: Global,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

const EXAMPLES: &str = "\
Examples:
  meldpost check examples/laboratory-breach      what is in the lists, and what would become of it
  meldpost run examples/laboratory-breach        from lists to sealed packages; again after a crash
  meldpost verify examples/laboratory-breach/runs/laboratory-breach
  meldpost status --run examples/laboratory-breach/runs/laboratory-breach

Exit codes:
  0 done · 64 wrong usage · 65 unusable data · 70 a bug · 73 cannot write · 75 try again · 78 wrong campaign";

/// Settings of every command.
#[derive(Debug, Args)]
pub struct Global {
    /// Say nothing but errors
    #[arg(long, short, global = true)]
    pub quiet: bool,
    /// Print the result as JSON on standard output
    #[arg(long, global = true)]
    pub json: bool,
    /// Write what happens to standard error, a line an event
    #[arg(long, value_name = "FORMAT", global = true)]
    pub log: Option<LogFormat>,
    /// Threads that work at the same time [default: one a processor]
    #[arg(long, value_name = "N", global = true)]
    pub threads: Option<NonZeroUsize>,
}

/// How log lines are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// For people.
    Text,
    /// For machines: one JSON object a line.
    Json,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Look at inputs, rules, templates and languages; make no letter
    #[command(after_help = "\
Examples:
  meldpost check examples/laboratory-breach
  meldpost check examples/laboratory-breach --vendor nl-stream    draws what the profile asks for on page 1")]
    Check {
        /// A campaign.toml, or the folder that holds it
        campaign: PathBuf,
        /// Draw this print house's geometry on page 1 instead: window, clear zones, folds and marks
        #[arg(long, value_name = "NAME")]
        vendor: Option<String>,
        /// Where the picture is written [default: <vendor>.svg]
        #[arg(long, value_name = "FILE", requires = "vendor")]
        out: Option<PathBuf>,
    },
    /// Join, route, order and cut into shards
    #[command(after_help = "Example:\n  meldpost plan examples/laboratory-breach --run /tmp/run")]
    Plan {
        /// A campaign.toml, or the folder that holds it
        campaign: PathBuf,
        /// The run folder
        #[arg(long, value_name = "DIR")]
        run: PathBuf,
        /// Write again to those whom this wave of the campaign selects
        #[arg(long, value_name = "NAME")]
        wave: Option<String>,
    },
    /// Make the letters of all shards, or of some
    #[command(after_help = "\
Examples:
  meldpost render --run /tmp/run                 all shards that are not there yet
  meldpost render --run /tmp/run --shard 2/8     every eighth shard, from the second
  meldpost render --run /tmp/run --shard auto    whatever no other process is making")]
    Render {
        /// The run folder
        #[arg(long, value_name = "DIR")]
        run: PathBuf,
        /// K/N: every N-th shard from the K-th; auto: those that no other process makes
        #[arg(long, value_name = "K/N|auto")]
        shard: Option<ShardChoice>,
    },
    /// Pack the letters, write manifest and report
    #[command(after_help = "Example:\n  meldpost seal --run /tmp/run")]
    Seal {
        /// The run folder
        #[arg(long, value_name = "DIR")]
        run: PathBuf,
    },
    /// Plan, render and seal; go on where a crash stopped
    #[command(after_help = "\
Examples:
  meldpost run examples/laboratory-breach
  meldpost run examples/laboratory-breach --run /srv/runs/tonight --threads 2 --log json")]
    Run {
        /// A campaign.toml, or the folder that holds it
        campaign: PathBuf,
        /// The run folder [default: runs/<campaign id> below the campaign; with a ledger, a new one a night]
        #[arg(long, value_name = "DIR")]
        run: Option<PathBuf>,
        /// Write again to those whom this wave of the campaign selects
        #[arg(long, value_name = "NAME")]
        wave: Option<String>,
        /// Run this at the end with the summary as JSON on its standard input, however the run ended
        #[arg(long, value_name = "COMMAND")]
        notify_command: Option<String>,
    },
    /// Open the result again and check it against the manifest
    #[command(after_help = "\
Examples:
  meldpost verify examples/laboratory-breach/runs/laboratory-breach
  meldpost verify laboratory-breach-p0001.zip.age --identity key.txt")]
    Verify {
        /// A run folder, or one package
        result: PathBuf,
        /// age identities that open encrypted packages
        #[arg(long, value_name = "FILE")]
        identity: Option<PathBuf>,
        /// The variable that holds the password of AES packages
        #[arg(long, value_name = "NAME")]
        password_env: Option<String>,
    },
    /// One person's letter as an accessible digital copy
    #[command(after_help = "\
Examples:
  meldpost letter --run /tmp/run --code VFTZ-5FV9-J6AVZ                 writes VFTZ-5FV9-J6AVZ.pdf
  meldpost letter --run /tmp/run --code VFTZ5FV9J6AVZ --out letter.pdf")]
    Letter {
        /// The run folder
        #[arg(long, value_name = "DIR")]
        run: PathBuf,
        /// The case code as printed on the letter, with or without hyphens
        #[arg(long, value_name = "CODE")]
        code: String,
        /// The file to write [default: CODE.pdf in the current folder]
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
    },
    /// Invent a population with every edge case, as a campaign that can be run
    #[command(after_help = "\
Examples:
  meldpost synth --people 100000 --seed 42 --out /tmp/invented
  meldpost run /tmp/invented                     and compare with /tmp/invented/planted.json")]
    Synth {
        /// How many people
        #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=PEOPLE_MAX))]
        people: u64,
        /// The same seed gives the same people
        #[arg(long, value_name = "S")]
        seed: u64,
        /// A folder that is new or empty
        #[arg(long, value_name = "DIR")]
        out: PathBuf,
    },
    /// Proofs of the letters, as pages for a browser
    #[command(after_help = "\
Examples:
  meldpost preview my-campaign --out proofs                 then open proofs/index.html
  meldpost preview my-campaign --serve 127.0.0.1:8421       a page that follows what is saved")]
    Preview {
        /// A campaign.toml, or the folder that holds it
        campaign: PathBuf,
        /// A folder that is new, empty, or holds older proofs
        #[arg(long, value_name = "DIR", required_unless_present = "serve", conflicts_with = "serve")]
        out: Option<PathBuf>,
        /// Serve a page that follows the files, until it is interrupted; port 0 takes a free one
        #[arg(long, value_name = "ADDRESS")]
        serve: Option<std::net::SocketAddr>,
        /// Allow an address that other machines can reach; what is sent there is not encrypted
        #[arg(long, requires = "serve")]
        expose: bool,
        /// Show real names and addresses, with what leaked of each of these people
        #[arg(long)]
        real: bool,
    },
    /// All proofs and a cover sheet as one PDF, for sign-off on paper
    #[command(after_help = "Example:\n  meldpost proofs my-campaign --out proofs.pdf")]
    Proofs {
        /// A campaign.toml, or the folder that holds it
        campaign: PathBuf,
        /// The file to write
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
        /// Show real names and addresses, with what leaked of each of these people
        #[arg(long)]
        real: bool,
    },
    /// Sign off what the letters say, as it is now
    #[command(after_help = "\
Examples:
  meldpost approve my-campaign --by \"A. de Wit\"      adds to my-campaign/approvals.toml")]
    Approve {
        /// A campaign.toml, or the folder that holds it
        campaign: PathBuf,
        /// Who signs off
        #[arg(long, value_name = "NAME")]
        by: String,
    },
    /// Make a package of spoiled pieces
    #[command(after_help = "\
Example:
  meldpost reprint --run /tmp/run --codes spoiled.txt    case codes, one a line; the letters are the same bytes again")]
    Reprint {
        /// The run folder
        #[arg(long, value_name = "DIR")]
        run: PathBuf,
        /// A text file with the case codes of the spoiled pieces, one a line
        #[arg(long, value_name = "FILE")]
        codes: PathBuf,
    },
    /// Read what the print house and the post report back, piece by piece
    #[command(after_help = "\
The feedback is a CSV with the columns case_code,status,at,detail. status is printed, inserted, posted, spoiled, rejected
or returned; of returned letters, detail is unknown, moved, refused, deceased or incomplete. What is unknown, impossible or
double has no effect and is listed in the run folder's feedback/.

Examples:
  meldpost reconcile --run /srv/runs/w2 feedback-2025-09-16.csv
  meldpost reconcile --run /srv/runs/w2 --on 2025-09-30          nothing new; only what is overdue on that day")]
    Reconcile {
        /// The run folder
        #[arg(long, value_name = "DIR")]
        run: PathBuf,
        /// What was reported; without it, only the lists are made anew
        feedback: Option<PathBuf>,
        /// The day on which overdue letters are looked for [default: today]
        #[arg(long, value_name = "DATE")]
        on: Option<jiff::civil::Date>,
    },
    /// Remove the personal data of a run when its time is over
    #[command(after_help = "\
Lists, plan, letters, packages and outcomes go; manifest, report and the campaign's ledger stay.

Examples:
  meldpost purge --run /srv/runs/w2
  meldpost purge --run /srv/runs/w2 --force              although letters are open")]
    Purge {
        /// The run folder
        #[arg(long, value_name = "DIR")]
        run: PathBuf,
        /// Keep also the ledger that a run without [ledger] has in its own folder; a campaign's ledger always stays
        #[arg(long)]
        keep_ledger: bool,
        /// Purge although nobody reported that all letters were posted
        #[arg(long)]
        force: bool,
    },
    /// Where a run stands, and what is missing
    #[command(after_help = "Example:\n  meldpost status --run examples/laboratory-breach/runs/laboratory-breach")]
    Status {
        /// The run folder
        #[arg(long, value_name = "DIR")]
        run: PathBuf,
    },
}

impl Command {
    /// The run folder that the command works on, where it names one.
    pub fn run(&self) -> Option<&Path> {
        match self {
            Self::Plan { run, .. }
            | Self::Render { run, .. }
            | Self::Seal { run }
            | Self::Letter { run, .. }
            | Self::Reprint { run, .. }
            | Self::Reconcile { run, .. }
            | Self::Purge { run, .. }
            | Self::Status { run } => Some(run),
            _ => None,
        }
    }
}

/// Which shards a process renders.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ShardChoice {
    /// Every `of`-th, from the `first`-th; both 1-based.
    Every {
        /// K
        first: u32,
        /// N
        of: u32,
    },
    /// Those that no other process makes.
    Auto,
}

impl std::str::FromStr for ShardChoice {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text == "auto" {
            return Ok(Self::Auto);
        }
        text.split_once('/')
            .and_then(|(first, of)| Some((first.parse().ok()?, of.parse().ok()?)))
            .filter(|&(first, of): &(u32, u32)| 1 <= first && first <= of)
            .map(|(first, of)| Self::Every { first, of })
            .ok_or_else(|| "write K/N with K from 1 to N, or auto".to_owned())
    }
}
