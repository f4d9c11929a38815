//! Dates of which parts may be unknown, as population registers have them.
//!
//! Enters: text in ISO 8601 or `DD-MM-YYYY`. Leaves: a date whose known parts exist in the calendar. Invariant: the
//! year is known, and a day is known only with its month. Absent on purpose: today's date; whoever needs an age says on
//! which day.

use std::fmt;

use jiff::civil::Date;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// A date of a person or of data; 0 stands for an unknown month or day. `Debug` shows a mask.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PartialDate {
    /// 1 to 9999.
    pub year: u16,
    /// 1 to 12, or 0 where it is unknown.
    pub month: u8,
    /// 1 to 31, or 0 where it is unknown.
    pub day: u8,
}

/// The text is no date. It holds no part of the text, which may be a birth date.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a date\nhint: write 1950-05-31 or 31-05-1950; an unknown day or month is 00")]
pub struct InvalidDate;

impl PartialDate {
    /// Reads `1950-05-31` or `31-05-1950`; blank text and a date of zeros give `None`.
    ///
    /// # Errors
    /// [`InvalidDate`] for any other form, for days that no calendar has, and for a part that is known although a
    /// larger one is not.
    pub fn parse(text: &str) -> Result<Option<Self>, InvalidDate> {
        let text = text.trim();
        if text.is_empty() {
            return Ok(None);
        }
        let mut parts = text.split('-');
        let (Some(first), Some(month), Some(last), None) = (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(InvalidDate);
        };
        let (year, day) = if first.len() == 4 { (first, last) } else { (last, first) };
        let year = digits(year, 4)?;
        let month = digits(month, 2)?;
        let day = digits(day, 2)?;
        if (year, month, day) == (0, 0, 0) {
            return Ok(None);
        }
        Self::new(year, month, day).map(Some)
    }

    /// The date of these parts, if the calendar has it.
    fn new(year: u16, month: u16, day: u16) -> Result<Self, InvalidDate> {
        let holds = match (year, month, day) {
            (0, ..) | (_, 0, 1..) => false,
            (_, 0, 0) => true,
            (_, month, 0) => month <= 12,
            (year, month, day) => month <= 12 && day <= days_in_month(year, month),
        };
        let (Ok(month), Ok(day)) = (u8::try_from(month), u8::try_from(day)) else {
            return Err(InvalidDate);
        };
        if holds { Ok(Self { year, month, day }) } else { Err(InvalidDate) }
    }

    /// Whether both can be the same day: the parts that both know are equal.
    pub const fn agrees(self, other: Self) -> bool {
        self.year == other.year
            && (self.month == 0 || other.month == 0 || self.month == other.month)
            && (self.day == 0 || other.day == 0 || self.day == other.day)
    }

    /// Full years from this birth date to `date`, taking the latest day that the known parts allow; 0 before it.
    pub fn youngest_age_on(self, date: Date) -> u16 {
        let latest = (if self.month == 0 { 12 } else { self.month }, if self.day == 0 { 31 } else { self.day });
        let today = (date.month().unsigned_abs(), date.day().unsigned_abs());
        let years = date.year().unsigned_abs().saturating_sub(self.year);
        years.saturating_sub(u16::from(today < latest))
    }

    /// Whether every day that the known parts allow lies after `date`.
    pub fn is_after(self, date: Date) -> bool {
        let earliest = (self.year, self.month.max(1), self.day.max(1));
        earliest > (date.year().unsigned_abs(), date.month().unsigned_abs(), date.day().unsigned_abs())
    }

    /// The same period in years where it begins with a year and ends with one, else in months where it can be; both
    /// dates are inclusive. `2010-00-00` to `2016-12-31` is 2010 to 2016.
    pub fn plainest_period(from: Self, to: Self) -> (Self, Self) {
        let last_day = |date: Self| u16::from(date.day) == days_in_month(date.year, date.month.into());
        let month_begins = from.month > 0 && from.day <= 1;
        let month_ends = to.month > 0 && (to.day == 0 || last_day(to));
        let year_begins = from.month == 0 || (from.month == 1 && month_begins);
        let year_ends = to.month == 0 || (to.month == 12 && month_ends);
        if year_begins && year_ends {
            (Self { month: 0, day: 0, ..from }, Self { month: 0, day: 0, ..to })
        } else if month_begins && month_ends {
            (Self { day: 0, ..from }, Self { day: 0, ..to })
        } else {
            (from, to)
        }
    }

    /// `1950-05-31`, `1950-05-00`, `1950-00-00`.
    pub fn iso(self) -> String {
        format!("{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

impl fmt::Debug for PartialDate {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("PartialDate(personal)")
    }
}

impl Serialize for PartialDate {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.iso())
    }
}

impl<'de> Deserialize<'de> for PartialDate {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).map_err(de::Error::custom)?.ok_or_else(|| de::Error::custom(InvalidDate))
    }
}

/// Exactly `count` ASCII digits as a number.
fn digits(text: &str, count: usize) -> Result<u16, InvalidDate> {
    if text.len() == count && text.bytes().all(|byte| byte.is_ascii_digit()) {
        text.parse().map_err(|_| InvalidDate)
    } else {
        Err(InvalidDate)
    }
}

