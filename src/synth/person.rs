//! One invented person of a case: rows, exposures and register entries, each with what must become of it.
//!
//! Enters: a case, random numbers and keys. Leaves: everything that the lists say of the person. Invariant: apart from
//! what makes the case, the person is ordinary, so that exactly one reason applies. Absent on purpose: counting.

use super::cases::Case;
use super::exposed::{self, Mark};
use super::keys::{Keys, dotted, mistyped};
use super::lists::{Delivery, Home, Register};
use super::random::Random;
use super::row::{Day, Row};
use super::{names, places};
use crate::intake::Field;
use crate::model::outcome::{ExposureOutcome, ExposureRejected, Outcome, Rejected};

/// A row of a participants list.
pub struct PlacedRow {
    /// The list.
    pub home: Home,
    /// The content.
    pub row: Row,
    /// What must become of it.
    pub outcome: Outcome,
}

/// A row of an exposure list.
pub struct ExposureLine {
    /// The list.
    pub delivery: Delivery,
    /// The person key as typed.
    pub key: String,
    /// The day of birth that confirms, in the list that has one.
    pub birth_date: Option<Day>,
    /// Every mark of a wide row, the only one of a long row.
    pub marks: Vec<Mark>,
    /// First day of the data.
    pub from: &'static str,
    /// The row loses its last fields.
    pub torn: bool,
    /// What must become of it.
    pub outcome: ExposureOutcome,
}

/// Everything that the lists say of one person.
pub struct Person {
    /// Rows of participants lists; the first carries the outcome.
    pub rows: Vec<PlacedRow>,
    /// Rows of exposure lists.
    pub exposures: Vec<ExposureLine>,
    /// Entries in registers.
    pub registers: Vec<(Register, String)>,
}

/// First day of the data, by delivery.
const FROM: [&str; 3] = ["", "2017-00-00", "00-00-2022"];

/// Makes one person.
pub fn person(case: Case, number: u64, random: &mut Random, keys: &mut Keys) -> Person {
    let home = home(case, random);
    let key = match home {
        Home::Hospital => keys.hospital(),
        Home::Detention => keys.detention(),
        _ => keys.bsn(),
    };
    let mut row = ordinary(case, home, number, random);
    row.key.clone_from(&key);
    let marks = exposed::marks(random, home, !row.get(Field::Format).is_empty());
    let mut person = Person {
        rows: vec![PlacedRow { home, row, outcome: case.outcome() }],
        exposures: lines(home, &key, &marks),
        registers: Vec::new(),
    };
    let mut maker = Maker { person: &mut person, home, key: &key, random, keys };
    maker.shape(case);
    let birth_date = person.rows[0].row.birth_date;
    for line in &mut person.exposures {
        if line.delivery == Delivery::Patients && line.birth_date.is_none() && case != Case::IdentityMismatch {
            line.birth_date = birth_date;
        }
    }
    person
}

