//! Which rows are one person, which row says what, and when rows contradict each other.

use crate::campaign::settings::RoutingChoice;
use crate::intake::Field;
use crate::model::outcome::{Held, Rejected};
use crate::routing::fixtures::{Row, code, row, world};

fn two(first: Row, second: Row) -> Vec<(&'static str, &'static str)> {
    world([first, second.in_list(1)]).fates()
}

const MERGED: [(&str, &str); 2] = [("letter", "self"), ("merged", "same-person")];
const CONFLICT: [(&str, &str); 2] = [("held", "conflicting-records"), ("merged", "same-person")];

#[test]
fn one_letter_is_sent_to_somebody_in_several_lists() {
    let world = world([row("anna").in_list(1), row("bert"), row("anna"), row("anna")]);
    let fates = world.fates();
    assert_eq!(fates, [("letter", "self"), ("letter", "self"), ("merged", "same-person"), ("merged", "same-person")]);
    let routed = world.route();
    assert_eq!(routed.rows[3].detail, "carried by screening row 2");
    assert_eq!(routed.rows[3].case_code, Some(code("anna")));
    let order: Vec<_> = routed.letters.iter().map(|letter| (letter.list, letter.row)).collect();
    assert_eq!(order, [(0, 1), (0, 2)]);
    let facts = &routed.letters[1].facts;
    assert!(facts.lists.iter().eq(["hospital", "screening"]));
    assert!(facts.populations.iter().eq(["cervical-screening", "patients"]));
}

#[test]
fn a_rejected_row_leaves_the_person_to_the_next_one() {
    let first = row("anna").with(Field::City, "Elders").rejected(Rejected::MissingName);
    let world = world([first, row("anna").in_list(1).with(Field::Institution, "")]);
    assert_eq!(world.fates(), [("rejected", "missing-name"), ("letter", "self")]);
    let letter = world.letter();
    assert_eq!((letter.list, letter.row), (1, 1));
    assert!(letter.facts.lists.iter().eq(["hospital"]));
}

#[test]
fn name_and_address_come_from_the_first_row_even_where_it_is_blank() {
    let second = row("anna").in_list(1).with(Field::Initials, "Q.").with(Field::HouseNumber, "1b");
    let letter = world([row("anna").with(Field::Initials, ""), second.clone()]).letter();
    assert_eq!(letter.destination.reveal().lines, ["Van den Berg", "Dorpsstraat 1", "1234 AB  ONS DORP"]);
    let no_city = row("anna").with(Field::City, "");
    assert_eq!(world([no_city, second]).fate(), ("held", "incomplete-address"));
}

#[test]
fn language_and_format_come_from_the_first_row_that_has_one() {
    let second = row("anna").in_list(1).with(Field::Language, "en").with(Field::Format, "large-print");
    let letter = world([row("anna"), second.clone()]).letter();
    assert_eq!((letter.languages.as_str(), &*letter.format), ("en", "large-print"));
    let first = row("anna").with(Field::Language, "nl").with(Field::Format, "standard");
    let letter = world([first, second]).letter();
    assert_eq!((letter.languages.as_str(), &*letter.format), ("nl", "standard"));
}

#[test]
fn age_representative_and_institution_come_from_the_first_row_that_has_one() {
    let child = row("anna").in_list(1).born("2020-01-01");
    assert_eq!(two(row("anna").born(""), child)[0], ("letter", "guardian"));
    let curator = |name| row("anna").with(Field::RepresentativeName, name).with(Field::RepresentativeRole, "curator");
    assert_eq!(two(row("anna"), curator("B. Bakker"))[0], ("letter", "representative"));
    let nameless = row("anna").with(Field::RepresentativeRole, "mentor");
    assert_eq!(two(nameless, curator("B. Bakker"))[0], ("held", "representative-unknown"));
    assert_eq!(two(row("anna"), row("anna").with(Field::Institution, "pi-x"))[0], ("letter", "institution"));
}

