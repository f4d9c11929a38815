//! Invented people for the tests of routing.
//!
//! Enters: what a test wants to be different. Leaves: a campaign, rows and exposures. Invariant: somebody about whom a
//! test says nothing gets a letter to herself. Absent on purpose: reading of lists, which has tests of its own.

use std::collections::BTreeMap;

use jiff::civil::date;

use crate::campaign::letter_template::{LetterTemplate, LintLimits};
use crate::campaign::settings::{
    Campaign, Encoding, Institution, KeyKind, ListSource, ParticipantsList, RegisterKind, RoutingChoice, VariantRule,
};
use crate::campaign::vendor::{Clear, Encryption, Form, Output, Plex, Vendor, Zone};
use crate::exposure::Exposures;
use crate::intake::{Field, Intake, Participant, ParticipantRow, Registers};
use crate::model::case_code::{CaseCode, CaseCoder};
use crate::model::date::PartialDate;
use crate::model::earlier::Earlier;
use crate::model::exposure::{Certainty, Exposed, Nature};
use crate::model::language::{Language, LanguageChoice};
use crate::model::letter::Letter;
use crate::model::outcome::{Held, Rejected};
use crate::model::private::Private;

use super::{Routed, route};

/// A person's case code.
pub fn code(key: &str) -> CaseCode {
    CaseCoder::new(b"0123456789abcdef").code("opaque", key)
}

/// A row of a participants list.
#[derive(Debug, Clone)]
pub struct Row {
    list: u16,
    key: String,
    texts: BTreeMap<Field, String>,
    birth_date: &'static str,
    death_date: &'static str,
    rejected: Option<Rejected>,
}

/// J.A. van den Berg of Dorpsstraat 1, 45 years old, in the first list.
pub fn row(key: &str) -> Row {
    let texts = [
        (Field::Initials, "J.A."),
        (Field::Prefix, "van den"),
        (Field::Surname, "Berg"),
        (Field::Sex, "V"),
        (Field::Street, "Dorpsstraat"),
        (Field::HouseNumber, "1"),
        (Field::Postcode, "1234AB"),
        (Field::City, "Ons Dorp"),
    ];
    Row {
        list: 0,
        key: key.to_owned(),
        texts: texts.into_iter().map(|(field, text)| (field, text.to_owned())).collect(),
        birth_date: "1980-05-31",
        death_date: "",
        rejected: None,
    }
}

impl Row {
    pub fn set(&mut self, field: Field, text: &str) {
        self.texts.insert(field, text.to_owned());
    }

    pub fn with(mut self, field: Field, text: &str) -> Self {
        self.set(field, text);
        self
    }

    pub fn in_list(mut self, list: u16) -> Self {
        self.list = list;
        self
    }

    pub fn born(mut self, date: &'static str) -> Self {
        self.birth_date = date;
        self
    }

    pub fn died(mut self, date: &'static str) -> Self {
        self.death_date = date;
        self
    }

    pub fn rejected(mut self, reason: Rejected) -> Self {
        self.rejected = Some(reason);
        self
    }

    /// An address abroad in the place of the one in the Netherlands.
    pub fn abroad(self, country: &str, line: &str) -> Self {
        [Field::Street, Field::HouseNumber, Field::Postcode, Field::City]
            .into_iter()
            .fold(self, |row, field| row.with(field, ""))
            .with(Field::Country, country)
            .with(Field::ForeignLine1, line)
    }

    fn read(&self, row: u32) -> ParticipantRow {
        let participant = Participant::new(
            |field| self.texts.get(&field).map_or("", String::as_str),
            PartialDate::parse(self.birth_date).unwrap(),
            PartialDate::parse(self.death_date).unwrap(),
        );
        let case_code = if self.rejected.is_some() { None } else { Some(code(&self.key)) };
        let read = self.rejected.map_or(Ok(participant), Err);
        ParticipantRow { list: self.list, row, read, case_code, source_ref: Private::new("ref".into()) }
    }
}

/// Marks and flags of a person's exposure rows.
type Exposure = (Vec<(u16, Exposed)>, [bool; 3]);

