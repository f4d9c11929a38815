//! Which data of whom leaked.
//!
//! Enters: a participants list and random numbers. Leaves: categories and certainties. Invariant: a list has at most 64
//! profiles, the first of them far more often than the last, so that a population has a few hundred wordings as a real
//! one has; people who read large print get one of the first four, whose letter is short enough. Absent on purpose:
//! edge cases, see [`super::cases`].

use super::lists::Home;
use super::random::Random;

/// Every category of the letter `laboratory-breach`.
pub const CATEGORIES: [&str; 23] = [
    "name",
    "sex",
    "birth_date",
    "address",
    "phone",
    "email",
    "bsn",
    "id_document",
    "patient_number",
    "insurance_number",
    "insurer",
    "gp",
    "requester",
    "participation",
    "exam_type",
    "exam_date",
    "specimen",
    "test_result",
    "follow_up",
    "clinical_notes",
    "detention",
    "iban",
    "credentials",
];

/// A category and a certainty as a list writes it; blank is confirmed.
pub type Mark = (&'static str, &'static str);

const CONFIRMED: &str = "confirmed";
const POSSIBLE: &str = "possible";
const RULED_OUT: &str = "ruled_out";

/// What a list's profiles have in common, and one mark for each bit of a profile's number.
struct Profiles {
    always: &'static [Mark],
    by_bit: [Mark; 6],
}

const FIRST_LETTER: Profiles = Profiles {
    always: &[
        ("name", CONFIRMED),
        ("address", CONFIRMED),
        ("sex", CONFIRMED),
        ("birth_date", CONFIRMED),
        ("bsn", CONFIRMED),
        ("participation", CONFIRMED),
    ],
    by_bit: [
        ("exam_type", CONFIRMED),
        ("test_result", POSSIBLE),
        ("gp", CONFIRMED),
        ("insurer", CONFIRMED),
        ("phone", POSSIBLE),
        ("email", POSSIBLE),
    ],
};

const SECOND_DELIVERY: Profiles = Profiles {
    always: &[("name", CONFIRMED), ("bsn", ""), ("participation", CONFIRMED)],
    by_bit: [
        ("address", CONFIRMED),
        ("test_result", POSSIBLE),
        ("gp", CONFIRMED),
        ("phone", RULED_OUT),
        ("email", CONFIRMED),
        ("iban", POSSIBLE),
    ],
};

const NOT_RULED_OUT: Profiles = Profiles {
    always: &[("name", POSSIBLE), ("birth_date", POSSIBLE)],
    by_bit: [
        ("address", POSSIBLE),
        ("bsn", POSSIBLE),
        ("participation", POSSIBLE),
        ("test_result", RULED_OUT),
        ("gp", POSSIBLE),
        ("id_document", RULED_OUT),
    ],
};

const BEFORE_2017: Profiles = Profiles {
    always: &[("name", CONFIRMED), ("birth_date", CONFIRMED), ("gp", CONFIRMED)],
    by_bit: [
        ("participation", CONFIRMED),
        ("address", POSSIBLE),
        ("bsn", POSSIBLE),
        ("exam_date", CONFIRMED),
        ("insurer", POSSIBLE),
        ("test_result", RULED_OUT),
    ],
};

const PATIENT: Profiles = Profiles {
    always: &[("name", CONFIRMED), ("birth_date", CONFIRMED), ("specimen", CONFIRMED)],
    by_bit: [
        ("patient_number", CONFIRMED),
        ("requester", CONFIRMED),
        ("test_result", POSSIBLE),
        ("insurance_number", POSSIBLE),
        ("clinical_notes", RULED_OUT),
        ("follow_up", POSSIBLE),
    ],
};

const PRISONER: Profiles = Profiles {
    always: &[("name", CONFIRMED), ("birth_date", CONFIRMED), ("detention", CONFIRMED)],
    by_bit: [
        ("specimen", CONFIRMED),
        ("sex", CONFIRMED),
        ("test_result", POSSIBLE),
        ("exam_date", CONFIRMED),
        ("follow_up", RULED_OUT),
        ("clinical_notes", POSSIBLE),
    ],
};

/// What leaked of somebody in this list.
pub fn marks(random: &mut Random, home: Home, large_print: bool) -> Vec<Mark> {
    let profiles = match home {
        Home::FirstLetter => &FIRST_LETTER,
        Home::SecondDelivery => &SECOND_DELIVERY,
        Home::NotRuledOut => &NOT_RULED_OUT,
        Home::Before2017 => &BEFORE_2017,
        Home::Practitioner | Home::Hospital => &PATIENT,
        Home::Detention => &PRISONER,
        Home::Breast => return ruled_out(random),
    };
    let (one, other) = (random.below(64), random.below(64));
    let profile = if large_print { one % 4 } else { one * other / 64 };
    let by_bit = profiles.by_bit.iter().enumerate().filter(|(bit, _)| profile >> bit & 1 == 1);
    profiles.always.iter().copied().chain(by_bit.map(|(_, &mark)| mark)).collect()
}

/// Nothing leaked, and that is known.
pub fn ruled_out(random: &mut Random) -> Vec<Mark> {
    let categories = ["name", "birth_date", "bsn", "address", "participation"];
    categories[..2 + random.below(4)].iter().map(|&category| (category, RULED_OUT)).collect()
}

/// Nothing about health.
pub fn without_health() -> Vec<Mark> {
    vec![("name", CONFIRMED), ("birth_date", CONFIRMED), ("address", POSSIBLE), ("insurer", CONFIRMED)]
}

/// Everything.
pub fn everything() -> Vec<Mark> {
    let certainty = |at: usize| if at.is_multiple_of(2) { CONFIRMED } else { POSSIBLE };
    CATEGORIES.iter().enumerate().map(|(at, &category)| (category, certainty(at))).collect()
}
