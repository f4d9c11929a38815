//! Nobody lost, nobody twice, whatever the rows are.

use std::collections::BTreeMap;

use proptest::prelude::*;

use crate::campaign::settings::RegisterKind;
use crate::intake::Field;
use crate::model::outcome::{Outcome, Rejected};
use crate::routing::fixtures::{Row, World, code, row, world};

/// Texts that mean something to some field, and some that mean nothing to any.
fn text() -> impl Strategy<Value = String> {
    let known = [
        "",
        "nl",
        "en",
        "both",
        "M",
        "P",
        "protected",
        "not_at_address",
        "under_investigation",
        "DE",
        "XX",
        "12a",
        "0",
        "1234AB",
        "curator",
        "pi-x",
        "pi-y",
        "large-print",
        "to",
        "#panic()",
        "{{7*7}}",
        "a\u{200B}b",
    ];
    prop_oneof![4 => prop::sample::select(known.to_vec()).prop_map(str::to_owned), 1 => any::<String>()]
        .prop_map(|text| text.trim().to_owned())
}

fn any_row() -> impl Strategy<Value = Row> {
    let texts = prop::collection::vec((prop::sample::select(Field::ALL.to_vec()), text()), 0..4);
    let dates = prop::sample::select(vec!["", "1980-05-31", "1980-00-00", "2012-01-01", "2020-02-00"]);
    let rejected = prop::option::weighted(0.1, prop::sample::select(Rejected::ALL.to_vec()));
    (0_u16..2, 0..6, texts, dates, prop::bool::weighted(0.05), rejected).prop_map(
        |(list, key, texts, born, dead, rejected)| {
            let mut row = row(&format!("person {key}")).in_list(list).born(born);
            for (field, text) in texts {
                row = row.with(field, &text);
            }
            row = if dead { row.died("2024-01-01") } else { row };
            match rejected {
                Some(reason) => row.rejected(reason),
                None => row,
            }
        },
    )
}

fn any_world() -> impl Strategy<Value = World> {
    (prop::collection::vec(any_row(), 0..20), prop::option::of(0..6)).prop_map(|(rows, registered)| {
        let world = world(rows);
        match registered {
            Some(key) => world.registered(RegisterKind::Returned, &format!("person {key}")),
            None => world,
        }
    })
}

proptest! {
    #[test]
    fn every_row_has_one_outcome_and_every_person_one_row_that_carries_it(world in any_world()) {
        let intake = world.intake();
        let routed = world.route();
        prop_assert_eq!(routed.rows.len(), intake.participants.len());
        let mut carriers = BTreeMap::new();
        for (read, outcome) in intake.participants.iter().zip(&routed.rows) {
            prop_assert_eq!((read.list, read.row), (outcome.list, outcome.row));
            prop_assert_eq!(read.case_code, outcome.case_code);
            prop_assert_eq!(read.read.is_err(), matches!(outcome.outcome, Outcome::Rejected(_)));
            if let Some(case_code) = outcome.case_code {
                *carriers.entry(case_code).or_insert(0) += u32::from(outcome.outcome != Outcome::Merged);
            }
        }
        prop_assert!(carriers.values().all(|&carriers| carriers == 1));
        let letters = routed.rows.iter().filter(|row| row.outcome.as_str() == "letter").count();
        prop_assert_eq!(letters, routed.letters.len());
    }

    #[test]
    fn nobody_gets_another_letter_because_others_stand_before_them(world in any_world(), count in 1_usize..5) {
        let alone = world.route();
        let others = (0..count).map(|index| row(&format!("another {index}")));
        let crowd = world.preceded_by(others).route();
        for letter in &alone.letters {
            let same = crowd.letters.iter().find(|other| other.case_code == letter.case_code).unwrap();
            prop_assert!(same.destination == letter.destination && same.person == letter.person);
            prop_assert_eq!((&same.variant, &same.facts, same.addressee), (&letter.variant, &letter.facts, letter.addressee));
        }
        prop_assert_eq!(crowd.letters.len(), alone.letters.len() + count);
    }
}

#[test]
fn details_never_hold_a_value() {
    let secret = "qzxjvkwy";
    for &field in Field::ALL {
        let world = world([row("anna").with(field, secret), row("anna").in_list(1).with(field, "\u{200B}")]);
        assert!(world.route().rows.iter().all(|row| !row.detail.contains(secret)), "{field:?}");
    }
}

#[test]
fn threads_make_no_difference() {
    let rows =
        (0..500).map(|index| row(&format!("person {index}")).with(Field::HouseNumber, &format!("{}", index % 7)));
    let world = world(rows);
    let routed_by = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| world.route())
    };
    let (one, many) = (routed_by(1), routed_by(8));
    let spelt = |routed: &crate::routing::Routed| {
        let rows: Vec<_> = routed.rows.iter().map(|row| (row.outcome, row.case_code, row.detail.clone())).collect();
        let letters: Vec<_> = routed.letters.iter().map(|letter| (letter.case_code, letter.facts.clone())).collect();
        (rows, letters)
    };
    assert_eq!(spelt(&one), spelt(&many));
    assert_eq!(one.letters.len(), 428);
    assert!(one.rows.iter().all(|row| row.case_code != Some(code("nobody"))));
}
