//! When something happened to a piece.
//!
//! Enters: the text of a feedback file. Leaves: a moment that is kept to the second, and its text in UTC. Invariant: of a
//! day without a time only the day is said again. Absent on purpose: the clock.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime, Time};
use jiff::tz::TimeZone;

/// A second, or a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Moment {
    second: i64,
    /// Whether only the day is known.
    day_only: bool,
}

impl Moment {
    /// `2025-09-15`, or a date and time, with or without an offset; without one it counts as UTC.
    pub fn parse(text: &str) -> Option<Self> {
        let second = |datetime: DateTime| Some(TimeZone::UTC.to_timestamp(datetime).ok()?.as_second());
        if text.len() == 10 {
            let date: Date = text.parse().ok()?;
            return Some(Self { second: second(date.to_datetime(Time::midnight()))?, day_only: true });
        }
        let exact = match text.parse::<Timestamp>() {
            Ok(timestamp) => timestamp.as_second(),
            Err(_) => second(text.parse().ok()?)?,
        };
        Some(Self { second: exact, day_only: false })
    }

    /// Seconds since 1970; a day begins with its first.
    pub const fn second(self) -> i64 {
        self.second
    }

    /// The day, in UTC.
    pub fn date(self) -> Date {
        TimeZone::UTC.to_datetime(self.timestamp()).date()
    }

    /// `2025-09-15` or `2025-09-15T18:00:00Z`.
    pub fn text(self) -> String {
        let form = if self.day_only { "%Y-%m-%d" } else { "%Y-%m-%dT%H:%M:%SZ" };
        self.timestamp().strftime(form).to_string()
    }

    fn timestamp(self) -> Timestamp {
        Timestamp::from_second(self.second).unwrap_or(Timestamp::UNIX_EPOCH)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_said_as_it_was_read() {
        for (read, said, day) in [
            ("2025-09-15", "2025-09-15", "2025-09-15"),
            ("2025-09-15T23:30:00-02:00", "2025-09-16T01:30:00Z", "2025-09-16"),
            ("2025-09-15T18:00:00", "2025-09-15T18:00:00Z", "2025-09-15"),
            ("2025-09-15 18:00", "2025-09-15T18:00:00Z", "2025-09-15"),
        ] {
            let moment = Moment::parse(read).unwrap();
            assert_eq!((moment.text().as_str(), moment.date().to_string().as_str()), (said, day), "{read}");
            assert_eq!(Moment::parse(said), Some(moment));
        }
        for none in ["", "15-09-2025", "2025-13-01", "yesterday", "2025-09-15T"] {
            assert_eq!(Moment::parse(none), None, "{none}");
        }
    }
}
