//! People, one after the other, to the files of a campaign.
//!
//! Enters: how many, a seed and a folder. Leaves: a campaign that can be run, and what was planted in it. Invariants: the
//! same people and seed give the same bytes; a person is written and forgotten, so memory does not grow; the file with
//! the counts is written last.

use std::path::Path;

use serde_json::Value;

use super::cases::{Case, ROUND};
use super::exposed::Mark;
use super::files;
use super::keys::Keys;
use super::lists::{Delivery, ListFile, PARTICIPANTS, REGISTERS, WIDE};
use super::names::Alphabet;
use super::person::{self, ExposureLine, Person};
use super::planted::Planted;
use super::random::Random;
use crate::intake::Field;
use crate::model::country;
use crate::model::outcome::Outcome;
use crate::store::{self, StoreError};

/// As many people as there are citizen numbers that begin with 9, some left over for strangers.
pub const PEOPLE_MAX: u64 = 9_000_000;

/// Among so many rows one may be rejected: the campaign's limit of one percent.
const ROWS_A_REJECTED_ONE: u64 = 100;

/// The stream of random numbers that the first round is put into order by; people have the streams from 0.
const ROUND_STREAMS: u64 = 1 << 60;

const DELIVERIES: [&str; 3] = ["lab-delivery-1", "lab-delivery-2", "patient-exposures"];
const LONG_COLUMNS: [&str; 6] = ["person_key", "category", "certainty", "period_from", "period_to", "dataset"];
const PATIENTS_COLUMNS: [&str; 6] = ["person_key", "birth_date", "category", "certainty", "period_from", "period_to"];

/// Writes a campaign of this many people, at most [`PEOPLE_MAX`], into a folder that holds nothing yet. Returns what
/// `planted.json` says.
///
/// # Errors
/// When something cannot be written.
pub fn synthesise(people: u64, seed: u64, folder: &Path) -> Result<Value, StoreError> {
    store::folder(&folder.join("vendors"))?;
    store::folder(&folder.join("data"))?;
    let mut lists = Lists::create(&folder.join("data"))?;
    let mut keys = Keys::new(seed);
    let mut planted = Planted::default();
    let mut rejections = Rejections::within(people);
    let mut round = Vec::new();
    for number in 0..people {
        let place = usize::try_from(number % ROUND as u64).unwrap_or_default();
        if place == 0 {
            round = shuffled_round(seed, number / ROUND as u64);
        }
        let case = rejections.allowed(round[place]);
        let mut random = Random::new(seed, number);
        let person = person::person(case, number, &mut random, &mut keys);
        *planted.cases.entry(case).or_default() += 1;
        lists.write(&person, &mut planted)?;
    }
    lists.commit()?;
    store::write(&folder.join("case.key"), files::case_key(seed).as_bytes())?;
    store::write(&folder.join("vendors/synthetic-press.toml"), files::PRESS.as_bytes())?;
    files::write_letter(folder)?;
    store::write(&folder.join("campaign.toml"), files::campaign(people, seed).as_bytes())?;
    let json = planted.json(people, seed);
    store::write(&folder.join("planted.json"), format!("{json:#}\n").as_bytes())?;
    Ok(json)
}

/// All cases in an order of their own. The very first person is a plain one, so that a population of one gets a letter.
fn shuffled_round(seed: u64, number: u64) -> Vec<Case> {
    let mut round = Case::round();
    Random::new(seed, ROUND_STREAMS + number).shuffle(&mut round);
    if number == 0
        && let Some(plain) = round.iter().position(|&case| case == Case::Plain)
    {
        round.swap(0, plain);
    }
    round
}

/// Rejected rows that may still be planted. Small populations get fewer of them, or the campaign's own limits would stop
/// the run; a thousand people have room for all of a round.
struct Rejections {
    rows: u64,
    exposure_rows: u64,
}

impl Rejections {
    /// Room in a population of this size.
    const fn within(people: u64) -> Self {
        let limit = people / ROWS_A_REJECTED_ONE;
        Self { rows: limit, exposure_rows: limit }
    }

