//! What people see while a command works.
//!
//! Enters: how far a stage is. Leaves: a bar on standard error, on a terminal only, and log lines where they were asked
//! for. Invariant: standard output carries results and nothing else; no personal data reaches either.

use std::io::{IsTerminal, stderr};
use std::path::Path;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::args::{Global, LogFormat};

/// Shows progress.
pub struct Screen {
    bars: bool,
}

impl Screen {
    /// Prepares the screen and the log.
    pub fn new(global: &Global) -> Self {
        if let Some(format) = global.log {
            let log = tracing_subscriber::fmt().with_writer(stderr).with_max_level(tracing::Level::INFO);
            // A second subscriber in the same process is refused; the first one goes on.
            let _ = match format {
                LogFormat::Text => log.with_ansi(stderr().is_terminal()).try_init(),
                LogFormat::Json => log.json().flatten_event(true).try_init(),
            };
        }
        Self { bars: !global.quiet && global.log.is_none() && stderr().is_terminal() }
    }

    /// Shows nothing.
    pub const fn silent() -> Self {
        Self { bars: false }
    }

    /// A stage whose length is not known.
    pub fn stage(&self, name: &'static str) -> ProgressBar {
        tracing::info!(stage = name, "started");
        if !self.bars {
            return ProgressBar::hidden();
        }
        let bar = ProgressBar::new_spinner().with_message(name);
        bar.enable_steady_tick(std::time::Duration::from_millis(120));
        bar
    }

    /// A stage of so many letters.
    pub fn letters(&self, name: &'static str, letters: u64) -> ProgressBar {
        tracing::info!(stage = name, letters, "started");
        let target = if self.bars { ProgressDrawTarget::stderr() } else { ProgressDrawTarget::hidden() };
        let style =
            ProgressStyle::with_template("{msg:8} {bar:30} {human_pos}/{human_len} letters  {per_sec}  {eta} left")
                .unwrap_or_else(|_| ProgressStyle::default_bar());
        ProgressBar::with_draw_target(Some(letters), target).with_style(style).with_message(name)
    }
}

/// The run that log lines are about: its folder's name.
pub fn run_span(folder: &Path) -> tracing::Span {
    let id = folder.file_name().unwrap_or_default().to_string_lossy();
    tracing::info_span!("run", id = %id)
}
