//! Dates and numbers as people write them.
//!
//! Enters: ISO dates, which may be partial, and whole numbers. Leaves: `3 juli 2025`, `3 July 2025`, `941.000`,
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
    fn thousands_are_grouped_by_the_language() {
        assert_eq!(number("941000", Language::Nl).as_deref(), Some("941.000"));
        assert_eq!(number("941000", Language::En).as_deref(), Some("941,000"));
        assert_eq!(number("94", Language::En).as_deref(), Some("94"));
        assert_eq!(number("9.4", Language::En), None);
    }
}
