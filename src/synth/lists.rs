//! The lists of an invented campaign: their columns, their forms, and the files they are written to.
//!
//! Enters: rows. Leaves: CSV files of as many forms as offices have. Invariant: a field that a row has and the list
//! lacks is a fault of this program, never lost in silence; rows go straight to disk. Absent on purpose: who is in which
//! list.

use std::io::{self, Write};
use std::path::Path;

use csv::{Terminator, Writer, WriterBuilder};
use encoding_rs::WINDOWS_1252;

use super::names::Alphabet;
use super::row::{Day, Row};
use crate::intake::Field;
use crate::store::{self, Draft, StoreError};

/// The participants lists, in order of trust.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Home {
    /// Got a first letter in August.
    FirstLetter,
    /// Found when the laboratory delivered again.
    SecondDelivery,
    /// Nobody can say for certain.
    NotRuledOut,
    /// Found through their practitioner.
    Before2017,
    /// Patients of general practitioners.
    Practitioner,
    /// Patients of a hospital, which has numbers of its own.
    Hospital,
    /// Prisoners.
    Detention,
    /// Another screening: not affected.
    Breast,
}

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Column {
    /// The person key.
    Key,
    /// Day of birth.
    BirthDate,
    /// Day of death.
    DeathDate,
    /// The owner's reference.
    SourceRef,
    /// A field.
    Text(Field),
    /// Something that nothing maps.
    Remark,
}

/// A participants list.
#[derive(Debug)]
pub struct Shape {
    /// Id, and with `.csv` the file's name.
    pub id: &'static str,
    /// The population.
    pub population: &'static str,
    /// `bsn` or `opaque`.
    pub key: &'static str,
    /// Between the fields.
    pub delimiter: u8,
    /// Byte order mark and Windows line ends.
    pub windows: bool,
    /// Which characters it can hold.
    pub alphabet: Alphabet,
    /// `31-05-1950`.
    pub dutch_dates: bool,
    /// Header and content of each column.
    pub columns: &'static [(&'static str, Column)],
}

macro_rules! ours {
    ($($field:ident = $name:literal),+ $(,)?) => {
        &[
            ("person_key", Column::Key),
            ("prefix", Column::Text(Field::Prefix)),
            ("surname", Column::Text(Field::Surname)),
            ("partner_prefix", Column::Text(Field::PartnerPrefix)),
            ("partner_surname", Column::Text(Field::PartnerSurname)),
            ("name_usage", Column::Text(Field::NameUsage)),
            ("sex", Column::Text(Field::Sex)),
            ("birth_date", Column::BirthDate),
            ("street", Column::Text(Field::Street)),
            ("house_number", Column::Text(Field::HouseNumber)),
            ("house_letter", Column::Text(Field::HouseLetter)),
            ("house_addition", Column::Text(Field::HouseAddition)),
            ("postcode", Column::Text(Field::Postcode)),
            ("language", Column::Text(Field::Language)),
            ("format", Column::Text(Field::Format)),
            $(($name, Column::Text(Field::$field)),)+
            ("source_ref", Column::SourceRef),
        ]
    };
}

/// All columns that a screening list in Dutch has.
const DUTCH: &[(&str, Column)] = &[
    ("BSN", Column::Key),
    ("Voorletters", Column::Text(Field::Initials)),
    ("Voorvoegsel", Column::Text(Field::Prefix)),
    ("Achternaam", Column::Text(Field::Surname)),
    ("Voorvoegsel partner", Column::Text(Field::PartnerPrefix)),
    ("Achternaam partner", Column::Text(Field::PartnerSurname)),
    ("Naamgebruik", Column::Text(Field::NameUsage)),
    ("Geslacht", Column::Text(Field::Sex)),
    ("Geboortedatum", Column::BirthDate),
    ("Overlijdensdatum", Column::DeathDate),
    ("Straat", Column::Text(Field::Street)),
    ("Huisnummer", Column::Text(Field::HouseNumber)),
    ("Huisletter", Column::Text(Field::HouseLetter)),
    ("Toevoeging", Column::Text(Field::HouseAddition)),
    ("Aanduiding", Column::Text(Field::Designation)),
    ("Postcode", Column::Text(Field::Postcode)),
    ("Woonplaats", Column::Text(Field::City)),
    ("Locatie", Column::Text(Field::LocationDescription)),
    ("Land", Column::Text(Field::Country)),
    ("Adresregel 1", Column::Text(Field::ForeignLine1)),
    ("Adresregel 2", Column::Text(Field::ForeignLine2)),
    ("Taal", Column::Text(Field::Language)),
    ("Briefvorm", Column::Text(Field::Format)),
    ("Adresstatus", Column::Text(Field::AddressStatus)),
    ("Kenmerk", Column::SourceRef),
    ("Opmerking", Column::Remark),
];

