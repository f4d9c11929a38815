//! Working days in the Netherlands.
//!
//! Enters: a date. Leaves: whether it is a working day, and the date some working days later. Invariant: weekends and the
//! days of article 3 of the Algemene termijnenwet are none: New Year's Day, Good Friday, Easter Monday, King's Day,
//! 5 May, Ascension Day, Whit Monday, and both days of Christmas.

use jiff::ToSpan;
use jiff::civil::{Date, Weekday, date};

/// Whether people work on this day.
pub fn is_working_day(day: Date) -> bool {
    !matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday) && !is_holiday(day)
}

/// The day that lies so many working days after this one.
pub fn after(day: Date, working_days: u32) -> Date {
    let mut day = day;
    let mut left = working_days;
    while left > 0 && day != Date::MAX {
        day = day.tomorrow().unwrap_or(Date::MAX);
        left -= u32::from(is_working_day(day));
    }
    day
}

fn is_holiday(day: Date) -> bool {
    let year = day.year();
    let fixed = [(1, 1), (5, 5), (12, 25), (12, 26)];
    if fixed.contains(&(day.month(), day.day())) || day == kings_day(year) {
        return true;
    }
    let easter = easter(year);
    // Good Friday, Easter Monday, Ascension Day, Whit Monday.
    [-2, 1, 39, 50].into_iter().any(|days: i32| easter.checked_add(days.days()).is_ok_and(|holiday| holiday == day))
}

/// 27 April, or the 26th where that is a Sunday.
fn kings_day(year: i16) -> Date {
    let day = date(year, 4, 27);
    if day.weekday() == Weekday::Sunday { date(year, 4, 26) } else { day }
}

/// Easter Sunday of the Gregorian calendar, by the method of Meeus, Jones and Butcher.
fn easter(year: i16) -> Date {
    let year_number = i32::from(year);
    let golden = year_number % 19;
    let (century, of_century) = (year_number / 100, year_number % 100);
    let correction = (century - (century + 8) / 25 + 1) / 3;
    let epact = (19 * golden + century - century / 4 - correction + 15) % 30;
    let weekday = (32 + 2 * (century % 4) + 2 * (of_century / 4) - epact - of_century % 4) % 7;
    let shift = (golden + 11 * epact + 22 * weekday) / 451;
    let days = epact + weekday - 7 * shift + 114;
    let (month, day) = (days / 31, days % 31 + 1);
    date(year, i8::try_from(month).unwrap_or(4), i8::try_from(day).unwrap_or(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn easter_is_where_the_almanacs_have_it() {
        let known = [
            date(1961, 4, 2),
            date(2000, 4, 23),
            date(2008, 3, 23),
            date(2011, 4, 24),
            date(2019, 4, 21),
            date(2024, 3, 31),
            date(2025, 4, 20),
            date(2026, 4, 5),
            date(2038, 4, 25),
        ];
        assert!(known.into_iter().all(|sunday| easter(sunday.year()) == sunday));
    }

    #[test]
    fn the_days_off_of_2025_and_the_kings_day_of_a_sunday() {
        let off = [(1, 1), (4, 18), (4, 21), (5, 5), (5, 29), (6, 9), (12, 25), (12, 26)];
        assert!(off.into_iter().all(|(month, day)| !is_working_day(date(2025, month, day))));
        // 27 April 2025 is a Sunday, so the king's birthday is kept on the Saturday; the Monday is worked.
        assert!(is_working_day(date(2025, 4, 28)));
        assert!(!is_working_day(date(2026, 4, 27)) && is_working_day(date(2026, 4, 28)));
        let worked = (0..365).filter(|&day: &i32| is_working_day(date(2025, 1, 1).checked_add(day.days()).unwrap()));
        // 261 weekdays, and eight holidays on them.
        assert_eq!(worked.count(), 253);
    }

    #[test]
    fn working_days_step_over_easter_and_weekends() {
        assert_eq!(after(date(2025, 4, 17), 2), date(2025, 4, 23));
        assert_eq!(after(date(2025, 9, 12), 2), date(2025, 9, 16));
        assert_eq!(after(date(2025, 9, 13), 0), date(2025, 9, 13));
    }
}
