//! The names of the fields that lists may have, as the contract spells them.
//!
//! Enters: nothing. Leaves: [`Field`] for what is kept of a participant, and the field names of each kind of list.
//! Invariant: `Field::ALL` is in declaration order, which is also the order of the packed text of a participant. Absent
//! on purpose: the person key (it becomes the case code), both dates (they are parsed) and the source reference (it
//! belongs to the row, rejected or not).

/// Declares [`Field`] with its spelling in lists.
macro_rules! fields {
    ($($(#[$meta:meta])* $variant:ident = $name:literal),+ $(,)?) => {
        /// A text field that is kept of a participant.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[expect(missing_docs, reason = "the names are the contract's own")]
        pub enum Field {
            $($variant),+
        }

        impl Field {
            /// Every field, in the order of the packed text.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The field's name in lists and in `columns`.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $name),+
                }
            }
        }
    };
}

fields! {
    Initials = "initials",
    GivenNames = "given_names",
    Prefix = "prefix",
    Surname = "surname",
    PartnerPrefix = "partner_prefix",
    PartnerSurname = "partner_surname",
    NameUsage = "name_usage",
    Sex = "sex",
    Street = "street",
    HouseNumber = "house_number",
    HouseLetter = "house_letter",
    HouseAddition = "house_addition",
    Designation = "designation",
    Postcode = "postcode",
    City = "city",
    Municipality = "municipality",
    LocationDescription = "location_description",
    Country = "country",
    ForeignLine1 = "foreign_line1",
    ForeignLine2 = "foreign_line2",
    ForeignLine3 = "foreign_line3",
    Language = "language",
    Format = "format",
    AddressStatus = "address_status",
    RepresentativeName = "representative_name",
    RepresentativeRole = "representative_role",
    Institution = "institution",
}

/// The key that names a person to the owner of a list.
pub const PERSON_KEY: &str = "person_key";
/// Day of birth.
pub const BIRTH_DATE: &str = "birth_date";
/// Day of death.
pub const DEATH_DATE: &str = "death_date";
/// The list owner's own reference.
pub const SOURCE_REF: &str = "source_ref";
/// The category of data of a long exposure list.
pub const CATEGORY: &str = "category";
/// How sure a long exposure list is.
pub const CERTAINTY: &str = "certainty";
/// First day that the data concern.
pub const PERIOD_FROM: &str = "period_from";
/// Last day that the data concern.
pub const PERIOD_TO: &str = "period_to";
/// The delivery or system that the data come from.
pub const DATASET: &str = "dataset";
/// The day of a register entry.
pub const DATE: &str = "date";
/// A remark in a register.
pub const NOTE: &str = "note";