/// The columns of a hospital in Dutch.
const PATIENTS: &[(&str, Column)] = &[
    ("Patiëntnummer", Column::Key),
    ("Voorletters", Column::Text(Field::Initials)),
    ("Tussenvoegsel", Column::Text(Field::Prefix)),
    ("Achternaam", Column::Text(Field::Surname)),
    ("Partner tussenvoegsel", Column::Text(Field::PartnerPrefix)),
    ("Partner achternaam", Column::Text(Field::PartnerSurname)),
    ("Naamgebruik", Column::Text(Field::NameUsage)),
    ("Geslacht", Column::Text(Field::Sex)),
    ("Geboortedatum", Column::BirthDate),
    ("Straat", Column::Text(Field::Street)),
    ("Nummer", Column::Text(Field::HouseNumber)),
    ("Letter", Column::Text(Field::HouseLetter)),
    ("Toevoeging", Column::Text(Field::HouseAddition)),
    ("Postcode", Column::Text(Field::Postcode)),
    ("Plaats", Column::Text(Field::City)),
    ("Taal", Column::Text(Field::Language)),
    ("Formaat", Column::Text(Field::Format)),
];

/// The lists, in the order of [`Home`].
pub const PARTICIPANTS: [Shape; 8] = [
    Shape {
        id: "screening-first-letter",
        population: "cervical-screening",
        key: "bsn",
        delimiter: b';',
        windows: true,
        alphabet: Alphabet::Unicode,
        dutch_dates: true,
        columns: DUTCH,
    },
    Shape {
        id: "screening-second-delivery",
        population: "cervical-screening",
        key: "bsn",
        delimiter: b',',
        windows: false,
        alphabet: Alphabet::Unicode,
        dutch_dates: false,
        columns: DUTCH,
    },
    Shape {
        id: "screening-not-ruled-out",
        population: "cervical-screening",
        key: "bsn",
        delimiter: b'\t',
        windows: false,
        alphabet: Alphabet::Unicode,
        dutch_dates: false,
        columns: ours![Initials = "initials", City = "city"],
    },
    Shape {
        id: "screening-before-2017",
        population: "cervical-screening",
        key: "bsn",
        delimiter: b';',
        windows: false,
        alphabet: Alphabet::Unicode,
        dutch_dates: false,
        columns: ours![GivenNames = "given_names", Municipality = "municipality"],
    },
    Shape {
        id: "practitioner",
        population: "gp-patients",
        key: "bsn",
        delimiter: b',',
        windows: true,
        alphabet: Alphabet::Unicode,
        dutch_dates: false,
        columns: ours![
            GivenNames = "given_names",
            City = "city",
            RepresentativeName = "representative_name",
            RepresentativeRole = "representative_role",
        ],
    },
    Shape {
        id: "hospital",
        population: "hospital-lumc",
        key: "opaque",
        delimiter: b';',
        windows: true,
        alphabet: Alphabet::Western,
        dutch_dates: true,
        columns: PATIENTS,
    },
    Shape {
        id: "detention",
        population: "detention",
        key: "opaque",
        delimiter: b',',
        windows: false,
        alphabet: Alphabet::Unicode,
        dutch_dates: false,
        columns: ours![Initials = "initials", City = "city", Institution = "institution"],
    },
    Shape {
        id: "breast-screening",
        population: "breast-screening",
        key: "bsn",
        delimiter: b';',
        windows: false,
        alphabet: Alphabet::Unicode,
        dutch_dates: false,
        columns: ours![Initials = "initials", City = "city"],
    },
];

impl Home {
    /// The list's form.
    pub const fn shape(self) -> &'static Shape {
        &PARTICIPANTS[self as usize]
    }
}

impl Shape {
    /// Whether the list has this column.
    fn has(&self, field: Field) -> bool {
        self.columns.iter().any(|&(_, column)| column == Column::Text(field))
    }

    /// Whether a row may have this field though the list has no column for it: another column says the same.
    fn says_otherwise(&self, field: Field) -> bool {
        match field {
            Field::Initials => self.has(Field::GivenNames),
            Field::GivenNames => self.has(Field::Initials),
            Field::City => self.has(Field::Municipality),
            Field::Municipality => self.has(Field::City),
            _ => false,
        }
    }
}

