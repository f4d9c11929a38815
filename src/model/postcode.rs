//! Dutch postcodes.
//!
//! Enters: text as lists have it. Leaves: four digits and two capitals. Invariant: the digits do not start with 0 and
//! the letters are not SA, SD or SS. Absent on purpose: whether the postcode exists.

use std::fmt;

/// A postcode of the Netherlands. `Debug` shows a mask.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Postcode {
    digits: u16,
    letters: [u8; 2],
}

impl Postcode {
    /// Reads four digits, any number of spaces (U+0020 only) and two letters of either case; nothing around them.
    pub fn parse(text: &str) -> Option<Self> {
        let (digits, rest) = text.split_at_checked(4)?;
        if digits.starts_with('0') || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let &[first, second] = rest.trim_start_matches(' ').as_bytes() else { return None };
        let letters = [first.to_ascii_uppercase(), second.to_ascii_uppercase()];
        let allowed = letters.iter().all(u8::is_ascii_uppercase) && !matches!(&letters, b"SA" | b"SD" | b"SS");
        allowed.then_some(Self { digits: digits.parse().ok()?, letters })
    }

    /// `1234AB`, as in indexes and bar codes.
    pub fn compact(self) -> String {
        let [first, second] = self.letters.map(char::from);
        format!("{}{first}{second}", self.digits)
    }

    /// `1234 AB`, as on paper.
    pub fn printed(self) -> String {
        let [first, second] = self.letters.map(char::from);
        format!("{} {first}{second}", self.digits)
    }
}

impl fmt::Debug for Postcode {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Postcode(personal)")
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_mask_is_all_that_debug_shows() {
        assert!(!format!("{:?}", Postcode::parse("1234AB").unwrap()).contains("1234"));
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in "[0-9]{0,5}.{0,4}") {
            if let Some(postcode) = Postcode::parse(&text) {
                prop_assert!(Postcode::parse(&postcode.printed()) == Some(postcode));
                prop_assert!(Postcode::parse(&postcode.compact()) == Some(postcode));
            }
        }
    }
}
