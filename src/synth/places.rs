//! Streets, towns and addresses, put together from parts.
//!
//! Enters: random numbers. Leaves: address fields as a Dutch list has them. Invariant: postcodes have a valid form, a town
//! keeps its first three digits, and no combination was taken from a map. Absent on purpose: edge cases, see [`super::cases`].

use super::random::Random;
use super::row::Row;
use crate::intake::Field;

const TOWN_STARTS: [&str; 30] = [
    "Achter", "Belder", "Blauw", "Boter", "Dorper", "Elder", "Ganze", "Harke", "Helder", "Kempen", "Klaver", "Lage",
    "Linder", "Maas", "Meer", "Nieuwer", "Noorder", "Ooster", "Polder", "Riet", "Rozen", "Ruiger", "Slinger", "Turf",
    "Velder", "Wester", "Wierum", "Zand", "Zilver", "Zuider",
];

const TOWN_ENDS: [&str; 16] = [
    "beek", "berg", "broek", "buren", "dam", "dijk", "duinen", "hoven", "huizen", "koog", "made", "meer", "rode",
    "schans", "veen", "wijk",
];

const TOWN_TAILS: [&str; 12] = ["", "", "", "", "", "", "", "", "", " aan de Lee", " over de Vaart", "-Binnen"];

const STREET_STARTS: [&str; 40] = [
    "Beuken",
    "Boterbloem",
    "Brem",
    "Dotterbloem",
    "Eiken",
    "Esdoorn",
    "Fazanten",
    "Ganzerik",
    "Grutters",
    "Havikskruid",
    "Iepen",
    "Kastanje",
    "Kieviten",
    "Klaproos",
    "Korenbloem",
    "Kuipers",
    "Lantaarn",
    "Leeuwerik",
    "Libellen",
    "Linden",
    "Marskramer",
    "Meidoorn",
    "Merel",
    "Molenaars",
    "Narcissen",
    "Oever",
    "Pauwen",
    "Populieren",
    "Rietzanger",
    "Schippers",
    "Smids",
    "Spinners",
    "Turf",
    "Vlinder",
    "Waterlelie",
    "Wevers",
    "Wilgen",
    "Zilverlinde",
    "Zonnebloem",
    "Zwaluwen",
];

const STREET_ENDS: [&str; 12] =
    ["dreef", "gracht", "hof", "kade", "laan", "pad", "plein", "plantsoen", "singel", "straat", "vaart", "weg"];

const STREETS: [&str; 10] = [
    "Laan van Rozenwater",
    "Oude Trekvaart",
    "Curaçaohof",
    "1e Boterdiepdwarsstraat",
    "Hertog Reinoudlaan",
    "Achter de Leerlooierij",
    "Burgemeester Vlaskampstraat",
    "Daniëllepad",
    "Plein 1799",
    "Graan voor Lakens",
];

/// Letters of postcodes; SA, SD and SS do not come about without an S.
const POSTCODE_LETTERS: &[u8] = b"ABCDEGHJKLMNPRTVWXZ";

const ADDITIONS: [&str; 9] = ["II", "III", "hs", "bis", "rd", "2", "B73c", "zw", "10"];

/// Country, first line and second line of an address abroad; `#` is a number.
const ABROAD: [(&str, &str, &str); 9] = [
    ("DE", "Ahornallee #", "47559 Niederlinden"),
    ("DE", "Am Lindenhang #", "26899 Oberfehnmoor"),
    ("BE", "Populierendreef #", "9099 Oostakkerbeke"),
    ("BE", "Rue des Saules #", "4999 Valbrune"),
    ("FR", "# allée des Peupliers", "62999 SAINT-AUBRIN"),
    ("GB", "# Alder Row", "NETHER WICKHAM ZZ99 4ZZ"),
    ("ES", "Calle del Olmo #", "29999 Villarroble"),
    ("PL", "ul. Brzozowa #", "69-999 Nowe Łęgi"),
    ("US", "# Alder Creek Road", "Lindenville, OH 44999"),
];

/// Writes an ordinary address in the Netherlands into the row.
pub fn ordinary(random: &mut Random, row: &mut Row) {
    row.set(Field::Street, street(random));
    // Low numbers are more usual than high ones.
    let highest = 20 + 380 * random.below(100) / 100;
    let number = 1 + random.below(highest);
    row.set(Field::HouseNumber, number.to_string());
    match random.below(100) {
        0..5 => row.set(Field::HouseLetter, random.pick(&["A", "B", "C", "a", "b"])),
        5..11 => row.set(Field::HouseAddition, random.pick(&ADDITIONS)),
        11 => {
            row.set(Field::HouseLetter, "L");
            row.set(Field::HouseAddition, "Toe");
        }
        _ => {}
    }
    town(random, row);
}

/// Writes postcode and town into the row.
fn town(random: &mut Random, row: &mut Row) {
    let (start, end, tail) =
        (random.below(TOWN_STARTS.len()), random.below(TOWN_ENDS.len()), random.below(TOWN_TAILS.len()));
    // 100 to 999, spread over the towns.
    let area = 100 + ((start * TOWN_ENDS.len() + end) * TOWN_TAILS.len() + tail) * 7 % 900;
    let [first, second] = [(); 2].map(|()| char::from(random.pick(POSTCODE_LETTERS)));
    let digit = random.below(10);
    let postcode = match random.below(20) {
        0 => format!("{area}{digit}{first}{second}"),
        1 => format!("{area}{digit} {}{}", first.to_ascii_lowercase(), second.to_ascii_lowercase()),
        _ => format!("{area}{digit} {first}{second}"),
    };
    row.set(Field::Postcode, postcode);
    let town = format!("{}{}{}", TOWN_STARTS[start], TOWN_ENDS[end], TOWN_TAILS[tail]);
    row.set(Field::Municipality, town.as_str());
    row.set(Field::City, town);
}

/// A street.
pub fn street(random: &mut Random) -> String {
    if random.chance(80) {
        random.pick(&STREETS).to_owned()
    } else {
        format!("{}{}", random.pick(&STREET_STARTS), random.pick(&STREET_ENDS))
    }
}

/// Writes an address abroad into the row, in the place of the one in the Netherlands.
pub fn abroad(random: &mut Random, row: &mut Row) {
    row.clear_address();
    let (country, first, second) = random.pick(&ABROAD);
    row.set(Field::Country, country);
    row.set(Field::ForeignLine1, first.replace('#', &(1 + random.below(250)).to_string()));
    row.set(Field::ForeignLine2, second);
}
