//! Every row of the test vectors: names, address lines, KIX, postcodes, citizen numbers and countries.
//!
//! A row that is not checked is counted, so that no row drops out unseen.

use std::collections::BTreeMap;
use std::path::Path;

use meldpost::marks::kix;
use meldpost::model::address::{Address, AddressFields, Designation, DomesticAddress, HouseNumber};
use meldpost::model::country;
use meldpost::model::language::Language;
use meldpost::model::name::{NameUsage, PersonName, Sex, initials_of};
use meldpost::model::postcode::Postcode;
use meldpost::model::{bsn, text};

/// A row by column name; cells are not trimmed.
struct Row(BTreeMap<String, String>);

impl Row {
    fn get(&self, column: &str) -> &str {
        self.0.get(column).unwrap_or_else(|| panic!("no column {column}"))
    }

    fn id(&self) -> &str {
        self.0.get("id").or_else(|| self.0.get("input")).map_or("", String::as_str)
    }
}

/// The rows of a vectors file.
fn rows(file: &str) -> Vec<Row> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/vectors").join(file);
    let mut reader = csv::Reader::from_path(path).unwrap();
    reader.deserialize().map(|row| Row(row.unwrap())).collect()
}

fn person(row: &Row) -> PersonName {
    PersonName {
        initials: row.get("initials").into(),
        prefix: row.get("prefix").into(),
        surname: row.get("surname").into(),
        partner_prefix: row.get("partner_prefix").into(),
        partner_surname: row.get("partner_surname").into(),
        usage: NameUsage::parse(row.get("name_usage")).unwrap(),
        sex: Sex::parse(row.get("sex")).unwrap(),
    }
}

#[test]
fn names_are_written_as_the_register_writes_them() {
    let (mut lines, mut salutations, mut titles) = (0, 0, 0);
    for row in rows("names.csv") {
        if row.get("kind") == "title" {
            titles += 1;
            continue;
        }
        let person = person(&row);
        if row.get("name_line_origin") != "unspecified" {
            lines += 1;
            assert_eq!(person.name_line().unwrap_or_default(), row.get("expected_name_line"), "{}", row.id());
        }
        if row.get("salutation_origin") != "unspecified" {
            salutations += 1;
            assert_eq!(person.salutation(Language::Nl), row.get("expected_salutation_nl"), "{}", row.id());
        }
    }
    assert_eq!((lines, salutations, titles), (114, 71, 174), "noble titles are out of scope, nothing else");
}

#[test]
fn initials_come_from_given_names_in_every_row() {
    let rows = rows("names.csv");
    for row in &rows {
        assert_eq!(initials_of(row.get("given_names")), row.get("initials"), "{}", row.id());
    }
    assert_eq!(rows.len(), 288);
}

/// The register's Dutch country names that are not those of the Unicode data.
fn alpha2(name: &str) -> &'static str {
    let name = if name == "Verenigde Staten van Amerika" { "Verenigde Staten" } else { name };
    &country::all().iter().find(|country| country.name_nl == name).unwrap_or_else(|| panic!("no country {name}")).alpha2
}

/// The code that lists use for a designation in the register's spelling.
fn designation(row: &Row) -> &'static str {
    match row.get("designation") {
        "bij" => "by",
        "t/o" => "to",
        "" => "",
        other => panic!("{}: designation {other}", row.id()),
    }
}

fn address_fields(row: &Row) -> AddressFields<'_> {
    let country = row.get("country");
    let foreign_lines = [row.get("foreign_line1"), row.get("foreign_line2"), row.get("foreign_line3")];
    AddressFields {
        street: row.get("street"),
        house_number: row.get("house_number"),
        house_letter: row.get("house_letter"),
        house_addition: row.get("house_addition"),
        designation: designation(row),
        postcode: row.get("postcode"),
        city: row.get("city"),
        municipality: row.get("municipality"),
        location_description: row.get("location_description"),
        country: if country.is_empty() { "" } else { alpha2(country) },
        foreign_lines,
    }
}

