//! The nouns of the field: person, address, exposure, case code, outcome, letter.

pub mod address;
pub mod bsn;
pub mod case_code;
pub mod country;
pub mod date;
pub mod earlier;
pub mod exposure;
pub mod language;
pub mod letter;
pub mod name;
pub mod outcome;
pub mod postcode;
pub mod private;
pub mod text;
