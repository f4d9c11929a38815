//! Whatever is on the lists: every row has one outcome, nobody gets two letters, and the order of rows decides nothing.

use std::collections::BTreeMap;

use meldpost::campaign::{self, Environment};
use meldpost::model::earlier::Earlier;
use meldpost::model::outcome::Outcome;
use meldpost::{exposure, intake, routing};
use proptest::prelude::*;
use proptest::sample::select;

use crate::harness::{CAMPAIGN, Work, keys};

/// The campaign's key is in a file: nothing is asked of the environment.
struct NoVariables;

impl Environment for NoVariables {
    fn variable(&self, _: &str) -> Option<Vec<u8>> {
        None
    }
}

/// A participants row: which person, and fields that may be anything that lists hold.
type Row = (usize, &'static str, &'static str, &'static str, &'static str, &'static str);
/// An exposure row: which person, category and certainty.
type Mark = (usize, &'static str, &'static str);

const PEOPLE: usize = 12;

fn row() -> impl Strategy<Value = Row> {
    (
        0..PEOPLE,
        select(vec!["Smit", "de Vries", "", ".", "#panic()", "{{7*7}}", "O'Neill", "Ünal", "=1+1", "王"]),
        select(vec!["1960-01-31", "31-01-1960", "", "1960-00-00", "2999-01-01", "gisteren", "2020-05-05"]),
        select(vec!["1234 AB", "1234ab", "", "0000 AA", "9999ZZ"]),
        select(vec!["1", "12a", "0", "", "12-14"]),
        select(vec!["", "nl", "en", "both", "fr"]),
    )
}

fn mark() -> impl Strategy<Value = Mark> {
    (
        0..PEOPLE + 2,
        select(vec!["name", "bsn", "unheard_of"]),
        select(vec!["", "confirmed", "possible", "ruled_out", "perhaps"]),
    )
}

/// By a row's reference: outcome and reason, and the case code.
type Outcomes = BTreeMap<String, (String, Option<u64>)>;

/// What became of the rows; how many of them are letters, and how many letters there are.
fn decide(rows: &[Row], marks: &[Mark]) -> (Outcomes, usize, usize) {
    let work = Work::tiny();
    let keys: Vec<String> = keys().take(PEOPLE + 2).collect();
    let mut people =
        String::from("person_key,initials,surname,birth_date,street,house_number,postcode,city,language,source_ref\n");
    for (number, (person, surname, born, postcode, house, language)) in rows.iter().enumerate() {
        let key = &keys[*person];
        people += &format!(
            "{key},A.,\"{surname}\",{born},Kerkstraat,{house},{postcode},Utrecht,{language},r{number}-{person}{surname}{born}{postcode}{house}{language}\n"
        );
    }
    let mut exposures = String::from("person_key,category,certainty\n");
    for (person, category, certainty) in marks {
        exposures += &format!("{},{category},{certainty}\n", keys[*person]);
    }
    work.write("data/people.csv", people);
    work.write("data/exposures.csv", exposures);
    let campaign = campaign::load(&work.path(CAMPAIGN), &NoVariables).expect("a sound campaign");
    let intake = intake::read(&campaign).expect("lists that can be read");
    let exposures = exposure::join(&intake, &campaign);
    assert_eq!(exposures.outcomes.len(), marks.len(), "every exposure row has one outcome");
    let routed = routing::route(&campaign, &intake, &exposures, &Earlier::default()).expect("sound rules");
    assert_eq!(routed.rows.len(), rows.len(), "every row has one outcome");
    let outcomes = routed
        .rows
        .iter()
        .map(|row| {
            let reference = row.source_ref.reveal().to_string();
            let said = format!("{} {}", row.outcome.as_str(), row.outcome.reason());
            (reference, (said, row.case_code.map(|code| code.bits())))
        })
        .collect();
    let letters = routed.rows.iter().filter(|row| matches!(row.outcome, Outcome::Letter(_))).count();
    let mut codes: Vec<u64> = routed.letters.iter().map(|letter| letter.case_code.bits()).collect();
    codes.sort_unstable();
    codes.dedup();
    assert_eq!(codes.len(), routed.letters.len(), "nobody gets two letters");
    (outcomes, letters, routed.letters.len())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn every_row_has_one_outcome_and_every_letter_one_row(
        rows in prop::collection::vec(row(), 1..20),
        marks in prop::collection::vec(mark(), 0..30),
    ) {
        let (_, outcomes, letters) = decide(&rows, &marks);
        prop_assert_eq!(outcomes, letters);
    }

    #[test]
    fn the_order_of_people_and_of_exposures_decides_nothing(
        rows in prop::collection::vec(row(), 1..PEOPLE),
        marks in prop::collection::vec(mark(), 0..30),
        turn in 0..30_usize,
    ) {
        // One row a person: which of a person's rows comes first does decide, by the order of trust.
        let rows: Vec<Row> = rows.into_iter().enumerate().map(|(person, row)| (person, row.1, row.2, row.3, row.4, row.5)).collect();
        let mut turned = rows.clone();
        turned.rotate_left(turn % rows.len());
        turned.reverse();
        let mut other = marks.clone();
        other.reverse();
        let unnumbered = |outcomes: Outcomes| -> Vec<(String, (String, Option<u64>))> {
            let mut all: Vec<_> = outcomes
                .into_iter()
                .map(|(reference, outcome)| {
                    (reference.split_once('-').map_or(String::new(), |(_, rest)| rest.to_owned()), outcome)
                })
                .collect();
            all.sort();
            all
        };
        prop_assert_eq!(unnumbered(decide(&rows, &marks).0), unnumbered(decide(&turned, &other).0));
    }
}
