//! Person keys: numbers that pass the eleven test, and a hospital's and a prison's own.
//!
//! Enters: a seed. Leaves: keys, each once. Invariant: citizen numbers begin with 9 and pass the test; nobody has one of
//! them as far as anybody knows, for they are counted off and not taken from anywhere. Absent on purpose: memory of what
//! was given out; the walk visits each number once.

use super::random::Random;

/// Numbers of eight digits that begin with 9.
const PREFIXES: u32 = 10_000_000;
/// Has no divisor in common with [`PREFIXES`], so that the walk comes by each of them once.
const STRIDE: u32 = 3_819_661;
/// The stream of random numbers that the walk starts from.
const STREAM: u64 = u64::MAX;

/// Gives out keys.
#[derive(Debug)]
pub struct Keys {
    prefix: u32,
    hospital: u32,
    detention: u32,
}

impl Keys {
    /// The keys of this seed.
    pub fn new(seed: u64) -> Self {
        let start = Random::new(seed, STREAM).below(PREFIXES as usize);
        Self { prefix: u32::try_from(start).unwrap_or_default(), hospital: 0, detention: 0 }
    }

    /// The next citizen number; about nine million of them come before the first comes again.
    pub fn bsn(&mut self) -> String {
        loop {
            self.prefix = (self.prefix + STRIDE) % PREFIXES;
            let prefix = format!("9{:07}", self.prefix);
            let sum: u32 =
                prefix.bytes().zip((2..=9).rev()).map(|(digit, weight)| u32::from(digit - b'0') * weight).sum();
            // A remainder of ten would need a digit that does not exist.
            if sum % 11 < 10 {
                return format!("{prefix}{}", sum % 11);
            }
        }
    }

    /// The next number of a hospital's patient.
    pub fn hospital(&mut self) -> String {
        self.hospital += 1;
        format!("PAT-{:08}", self.hospital)
    }

    /// The next number of a prisoner.
    pub fn detention(&mut self) -> String {
        self.detention += 1;
        format!("DJ{:07}", self.detention)
    }
}

/// The number with its last digit wrong, which the eleven test always finds.
pub fn mistyped(bsn: &str) -> String {
    let (rest, last) = bsn.split_at(bsn.len() - 1);
    format!("{rest}{}", (last.parse::<u32>().unwrap_or_default() + 1) % 10)
}

/// `912.345.678`, as some offices write it.
pub fn dotted(bsn: &str) -> String {
    format!("{}.{}.{}", &bsn[..3], &bsn[3..6], &bsn[6..])
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::model::bsn;

    #[test]
    fn every_number_passes_the_test_and_comes_once() {
        let mut keys = Keys::new(7);
        let numbers: BTreeSet<String> = (0..20_000).map(|_| keys.bsn()).collect();
        assert_eq!(numbers.len(), 20_000);
        for number in &numbers {
            assert_eq!(bsn::normalise(number).as_ref(), Some(number));
            assert_eq!(bsn::normalise(&dotted(number)).as_ref(), Some(number));
            assert_eq!(bsn::normalise(&mistyped(number)), None);
        }
    }
}
