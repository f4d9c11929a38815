//! Each reason once, their order, and what `[routing]` makes of them.

use crate::campaign::settings::{RegisterKind, RoutingChoice};
use crate::intake::Field;
use crate::model::exposure::Certainty::{self, Confirmed, Possible, RuledOut};
use crate::model::language::Language;
use crate::model::outcome::{Held, Rejected, Suppressed};
use crate::routing::fixtures::{Row, World, row, world};

const UNKNOWN_CATEGORY: [bool; 3] = [true, false, false];
const UNREADABLE: [bool; 3] = [false, true, false];
const MISMATCH: [bool; 3] = [false, false, true];

fn status(status: &str) -> World {
    world([row("anna").with(Field::AddressStatus, status)])
}

#[test]
fn somebody_about_whom_nothing_is_special_gets_a_letter() {
    assert_eq!(world([row("anna")]).fate(), ("letter", "self"));
}

#[test]
fn rejected_rows_keep_their_reason_and_have_no_case_code() {
    for &reason in Rejected::ALL {
        let routed = world([row("anna").rejected(reason)]).route();
        assert_eq!(routed.rows[0].outcome.reason(), reason.as_str());
        assert!(routed.rows[0].case_code.is_none());
        assert!(routed.letters.is_empty());
    }
}

#[test]
fn a_death_in_any_row_or_register_suppresses() {
    let dead = ("suppressed", "deceased");
    assert_eq!(world([row("anna").died("2024-00-00")]).fate(), dead);
    assert_eq!(world([row("anna"), row("anna").in_list(1).died("2024-02-03")]).fate(), dead);
    assert_eq!(world([row("anna")]).registered(RegisterKind::Deceased, "anna").fate(), dead);
    let rejected = row("anna").in_list(1).died("2024-02-03").rejected(Rejected::InvalidDate);
    assert_eq!(world([row("anna"), rejected]).fate(), ("letter", "self"));
}

#[test]
fn registers_of_people_who_want_or_need_no_letter_suppress() {
    let anna = || world([row("anna"), row("bert")]);
    assert_eq!(anna().registered(RegisterKind::DoNotMail, "anna").fate(), ("suppressed", "do-not-mail"));
    assert_eq!(anna().registered(RegisterKind::AlreadyInformed, "anna").fate(), ("suppressed", "already-informed"));
    assert_eq!(anna().registered(RegisterKind::DoNotMail, "anna").fates()[1], ("letter", "self"));
}

#[test]
fn somebody_whose_categories_are_all_ruled_out_is_not_affected() {
    let anna = || world([row("anna")]);
    assert_eq!(anna().exposed("anna", &[("bsn", RuledOut), ("name", RuledOut)]).fate(), ("suppressed", "not-affected"));
    assert_eq!(anna().exposed("anna", &[("bsn", RuledOut), ("name", Possible)]).fate(), ("letter", "self"));
}

#[test]
fn a_row_that_may_say_more_forbids_to_call_somebody_unaffected_or_unexposed() {
    for marks in [&[][..], &[("bsn", RuledOut)]] {
        let held = |flags| world([row("anna")]).exposed_and_flagged("anna", marks, flags).fate();
        assert_eq!(held(UNKNOWN_CATEGORY), ("held", "unknown-category"));
        assert_eq!(held(UNREADABLE), ("held", "unreadable-exposure"));
    }
}

#[test]
fn a_row_about_somebody_else_holds_those_who_are_exposed() {
    let held = |marks: &[_]| world([row("anna")]).exposed_and_flagged("anna", marks, MISMATCH).fate();
    assert_eq!(held(&[("bsn", Confirmed)]), ("held", "identity-mismatch"));
    assert_eq!(held(&[]), ("held", "no-exposure"));
    assert_eq!(held(&[("bsn", RuledOut)]), ("suppressed", "not-affected"));
}

#[test]
fn somebody_without_any_exposure_is_held() {
    assert_eq!(world([row("anna")]).exposed("anna", &[]).fate(), ("held", "no-exposure"));
}

