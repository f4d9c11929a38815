//! A campaign as checked settings: what every later stage reads instead of TOML.
//!
//! Enters: nothing; [`super::load`] fills these. Leaves: plain values. Invariant: each value was checked; nothing here
//! needs a second look. The case code key is the only secret and is masked.

use std::collections::BTreeMap;
use std::path::PathBuf;

use jiff::civil::Date;

use crate::model::language::{Language, LanguageChoice};
use crate::model::outcome::Held;
use crate::model::private::Private;

use super::letter_template::LetterTemplate;
use super::vendor::Vendor;

/// A checked campaign.
#[derive(Debug, Clone)]
pub struct Campaign {
    /// The folder that holds `campaign.toml`; every relative path starts there.
    pub folder: PathBuf,
    /// The campaign file as it was read, byte for byte.
    pub source: String,
    /// `[a-z0-9-]{1,40}`.
    pub id: String,
    /// The letter template.
    pub template: LetterTemplate,
    /// The date printed on the letters.
    pub date: Date,
    /// The print house's profile.
    pub vendor: Vendor,
    /// For people whose lists say nothing.
    pub default_language: LanguageChoice,
    /// The bytes that key the case codes, at least 16.
    pub case_code_key: Private<Vec<u8>>,
    /// `[facts]`: values for the wording.
    pub facts: toml::Table,
    /// `[sender]`: values for the wording and the return line.
    pub sender: toml::Table,
    /// `[sender] return_line`.
    pub return_line: String,
    /// Participants lists, in order of trust.
    pub participants: Vec<ParticipantsList>,
    /// Exposure lists.
    pub exposures: Vec<ExposureList>,
    /// Registers.
    pub registers: Vec<Register>,
    /// Institutions by id.
    pub institutions: BTreeMap<String, Institution>,
    /// Variants, first match wins.
    pub variants: Vec<VariantRule>,
    /// What to do with a held reason; reasons that are absent hold (`protected-address`: send).
    pub routing: BTreeMap<Held, RoutingChoice>,
    /// Rejected participants rows ÷ all participants rows, in percent, above which nothing is sealed.
    pub max_rejected_percent: f64,
    /// Rejected exposure rows ÷ all exposure rows, in percent, above which nothing is sealed.
    pub max_unusable_exposures_percent: f64,
    /// `[release] per_day`: letters a release date holds at most.
    pub release_per_day: Option<u32>,
    /// `[approval] required`: sign-offs by different people without which nothing is planned or printed; 0 demands none.
    pub approvals_required: u32,
    /// `[[seeds]]`: control letters.
    pub seeds: Vec<Seed>,
    /// `[ledger]`: memory across runs.
    pub ledger: Option<LedgerSettings>,
    /// `[[waves]]`: rounds in which people are written to again.
    pub waves: Vec<WaveRule>,
}

/// `[ledger]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LedgerSettings {
    /// The file; for a campaign as loaded below its folder, for a planned one absolute.
    pub file: PathBuf,
    /// Working days after the release date in which a letter must be posted.
    pub working_days: u32,
}

/// A `[[waves]]` entry.
#[derive(Debug, Clone)]
pub struct WaveRule {
    /// `[a-z0-9-]{1,40}`, what `--wave` names.
    pub id: String,
    /// A minijinja expression that compiled; over facts of people who were written to before.
    pub when: String,
}

impl Campaign {
    /// Letters that a package may have: what the print house takes less the control letters, and no more than a day's.
    pub fn letters_a_package(&self) -> u32 {
        let seeds = u32::try_from(self.seeds.len()).unwrap_or(u32::MAX);
        let room = self.vendor.output.max_letters_per_package.saturating_sub(seeds).max(1);
        room.min(self.release_per_day.unwrap_or(u32::MAX))
    }
}

