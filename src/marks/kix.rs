//! KIX, the four-state customer bar code of the Dutch post.
//!
//! Enters: a Dutch postcode and house number. Leaves: the code's text, its bars, and the bars' measures. Invariant: a
//! code is whole or absent; nothing in it is cut. Absent on purpose: start, stop and check characters, which KIX lacks,
//! and the drawing.

use crate::model::postcode::Postcode;

/// Width of a bar; 0.38 to 0.63 are allowed.
pub const BAR_WIDTH_MM: f64 = 0.50;
/// Left edge of a bar to the left edge of the next: 22 bars an inch; 1.016 to 1.27 are allowed.
pub const PITCH_MM: f64 = 25.4 / 22.0;
/// Height of the part that every bar has; 1.02 to 1.52 are allowed.
pub const TRACKER_HEIGHT_MM: f64 = 1.27;
/// Height of an ascender above and of a descender below that part; 1.60 to 2.16 are allowed.
pub const EXTENSION_MM: f64 = 1.88;
/// Height of the code.
pub const HEIGHT_MM: f64 = TRACKER_HEIGHT_MM + 2.0 * EXTENSION_MM;
/// Clear space on all four sides.
pub const QUIET_ZONE_MM: f64 = 2.0;

/// Characters that a code holds at most.
const MAX_CHARACTERS: usize = 18;
/// Characters of letter and addition that a code holds at most.
const MAX_SUFFIX: usize = 6;
/// The RM4SCC characters; a character's index chooses its ascenders (index / 6) and descenders (index mod 6).
const ALPHABET: &[u8; 36] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
/// Which two of a character's four bars are extended, the leftmost in the highest bit.
const EXTENDED: [u8; 6] = [0b0011, 0b0101, 0b0110, 0b1001, 0b1010, 0b1100];

/// A bar of the code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Bar {
    /// The middle part alone.
    Tracker,
    /// The middle part and above it.
    Ascender,
    /// The middle part and below it.
    Descender,
    /// All three parts.
    Full,
}

impl Bar {
    /// `T`, `A`, `D` or `F`.
    pub const fn letter(self) -> char {
        match self {
            Self::Tracker => 'T',
            Self::Ascender => 'A',
            Self::Descender => 'D',
            Self::Full => 'F',
        }
    }

    /// The bar's top and bottom below the code's upper edge, in mm.
    pub const fn extent_mm(self) -> (f64, f64) {
        let top = match self {
            Self::Ascender | Self::Full => 0.0,
            Self::Tracker | Self::Descender => EXTENSION_MM,
        };
        let bottom = match self {
            Self::Descender | Self::Full => HEIGHT_MM,
            Self::Tracker | Self::Ascender => EXTENSION_MM + TRACKER_HEIGHT_MM,
        };
        (top, bottom)
    }
}

/// The code's text for an address: postcode, number, and `X` with letter and addition where there are any.
///
/// `number` is a house, PO box or reply number. Letter and addition lose what is no letter or digit. `None` where the
/// postcode or the number is none, and where letter and addition together are longer than six characters: such a code
/// is left out, not cut.
pub fn content(postcode: &str, number: &str, letter: &str, addition: &str) -> Option<String> {
    let postcode = Postcode::parse(postcode)?.compact();
    let is_number = matches!(number.len(), 1..=5)
        && number.bytes().all(|byte| byte.is_ascii_digit())
        && number.bytes().any(|byte| byte != b'0');
    let suffix: String = letter
        .chars()
        .chain(addition.chars())
        .filter(char::is_ascii_alphanumeric)
        .map(|character| character.to_ascii_uppercase())
        .collect();
    if !is_number || suffix.len() > MAX_SUFFIX {
        return None;
    }
    let separator = if suffix.is_empty() { "" } else { "X" };
    Some(format!("{postcode}{number}{separator}{suffix}"))
}

/// The bars of a text, from left to right, four a character; `None` for other characters than digits and capitals, for
/// no text, and for more than 18 characters.
pub fn bars(text: &str) -> Option<Vec<Bar>> {
    if text.is_empty() || text.len() > MAX_CHARACTERS {
        return None;
    }
    let mut bars = Vec::with_capacity(4 * text.len());
    for byte in text.bytes() {
        let index = ALPHABET.iter().position(|&known| known == byte)?;
        let (ascenders, descenders) = (EXTENDED[index / 6], EXTENDED[index % 6]);
        bars.extend([8, 4, 2, 1].map(|bit| match (ascenders & bit != 0, descenders & bit != 0) {
            (false, false) => Bar::Tracker,
            (true, false) => Bar::Ascender,
            (false, true) => Bar::Descender,
            (true, true) => Bar::Full,
        }));
    }
    Some(bars)
}

/// The width of a code of so many bars, from the first bar's left edge to the last bar's right edge.
#[expect(clippy::cast_precision_loss, reason = "a code has at most 72 bars")]
pub fn width_mm(bars: usize) -> f64 {
    if bars == 0 { 0.0 } else { (bars - 1) as f64 * PITCH_MM + BAR_WIDTH_MM }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_code_that_would_have_to_be_cut_is_left_out() {
        assert_eq!(content("1234AB", "12", "", "ABCDEF").as_deref(), Some("1234AB12XABCDEF"));
        assert_eq!(content("1234AB", "12", "", "ABCDEFG"), None);
        assert_eq!(content("1234AB", "12", "A", "BCDEFG"), None);
        assert_eq!(content("1234AB", "123456", "", ""), None);
        for (postcode, number) in [("1234SS", "1"), ("", "1"), ("1234AB", ""), ("1234AB", "0"), ("1234AB", "1a")] {
            assert_eq!(content(postcode, number, "", ""), None, "{postcode} {number}");
        }
    }

    #[test]
    fn what_has_no_bars_is_refused() {
        for text in ["", "1234ab1", "1234 AB", "É", "1234567890123456789"] {
            assert_eq!(bars(text), None, "{text}");
        }
    }

    #[test]
    fn codes_are_as_wide_as_the_post_says() {
        assert!((width_mm(11 * 4) - 50.1).abs() < 0.06);
        assert!((width_mm(18 * 4) - 82.5).abs() < 0.06);
        assert_eq!(Bar::Full.extent_mm(), (0.0, HEIGHT_MM));
        assert!((HEIGHT_MM - 5.03).abs() < 1e-9);
    }

    proptest! {
        #[test]
        fn every_content_has_bars(
            postcode in "[1-9][0-9]{3}[A-R][A-Z]", number in "[0-9]{1,6}", letter in ".?", addition in ".{0,8}"
        ) {
            if let Some(text) = content(&postcode, &number, &letter, &addition) {
                prop_assert_eq!(bars(&text).map(|bars| bars.len()), Some(4 * text.len()));
            }
        }
    }
}