#[test]
fn codes_that_nobody_knows_are_invalid_values() {
    for (field, wrong, right) in [
        (Field::Sex, "X", "m"),
        (Field::NameUsage, "Q", "e"),
        (Field::Designation, "zz", "TO"),
        (Field::AddressStatus, "gone", "CURRENT"),
        (Field::Format, "braille", "Large-Print"),
    ] {
        let routed = world([row("anna").with(field, wrong)]).route();
        assert_eq!(routed.rows[0].outcome.reason(), "invalid-value", "{field:?}");
        assert!(routed.rows[0].detail.starts_with(field.as_str()), "{}", routed.rows[0].detail);
        assert!(!routed.rows[0].detail.contains(wrong));
        assert_eq!(world([row("anna").with(field, right)]).fate(), ("letter", "self"), "{field:?}");
    }
}

#[test]
fn characters_that_nobody_can_see_are_invalid_values_where_they_would_be_printed() {
    for field in [Field::Surname, Field::Prefix, Field::Initials, Field::Street, Field::City, Field::HouseAddition] {
        for wrong in ["a\u{200B}b", "a\u{202E}b", "a\tb", "a\u{0}b"] {
            assert_eq!(world([row("anna").with(field, wrong)]).fate(), ("held", "invalid-value"), "{field:?}");
        }
    }
    for field in [Field::GivenNames, Field::ForeignLine1, Field::RepresentativeName] {
        let unprinted = row("anna").with(field, "a\u{200B}b").with(Field::RepresentativeRole, "");
        let expected = if field == Field::RepresentativeName { "invalid-value" } else { "self" };
        assert_eq!(world([unprinted]).fate().1, expected, "{field:?}");
    }
}

#[test]
fn minors_of_12_to_15_are_held_when_health_data_may_have_leaked() {
    let held = ("held", "minor-12-15");
    let born = |date| world([row("anna").born(date)]);
    for certainty in [Confirmed, Possible] {
        assert_eq!(born("2013-09-12").exposed("anna", &[("test_result", certainty)]).fate(), held);
        assert_eq!(born("2009-09-13").exposed("anna", &[("test_result", certainty)]).fate(), held);
        assert_eq!(born("2009-00-00").exposed("anna", &[("test_result", certainty)]).fate(), held);
    }
    let ruled_out = &[("test_result", RuledOut), ("bsn", Confirmed)];
    assert_eq!(born("2013-09-12").exposed("anna", ruled_out).fate(), ("letter", "self"));
    assert_eq!(born("2013-09-12").fate(), ("letter", "self"));
    let health = &[("test_result", Confirmed)];
    assert_eq!(born("2009-09-12").exposed("anna", health).fate(), ("letter", "self"));
    assert_eq!(born("2013-09-13").exposed("anna", health).fate(), ("letter", "guardian"));
    let send = born("2013-09-12").exposed("anna", health).routing(Held::MinorTwelveToFifteen, RoutingChoice::Send);
    assert_eq!(send.fate(), ("letter", "self"));
    let in_prison = world([row("anna").born("2013-09-12").with(Field::Institution, "pi-x")]);
    assert_eq!(in_prison.exposed("anna", health).fate(), held);
}

#[test]
fn a_representative_needs_a_name_and_a_known_role() {
    let person = |name, role| {
        world([row("anna").with(Field::RepresentativeName, name).with(Field::RepresentativeRole, role)]).fate()
    };
    assert_eq!(person("B. Bakker", "Curator"), ("letter", "representative"));
    for (name, role) in [("B. Bakker", ""), ("B. Bakker", "neighbour"), ("", "curator"), ("", "neighbour")] {
        assert_eq!(person(name, role), ("held", "representative-unknown"), "{name:?} {role:?}");
    }
}