/// How a list is read.
#[derive(Debug, Clone)]
pub struct ListSource {
    /// The list's name in outcomes and messages.
    pub id: String,
    /// The path as the campaign spells it.
    pub path: String,
    /// The path to open.
    pub file: PathBuf,
    /// The kind of person key.
    pub key: KeyKind,
    /// Our field → their column.
    pub columns: BTreeMap<String, String>,
    /// The encoding of a CSV file.
    pub encoding: Encoding,
    /// The sheet of an XLSX file; absent: the first.
    pub sheet: Option<String>,
}

/// The kind of person key that a list carries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum KeyKind {
    /// Citizen service number, checked by the 11-test.
    Bsn,
    /// Anything that names the person to the list's owner.
    Opaque,
}

impl KeyKind {
    /// The spelling in campaigns and in the case code's input.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Bsn => "bsn",
            Self::Opaque => "opaque",
        }
    }
}

/// The encoding of a CSV file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// UTF-8, with or without byte order mark.
    Utf8,
    /// Windows-1252.
    Windows1252,
}

/// A `[[participants]]` entry.
#[derive(Debug, Clone)]
pub struct ParticipantsList {
    /// How the list is read.
    pub source: ListSource,
    /// The population that everybody on this list belongs to.
    pub population: String,
}

/// An `[[exposures]]` entry.
#[derive(Debug, Clone)]
pub struct ExposureList {
    /// How the list is read.
    pub source: ListSource,
    /// One row a category, or one column a category.
    pub layout: ExposureLayout,
    /// Fields that must agree with the participants list.
    pub confirm: Vec<ConfirmField>,
}

/// The layout of an exposure list.
#[derive(Debug, Clone)]
pub enum ExposureLayout {
    /// `person_key`, `category`, `certainty`.
    Long,
    /// A column a category: category → their column; empty means columns that are named like a category.
    Wide(BTreeMap<String, String>),
}

/// A field that must agree between an exposure list and a participants list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ConfirmField {
    /// `birth_date`
    BirthDate,
    /// `postcode`
    Postcode,
    /// `surname`
    Surname,
}

impl ConfirmField {
    /// The field's name in lists.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::BirthDate => "birth_date",
            Self::Postcode => "postcode",
            Self::Surname => "surname",
        }
    }
}

/// A `[[registers]]` entry.
#[derive(Debug, Clone)]
pub struct Register {
    /// How the register is read.
    pub source: ListSource,
    /// What standing in it means.
    pub kind: RegisterKind,
}

/// What standing in a register means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RegisterKind {
    /// `deceased`
    Deceased,
    /// `do_not_mail`
    DoNotMail,
    /// `protected_address`
    ProtectedAddress,
    /// `already_informed`
    AlreadyInformed,
    /// `returned`
    Returned,
}

/// An `[[institutions]]` entry.
#[derive(Debug, Clone)]
pub struct Institution {
    /// For people; not printed.
    pub name: String,
    /// Second line of the address.
    pub address_line: Option<String>,
    /// Street.
    pub street: String,
    /// House number, checked like a participant's.
    pub house_number: String,
    /// Letter and addition.
    pub house_letter: String,
    /// Addition.
    pub house_addition: String,
    /// `1234 AB`, checked.
    pub postcode: String,
    /// City.
    pub city: String,
}

/// A `[[variants]]` entry.
#[derive(Debug, Clone)]
pub struct VariantRule {
    /// A variant of the letter template.
    pub id: String,
    /// A minijinja expression that compiled; over person facts.
    pub when: String,
}

/// What `[routing]` does with a reason.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RoutingChoice {
    /// Hold the person.
    Hold,
    /// Suppress the person with the same reason.
    Suppress,
    /// Send the letter nevertheless.
    Send,
}

/// A `[[seeds]]` entry.
#[derive(Debug, Clone)]
pub struct Seed {
    /// Name line.
    pub name: String,
    /// Street.
    pub street: String,
    /// House number.
    pub house_number: String,
    /// `1234 AB`, checked.
    pub postcode: String,
    /// City.
    pub city: String,
    /// Language of the control letter.
    pub language: Language,
}
