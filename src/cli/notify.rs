//! Tells somebody else how a run ended.
//!
//! Enters: a command of the operator's, and how the run ended. Leaves: the command, run once, with the summary as JSON on its
//! standard input. Invariant: how the run ended does not depend on it; nothing of any person is in the summary.

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use super::failure::Failure;
use super::output::Output;

/// Runs the command in a shell, and waits for it.
pub fn notify(command: &str, campaign: &Path, ended: &Result<Output, Failure>) {
    let summary = match ended {
        Ok(output) => serde_json::json!({ "campaign": campaign, "exit": 0, "result": output.json }),
        Err(failure) => serde_json::json!({
            "campaign": campaign,
            "exit": failure.exit as u8,
            "errors": failure.reports.iter().map(|report| report.to_string()).collect::<Vec<_>>(),
        }),
    };
    let told = Command::new("sh").args(["-c", command]).stdin(Stdio::piped()).stdout(Stdio::null()).spawn().and_then(
        |mut child| {
            if let Some(mut stdin) = child.stdin.take() {
                // A command that does not read its input is told nothing more.
                let _ = writeln!(stdin, "{summary}");
            }
            child.wait()
        },
    );
    let problem = match told {
        Ok(status) if status.success() => return,
        Ok(status) => status.to_string(),
        Err(error) => error.to_string(),
    };
    tracing::warn!(problem, "the notify command failed");
    // Nobody is left to tell when standard error is closed.
    let _ = writeln!(std::io::stderr(), "the notify command failed: {problem}; the run itself ended as reported");
}
