//! Dates and numbers as people write them.
//!
//! Enters: ISO dates, which may be partial, and whole numbers. Leaves: `3 juli 2025`, `3 to 6 July 2025`, `941.000`,
//! `941,000`. Invariant: what is not a date or a number is refused, never passed through.

use crate::model::date::PartialDate;
use crate::model::language::Language;

const MONTHS_NL: [&str; 12] = [
    "januari",
    "februari",
    "maart",
    "april",
    "mei",
    "juni",
    "juli",
    "augustus",
    "september",
    "oktober",
    "november",
    "december",
];
const MONTHS_EN: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

/// A date in words; of a partial one the known parts. `None` where the text is no date.
pub fn date(text: &str, language: Language) -> Option<String> {
    let date = PartialDate::parse(text).ok()??;
    let months = match language {
        Language::Nl => MONTHS_NL,
        Language::En => MONTHS_EN,
    };
    let month = usize::from(date.month).checked_sub(1).and_then(|month| months.get(month));
    Some(match (date.day, month) {
        (day @ 1.., Some(month)) => format!("{day} {month} {}", date.year),
        (_, Some(month)) => format!("{month} {}", date.year),
        (_, None) => date.year.to_string(),
    })
}

/// The days from one date to another, both included; what both share is said once, and no line ends behind a day. `None`
/// where a text is no date, or where the second comes before the first.
pub fn until(from: &str, to: &str, language: Language) -> Option<String> {
    let (first, last) = (PartialDate::parse(from).ok()??, PartialDate::parse(to).ok()??);
    let order = (last.year, last.month.max(1), last.day.max(1)) >= (first.year, first.month.max(1), first.day.max(1));
    let in_words = |text: &str, date_of: PartialDate| {
        let words = date(text, language)?;
        Some(if date_of.day > 0 { words.replacen(' ', "\u{A0}", 1) } else { words })
    };
    let whole = in_words(from, first)?;
    let end = in_words(to, last)?;
    let months_known = first.month > 0 && last.month > 0;
    let begin = match first {
        _ if first == last => return Some(whole),
        _ if !months_known || first.year != last.year => whole,
        PartialDate { month, day: 1.., .. } if month == last.month && last.day > 0 => first.day.to_string(),
        _ => whole.rsplit_once(' ')?.0.to_owned(),
    };
    let between = match language {
        Language::Nl => "tot en met",
        Language::En => "to",
    };
    order.then(|| format!("{begin} {between} {end}"))
}

/// A whole number with thousands grouped. `None` where the text is no whole number.
pub fn number(text: &str, language: Language) -> Option<String> {
    let (sign, digits) = text.strip_prefix('-').map_or(("", text), |digits| ("-", digits));
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let separator = match language {
        Language::Nl => '.',
        Language::En => ',',
    };
    let mut grouped = String::from(sign);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push(separator);
        }
        grouped.push(digit);
    }
    Some(grouped)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_is_written_as_people_write_it() {
        assert_eq!(date("2025-07-03", Language::Nl).as_deref(), Some("3 juli 2025"));
        assert_eq!(date("2025-07-03", Language::En).as_deref(), Some("3 July 2025"));
        assert_eq!(date("2025-07-00", Language::En).as_deref(), Some("July 2025"));
        assert_eq!(date("2025-00-00", Language::Nl).as_deref(), Some("2025"));
        assert_eq!(date("next week", Language::Nl), None);
    }

    #[test]
    fn what_two_dates_share_is_said_once() {
        let dutch = |from, to| until(from, to, Language::Nl).map(|words| words.replace('\u{A0}', " "));
        assert_eq!(dutch("2025-07-03", "2025-07-06").as_deref(), Some("3 tot en met 6 juli 2025"));
        assert_eq!(dutch("2025-06-30", "2025-07-02").as_deref(), Some("30 juni tot en met 2 juli 2025"));
        assert_eq!(dutch("2025-12-30", "2026-01-02").as_deref(), Some("30 december 2025 tot en met 2 januari 2026"));
        assert_eq!(dutch("2025-07-03", "2025-07-03").as_deref(), Some("3 juli 2025"));
        assert_eq!(dutch("2025-06-00", "2025-07-02").as_deref(), Some("juni tot en met 2 juli 2025"));
        assert_eq!(dutch("2025-07-00", "2025-07-02").as_deref(), Some("juli tot en met 2 juli 2025"));
        assert_eq!(dutch("2024-00-00", "2025-07-02").as_deref(), Some("2024 tot en met 2 juli 2025"));
        assert_eq!(until("2025-07-03", "2025-07-06", Language::En).as_deref(), Some("3 to 6\u{A0}July 2025"));
        assert_eq!(dutch("2025-07-06", "2025-07-03"), None);
        assert_eq!(dutch("2025-07-06", "soon"), None);
    }

    #[test]
    fn thousands_are_grouped_by_the_language() {
        assert_eq!(number("941000", Language::Nl).as_deref(), Some("941.000"));
        assert_eq!(number("941000", Language::En).as_deref(), Some("941,000"));
        assert_eq!(number("94", Language::En).as_deref(), Some("94"));
        assert_eq!(number("9.4", Language::En), None);
    }
}