#[test]
fn spelling_is_no_contradiction() {
    let first = row("anna").with(Field::Surname, "Müller-de Groot").with(Field::HouseNumber, "12 a");
    let second = row("anna")
        .with(Field::Surname, "MULLER DE  GROOT")
        .with(Field::Postcode, "1234 ab")
        .with(Field::HouseNumber, "012")
        .with(Field::HouseAddition, "b");
    assert_eq!(two(first.clone().born("1980-05-00"), second.clone()), MERGED);
    assert_eq!(two(second.with(Field::City, "Elders"), first.born("")), MERGED);
    let prefix_inside = row("anna").with(Field::Prefix, "").with(Field::Surname, "Van Den Berg");
    assert_eq!(two(row("anna"), prefix_inside), MERGED);
}

#[test]
fn a_blank_contradicts_nothing() {
    for field in [Field::Postcode, Field::HouseNumber] {
        let second = row("anna").with(Field::Postcode, "9999ZZ").with(Field::HouseNumber, "7");
        assert_eq!(two(row("anna"), second.clone().with(field, "")), MERGED, "{field:?}");
        assert_eq!(two(row("anna"), second.with(field, if field == Field::Postcode { "." } else { "0" })), MERGED);
    }
}

#[test]
fn another_surname_holds_unless_it_is_the_partners() {
    let jansen = || row("anna").with(Field::Surname, "Jansen").with(Field::Prefix, "");
    assert_eq!(two(row("anna"), jansen()), CONFLICT);
    let both = row("anna").with(Field::PartnerSurname, "Jansen");
    assert_eq!(two(both.clone(), jansen()), MERGED);
    assert_eq!(two(jansen(), both.clone()), MERGED);
    let other_partner = row("anna").with(Field::PartnerSurname, "Pietersen");
    assert_eq!(two(both, other_partner), MERGED);
}

#[test]
fn another_postcode_or_house_number_holds() {
    assert_eq!(two(row("anna"), row("anna").with(Field::Postcode, "1234AC")), CONFLICT);
    assert_eq!(two(row("anna"), row("anna").with(Field::HouseNumber, "2")), CONFLICT);
    let in_prison = row("anna").with(Field::Institution, "pi-x");
    assert_eq!(two(in_prison, row("anna").with(Field::HouseNumber, "2"))[0], ("letter", "institution"));
}

#[test]
fn rows_that_both_agree_with_a_third_may_still_contradict_each_other() {
    let born = |list, date| row("anna").in_list(list).born(date);
    let world = world([born(0, "1980-00-00"), born(0, "1980-05-31"), born(1, "1980-05-30")]);
    assert_eq!(world.fate(), ("held", "conflicting-records"));
}

#[test]
fn routing_decides_on_contradictions_but_not_on_birth_dates() {
    let surname = || world([row("anna"), row("anna").in_list(1).with(Field::Surname, "Jansen")]);
    let born = || world([row("anna"), row("anna").in_list(1).born("1980-06-00").with(Field::Surname, "Jansen")]);
    let send = |world: super::super::fixtures::World| world.routing(Held::ConflictingRecords, RoutingChoice::Send);
    let suppress =
        |world: super::super::fixtures::World| world.routing(Held::ConflictingRecords, RoutingChoice::Suppress);
    assert_eq!(send(surname()).fate(), ("letter", "self"));
    assert_eq!(suppress(surname()).fate(), ("suppressed", "conflicting-records"));
    assert_eq!(send(born()).fate(), ("held", "conflicting-records"));
    assert_eq!(suppress(born()).fate(), ("held", "conflicting-records"));
    assert!(born().route().rows[0].detail.starts_with("birth_date"));
}

#[test]
fn many_rows_of_one_person_are_decided_about_quickly() {
    let rows = (0..20_000).map(|index| row("anna").with(Field::Surname, &format!("Naam{index}")));
    let routed = world(rows).route();
    assert_eq!(routed.rows[0].outcome.reason(), "conflicting-records");
    assert_eq!(routed.rows.iter().filter(|row| row.outcome.as_str() == "merged").count(), 19_999);
}
