//! The case code: the reference on a letter, and the only identifier of a person that leaves a run.
//!
//! Enters: the campaign's secret key and a normalised person key. Leaves: 60 bits of an HMAC, printed in Crockford's
//! base 32 with a check character. Invariant: the same key material gives the same code in every campaign; nobody gets
//! from a code to a person key without the secret. Absent on purpose: the detection of collisions, which needs all
//! persons at once.

use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// Crockford's base 32 digits by value: no I, L, O, U.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// Digits that carry the 60 bits, five each.
const DIGITS: usize = 12;

/// A case code; the text form ends in a check character.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CaseCode(u64);

impl CaseCode {
    /// The 60 bits, as a number.
    pub const fn bits(self) -> u64 {
        self.0
    }

    /// The code of these bits; those above the 60th are dropped.
    pub const fn from_bits(bits: u64) -> Self {
        Self(bits & ((1 << 60) - 1))
    }

    /// `XXXX-XXXX-XXXXX`, as printed on letters.
    pub fn printed(self) -> String {
        let compact = self.compact();
        format!("{}-{}-{}", &compact[..4], &compact[4..8], &compact[8..])
    }

    /// The 13 characters without hyphens.
    pub fn compact(self) -> String {
        let values = self.values();
        values.into_iter().chain([check_value(&values)]).map(|value| char::from(ALPHABET[usize::from(value)])).collect()
    }

    /// The code with this spelling, if its check character is right. Hyphens are optional and case does not matter;
    /// I and L read as 1 and O as 0, as Crockford has it, for whoever copies a code from paper.
    pub fn parse(text: &str) -> Option<Self> {
        let mut values = [0_u8; DIGITS + 1];
        let mut count = 0;
        for character in text.trim().chars().filter(|&character| character != '-') {
            *values.get_mut(count)? = value_of(character)?;
            count += 1;
        }
        let (&check, digits) = values.split_last()?;
        (count == values.len() && check_value(digits) == check)
            .then(|| Self(digits.iter().fold(0, |bits, &value| bits << 5 | u64::from(value))))
    }

    /// The values of the twelve digits, the most significant first.
    fn values(self) -> [u8; DIGITS] {
        let mut rest = self.0;
        let mut values = [0; DIGITS];
        for value in values.iter_mut().rev() {
            *value = (rest & 31) as u8;
            rest >>= 5;
        }
        values
    }
}

impl fmt::Display for CaseCode {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.printed())
    }
}

impl fmt::Debug for CaseCode {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "CaseCode({self})")
    }
}

/// Makes case codes with a campaign's secret key. `Debug` does not show the key.
#[derive(Clone)]
pub struct CaseCoder {
    keyed: Hmac<Sha256>,
}

impl CaseCoder {
    /// A coder with this secret; the campaign's settings see to its length.
    #[expect(clippy::missing_panics_doc, reason = "HMAC takes a key of any length")]
    pub fn new(key: &[u8]) -> Self {
        let mut keyed = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes a key of any length");
        keyed.update(b"meldpost-case-1\n");
        Self { keyed }
    }

    /// The code of a key; `kind` is `bsn`, `opaque` or `seed`, and keeps equal texts of different kinds apart.
    pub fn code(&self, kind: &str, normalised_key: &str) -> CaseCode {
        let mut mac = self.keyed.clone();
        for part in [kind, "\n", normalised_key, "\n"] {
            mac.update(part.as_bytes());
        }
        let digest = mac.finalize().into_bytes();
        let bits = digest.iter().take(8).fold(0_u64, |bits, &byte| bits << 8 | u64::from(byte));
        CaseCode(bits >> 4)
    }
}

impl fmt::Debug for CaseCoder {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("CaseCoder(secret)")
    }
}

/// The value of a digit as people may write it.
fn value_of(character: char) -> Option<u8> {
    let digit = match character.to_ascii_uppercase() {
        'I' | 'L' => b'1',
        'O' => b'0',
        other => u8::try_from(other).ok()?,
    };
    ALPHABET.iter().position(|&known| known == digit).and_then(|index| u8::try_from(index).ok())
}

/// The Luhn mod 32 check value: every second value from the right is doubled and its two base-32 digits are added.
fn check_value(values: &[u8]) -> u8 {
    let mut sum = 0_u32;
    for (index, &value) in values.iter().rev().enumerate() {
        let addend = u32::from(value) * if index % 2 == 0 { 2 } else { 1 };
        sum += addend / 32 + addend % 32;
    }
    ((32 - sum % 32) % 32) as u8
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_code_is_the_first_sixty_bits_of_the_hmac() {
        // printf 'meldpost-case-1\nbsn\n999990007\n' | openssl dgst -sha256 -hmac 0123456789abcdef
        let code = CaseCoder::new(b"0123456789abcdef").code("bsn", "999990007");
        assert_eq!(format!("{:015x}", code.bits()), "dbf5f2bf699195b");
        assert_eq!(code.printed(), "VFTZ-5FV9-J6AVZ");
    }

    #[test]
    fn kinds_and_keys_give_other_codes() {
        let coder = CaseCoder::new(b"0123456789abcdef");
        assert_ne!(coder.code("bsn", "999990007"), coder.code("opaque", "999990007"));
        assert_ne!(coder.code("bsn", "999990007"), CaseCoder::new(b"fedcba9876543210").code("bsn", "999990007"));
    }

    #[test]
    fn digits_stand_for_five_bits_each() {
        assert_eq!(CaseCode::from_bits(0).printed(), "0000-0000-00000");
        assert_eq!(&CaseCode::from_bits((1 << 60) - 1).compact()[..12], "ZZZZZZZZZZZZ");
        assert_eq!(&CaseCode::from_bits(31 << 55).compact()[..12], "Z00000000000");
        // One in the last digit counts twice, one in the digit before it once.
        assert_eq!(CaseCode::from_bits(1).compact(), "000000000001Y");
        assert_eq!(CaseCode::from_bits(1 << 5).compact(), "000000000010Z");
        assert_eq!(CaseCode::from_bits(16).compact(), "00000000000GZ");
    }

    #[test]
    fn a_copied_code_may_lack_hyphens_and_look_alike() {
        let code = CaseCode::from_bits(1);
        for text in ["0000-0000-0001Y", "000000000001Y", " oooo-oooo-oooiy ", "OOOOOOOOOOOLY"] {
            assert_eq!(CaseCode::parse(text), Some(code), "{text}");
        }
        for text in ["", "-", "0000-0000-0001", "0000-0000-0001Z", "0000-0000-0001YY", "0000-0000-0001U", "é"] {
            assert_eq!(CaseCode::parse(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn a_printed_code_reads_back(bits in 0_u64..1 << 60) {
            let code = CaseCode::from_bits(bits);
            prop_assert_eq!(CaseCode::parse(&code.printed()), Some(code));
            prop_assert_eq!(CaseCode::parse(&code.compact()), Some(code));
        }

        #[test]
        fn one_wrong_character_is_always_found(bits in 0_u64..1 << 60, at in 0_usize..13, by in 1_usize..32) {
            let mut text = CaseCode::from_bits(bits).compact().into_bytes();
            let old = ALPHABET.iter().position(|&digit| digit == text[at]).unwrap();
            text[at] = ALPHABET[(old + by) % 32];
            prop_assert_eq!(CaseCode::parse(std::str::from_utf8(&text).unwrap()), None);
        }

        #[test]
        fn any_text_is_read_or_refused(text in ".{0,20}") {
            let _ = CaseCode::parse(&text);
        }
    }
}