/// The number of days of a month from 1 to 12 in the Gregorian calendar.
const fn days_in_month(year: u16, month: u16) -> u16 {
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;

    fn read(text: &str) -> PartialDate {
        PartialDate::parse(text).unwrap().unwrap()
    }

    #[test]
    fn both_spellings_are_the_same_day() {
        assert!(read("1950-05-31") == read("31-05-1950"));
        assert!(read(" 1950-05-00 ") == PartialDate { year: 1950, month: 5, day: 0 });
        assert_eq!(read("00-00-1950").iso(), "1950-00-00");
    }

    #[test]
    fn a_period_of_whole_years_or_months_is_said_in_those() {
        for (from, to, plainest) in [
            ("2010-00-00", "2016-12-31", "2010-00-00 2016-00-00"),
            ("2016-01-01", "2016-12-00", "2016-00-00 2016-00-00"),
            ("2019-03-01", "2019-03-31", "2019-03-00 2019-03-00"),
            ("2024-01-00", "2024-02-29", "2024-01-00 2024-02-00"),
            ("2024-01-00", "2024-02-28", "2024-01-00 2024-02-28"),
            ("2010-00-00", "2016-12-30", "2010-00-00 2016-12-30"),
            ("2010-00-00", "2016-07-00", "2010-00-00 2016-07-00"),
            ("2019-03-02", "2019-12-31", "2019-03-02 2019-12-31"),
        ] {
            let (from, to) = PartialDate::plainest_period(read(from), read(to));
            assert_eq!(format!("{} {}", from.iso(), to.iso()), plainest);
        }
    }

    #[test]
    fn blanks_and_zeros_are_no_date() {
        for text in ["", "  ", "0000-00-00", "00-00-0000"] {
            assert!(PartialDate::parse(text) == Ok(None), "{text:?}");
        }
    }

    #[test]
    fn days_that_no_calendar_has_are_refused() {
        let wrong = [
            "1950-02-29",
            "1900-02-29",
            "2023-04-31",
            "1950-13-01",
            "1950-13-00",
            "1950-01-32",
            "0000-05-12",
            "1950-00-12",
            "50-05-31",
            "31/05/1950",
            "1950-5-31",
            "19500531",
            "1950-05",
            "1950",
            "1950-05-31-01",
            "١٩٥٠-٠٥-٣١",
            "-950-05-31",
            "onbekend",
            "-",
            "--",
        ];
        for text in wrong {
            assert!(PartialDate::parse(text) == Err(InvalidDate), "{text:?}");
        }
        assert!(PartialDate::parse("2000-02-29").is_ok());
        assert!(PartialDate::parse("2024-02-29").is_ok());
    }

    #[test]
    fn dates_differ_only_where_both_know_a_part() {
        assert!(read("1950-05-31").agrees(read("1950-05-00")));
        assert!(read("1950-00-00").agrees(read("1950-05-31")));
        assert!(!read("1950-05-31").agrees(read("1950-06-00")));
        assert!(!read("1950-00-00").agrees(read("1951-00-00")));
        assert!(!read("1950-05-30").agrees(read("1950-05-31")));
    }

    #[test]
    fn the_age_is_the_youngest_that_the_known_parts_allow() {
        let day = date(2025, 9, 12);
        assert_eq!(read("2013-09-12").youngest_age_on(day), 12);
        assert_eq!(read("2013-09-13").youngest_age_on(day), 11);
        assert_eq!(read("2013-09-00").youngest_age_on(day), 11);
        assert_eq!(read("2013-08-00").youngest_age_on(day), 12);
        assert_eq!(read("2013-00-00").youngest_age_on(day), 11);
        assert_eq!(read("2025-00-00").youngest_age_on(day), 0);
        assert_eq!(read("2030-01-01").youngest_age_on(day), 0);
        assert_eq!(read("2008-02-29").youngest_age_on(date(2025, 2, 28)), 16);
        assert_eq!(read("2008-02-29").youngest_age_on(date(2025, 3, 1)), 17);
        assert_eq!(read("2008-02-00").youngest_age_on(date(2025, 2, 28)), 16);
    }

    #[test]
    fn a_date_is_after_another_only_where_that_is_sure() {
        let day = date(2025, 9, 12);
        assert!(!read("2025-09-12").is_after(day));
        assert!(read("2025-09-13").is_after(day));
        assert!(!read("2025-09-00").is_after(day));
        assert!(!read("2025-00-00").is_after(day));
        assert!(read("2025-10-00").is_after(day));
        assert!(read("2026-00-00").is_after(day));
    }

    #[test]
    fn a_mask_is_all_that_debug_shows() {
        assert!(!format!("{:?}", read("1950-05-31")).contains("1950"));
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in ".{0,12}") {
            let _ = PartialDate::parse(&text);
        }

        #[test]
        fn what_was_read_reads_the_same_again(text in "[0-9]{4}-[01][0-9]-[0-3][0-9]") {
            if let Ok(Some(date)) = PartialDate::parse(&text) {
                prop_assert!(PartialDate::parse(&date.iso()) == Ok(Some(date)));
                prop_assert_eq!(date.iso(), text);
            }
        }
    }
}
