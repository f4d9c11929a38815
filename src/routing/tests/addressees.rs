//! To whom letters go, and how they greet.

use crate::campaign::settings::RegisterKind;
use crate::intake::Field;
use crate::model::exposure::Certainty;
use crate::routing::fixtures::{Row, World, row, world};

fn salutations(world: &World) -> Vec<String> {
    world.letter().person.reveal().salutations.clone()
}

fn represented(row: Row) -> Row {
    row.with(Field::RepresentativeName, "B. Bakker").with(Field::RepresentativeRole, "curator")
}

#[test]
fn adults_are_greeted_by_their_own_name_once_a_language() {
    let world = world([row("anna").with(Field::Language, "both")]);
    assert_eq!(salutations(&world), ["Geachte mevrouw Van den Berg", "Dear Ms Van den Berg"]);
    assert_eq!(world.lines(), ["J.A. van den Berg", "Dorpsstraat 1", "1234 AB  ONS DORP"]);
    let letter = world.letter();
    assert_eq!(letter.person.reveal().name_line, "J.A. van den Berg");
    assert!(!letter.person.reveal().named_inside);
    assert_eq!(letter.facts.age, Some(45));
}

#[test]
fn initials_come_from_given_names_where_there_are_none() {
    let world = world([row("anna").with(Field::Initials, "").with(Field::GivenNames, "Anna Özil")]);
    assert_eq!(world.lines()[0], "A.Ö. van den Berg");
}

#[test]
fn the_letter_about_a_child_goes_to_its_guardians() {
    let child = |language| world([represented(row("anna").born("2013-09-13")).with(Field::Language, language)]);
    for language in ["nl", "both"] {
        let lines = child(language).lines();
        assert_eq!(lines[..2], ["Aan de ouders of verzorgers van", "J.A. van den Berg"]);
        assert_eq!(lines.len(), 4);
    }
    assert_eq!(child("en").lines()[..2], ["To the parents or guardians of", "J.A. van den Berg"]);
    assert_eq!(salutations(&child("both")), ["Geachte ouders of verzorgers", "Dear parents or guardians"]);
    let letter = child("nl").letter();
    assert!(letter.person.reveal().named_inside);
    assert_eq!((letter.addressee.as_str(), letter.facts.age), ("guardian", Some(11)));
    let unknown_role = child("nl").fate();
    assert_eq!(unknown_role, ("letter", "guardian"));
}

#[test]
fn an_unusable_representative_does_not_hold_a_letter_to_guardians() {
    let child = row("anna").born("2020-01-01").with(Field::RepresentativeRole, "neighbour");
    assert_eq!(world([child]).fate(), ("letter", "guardian"));
}

#[test]
fn a_representative_never_shares_the_window_with_the_person() {
    let world = world([represented(row("anna")).with(Field::Language, "both")]);
    assert_eq!(world.lines(), ["B. Bakker", "Dorpsstraat 1", "1234 AB  ONS DORP"]);
    assert_eq!(salutations(&world), ["Geachte B. Bakker", "Dear B. Bakker"]);
    let letter = world.letter();
    assert!(letter.person.reveal().named_inside);
    assert_eq!(letter.person.reveal().name_line, "J.A. van den Berg");
}

#[test]
fn an_institution_goes_before_guardians_and_representatives() {
    let person = represented(row("anna").born("2020-01-01")).with(Field::Institution, "pi-x");
    let world = world([person.clone().with(Field::RepresentativeRole, "neighbour")]);
    assert_eq!(world.fate(), ("letter", "institution"));
    assert_eq!(world.lines(), ["J.A. van den Berg", "Afdeling Post", "Poortweg 9", "4321 BA  VERDAM"]);
    assert_eq!(salutations(&world), ["Geachte mevrouw Van den Berg"]);
    let letter = world.letter();
    assert!(!letter.person.reveal().named_inside);
    assert_eq!(letter.destination.reveal().kix, "4321BA9");
    assert_eq!((letter.facts.addressee.as_str(), letter.facts.country.as_str()), ("institution", "NL"));
}

#[test]
fn nothing_that_is_known_of_the_own_address_counts_in_an_institution() {
    let own = [
        (Field::City, ""),
        (Field::Street, "a\u{200B}b"),
        (Field::Postcode, "0000XX"),
        (Field::Designation, "at"),
        (Field::Country, "XX"),
        (Field::AddressStatus, "gone"),
        (Field::AddressStatus, "not_at_address"),
        (Field::AddressStatus, "under_investigation"),
    ];
    for (field, text) in own {
        let world = world([row("anna").with(Field::Institution, "pi-x").with(field, text)]);
        assert_eq!(world.fate(), ("letter", "institution"), "{field:?} {text:?}");
    }
    let registered = world([row("anna").with(Field::Institution, "pi-x")])
        .registered(RegisterKind::Returned, "anna")
        .registered(RegisterKind::ProtectedAddress, "anna");
    assert!(!registered.letter().destination.reveal().protected);
}

#[test]
fn somebody_without_a_birth_date_is_written_to_as_an_adult() {
    let world = world([row("anna").born("")]).exposed("anna", &[("test_result", Certainty::Confirmed)]);
    assert_eq!(world.fate(), ("letter", "self"));
    assert_eq!(world.letter().facts.age, None);
}
