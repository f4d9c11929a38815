//! Citizen service numbers (BSN): reading, and the eleven test.
//!
//! Enters: a person key of kind `bsn`. Leaves: nine digits, or nothing. Invariant: what leaves passes the eleven test.
//! Absent on purpose: a type that prints; the number serves for matching inside a run and for nothing else.

/// The nine digits of a number that is written with or without full stops and spaces, a lost leading zero restored;
/// `None` where the eleven test fails. Passing does not mean that the number was issued.
pub fn normalise(text: &str) -> Option<String> {
    let mut digits = String::with_capacity(9);
    for character in text.chars().filter(|&character| !matches!(character, '.' | ' ')) {
        if !character.is_ascii_digit() || digits.len() == 9 {
            return None;
        }
        digits.push(character);
    }
    if digits.len() == 8 {
        digits.insert(0, '0');
    }
    passes(&digits).then_some(digits)
}

/// Whether (9a+8b+7c+6d+5e+4f+3g+2h−i) is divisible by 11 for nine digits that are not all zero.
fn passes(digits: &str) -> bool {
    let weights = [9, 8, 7, 6, 5, 4, 3, 2, -1];
    let sum: i32 = digits.bytes().zip(weights).map(|(digit, weight)| i32::from(digit - b'0') * weight).sum();
    digits.len() == 9 && sum % 11 == 0 && digits.bytes().any(|digit| digit != b'0')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_lost_leading_zero_is_restored() {
        assert_eq!(normalise("00000024").as_deref(), Some("000000024"));
        assert_eq!(normalise("999.990.032").as_deref(), Some("999990032"));
        assert_eq!(normalise("000000000"), None);
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in ".{0,14}") {
            if let Some(number) = normalise(&text) {
                prop_assert_eq!(normalise(&number), Some(number.clone()));
            }
        }

        #[test]
        fn one_wrong_digit_is_always_found(number in 0_u32..1_000_000_000, at in 0_usize..9, by in 1_u8..10) {
            if let Some(good) = normalise(&format!("{number:09}")) {
                let mut bytes = good.into_bytes();
                bytes[at] = b'0' + (bytes[at] - b'0' + by) % 10;
                prop_assert_eq!(normalise(std::str::from_utf8(&bytes).unwrap()), None);
            }
        }
    }
}