/// The list that the person stands in first.
fn home(case: Case, random: &mut Random) -> Home {
    const WITH_ALL_COLUMNS: [Home; 2] = [Home::FirstLetter, Home::SecondDelivery];
    const WITH_NUMBERS: [Home; 3] = [Home::FirstLetter, Home::SecondDelivery, Home::NotRuledOut];
    match case {
        Case::TwelveToday
        | Case::TeenWithoutHealth
        | Case::Child
        | Case::TwelveTomorrow
        | Case::Represented
        | Case::TeenWithHealth
        | Case::RepresentativeUnknown => Home::Practitioner,
        Case::Released | Case::Institution | Case::UnknownInstitution => Home::Detention,
        Case::IdentityMismatch => Home::Hospital,
        Case::NoVariant => Home::NotRuledOut,
        Case::ExposedTwice | Case::ExposedWeaker | Case::EmptyWideRow => Home::FirstLetter,
        Case::NotAffected => random.pick(&[Home::Breast, Home::Breast, Home::SecondDelivery]),
        Case::RejectedElsewhere
        | Case::UnknownRuledOut
        | Case::BesideTornExposure
        | Case::BesideInvalidExposure
        | Case::UnknownCategory
        | Case::UnreadableExposure
        | Case::GlyphMissing
        | Case::DoesNotFit
        | Case::TooManyPages
        | Case::TornRow
        | Case::InvalidKey
        | Case::MissingName
        | Case::InvalidDate => Home::SecondDelivery,
        Case::PoBox
        | Case::Location
        | Case::Designation
        | Case::Abroad
        | Case::TwoLists
        | Case::ThreeLists
        | Case::TwiceInOneList
        | Case::InvalidValue
        | Case::ConflictingRecords
        | Case::NotAtAddress
        | Case::AddressUnderInvestigation
        | Case::ProtectedAddress
        | Case::IncompleteAddress
        | Case::InvalidPostcode
        | Case::UnknownCountry => random.pick(&WITH_ALL_COLUMNS),
        Case::DottedKey
        | Case::KeyAsReference
        | Case::NoBirthDate
        | Case::BesideStranger
        | Case::DoNotMail
        | Case::AlreadyInformed => random.pick(&WITH_NUMBERS),
        Case::Deceased => random.pick(&[Home::FirstLetter, Home::SecondDelivery, Home::Hospital]),
        // Of 941,000 people 405,000, 216,000, 282,000 and 38,000; patients beside them.
        _ => match random.below(1000) {
            0..410 => Home::FirstLetter,
            410..630 => Home::SecondDelivery,
            630..915 => Home::NotRuledOut,
            915..955 => Home::Before2017,
            955..980 => Home::Practitioner,
            _ => Home::Hospital,
        },
    }
}

/// Somebody of whom nothing special is known.
fn ordinary(case: Case, home: Home, number: u64, random: &mut Random) -> Row {
    let mut row = Row::default();
    let shape = home.shape();
    names::ordinary(random, shape.alphabet, &mut row);
    places::ordinary(random, &mut row);
    let sexes: &[&str] = match home {
        Home::Practitioner | Home::Hospital => &["M", "V", "V", "M", "O", ""],
        Home::Detention => &["M", "M", "M", "V"],
        _ => &["V", "V", "V", "V", "V", "V", "v", "O"],
    };
    row.set(Field::Sex, random.pick(sexes));
    row.birth_date = Some(day(random, 1940, 1994));
    match random.below(1000) {
        0..60 => row.set(Field::Language, random.pick(&["en", "en", "EN"])),
        60..80 => row.set(Field::Language, "both"),
        80..300 => row.set(Field::Language, "nl"),
        _ => {}
    }
    if random.chance(20) && case != Case::TooManyPages {
        row.set(Field::Format, "large-print");
    }
    row.source_ref = format!("{}-{:07}", &shape.id[..1].to_uppercase(), number + 1);
    if home == Home::FirstLetter || home == Home::SecondDelivery {
        row.remark = match random.below(200) {
            0 => "belde op maandag;\nen nog eens op \"dinsdag\"",
            1 => "heeft gebeld, wil meer weten",
            _ => "",
        };
    }
    row
}

/// A day of one of these years.
fn day(random: &mut Random, from: u16, to: u16) -> Day {
    let years = usize::from(to - from) + 1;
    let small = |number: usize| u8::try_from(number).unwrap_or(1);
    Day {
        year: from + u16::try_from(random.below(years)).unwrap_or_default(),
        month: small(1 + random.below(12)),
        day: small(1 + random.below(28)),
    }
}

/// The exposure rows that the list's people have.
fn lines(home: Home, key: &str, marks: &[Mark]) -> Vec<ExposureLine> {
    match home {
        Home::FirstLetter => vec![line(Delivery::Wide, key, marks)],
        Home::Hospital | Home::Detention => marks.iter().map(|&mark| line(Delivery::Patients, key, &[mark])).collect(),
        _ => marks.iter().map(|&mark| line(Delivery::Long, key, &[mark])).collect(),
    }
}