/// Everything that is routed.
#[derive(Debug)]
pub struct World {
    pub campaign: Campaign,
    rows: Vec<Row>,
    exposures: BTreeMap<CaseCode, Exposure>,
    registers: Vec<(RegisterKind, CaseCode)>,
}

/// These rows, and a confirmed exposure of everybody's number.
pub fn world(rows: impl IntoIterator<Item = Row>) -> World {
    World { campaign: campaign(), rows: rows.into_iter().collect(), exposures: BTreeMap::new(), registers: Vec::new() }
}

impl World {
    /// The person's exposures, by category; none at all where there are none.
    pub fn exposed(self, key: &str, marks: &[(&str, Certainty)]) -> Self {
        self.exposed_and_flagged(key, marks, [false; 3])
    }

    /// The person's exposures, with `unknown_category`, `unreadable` and `identity_mismatch`.
    pub fn exposed_and_flagged(mut self, key: &str, marks: &[(&str, Certainty)], flags: [bool; 3]) -> Self {
        let index = |wanted: &str| self.campaign.template.categories.keys().position(|name| name == wanted).unwrap();
        let mark = |&(category, certainty): &(&str, Certainty)| {
            (u16::try_from(index(category)).unwrap(), Exposed { certainty, period_from: None, period_to: None })
        };
        let mut marks: Vec<_> = marks.iter().map(mark).collect();
        marks.sort();
        self.exposures.insert(code(key), (marks, flags));
        self
    }

    pub fn registered(mut self, kind: RegisterKind, key: &str) -> Self {
        self.registers.push((kind, code(key)));
        self
    }

    pub fn routing(mut self, reason: Held, choice: RoutingChoice) -> Self {
        self.campaign.routing.insert(reason, choice);
        self
    }

    pub fn variants(mut self, rules: &[(&str, &str)]) -> Self {
        let rule = |&(id, when): &(&str, &str)| VariantRule { id: id.to_owned(), when: when.to_owned() };
        self.campaign.variants = rules.iter().map(rule).collect();
        self
    }

    /// The same world with rows that stand before all others.
    pub fn preceded_by(mut self, rows: impl IntoIterator<Item = Row>) -> Self {
        self.rows.splice(0..0, rows);
        self
    }

    pub fn changed(mut self, change: impl FnOnce(&mut Campaign)) -> Self {
        change(&mut self.campaign);
        self
    }

    pub fn intake(&self) -> Intake {
        let mut next = [0; 8];
        let mut rows: Vec<&Row> = self.rows.iter().collect();
        rows.sort_by_key(|row| row.list);
        let read = |row: &Row| {
            let number = &mut next[usize::from(row.list)];
            *number += 1;
            row.read(*number)
        };
        Intake {
            participants: rows.into_iter().map(read).collect(),
            registers: Registers::new(self.registers.iter().copied()),
            ..Intake::default()
        }
    }

    pub fn exposures(&self) -> Exposures {
        let categories: Vec<String> = self.campaign.template.categories.keys().cloned().collect();
        let bsn = u16::try_from(categories.iter().position(|name| name == "bsn").unwrap()).unwrap();
        let confirmed = Exposed { certainty: Certainty::Confirmed, period_from: None, period_to: None };
        let default: Exposure = (vec![(bsn, confirmed)], [false; 3]);
        let mut people: BTreeMap<CaseCode, Exposure> =
            self.rows.iter().map(|row| (code(&row.key), default.clone())).collect();
        people.extend(self.exposures.clone());
        Exposures::of_people(
            categories,
            people.into_iter().map(|(code, (marks, flags))| (code, marks, flags)).collect(),
        )
    }

    pub fn route(&self) -> Routed {
        route(&self.campaign, &self.intake(), &self.exposures(), &Earlier::default()).unwrap()
    }

    /// Outcome and reason of every row, in the order of lists and rows.
    pub fn fates(&self) -> Vec<(&'static str, &'static str)> {
        self.route().rows.iter().map(|row| (row.outcome.as_str(), row.outcome.reason())).collect()
    }

    /// Outcome and reason of the first row.
    pub fn fate(&self) -> (&'static str, &'static str) {
        self.fates()[0]
    }

