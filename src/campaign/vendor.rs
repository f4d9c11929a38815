//! A print house's profile: geometry, marks, output form, limits, encryption.
//!
//! Enters: nothing; [`super::load`] fills these. Leaves: checked values in mm, grams and bytes. Invariant: window, clear
//! zones and marks lie on the page and do not overlap where they must not.

/// A checked vendor profile.
#[derive(Debug, Clone)]
pub struct Vendor {
    /// The profile's name.
    pub name: String,
    /// The profile file as it was read, byte for byte.
    pub source: String,
    /// The window zone in mm from the page's top left.
    pub window: Zone,
    /// Weight of the envelope.
    pub envelope_grams: f64,
    /// Margins in mm that stay free of the letter.
    pub clear: Clear,
    /// Whether a KIX is printed.
    pub kix: bool,
    /// Where the DataMatrix stands on each sheet's front.
    pub datamatrix: Option<DataMatrixPlace>,
    /// One or both sides of a sheet.
    pub plex: Plex,
    /// Grams per square metre.
    pub paper_gsm: f64,
    /// What a package holds and how it is split.
    pub output: Output,
    /// Whether a job ticket is written.
    pub xjdf: bool,
    /// How packages are encrypted.
    pub encryption: Encryption,
}

impl Vendor {
    /// Weight of one A4 sheet in grams: 0.210 m × 0.297 m × gsm.
    pub fn sheet_grams(&self) -> f64 {
        0.210 * 0.297 * self.paper_gsm
    }

    /// Weight in grams of a piece with this many sheets, envelope included.
    pub fn piece_grams(&self, sheets: u32) -> f64 {
        f64::from(sheets).mul_add(self.sheet_grams(), self.envelope_grams)
    }
}

/// A rectangle in mm from the page's top left.
#[derive(Debug, Clone, Copy, PartialEq)]
#[expect(missing_docs, reason = "the names say it")]
pub struct Zone {
    pub left_mm: f64,
    pub top_mm: f64,
    pub width_mm: f64,
    pub height_mm: f64,
}

/// Margins in mm that stay free of the letter; marks may stand there.
#[derive(Debug, Clone, Copy, PartialEq)]
#[expect(missing_docs, reason = "the names say it")]
pub struct Clear {
    pub left_mm: f64,
    pub right_mm: f64,
    pub top_mm: f64,
    pub bottom_mm: f64,
}

/// Top left corner of the DataMatrix and the size of a module.
#[derive(Debug, Clone, Copy, PartialEq)]
#[expect(missing_docs, reason = "the names say it")]
pub struct DataMatrixPlace {
    pub left_mm: f64,
    pub top_mm: f64,
    pub module_mm: f64,
}

/// One or both sides of a sheet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Plex {
    /// Both sides.
    Duplex,
    /// The front only.
    Simplex,
}

impl Plex {
    /// Sheets that this many pages of one letter need.
    pub const fn sheets(self, pages: u32) -> u32 {
        match self {
            Self::Duplex => pages.div_ceil(2),
            Self::Simplex => pages,
        }
    }

    /// Pages that stand in the file for this many pages of one letter, blank back included.
    pub const fn pages_in_file(self, pages: u32) -> u32 {
        match self {
            Self::Duplex => pages.div_ceil(2) * 2,
            Self::Simplex => pages,
        }
    }
}

/// What a package holds and how it is split.
#[derive(Debug, Clone)]
pub struct Output {
    /// Many letters a file, or one.
    pub form: Form,
    /// Streams only; at least 1.
    pub max_letters_per_file: u32,
    /// At least 1.
    pub max_letters_per_package: u32,
    /// Size of a package before encryption.
    pub max_package_mib: u32,
    /// Packages are uniform in these.
    pub split_by: Vec<SplitBy>,
    /// Domestic letters are sorted by these.
    pub order_by: Vec<OrderBy>,
}

/// The form of the PDFs in a package.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// One PDF holds many letters.
    Stream,
    /// One PDF a letter.
    Single,
}

/// What a package is uniform in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum SplitBy {
    /// `country_class`: domestic or foreign.
    CountryClass,
    /// `sheets`
    Sheets,
    /// `language`
    Language,
    /// `variant`
    Variant,
}

/// What domestic letters are sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum OrderBy {
    /// `postcode`
    Postcode,
    /// `house_number`, numbers as numbers, then letter and addition.
    HouseNumber,
    /// `case_code`
    CaseCode,
}

/// How packages are encrypted.
#[derive(Debug, Clone)]
pub enum Encryption {
    /// Not at all.
    None,
    /// age, to X25519 recipients (`age1…`), each checked.
    Age(Vec<String>),
    /// WinZip AES-256; the password comes from this variable or file, at least 20 characters.
    ZipAes256(PasswordSource),
}

/// Where a password comes from.
#[derive(Debug, Clone)]
pub enum PasswordSource {
    /// The name of an environment variable.
    Env(String),
    /// A file; one trailing newline is removed.
    File(std::path::PathBuf),
}
