//! Tests of [`super`], beside it because together they are long.

use proptest::prelude::*;

use super::*;

/// The fields of a complete address in the Netherlands.
const HOME: AddressFields<'static> = AddressFields {
    street: "Dorpsstraat",
    house_number: "12",
    house_letter: "",
    house_addition: "",
    designation: "",
    postcode: "1234ab",
    city: "IJmuiden",
    municipality: "",
    location_description: "",
    country: "",
    foreign_lines: ["", "", ""],
};

fn lines(fields: &AddressFields<'_>) -> Vec<String> {
    Address::read(fields).unwrap().letter_lines()
}

fn problem(fields: &AddressFields<'_>) -> AddressProblem {
    Address::read(fields).unwrap_err()
}

#[test]
fn a_number_with_a_letter_behind_it_is_number_and_addition() {
    let expected = HouseNumber { number: 12, letter: String::new(), addition: "a".into() };
    assert!(HouseNumber::parse("12a", "", "") == Ok(expected.clone()));
    assert!(HouseNumber::parse("012 a", "", "") == Ok(expected));
    assert_eq!(lines(&AddressFields { house_number: "12a", ..HOME })[0], "Dorpsstraat 12 a");
}

#[test]
fn what_could_be_a_range_or_said_twice_is_no_number() {
    for (number, letter, addition) in [
        ("12-14", "", ""),
        ("12/14", "", ""),
        ("0", "", ""),
        ("000", "", ""),
        ("", "", ""),
        ("a", "", ""),
        ("12a", "b", ""),
        ("12a", "", "2"),
        ("12-a", "", ""),
        ("12 14", "", ""),
        ("-12", "", ""),
        ("12.5", "", ""),
        ("99999999999", "", ""),
        ("１２", "", ""),
    ] {
        assert_eq!(HouseNumber::parse(number, letter, addition).err(), Some(InvalidHouseNumber), "{number}");
        let fields = AddressFields { house_number: number, house_letter: letter, house_addition: addition, ..HOME };
        assert_eq!(problem(&fields), AddressProblem::Incomplete);
    }
}

#[test]
fn boxes_and_reply_numbers_stand_in_the_street() {
    let fields =
        AddressFields { street: "Postbus", house_number: "30420", postcode: "2500 GK", city: "'s-Gravenhage", ..HOME };
    assert_eq!(lines(&fields), ["Postbus 30420", "2500 GK  'S-GRAVENHAGE"]);
    assert_eq!(lines(&AddressFields { street: "Antwoordnummer", ..HOME }), ["Antwoordnummer 12", "1234 AB  IJMUIDEN"]);
}

#[test]
fn a_missing_part_and_a_wrong_one_have_their_own_reasons() {
    for fields in [
        AddressFields { street: "", ..HOME },
        AddressFields { street: ".", ..HOME },
        AddressFields { postcode: "", ..HOME },
        AddressFields { city: "", ..HOME },
        AddressFields { street: "", postcode: "0000AA", ..HOME },
        AddressFields { country: "BE", ..HOME },
        AddressFields { country: "XX", ..HOME },
    ] {
        assert_eq!(problem(&fields), AddressProblem::Incomplete);
    }
    assert_eq!(problem(&AddressFields { postcode: "1234SS", ..HOME }), AddressProblem::InvalidPostcode);
    assert_eq!(problem(&AddressFields { designation: "x", ..HOME }), AddressProblem::InvalidDesignation);
    let abroad = AddressFields { country: "XX", foreign_lines: ["Rue 1", "", ""], ..HOME };
    assert_eq!(problem(&abroad), AddressProblem::UnknownCountry);
}

#[test]
fn the_municipality_stands_in_for_a_blank_city() {
    let fields = AddressFields { city: "", municipality: "Súdwest-Fryslân", ..HOME };
    assert_eq!(lines(&fields)[1], "1234 AB  SÚDWEST-FRYSLÂN");
}

#[test]
fn a_location_needs_a_city_only_and_yields_to_a_street() {
    let boat = AddressFields {
        street: "",
        house_number: "",
        postcode: "",
        location_description: "Woonboot tegenover de Grote Sloot",
        ..HOME
    };
    assert_eq!(lines(&boat), ["Woonboot tegenover de Grote Sloot", "IJMUIDEN"]);
    assert_eq!(lines(&AddressFields { postcode: "1234AB", ..boat })[1], "1234 AB  IJMUIDEN");
    assert_eq!(problem(&AddressFields { postcode: "1234", ..boat }), AddressProblem::InvalidPostcode);
    assert_eq!(problem(&AddressFields { city: "", ..boat }), AddressProblem::Incomplete);
    assert_eq!(lines(&AddressFields { location_description: "Woonboot", ..HOME })[0], "Dorpsstraat 12");
}

#[test]
fn abroad_blank_lines_close_up_and_the_country_comes_last() {
    let abroad = AddressFields { country: "us", foreign_lines: ["1600 Avenue", "", "Washington"], ..HOME };
    let address = Address::read(&abroad).unwrap();
    assert_eq!(address.register_lines(), ["1600 Avenue", "", "Washington"]);
    assert_eq!(address.letter_lines(), ["1600 Avenue", "Washington", "UNITED STATES OF AMERICA"]);
    assert!(address.postcode().is_none() && address.house_number().is_none());
    assert_eq!(address.country(), "US");
    let islands = AddressFields { country: "AX", ..abroad };
    assert_eq!(lines(&islands)[2..], ["ÅLAND", "FINLAND"]);
}

#[test]
fn a_mask_is_all_that_debug_shows() {
    let address = Address::read(&HOME).unwrap();
    let shown = format!("{address:?}{:?}", address.house_number());
    assert!(!shown.contains("Dorp") && !shown.contains("12"));
}

proptest! {
    #[test]
    fn any_number_is_read_or_refused_and_reads_the_same_again(number in ".{0,8}", letter in ".{0,2}", addition in ".{0,4}") {
        if let Ok(house) = HouseNumber::parse(&number, &letter, &addition) {
            let again = HouseNumber::parse(&house.number.to_string(), &house.letter, &house.addition);
            prop_assert!(again == Ok(house));
        }
    }

    #[test]
    fn any_fields_are_read_or_refused(street in ".{0,6}", number in "[0-9]{0,3}.?", postcode in ".{0,7}", country in ".{0,2}") {
        let fields = AddressFields { street: &street, house_number: &number, postcode: &postcode, country: &country, ..HOME };
        let _ = Address::read(&fields).map(|address| address.letter_lines());
    }
}