/// An exposure row that is used.
fn line(delivery: Delivery, key: &str, marks: &[Mark]) -> ExposureLine {
    ExposureLine {
        delivery,
        key: key.to_owned(),
        birth_date: None,
        marks: marks.to_vec(),
        from: FROM[delivery as usize],
        torn: false,
        outcome: ExposureOutcome::Used,
    }
}

/// Makes an ordinary person one of a case.
struct Maker<'a> {
    person: &'a mut Person,
    home: Home,
    key: &'a str,
    random: &'a mut Random,
    keys: &'a mut Keys,
}

impl Maker<'_> {
    fn shape(&mut self, case: Case) {
        match case {
            Case::Plain => {}
            Case::PoBox
            | Case::Location
            | Case::Designation
            | Case::NumberWithAddition
            | Case::Abroad
            | Case::NotAtAddress
            | Case::AddressUnderInvestigation
            | Case::ProtectedAddress
            | Case::IncompleteAddress
            | Case::InvalidPostcode
            | Case::UnknownCountry => self.address(case),
            Case::TwoLists
            | Case::ThreeLists
            | Case::TwiceInOneList
            | Case::ConflictingRecords
            | Case::RejectedElsewhere => {
                self.several_rows(case);
            }
            Case::ExposedTwice
            | Case::ExposedWeaker
            | Case::EmptyWideRow
            | Case::UnknownRuledOut
            | Case::BesideStranger
            | Case::BesideTornExposure
            | Case::BesideInvalidExposure
            | Case::NotAffected
            | Case::NoExposure
            | Case::UnknownCategory
            | Case::UnreadableExposure
            | Case::IdentityMismatch
            | Case::NoVariant
            | Case::TooManyPages => self.exposure(case),
            Case::TornRow | Case::InvalidKey | Case::MissingName | Case::InvalidDate => self.rejected(case),
            Case::Deceased | Case::DoNotMail | Case::AlreadyInformed => self.suppressed(case),
            _ => self.identity(case),
        }
    }

    fn row(&mut self) -> &mut Row {
        &mut self.person.rows[0].row
    }

    fn set(&mut self, field: Field, text: impl Into<String>) {
        self.row().set(field, text);
    }

    fn expose(&mut self, marks: &[Mark]) {
        self.person.exposures = lines(self.home, self.key, marks);
    }

    /// Names, keys, ages, and who is written to.
    fn identity(&mut self, case: Case) {
        match case {
            Case::Hostile => {
                let text =
                    self.random.pick(&["#panic()", "{{7*7}}", "*Ster*", "=cmd()", "@ref", "$x$", "_a_<b>", "[c]//d"]);
                self.set(Field::Surname, text);
                self.row().clear(Field::NameUsage);
                "=1+1".clone_into(&mut self.row().source_ref);
            }
            Case::DottedKey => self.row().key = dotted(self.key),
            Case::KeyAsReference => self.row().source_ref = self.key.to_owned(),
            Case::PartialBirthDate => {
                let month = self.random.pick(&[0, 0, 5]);
                self.row().birth_date = Some(Day { year: 1952, month, day: 0 });
            }
            Case::NoBirthDate => self.row().birth_date = None,
            Case::LongName => {
                let surname = names::long_surname(self.random);
                self.set(Field::Surname, surname);
                for field in [Field::Prefix, Field::PartnerPrefix, Field::PartnerSurname, Field::NameUsage] {
                    self.row().clear(field);
                }
            }
            Case::TwelveToday => {
                self.row().birth_date = Some(Day { year: 2013, month: 9, day: 26 });
                self.expose(&exposed::without_health());
            }
            Case::TwelveTomorrow => self.row().birth_date = Some(Day { year: 2013, month: 9, day: 27 }),
            Case::TeenWithoutHealth => {
                self.row().birth_date = Some(day(self.random, 2010, 2012));
                self.expose(&exposed::without_health());
            }
            Case::TeenWithHealth => self.row().birth_date = Some(day(self.random, 2010, 2012)),
            Case::Child => {
                self.row().birth_date = Some(day(self.random, 2014, 2024));
                if self.random.chance(500) {
                    self.represent("guardian");
                }
            }
            Case::Represented => {
                let role = self.random.pick(&["guardian", "curator", "Mentor", "administrator", "relative"]);
                self.represent(role);
            }
            Case::RepresentativeUnknown => match self.random.below(3) {
                0 => self.represent("buurvrouw"),
                1 => self.represent(""),
                _ => self.set(Field::RepresentativeRole, "curator"),
            },
            Case::Institution => {
                let institution = self.random.pick(&["pi-zuidermeer", "pi-noorderhorst", "PI-Zuidermeer"]);
                self.set(Field::Institution, institution);
                if self.random.chance(500) {
                    self.row().clear_address();
                }
            }
            Case::UnknownInstitution => self.set(Field::Institution, "pi-oosterhaven"),
            Case::InvalidValue => match self.random.below(5) {
                0 => self.set(Field::Sex, "X"),
                1 => self.set(Field::NameUsage, "Q"),
                2 => self.set(Field::Format, "braille"),
                3 => self.set(Field::AddressStatus, "unknown"),
                _ => {
                    let surname = format!("{}\u{200B}", names::surname(self.random, self.home.shape().alphabet));
                    self.set(Field::Surname, surname + "er");
                }
            },
            Case::LanguageUnavailable => {
                let language = self.random.pick(&["fy", "de", "nederlands"]);
                self.set(Field::Language, language);
            }
            Case::GlyphMissing => {
                self.set(Field::Surname, "田中");
                self.row().clear(Field::NameUsage);
            }
            Case::DoesNotFit => {
                let surname = names::endless_surname(self.random);
                self.set(Field::Surname, surname);
                self.row().clear(Field::NameUsage);
            }
            // Released prisoners are ordinary people on the prison's list.
            _ => {}
        }
    }

    /// Somebody acts for the person.
    fn represent(&mut self, role: &str) {
        let name = names::in_one_line(self.random);
        self.set(Field::RepresentativeName, name);
        self.set(Field::RepresentativeRole, role);
    }

    fn address(&mut self, case: Case) {
        match case {
            Case::PoBox => {
                let street = self.random.pick(&["Postbus", "Postbus", "Antwoordnummer"]);
                let number = (1 + self.random.below(9999)).to_string();
                self.set(Field::Street, street);
                self.bare_number(&number);
            }
            Case::Location => {
                let place = self.random.pick(&["Woonboot De Kwikstaart", "Standplaats 12", "Woonwagen bij de sluis"]);
                for field in [Field::Street, Field::HouseNumber, Field::HouseLetter, Field::HouseAddition] {
                    self.row().clear(field);
                }
                self.set(Field::LocationDescription, place);
            }
            Case::Designation => {
                let designation = self.random.pick(&["to", "by", "TO"]);
                self.set(Field::Designation, designation);
            }
            Case::NumberWithAddition => {
                let number = self.random.pick(&["12a", "7 B", "103c", "9hs"]);
                self.bare_number(number);
            }
            Case::Abroad => places::abroad(self.random, &mut self.person.rows[0].row),
            Case::UnknownCountry => {
                places::abroad(self.random, &mut self.person.rows[0].row);
                let country = self.random.pick(&["XX", "DDR", "UK"]);
                self.set(Field::Country, country);
            }
            Case::NotAtAddress if self.random.chance(500) => self.set(Field::AddressStatus, "not_at_address"),
            Case::NotAtAddress => self.register(Register::ReturnedMail),
            Case::AddressUnderInvestigation => self.set(Field::AddressStatus, "under_investigation"),
            Case::ProtectedAddress if self.random.chance(500) => self.set(Field::AddressStatus, "Protected"),
            Case::ProtectedAddress => self.register(Register::ProtectedAddresses),
            Case::IncompleteAddress => match self.random.below(6) {
                0 => self.bare_number(""),
                1 => self.bare_number("0"),
                2 => self.bare_number("12-14"),
                3 => self.set(Field::City, "."),
                4 => self.row().clear(Field::Street),
                _ => {
                    places::abroad(self.random, &mut self.person.rows[0].row);
                    self.row().clear(Field::ForeignLine1);
                }
            },
            _ => {
                let postcode = self.random.pick(&["1234 SS", "0123 AB", "12345", "1234 A", "2484 SA"]);
                self.set(Field::Postcode, postcode);
            }
        }
    }

    /// A house number with nothing behind it.
    fn bare_number(&mut self, number: &str) {
        self.set(Field::HouseNumber, number);
        self.row().clear(Field::HouseLetter);
        self.row().clear(Field::HouseAddition);
    }

    fn register(&mut self, register: Register) {
        self.person.registers.push((register, self.key.to_owned()));
    }

    fn suppressed(&mut self, case: Case) {
        match case {
            Case::DoNotMail => self.register(Register::DoNotMail),
            Case::AlreadyInformed => self.register(Register::AlreadyInformed),
            _ if self.home == Home::Hospital => self.register(Register::HospitalDeaths),
            _ if self.random.chance(500) => self.register(Register::Deaths),
            _ => self.row().death_date = Some(day(self.random, 2018, 2024)),
        }
    }

    fn several_rows(&mut self, case: Case) {
        let mut again = self.person.rows[0].row.clone();
        again.source_ref += "-2";
        again.remark = "";
        // Lists differ in what does not matter.
        if self.random.chance(500) {
            again.set(Field::Surname, again.get(Field::Surname).to_uppercase());
        }
        if self.random.chance(300) {
            again.birth_date = again.birth_date.map(|day| Day { day: 0, ..day });
        }
        let mut outcome = Outcome::Merged;
        let mut homes = vec![self.random.pick(&[Home::Before2017, Home::Practitioner])];
        match case {
            Case::TwiceInOneList => homes = vec![self.home],
            Case::ThreeLists => homes = vec![Home::Before2017, Home::Practitioner],
            Case::ConflictingRecords => match self.random.below(3) {
                0 => again.birth_date = again.birth_date.map(|day| Day { year: day.year - 1, ..day }),
                1 => {
                    again.set(Field::Surname, "Andersgenaamd");
                    again.clear(Field::PartnerPrefix);
                    again.clear(Field::PartnerSurname);
                    again.clear(Field::NameUsage);
                }
                // Ordinary numbers end below.
                _ => again.set(Field::HouseNumber, "987"),
            },
            Case::RejectedElsewhere => {
                again.set(Field::Surname, ".");
                again.clear(Field::PartnerSurname);
                outcome = Outcome::Rejected(Rejected::MissingName);
            }
            _ => {}
        }
        let rows = homes.into_iter().map(|home| PlacedRow { home, row: again.clone(), outcome });
        self.person.rows.extend(rows);
    }

    fn rejected(&mut self, case: Case) {
        let orphan = match case {
            // Nobody can say who this is, so nobody has the key that the exposures name.
            Case::TornRow => {
                self.row().torn = true;
                ExposureOutcome::OrphanNobody
            }
            Case::InvalidKey => {
                let key = self.random.pick(&[mistyped(self.key).as_str(), "", "onbekend", "12345"]).to_owned();
                self.row().key = key;
                ExposureOutcome::OrphanNobody
            }
            Case::MissingName => {
                let blank = self.random.pick(&["", "."]);
                self.set(Field::Surname, blank);
                self.row().clear(Field::PartnerSurname);
                ExposureOutcome::OrphanPersonRejected
            }
            _ => {
                let wrong = [(1975, 2, 31), (1975, 13, 1), (2031, 1, 1), (1975, 0, 9)];
                let (year, month, day) = self.random.pick(&wrong);
                self.row().birth_date = Some(Day { year, month, day });
                ExposureOutcome::OrphanPersonRejected
            }
        };
        for line in &mut self.person.exposures {
            line.outcome = orphan;
        }
    }

    fn exposure(&mut self, case: Case) {
        let rejected = |reason| ExposureOutcome::Rejected(reason);
        match case {
            Case::ExposedTwice => {
                self.add_long(self.key, ("name", "confirmed"), ExposureOutcome::DuplicateSame);
            }
            Case::ExposedWeaker => {
                self.add_long(self.key, ("name", "possible"), ExposureOutcome::DuplicateWeaker);
            }
            Case::EmptyWideRow => {
                let marks = std::mem::take(&mut self.person.exposures[0].marks);
                self.person.exposures[0].outcome = ExposureOutcome::UsedEmpty;
                for mark in marks {
                    self.add_long(self.key, mark, ExposureOutcome::Used);
                }
            }
            Case::UnknownRuledOut | Case::UnknownCategory => {
                let certainty = if case == Case::UnknownCategory { "confirmed" } else { "ruled_out" };
                let outcome = rejected(ExposureRejected::UnknownCategory);
                self.add_long(self.key, ("blood_group", certainty), outcome);
            }
            Case::BesideStranger => {
                let stranger = self.keys.bsn();
                self.add_long(&stranger, ("name", "confirmed"), ExposureOutcome::OrphanNobody);
                let wide =
                    ExposureLine { outcome: ExposureOutcome::OrphanNobody, ..line(Delivery::Wide, &stranger, &[]) };
                self.person.exposures.push(wide);
            }
            Case::BesideTornExposure => {
                self.add_long(self.key, ("bsn", ""), rejected(ExposureRejected::UnreadableRow));
                if let Some(line) = self.person.exposures.last_mut() {
                    line.torn = true;
                }
            }
            Case::BesideInvalidExposure => {
                self.add_long(&mistyped(self.key), ("bsn", ""), rejected(ExposureRejected::InvalidKey));
            }
            Case::NotAffected => {
                let marks = exposed::ruled_out(self.random);
                self.expose(&marks);
            }
            Case::NoExposure => self.person.exposures.clear(),
            Case::UnreadableExposure if self.random.chance(500) => {
                let outcome = rejected(ExposureRejected::InvalidCertainty);
                self.add_long(self.key, ("address", "misschien"), outcome);
            }
            Case::UnreadableExposure => {
                self.add_long(self.key, ("address", ""), rejected(ExposureRejected::InvalidDate));
                if let Some(line) = self.person.exposures.last_mut() {
                    line.from = "2019-02-30";
                }
            }
            Case::IdentityMismatch => {
                let other = self.random.chance(500).then_some(Day { year: 1938, month: 1, day: 1 });
                let own = self.person.rows[0].row.birth_date;
                for (index, line) in self.person.exposures.iter_mut().enumerate() {
                    line.birth_date = if index == 0 { other } else { own };
                }
            }
            Case::NoVariant => self.expose(&[("name", "confirmed"), ("address", "possible")]),
            _ => {
                self.set(Field::Format, "large-print");
                self.row().clear(Field::Language);
                self.expose(&exposed::everything());
            }
        }
    }

    /// A row of the long list.
    fn add_long(&mut self, key: &str, mark: Mark, outcome: ExposureOutcome) {
        self.person.exposures.push(ExposureLine { outcome, ..line(Delivery::Long, key, &[mark]) });
    }
}
