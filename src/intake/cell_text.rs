//! Numbers and dates of typed cells as text.
//!
//! Enters: a number or a moment of a Parquet column or an XLSX cell. Leaves: the text that a CSV of the same list would
//! have. Invariant: an integer has no decimal point, a moment at midnight is a date.

use jiff::civil::{DateTime, Time};

/// The shortest text that reads as the same number; integers without `.0`.
pub fn number_text(number: f64) -> String {
    format!("{number}")
}

/// `1950-05-31`, and the time where it is not midnight.
pub fn date_time_text(moment: DateTime) -> String {
    if moment.time() == Time::midnight() { moment.date().to_string() } else { moment.to_string() }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn integers_have_no_decimal_point_and_midnight_is_a_date() {
        assert_eq!(number_text(999_990_019.0), "999990019");
        assert_eq!(number_text(12.5), "12.5");
        assert_eq!(number_text(-0.0), "-0");
        assert_eq!(date_time_text(date(1950, 5, 31).at(0, 0, 0, 0)), "1950-05-31");
        assert_eq!(date_time_text(date(1950, 5, 31).at(8, 30, 0, 0)), "1950-05-31T08:30:00");
    }
}
