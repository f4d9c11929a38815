//! Names of people, put together from parts.
//!
//! Enters: random numbers. Leaves: given names, initials and surnames as a Dutch list has them. Invariant: a surname is
//! a combination of parts and stands in no register that we know of; every character is one that the letter can print;
//! the widest name line still fits into the window with one break. Absent on purpose: a sex that follows from a name.

use super::random::Random;
use super::row::Row;
use crate::intake::Field;
use crate::model::name::initials_of;

const GIVEN: [&str; 56] = [
    "Anna",
    "Bram",
    "Cornelis",
    "Daniëlle",
    "Elisabeth",
    "Femke",
    "Gerrit",
    "Hendrika",
    "Ingrid",
    "Jacob",
    "Klaas",
    "Lotte",
    "Maria",
    "Niels",
    "Oscar",
    "Petra",
    "Quirine",
    "Ruben",
    "Sanne",
    "Thomas",
    "Ursula",
    "Vincent",
    "Willem",
    "Xander",
    "Yvonne",
    "Zoë",
    "Philip",
    "Theodora",
    "Christiaan",
    "Mohammed",
    "Fatima",
    "Amina",
    "Yusuf",
    "Emine",
    "Chantal",
    "Thijs",
    "Marijke",
    "Johanna",
    "Adriana",
    "Bastiaan",
    "Dirk",
    "Evert",
    "Frederik",
    "Geertje",
    "Helena",
    "Isabel",
    "Jolanda",
    "Karel",
    "Leendert",
    "Margaretha",
    "Noor",
    "Olga",
    "Pieter",
    "Renée",
    "Simone",
    "André",
];

const PREFIXES: [&str; 16] = [
    "van", "van de", "van den", "van der", "de", "den", "van 't", "in 't", "ter", "ten", "te", "op de", "'t", "von",
    "el", "van het",
];

const FIRST_PARTS: [&str; 48] = [
    "Akker", "Blauw", "Boter", "Brink", "Broek", "Dekker", "Dijk", "Doorn", "Eiken", "Ganzen", "Graan", "Haver",
    "Heide", "Hoef", "Kaas", "Klaver", "Kool", "Koren", "Laken", "Linden", "Meulen", "Molen", "Nachte", "Oever",
    "Paarden", "Pols", "Riet", "Rozen", "Ruig", "Schaep", "Schelp", "Smids", "Spaar", "Steen", "Turf", "Uilen", "Veen",
    "Veld", "Vlas", "Vogel", "Wagen", "Water", "Weide", "Wijn", "Wilgen", "Zand", "Zilver", "Zout",
];

const LAST_PARTS: [&str; 34] = [
    "aard", "berg", "beek", "boom", "burgh", "camp", "drager", "dreef", "drift", "ekker", "gaarder", "graver", "grond",
    "haart", "hof", "horst", "huijs", "kamp", "kerk", "kind", "land", "maat", "meijer", "molen", "oord", "poort",
    "schuur", "steker", "stede", "veld", "voet", "voort", "weerd", "zoon",
];

/// Written in every alphabet of western Europe, so that old programs can save them.
const WESTERN: [&str; 16] = [
    "Lefèvrier",
    "Núñezal",
    "Sørensdal",
    "Müllerhof",
    "Françoisel",
    "Østergaarden",
    "Gonçalvesa",
    "Åkerlinde",
    "Bäckström",
    "Amranouch",
    "Bouazizzi",
    "Fonteinier",
    "Okonkwari",
    "Nguyenh",
    "Þorvalds",
    "Šimunek",
];

/// Written with characters that only Unicode has.
const EASTERN: [&str; 10] = [
    "Ștefăroiu",
    "Łukasiak",
    "Dvořáček",
    "Gümüşhan",
    "Őrmezei",
    "Çağlarsoy",
    "Žukauskis",
    "Ķirsonsa",
    "Ţepeșan",
    "Ćorlukić",
];

/// How a surname may be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Alphabet {
    /// Only what Windows-1252 has.
    Western,
    /// Anything that the letter can print.
    Unicode,
}

/// Writes an ordinary name into the row.
pub fn ordinary(random: &mut Random, alphabet: Alphabet, row: &mut Row) {
    let mut given = random.pick(&GIVEN).to_owned();
    for _ in 0..random.below(3) {
        given.push(' ');
        given.push_str(random.pick(&GIVEN));
    }
    row.set(Field::Initials, initials_of(&given));
    row.set(Field::GivenNames, given);
    if random.chance(420) {
        row.set(Field::Prefix, random.pick(&PREFIXES));
    }
    row.set(Field::Surname, surname(random, alphabet));
    if random.chance(450) {
        if random.chance(400) {
            row.set(Field::PartnerPrefix, random.pick(&PREFIXES));
        }
        row.set(Field::PartnerSurname, surname(random, alphabet));
        row.set(Field::NameUsage, random.pick(&["E", "P", "V", "N", "", "v"]));
    }
}

/// A surname.
pub fn surname(random: &mut Random, alphabet: Alphabet) -> String {
    match (random.below(100), alphabet) {
        (0..6, _) => random.pick(&WESTERN).to_owned(),
        (6..10, Alphabet::Unicode) => random.pick(&EASTERN).to_owned(),
        _ => format!("{}{}", random.pick(&FIRST_PARTS), random.pick(&LAST_PARTS)),
    }
}

/// The name of somebody who acts for another, as one line.
pub fn in_one_line(random: &mut Random) -> String {
    let initials = initials_of(random.pick(&GIVEN));
    format!("{initials} {}", surname(random, Alphabet::Western))
}

/// A surname that needs two lines in the window.
pub fn long_surname(random: &mut Random) -> String {
    let part = |random: &mut Random| format!("{}{}", random.pick(&FIRST_PARTS), random.pick(&LAST_PARTS));
    format!("{} tot den {} en {}", part(random), part(random), part(random))
}

/// A surname that no window holds: one word, and longer than a line.
pub fn endless_surname(random: &mut Random) -> String {
    (0..7).map(|_| random.pick(&FIRST_PARTS)).collect::<String>() + "enhoutsekanaaldijksteraarder"
}
