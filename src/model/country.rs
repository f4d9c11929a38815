//! Countries by their ISO 3166-1 alpha-2 code.
//!
//! Enters: `countries.csv` beside this file. Leaves: a country's names, for the last line of a mail piece and for text.
//! Invariant: the file is part of the program and has every code once. Absent on purpose: recognising a country by its
//! name, which would be a guess.

use std::sync::LazyLock;

use serde::Deserialize;

/// A country or territory with a code of its own.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Country {
    /// ISO 3166-1 alpha-2, in capitals.
    pub alpha2: String,
    /// English name in capitals: the last line of a mail piece from abroad.
    pub mail_name_en: String,
    /// A line that stands before the country's, for a territory that is reached through another country; blank else.
    pub mail_region: String,
    /// Dutch name.
    pub name_nl: String,
    /// English name.
    pub name_en: String,
}

impl Country {
    /// Whether mail to this country is domestic.
    pub fn is_domestic(&self) -> bool {
        self.alpha2 == "NL"
    }
}

/// All countries, by code.
static COUNTRIES: LazyLock<Vec<Country>> = LazyLock::new(|| {
    let mut countries = csv::Reader::from_reader(include_bytes!("countries.csv").as_slice())
        .deserialize()
        .collect::<Result<Vec<Country>, _>>()
        .expect("countries.csv is part of the program and a test reads it");
    countries.sort_by(|left, right| left.alpha2.cmp(&right.alpha2));
    countries
});

/// The country with this code, in any case.
pub fn find(alpha2: &str) -> Option<&'static Country> {
    let code = alpha2.to_ascii_uppercase();
    let index = COUNTRIES.binary_search_by(|country| country.alpha2.as_str().cmp(&code)).ok()?;
    COUNTRIES.get(index)
}

/// Every country, in the order of the codes.
pub fn all() -> &'static [Country] {
    &COUNTRIES
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_found_in_any_case_and_a_name_is_not() {
        assert_eq!(find("nl").map(|country| country.name_nl.as_str()), Some("Nederland"));
        assert_eq!(find("Us").map(|country| country.mail_name_en.as_str()), Some("UNITED STATES OF AMERICA"));
        for text in ["", "N", "XX", "Nederland", "NLD"] {
            assert!(find(text).is_none(), "{text}");
        }
    }

    #[test]
    fn every_code_stands_in_the_file_once() {
        assert_eq!(all().len(), 249);
        assert!(all().windows(2).all(|pair| pair[0].alpha2 < pair[1].alpha2));
        assert!(all().iter().all(|country| country.mail_name_en == country.mail_name_en.to_uppercase()));
    }
}
