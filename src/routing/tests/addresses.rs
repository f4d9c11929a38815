//! From address fields to destinations.

use crate::intake::Field;
use crate::routing::fixtures::{Row, row, world};

fn fate(row: Row) -> &'static str {
    world([row]).fate().1
}

#[test]
fn letter_and_addition_survive_into_lines_kix_and_order() {
    let world = world([row("anna").with(Field::HouseLetter, "B").with(Field::HouseAddition, "73c")]);
    let letter = world.letter();
    let destination = letter.destination.reveal();
    assert_eq!(destination.lines[1], "Dorpsstraat 1 B73c");
    assert_eq!(destination.kix, "1234AB1XB73C");
    assert_eq!((&*destination.house_number, &*destination.house_suffix), ("1", "B73c"));
    assert_eq!((&*destination.postcode, &*destination.country), ("1234AB", "NL"));
}

#[test]
fn no_kix_is_made_where_the_print_house_prints_none() {
    let world = world([row("anna")]).changed(|campaign| campaign.vendor.kix = false);
    assert_eq!(world.letter().destination.reveal().kix, "");
}

#[test]
fn a_po_box_is_a_street_with_a_number() {
    let boxed = row("anna").with(Field::Street, "Postbus").with(Field::HouseNumber, "30420");
    assert_eq!(world([boxed.clone()]).lines()[1], "Postbus 30420");
    assert_eq!(world([boxed]).letter().destination.reveal().kix, "1234AB30420");
}

#[test]
fn each_part_of_an_address_is_needed() {
    for field in [Field::Street, Field::HouseNumber, Field::Postcode, Field::City] {
        let routed = world([row("anna").with(field, "")]).route();
        assert_eq!(routed.rows[0].outcome.reason(), "incomplete-address", "{field:?}");
        assert_eq!(routed.rows[0].detail, field.as_str());
    }
    for number in ["12-14", "0", "a"] {
        let routed = world([row("anna").with(Field::HouseNumber, number)]).route();
        assert_eq!(routed.rows[0].outcome.reason(), "incomplete-address", "{number}");
        assert_eq!(routed.rows[0].detail, "house_number");
    }
    assert_eq!(fate(row("anna").with(Field::City, "").with(Field::Municipality, "Ons Dorp")), "self");
    assert_eq!(fate(row("anna").with(Field::HouseNumber, "12a")), "self");
}

#[test]
fn a_location_needs_a_place_and_nothing_else() {
    let boat = [Field::Street, Field::HouseNumber, Field::Postcode]
        .into_iter()
        .fold(row("anna"), |row, field| row.with(field, ""))
        .with(Field::LocationDescription, "Woonboot aan de kade");
    let world = world([boat.clone()]);
    assert_eq!(world.lines(), ["J.A. van den Berg", "Woonboot aan de kade", "ONS DORP"]);
    assert_eq!(world.letter().destination.reveal().kix, "");
    let routed = super::super::fixtures::world([boat.with(Field::City, "")]).route();
    assert_eq!((routed.rows[0].outcome.reason(), &*routed.rows[0].detail), ("incomplete-address", "city"));
}

#[test]
fn a_postcode_that_is_none_holds_after_what_is_missing() {
    assert_eq!(fate(row("anna").with(Field::Postcode, "0123AB")), "invalid-postcode");
    assert_eq!(fate(row("anna").with(Field::Postcode, "0123AB").with(Field::City, "")), "incomplete-address");
}

#[test]
fn letters_abroad_have_a_country_and_no_codes() {
    let world = world([row("anna").abroad("de", "Weißdornstraße 5").with(Field::ForeignLine3, "10115 Berlin")]);
    let letter = world.letter();
    let destination = letter.destination.reveal();
    assert_eq!(destination.lines, ["J.A. van den Berg", "Weißdornstraße 5", "10115 Berlin", "GERMANY"]);
    assert_eq!((&*destination.country, &*destination.postcode, &*destination.kix), ("DE", "", ""));
    assert_eq!(letter.facts.country, "DE");
    assert_eq!(fate(row("anna").abroad("DE", "")), "incomplete-address");
    assert_eq!(fate(row("anna").with(Field::Country, "DE")), "incomplete-address");
    assert_eq!(fate(row("anna").with(Field::Country, "nl")), "self");
}

#[test]
fn a_country_that_nobody_knows_holds_in_either_form_of_address() {
    assert_eq!(fate(row("anna").with(Field::Country, "XX")), "unknown-country");
    assert_eq!(fate(row("anna").with(Field::Country, "Nederland").with(Field::Postcode, "10115")), "unknown-country");
    assert_eq!(fate(row("anna").abroad("XX", "Hauptstraße 1")), "unknown-country");
    assert_eq!(fate(row("anna").abroad("XX", "")), "incomplete-address");
}