#[test]
fn an_institution_that_the_campaign_does_not_know_holds() {
    let of = |id| world([row("anna").with(Field::Institution, id)]).fate();
    assert_eq!(of("pi-y"), ("held", "unknown-institution"));
    assert_eq!(of("pi-x"), ("letter", "institution"));
    assert_eq!(of("PI-X"), ("letter", "institution"));
}

#[test]
fn what_any_row_or_register_says_of_the_address_counts() {
    assert_eq!(status("not_at_address").fate(), ("held", "not-at-address"));
    assert_eq!(status("Under_Investigation").fate(), ("held", "address-under-investigation"));
    assert_eq!(status("protected").fate(), ("letter", "self"));
    let second = row("anna").in_list(1).with(Field::AddressStatus, "not_at_address");
    assert_eq!(world([row("anna"), second]).fate(), ("held", "not-at-address"));
    let register = |kind| world([row("anna")]).registered(kind, "anna");
    assert_eq!(register(RegisterKind::Returned).fate(), ("held", "not-at-address"));
    assert!(register(RegisterKind::ProtectedAddress).letter().destination.reveal().protected);
    assert!(status("protected").letter().destination.reveal().protected);
    assert!(!world([row("anna")]).letter().destination.reveal().protected);
    let hold = register(RegisterKind::ProtectedAddress).routing(Held::ProtectedAddress, RoutingChoice::Hold);
    assert_eq!(hold.fate(), ("held", "protected-address"));
}

#[test]
fn a_language_that_the_letter_lacks_holds() {
    let of = |language| world([row("anna").with(Field::Language, language)]);
    assert_eq!(of("fy").fate(), ("held", "language-unavailable"));
    assert_eq!(of("EN").letter().languages.as_str(), "en");
    assert_eq!(of("both").letter().languages.as_str(), "nl+en");
    assert_eq!(of("").letter().languages.as_str(), "nl");
    let dutch_only = |language| of(language).changed(|campaign| campaign.template.languages = vec![Language::Nl]);
    assert_eq!(dutch_only("en").fate(), ("held", "language-unavailable"));
    assert_eq!(dutch_only("both").fate(), ("held", "language-unavailable"));
    assert_eq!(dutch_only("nl").fate(), ("letter", "self"));
}

#[test]
fn somebody_for_whom_no_rule_holds_is_held() {
    let nobody = world([row("anna")]).variants(&[("confirmed", "age is none"), ("possible", "country == 'BE'")]);
    assert_eq!(nobody.fate(), ("held", "no-variant"));
}

