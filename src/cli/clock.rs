//! What time it is: the only place that asks.
//!
//! Enters: the machine's clock, or `SOURCE_DATE_EPOCH` where it is set. Leaves: the time as text, for the ledger's notes.
//! Invariant: no letter depends on it, and nothing is decided by it but whether a letter is overdue. A clock that went back
//! changes no order, because events are numbered.

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::environment::ProcessEnvironment;
use crate::campaign::Environment;

/// Seconds since 1970 that stand for the clock, as reproducible builds have it.
const VARIABLE: &str = "SOURCE_DATE_EPOCH";

fn timestamp() -> Timestamp {
    let set = ProcessEnvironment.variable(VARIABLE).and_then(|value| String::from_utf8(value).ok());
    let set = set.and_then(|text| text.trim().parse().ok()).and_then(|seconds| Timestamp::from_second(seconds).ok());
    set.unwrap_or_else(machine)
}

#[expect(clippy::disallowed_methods, reason = "the command line is where the clock is read")]
fn machine() -> Timestamp {
    Timestamp::now()
}

/// Now, in UTC, to the second: `2025-09-12T01:15:00Z`.
pub fn now() -> String {
    timestamp().strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

/// Today, in UTC.
pub fn today() -> Date {
    TimeZone::UTC.to_datetime(timestamp()).date()
}
