//! Which day a package may be printed, so that the call centre can keep up.
//!
//! Enters: the campaign's date, letters a day, packages in order. Leaves: a date a package. Invariant: weekdays only,
//! never before the campaign's date, never more letters a date than allowed unless one package alone has more. Absent on
//! purpose: public holidays, which the campaign's date can step over.

use jiff::civil::{Date, Weekday};

/// Hands out release dates to packages in order.
#[derive(Debug, Clone)]
pub(super) struct ReleaseDates {
    date: Date,
    per_day: Option<u32>,
    released: u64,
}

impl ReleaseDates {
    pub(super) fn new(campaign_date: Date, per_day: Option<u32>) -> Self {
        Self { date: weekday_from(campaign_date), per_day, released: 0 }
    }

    /// The date of the next package, which has this many letters.
    pub(super) fn next(&mut self, letters: u64) -> Date {
        let full = self.per_day.is_some_and(|per_day| self.released + letters > u64::from(per_day));
        if full && self.released > 0 {
            self.date = weekday_from(following(self.date));
            self.released = 0;
        }
        self.released += letters;
        self.date
    }
}

/// The date itself if it is a weekday, else the Monday after it.
fn weekday_from(date: Date) -> Date {
    let mut date = date;
    while matches!(date.weekday(), Weekday::Saturday | Weekday::Sunday) && date != Date::MAX {
        date = following(date);
    }
    date
}

fn following(date: Date) -> Date {
    date.tomorrow().unwrap_or(Date::MAX)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::ReleaseDates;

    #[test]
    fn packages_share_a_day_until_it_is_full_and_weekends_are_stepped_over() {
        let mut dates = ReleaseDates::new(date(2025, 9, 11), Some(100));
        let handed_out: Vec<_> = [60, 40, 50, 60, 10].into_iter().map(|letters| dates.next(letters)).collect();
        let (thursday, friday, monday) = (date(2025, 9, 11), date(2025, 9, 12), date(2025, 9, 15));
        assert_eq!(handed_out, [thursday, thursday, friday, monday, monday]);
    }

    #[test]
    fn a_campaign_of_a_saturday_is_released_on_monday() {
        assert_eq!(ReleaseDates::new(date(2025, 9, 13), None).next(1_000_000), date(2025, 9, 15));
    }
}
