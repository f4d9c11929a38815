//! Rules that choose a variant, and rules that are wrong.

use std::sync::Arc;

use crate::intake::Field;
use crate::model::earlier::Earlier;
use crate::model::exposure::Certainty::{Confirmed, Possible, RuledOut};
use crate::routing::check_rules;
use crate::routing::fixtures::{row, world};

fn variant(when: &str, marks: &[(&str, crate::model::exposure::Certainty)]) -> String {
    let world = world([row("anna")]).exposed("anna", marks).variants(&[("confirmed", when), ("possible", "true")]);
    assert_eq!(check_rules(&world.campaign), []);
    world.letter().variant.to_string()
}

fn problem(when: &str) -> String {
    let world = world([row("anna")]).variants(&[("confirmed", when)]);
    let problems = check_rules(&world.campaign);
    let error =
        crate::routing::route(&world.campaign, &world.intake(), &world.exposures(), &Earlier::default()).unwrap_err();
    assert_eq!(error.problems, problems);
    problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}

#[test]
fn rules_see_all_facts_and_the_first_that_holds_wins() {
    let marks = &[("bsn", Confirmed), ("name", Possible), ("test_result", RuledOut)];
    for holds in [
        "'confirmed' in certainties and 'possible' in certainties and 'ruled_out' not in certainties",
        "certainties | length == 2",
        "categories.bsn == 'confirmed' and categories['name'] == 'possible'",
        "'test_result' in categories",
        "categories | items | map('last') | list | length == 3",
        "'cervical-screening' in populations and 'screening' in lists and 'hospital' not in lists",
        "addressee == 'self' and age >= 16 and country == 'NL'",
        "true",
    ] {
        assert_eq!(variant(holds, marks), "confirmed", "{holds}");
    }
    assert_eq!(variant("age < 16", marks), "possible");
}

#[test]
fn a_category_that_this_person_does_not_have_is_no_error() {
    for when in ["categories.bsn == 'confirmed'", "'bsn' in categories", "categories.bsn"] {
        assert_eq!(variant(when, &[("name", Confirmed)]), "possible", "{when}");
        assert_eq!(variant(when, &[("bsn", Confirmed)]), "confirmed", "{when}");
    }
}

#[test]
fn a_name_that_nothing_defines_is_found_before_anybody_is_routed() {
    let text = problem("'confirmed' in certainty");
    assert!(text.contains("`confirmed`") && text.contains("`certainty`"), "{text}");
    assert!(text.contains("did you mean `certainties`?"), "{text}");
    assert!(problem("true or surname == 'x'").contains("`surname`"));
    assert!(problem("range(3)").contains("`range`"));
    assert!(problem("age.years > 3").contains("`age` has no parts"));
}

#[test]
fn a_category_that_the_letter_does_not_know_is_found() {
    for when in ["categories.bns == 'confirmed'", "'bns' in categories", "categories['bns']"] {
        let text = problem(when);
        assert!(text.contains("category `bns`") && text.contains("did you mean `bsn`?"), "{text}");
    }
}

#[test]
fn what_is_no_expression_or_cannot_be_evaluated_is_found() {
    assert!(problem("'confirmed' in").contains("is no expression"));
    assert!(problem("age - 1 > 3").contains("cannot be evaluated"));
    assert!(problem("categories.get('bsn')").contains("cannot be evaluated"));
    assert!(problem("certainties | nonsense").contains("nonsense"));
}

#[test]
fn people_with_the_same_facts_share_them() {
    let rows = ["anna", "bert", "carla"].map(row);
    let routed = world(rows).exposed("carla", &[("name", Confirmed)]).route();
    let [anna, bert, carla] = &routed.letters[..] else { panic!("three letters") };
    assert!(Arc::ptr_eq(&anna.facts, &bert.facts));
    assert!(!Arc::ptr_eq(&anna.facts, &carla.facts));
    assert!(carla.facts.categories.keys().eq(["name"]));
}

#[test]
fn facts_that_differ_in_anything_are_not_shared() {
    let rows = [
        row("anna"),
        row("older").born("1970-05-31"),
        row("abroad").abroad("BE", "Kerkstraat 1"),
        row("in both lists"),
        row("in both lists").in_list(1),
        row("in the other list").in_list(1),
        row("represented").with(Field::RepresentativeName, "B. Bakker").with(Field::RepresentativeRole, "curator"),
        row("exposed otherwise"),
    ];
    let routed = world(rows).exposed("exposed otherwise", &[("bsn", Possible)]).route();
    for (index, letter) in routed.letters.iter().enumerate() {
        assert!(routed.letters[..index].iter().all(|other| *other.facts != *letter.facts));
    }
    assert_eq!(routed.letters.len(), 7);
}

#[test]
fn standing_in_a_list_twice_is_no_other_fact() {
    let routed = world([row("anna"), row("anna"), row("bert")]).route();
    assert!(Arc::ptr_eq(&routed.letters[0].facts, &routed.letters[1].facts));
}

#[test]
fn a_rule_can_tell_an_unknown_age_from_a_low_one() {
    let chosen = |when| {
        let world = world([row("anna").born("")]).variants(&[("confirmed", when), ("possible", "true")]);
        world.letter().variant.to_string()
    };
    assert_eq!(chosen("age < 16"), "confirmed", "none stands before every number");
    assert_eq!(chosen("age is not none and age < 16"), "possible");
    assert_eq!(chosen("age is none"), "confirmed");
}

#[test]
fn facts_hold_the_age_that_the_campaigns_date_gives() {
    let letter = world([row("anna").born("1980-00-00").with(Field::Language, "en")]).letter();
    assert_eq!(letter.facts.age, Some(44));
}