    /// The only letter.
    pub fn letter(&self) -> Letter {
        let routed = self.route();
        assert_eq!(routed.letters.len(), 1, "{:?}", routed.rows);
        routed.letters.into_iter().next().unwrap()
    }

    /// The address block of the only letter.
    pub fn lines(&self) -> Vec<String> {
        self.letter().destination.reveal().lines.clone()
    }
}

/// A list of participants.
fn list(id: &str, population: &str) -> ParticipantsList {
    let source = ListSource {
        id: id.to_owned(),
        path: format!("{id}.csv"),
        file: format!("{id}.csv").into(),
        key: KeyKind::Opaque,
        columns: BTreeMap::new(),
        encoding: Encoding::Utf8,
        sheet: None,
    };
    ParticipantsList { source, population: population.to_owned() }
}

/// Two lists, one institution, two variants, no overrides.
fn campaign() -> Campaign {
    let institution = Institution {
        name: "an institution".to_owned(),
        address_line: Some("Afdeling Post".to_owned()),
        street: "Poortweg".to_owned(),
        house_number: "9".to_owned(),
        house_letter: String::new(),
        house_addition: String::new(),
        postcode: "4321 BA".to_owned(),
        city: "Verdam".to_owned(),
    };
    Campaign {
        folder: "campaign".into(),
        source: String::new(),
        id: "invented".to_owned(),
        template: template(),
        date: date(2025, 9, 12),
        vendor: vendor(),
        default_language: LanguageChoice::One(Language::Nl),
        case_code_key: Private::new(b"0123456789abcdef".to_vec()),
        facts: toml::Table::new(),
        sender: toml::Table::new(),
        return_line: "Postbus 1, 1234 AB Ons Dorp".to_owned(),
        participants: vec![list("screening", "cervical-screening"), list("hospital", "patients")],
        exposures: Vec::new(),
        registers: Vec::new(),
        institutions: BTreeMap::from([("pi-x".to_owned(), institution)]),
        variants: vec![
            VariantRule { id: "confirmed".to_owned(), when: "'confirmed' in certainties".to_owned() },
            VariantRule { id: "possible".to_owned(), when: "'possible' in certainties".to_owned() },
        ],
        routing: BTreeMap::new(),
        max_rejected_percent: 1.0,
        max_unusable_exposures_percent: 1.0,
        release_per_day: None,
        approvals_required: 0,
        seeds: Vec::new(),
        ledger: None,
        waves: Vec::new(),
    }
}

fn template() -> LetterTemplate {
    let categories = [("bsn", Nature::Identity), ("name", Nature::Ordinary), ("test_result", Nature::Health)];
    LetterTemplate {
        name: "invented".to_owned(),
        files: BTreeMap::new(),
        sha256: String::new(),
        languages: vec![Language::Nl, Language::En],
        variants: vec!["confirmed".to_owned(), "possible".to_owned()],
        formats: vec!["standard".to_owned(), "large-print".to_owned()],
        pages_max: 4,
        category_order: categories.iter().map(|(id, _)| (*id).to_owned()).collect(),
        categories: categories.into_iter().map(|(id, nature)| (id.to_owned(), nature)).collect(),
        uses_person: false,
        category_texts: BTreeMap::new(),
        labels: BTreeMap::new(),
        wording: BTreeMap::new(),
        lint: LintLimits::default(),
    }
}

fn vendor() -> Vendor {
    Vendor {
        name: "invented".to_owned(),
        source: String::new(),
        window: Zone { left_mm: 24.6, top_mm: 50.0, width_mm: 95.4, height_mm: 40.0 },
        envelope_grams: 6.0,
        clear: Clear { left_mm: 15.0, right_mm: 15.0, top_mm: 5.0, bottom_mm: 5.0 },
        kix: true,
        datamatrix: None,
        plex: Plex::Duplex,
        paper_gsm: 80.0,
        output: Output {
            form: Form::Stream,
            max_letters_per_file: 5000,
            max_letters_per_package: 50000,
            max_package_mib: 2000,
            split_by: Vec::new(),
            order_by: Vec::new(),
        },
        xjdf: false,
        encryption: Encryption::None,
    }
}