/// The exposure lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Delivery {
    /// Wide, of the first letter's people.
    Wide,
    /// Long, of all others with a citizen number.
    Long,
    /// Long, with birth dates that must agree, of people with another key.
    Patients,
}

/// Category and column of the wide list.
pub const WIDE: [(&str, &str); 14] = [
    ("name", "Naam"),
    ("address", "Adres"),
    ("sex", "Geslacht"),
    ("birth_date", "Geboortedatum"),
    ("bsn", "Burgerservicenummer"),
    ("participation", "Deelname"),
    ("exam_type", "Onderzoek"),
    ("test_result", "Uitslag"),
    ("gp", "Huisarts"),
    ("insurer", "Verzekeraar"),
    ("phone", "Telefoon"),
    ("email", "E-mail"),
    ("iban", "Rekeningnummer"),
    ("id_document", "Identiteitsbewijs"),
];

/// The registers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Register {
    /// By citizen number.
    Deaths,
    /// By the hospital's number.
    HospitalDeaths,
    /// Wants no mail.
    DoNotMail,
    /// Was told before.
    AlreadyInformed,
    /// The address is secret.
    ProtectedAddresses,
    /// The first letter came back.
    ReturnedMail,
}

/// Ids of the registers, in the order of [`Register`].
pub const REGISTERS: [&str; 6] =
    ["deaths", "deaths-hospital", "do-not-mail", "already-informed", "protected-addresses", "returned-mail"];

/// A CSV file that is being written.
pub struct ListFile {
    path: std::path::PathBuf,
    writer: Writer<Draft>,
    alphabet: Alphabet,
}

impl ListFile {
    /// Starts a file with this header.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn create<'h>(
        folder: &Path,
        id: &str,
        (delimiter, windows, alphabet): (u8, bool, Alphabet),
        header: impl IntoIterator<Item = &'h str>,
    ) -> Result<Self, StoreError> {
        let path = folder.join(format!("{id}.csv"));
        let mut draft = store::create(&path)?;
        if windows && alphabet == Alphabet::Unicode {
            draft.write_all("\u{FEFF}".as_bytes()).map_err(|source| StoreError { path: path.clone(), source })?;
        }
        let terminator = if windows { Terminator::CRLF } else { Terminator::Any(b'\n') };
        // Rows with too few fields are wanted.
        let writer = WriterBuilder::new().delimiter(delimiter).terminator(terminator).flexible(true).from_writer(draft);
        let mut file = Self { path, writer, alphabet };
        for name in header {
            file.field(name)?;
        }
        file.end()?;
        Ok(file)
    }

    /// Writes the next field of a row.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn field(&mut self, text: &str) -> Result<(), StoreError> {
        let written = match self.alphabet {
            Alphabet::Unicode => self.writer.write_field(text),
            Alphabet::Western => {
                let (bytes, _, lost) = WINDOWS_1252.encode(text);
                assert!(!lost, "a text of a Windows-1252 list has characters that it cannot hold");
                self.writer.write_field(bytes)
            }
        };
        written.map_err(|error| self.failed(error.into()))
    }

    /// Ends the row.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn end(&mut self) -> Result<(), StoreError> {
        self.writer.write_record(None::<&[u8]>).map_err(|error| self.failed(error.into()))
    }

    /// Lets the file appear under its name.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn commit(self) -> Result<(), StoreError> {
        let path = self.path;
        let draft = self.writer.into_inner().map_err(|error| StoreError { path, source: error.into_error() })?;
        draft.commit()
    }

    /// Writes a row of a participants list.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn participant(&mut self, shape: &Shape, row: &Row) -> Result<(), StoreError> {
        for &field in Field::ALL {
            let lost = !row.get(field).is_empty() && !shape.has(field) && !shape.says_otherwise(field);
            assert!(!lost, "the list `{}` has no column for `{}`", shape.id, field.as_str());
        }
        let day = |day: Option<Day>| day.map(|day| day.written(shape.dutch_dates)).unwrap_or_default();
        let columns = if row.torn { &shape.columns[..shape.columns.len() / 2] } else { shape.columns };
        for &(_, column) in columns {
            match column {
                Column::Key => self.field(&row.key)?,
                Column::BirthDate => self.field(&day(row.birth_date))?,
                Column::DeathDate => self.field(&day(row.death_date))?,
                Column::SourceRef => self.field(&row.source_ref)?,
                Column::Text(field) => self.field(row.get(field))?,
                Column::Remark => self.field(row.remark)?,
            }
        }
        self.end()
    }

    fn failed(&self, source: io::Error) -> StoreError {
        StoreError { path: self.path.clone(), source }
    }
}