/// The lines of a row, and the country's code where it is abroad. A row that says nothing of line 2 has no postcode and
/// is no address to the post, so its street line is made from the parts.
fn register_lines(row: &Row) -> (Vec<String>, &'static str) {
    let fields = address_fields(row);
    if row.get("checked") == "line1" {
        let house_number = HouseNumber::parse(fields.house_number, fields.house_letter, fields.house_addition).unwrap();
        let street = fields.street.to_owned();
        let designation = Designation::parse(fields.designation);
        let address = DomesticAddress { street, house_number, designation, postcode: None, city: String::new() };
        return (Address::Domestic(address).register_lines(), "");
    }
    match Address::read(&fields) {
        Ok(address) => {
            let country = if address.country() == "NL" { "" } else { address.country() };
            (address.register_lines(), country)
        }
        Err(_) => (Vec::new(), ""),
    }
}

#[test]
fn addresses_are_composed_as_the_register_composes_them() {
    let mut checked = BTreeMap::new();
    for row in rows("address_lines.csv") {
        let (lines, country) = register_lines(&row);
        for part in row.get("checked").split_whitespace() {
            *checked.entry(part.to_owned()).or_insert(0) += 1;
            let line = |index: usize| lines.get(index).map_or("", String::as_str);
            match part {
                "line1" => assert_eq!(line(0), row.get("expected_line1"), "{}", row.id()),
                "line2" => assert_eq!(line(1), row.get("expected_line2"), "{}", row.id()),
                "line3" => assert_eq!(line(2), row.get("expected_line3"), "{}", row.id()),
                "country" => {
                    let expected = row.get("expected_country");
                    assert_eq!(country, if expected.is_empty() { "" } else { alpha2(expected) }, "{}", row.id());
                }
                other => panic!("{}: checked {other}", row.id()),
            }
        }
    }
    let expected = [("country", 10), ("line1", 48), ("line2", 32), ("line3", 10)];
    assert_eq!(checked, expected.map(|(part, count)| (part.to_owned(), count)).into());
}

#[test]
fn kix_codes_are_those_of_two_encoders() {
    let rows = rows("kix.csv");
    for row in &rows {
        let postcode = Postcode::parse(row.get("postcode")).unwrap().compact();
        let number = row.get("house_number");
        let content = kix::content(&postcode, number, row.get("house_letter"), row.get("house_addition")).unwrap();
        assert_eq!(content, row.get("expected_kix"), "{}", row.id());
        let bars: String = kix::bars(&content).unwrap().into_iter().map(kix::Bar::letter).collect();
        assert_eq!(bars, row.get("expected_bars"), "{}", row.id());
    }
    assert_eq!(rows.len(), 36);
}

#[test]
fn postcodes_are_read_or_refused() {
    let rows = rows("postcodes.csv");
    for row in &rows {
        let printed = Postcode::parse(row.get("input")).map(Postcode::printed);
        assert_eq!(printed.is_some(), row.get("valid") == "true", "{}", row.id());
        assert_eq!(printed.unwrap_or_default(), row.get("normalised"), "{}", row.id());
    }
    assert_eq!(rows.len(), 26);
}

#[test]
fn citizen_numbers_are_read_or_refused() {
    let rows = rows("bsn.csv");
    for row in &rows {
        let number = bsn::normalise(row.get("input"));
        assert_eq!(number.is_some(), row.get("valid") == "true", "{}", row.id());
        assert_eq!(number.unwrap_or_default(), row.get("normalised"), "{}", row.id());
    }
    assert_eq!(rows.len(), 26);
}

#[test]
fn countries_have_the_names_of_the_source() {
    let rows = rows("countries.csv");
    for row in &rows {
        let country = country::find(&row.get("alpha2").to_lowercase()).unwrap();
        let names = [&country.alpha2, &country.mail_name_en, &country.name_nl, &country.name_en];
        assert_eq!(names, ["alpha2", "mail_name_en", "name_nl", "iso_name_en"].map(|column| row.get(column)));
    }
    assert_eq!(rows.len(), country::all().len());
}

#[test]
fn every_glyph_of_the_list_may_be_printed() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/vectors/glyphs.txt");
    let glyphs = std::fs::read_to_string(path).unwrap();
    for line in glyphs.lines() {
        let glyph = line.split('\t').nth(1).unwrap();
        assert_eq!(text::clean(&format!("a{glyph}b")).unwrap(), format!("a{glyph}b"), "{line}");
    }
    assert_eq!(glyphs.lines().count(), 300);
}