    /// The case, or a plain person where it would be one rejected row too many.
    fn allowed(&mut self, case: Case) -> Case {
        let room = if case.rejects_a_row() {
            &mut self.rows
        } else if case.rejects_an_exposure() {
            &mut self.exposure_rows
        } else {
            return case;
        };
        if *room == 0 {
            return Case::Plain;
        }
        *room -= 1;
        case
    }
}

/// All files that are being written.
struct Lists {
    participants: Vec<ListFile>,
    exposures: Vec<ListFile>,
    registers: Vec<ListFile>,
}

impl Lists {
    fn create(folder: &Path) -> Result<Self, StoreError> {
        let participants = PARTICIPANTS
            .iter()
            .map(|shape| {
                let form = (shape.delimiter, shape.windows, shape.alphabet);
                ListFile::create(folder, shape.id, form, shape.columns.iter().map(|&(header, _)| header))
            })
            .collect::<Result<_, _>>()?;
        let office = (b';', true, Alphabet::Unicode);
        let plain = (b',', false, Alphabet::Unicode);
        let wide = std::iter::once("BSN").chain(WIDE.iter().map(|&(_, column)| column));
        let exposures = vec![
            ListFile::create(folder, DELIVERIES[0], office, wide)?,
            ListFile::create(folder, DELIVERIES[1], plain, LONG_COLUMNS)?,
            ListFile::create(folder, DELIVERIES[2], plain, PATIENTS_COLUMNS)?,
        ];
        let registers = REGISTERS
            .iter()
            .map(|id| ListFile::create(folder, id, plain, ["person_key", "date", "note"]))
            .collect::<Result<_, _>>()?;
        Ok(Self { participants, exposures, registers })
    }

    fn write(&mut self, person: &Person, planted: &mut Planted) -> Result<(), StoreError> {
        for placed in &person.rows {
            let shape = placed.home.shape();
            self.participants[placed.home as usize].participant(shape, &placed.row)?;
            planted.row(shape.id, placed.outcome);
        }
        for line in &person.exposures {
            self.expose(line)?;
            planted.exposure_row(DELIVERIES[line.delivery as usize], line.outcome);
        }
        for (register, key) in &person.registers {
            let file = &mut self.registers[*register as usize];
            for field in [key.as_str(), "2025-08-01", ""] {
                file.field(field)?;
            }
            file.end()?;
            *planted.register_rows.entry(REGISTERS[*register as usize]).or_default() += 1;
        }
        count_letter(person, planted);
        Ok(())
    }

    fn expose(&mut self, line: &ExposureLine) -> Result<(), StoreError> {
        let file = &mut self.exposures[line.delivery as usize];
        file.field(&line.key)?;
        let birth_date = line.birth_date.map(|day| day.written(true)).unwrap_or_default();
        let (category, certainty): Mark = line.marks.first().copied().unwrap_or_default();
        match line.delivery {
            Delivery::Wide => {
                for (category, _) in WIDE {
                    let mark = line.marks.iter().find(|(marked, _)| *marked == category);
                    file.field(mark.map_or("", |&(_, certainty)| certainty))?;
                }
            }
            Delivery::Long if line.torn => file.field(category)?,
            Delivery::Long => {
                for field in [category, certainty, line.from, "2025-07-06", "levering 2"] {
                    file.field(field)?;
                }
            }
            Delivery::Patients => {
                for field in [&birth_date, category, certainty, line.from, "06-07-2025"] {
                    file.field(field)?;
                }
            }
        }
        file.end()
    }

    fn commit(self) -> Result<(), StoreError> {
        self.participants.into_iter().chain(self.exposures).chain(self.registers).try_for_each(ListFile::commit)
    }
}

/// Counts language, format and country of somebody who gets a letter.
fn count_letter(person: &Person, planted: &mut Planted) {
    let Some(first) = person.rows.first().filter(|placed| matches!(placed.outcome, Outcome::Letter(_))) else { return };
    let language = match first.row.get(Field::Language).to_ascii_lowercase().as_str() {
        "en" => "en",
        "both" => "nl+en",
        _ => "nl",
    };
    *planted.languages.entry(language).or_default() += 1;
    planted.large_print += u64::from(!first.row.get(Field::Format).is_empty());
    let country = first.row.get(Field::Country);
    planted.abroad += u64::from(country::find(country).is_some_and(|country| !country.is_domestic()));
}