/// Somebody to whom several reasons apply.
struct Case {
    first: Row,
    second: Row,
    marks: Vec<(&'static str, Certainty)>,
    flags: [bool; 3],
    registers: Vec<RegisterKind>,
}

/// A reason, and what makes it apply without touching the others.
type Fault = (&'static str, fn(&mut Case));

/// Reasons that can all apply to one person, in the contract's order.
const FAULTS: &[Fault] = &[
    ("deceased", |case| case.registers.push(RegisterKind::Deceased)),
    ("do-not-mail", |case| case.registers.push(RegisterKind::DoNotMail)),
    ("already-informed", |case| case.registers.push(RegisterKind::AlreadyInformed)),
    ("invalid-value", |case| case.first.set(Field::Sex, "?")),
    ("unknown-category", |case| case.flags[0] = true),
    ("unreadable-exposure", |case| case.flags[1] = true),
    ("identity-mismatch", |case| case.flags[2] = true),
    ("conflicting-records", |case| case.second.set(Field::Surname, "Jansen")),
    ("minor-12-15", |case| case.marks.push(("test_result", Confirmed))),
    ("representative-unknown", |case| case.second.set(Field::RepresentativeRole, "neighbour")),
    ("not-at-address", |case| case.second.set(Field::AddressStatus, "not_at_address")),
    ("address-under-investigation", |case| case.first.set(Field::AddressStatus, "under_investigation")),
    ("protected-address", |case| case.registers.push(RegisterKind::ProtectedAddress)),
    ("incomplete-address", |case| case.first.set(Field::City, "")),
    ("language-unavailable", |case| case.first.set(Field::Language, "fy")),
    ("no-variant", |_| {}),
];

/// A person to whom these reasons apply; of the last, `no-variant`, everybody suffers.
fn suffering_from(faults: &[Fault]) -> World {
    let young = || row("anna").born("2012-01-01");
    let (first, second) = (young(), young().in_list(1));
    let marks = vec![("bsn", Confirmed)];
    let mut case = Case { first, second, marks, flags: [false; 3], registers: Vec::new() };
    for (_, apply) in faults {
        apply(&mut case);
    }
    let people = world([case.first, case.second]).exposed_and_flagged("anna", &case.marks, case.flags);
    case.registers
        .into_iter()
        .fold(people, |people, kind| people.registered(kind, "anna"))
        .routing(Held::ProtectedAddress, RoutingChoice::Hold)
        .variants(&[("confirmed", "false")])
}

#[test]
fn the_reasons_are_tried_in_the_order_of_the_contract() {
    for (index, (reason, _)) in FAULTS.iter().enumerate() {
        assert_eq!(suffering_from(&FAULTS[index..]).fate().1, *reason);
    }
    let order =
        Suppressed::ALL.iter().map(|reason| reason.as_str()).chain(Held::ALL.iter().map(|reason| reason.as_str()));
    let tested: Vec<_> = order.filter(|reason| FAULTS.iter().any(|(fault, _)| fault == reason)).collect();
    assert!(FAULTS.iter().map(|(reason, _)| reason).eq(&tested), "the list above is not in the contract's order");
}

#[test]
fn what_cannot_apply_together_with_the_rest_has_its_place_too() {
    let anna = || row("anna").with(Field::Language, "fy");
    let unaffected = world([anna().with(Field::Sex, "?")]).exposed("anna", &[("bsn", RuledOut)]);
    assert_eq!(unaffected.fate().1, "not-affected");
    assert_eq!(unaffected.registered(RegisterKind::AlreadyInformed, "anna").fate().1, "already-informed");
    let unexposed =
        |row: Row| world([row, anna().in_list(1).with(Field::Surname, "Jansen")]).exposed("anna", &[]).fate().1;
    assert_eq!(unexposed(anna()), "no-exposure");
    assert_eq!(unexposed(anna().with(Field::Sex, "?")), "invalid-value");
    let postcode = || anna().with(Field::Postcode, "0000XX");
    assert_eq!(world([postcode()]).fate().1, "invalid-postcode");
    assert_eq!(world([postcode().with(Field::City, "")]).fate().1, "incomplete-address");
    assert_eq!(world([anna().abroad("XX", "Hauptstraße 1")]).fate().1, "unknown-country");
    let in_prison = || anna().with(Field::Institution, "pi-y").with(Field::AddressStatus, "not_at_address");
    assert_eq!(world([in_prison()]).fate().1, "unknown-institution");
}

#[test]
fn routing_may_suppress_any_held_reason_with_the_same_name() {
    for (index, (name, _)) in FAULTS.iter().enumerate() {
        if let Some(reason) = Held::parse(name) {
            let people = suffering_from(&FAULTS[index..]).routing(reason, RoutingChoice::Suppress);
            assert_eq!(people.fate(), ("suppressed", *name));
        }
    }
}

#[test]
fn routing_may_send_and_the_next_reason_is_tried() {
    let sendable = [
        (Held::ConflictingRecords, "minor-12-15"),
        (Held::MinorTwelveToFifteen, "representative-unknown"),
        (Held::NotAtAddress, "address-under-investigation"),
        (Held::AddressUnderInvestigation, "protected-address"),
        (Held::ProtectedAddress, "incomplete-address"),
    ];
    for (reason, next) in sendable {
        let index = FAULTS.iter().position(|(fault, _)| *fault == reason.as_str()).unwrap();
        let people = suffering_from(&FAULTS[index..]).routing(reason, RoutingChoice::Send);
        assert_eq!(people.fate(), ("held", next));
    }
}
