//! Names as they stand on an envelope and after "Geachte".
//!
//! Enters: the parts of a name and how a person wants to be called. Leaves: the name line and the salutation of the
//! Dutch personal-records conventions. Invariant: single spaces, none around a hyphen; a sex is never guessed. Absent
//! on purpose: noble titles and predicates, which participants lists do not have.

use std::fmt;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use super::language::Language;

/// The sex that a list gives; it only chooses a salutation.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Sex {
    /// `M`.
    Male,
    /// `V`.
    Female,
    /// `O`, or blank.
    #[default]
    Unknown,
}

impl Sex {
    /// The sex with this code, in any case; blank is unknown.
    pub fn parse(code: &str) -> Option<Self> {
        match code.trim() {
            "M" | "m" => Some(Self::Male),
            "V" | "v" => Some(Self::Female),
            "" | "O" | "o" => Some(Self::Unknown),
            _ => None,
        }
    }
}

/// Which names a person wants to be called by.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum NameUsage {
    /// `E`, or blank: the own name.
    #[default]
    Own,
    /// `P`: the partner's name.
    Partner,
    /// `V`: the partner's name before the own name.
    PartnerOwn,
    /// `N`: the partner's name after the own name.
    OwnPartner,
}

impl NameUsage {
    /// The usage with this code, in any case; blank is the own name.
    pub fn parse(code: &str) -> Option<Self> {
        match code.trim() {
            "" | "E" | "e" => Some(Self::Own),
            "P" | "p" => Some(Self::Partner),
            "V" | "v" => Some(Self::PartnerOwn),
            "N" | "n" => Some(Self::OwnPartner),
            _ => None,
        }
    }
}

/// The parts of a person's name; blank where there is none. A surname `.` is unknown. `Debug` shows a mask.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct PersonName {
    /// `J.A.`; where a list has none, [`initials_of`] the given names.
    pub initials: String,
    /// What stands before the own surname: `van den`.
    pub prefix: String,
    /// The own surname.
    pub surname: String,
    /// What stands before the partner's surname.
    pub partner_prefix: String,
    /// The partner's surname.
    pub partner_surname: String,
    /// Which of both the person uses.
    pub usage: NameUsage,
    /// Chooses the salutation.
    pub sex: Sex,
}

impl PersonName {
    /// `J.A. van den Berg-de Wit`; nothing where the surname that the usage starts from is unknown.
    ///
    /// Without initials the line starts with a prefix, which then has a capital.
    pub fn name_line(&self) -> Option<String> {
        let initials = self.initials.trim();
        if initials.is_empty() {
            return self.surnames(true);
        }
        Some(single_spaced(&format!("{initials} {}", self.surnames(false)?)))
    }

    /// `Geachte mevrouw Van den Berg`, `Dear Ms Van den Berg`; without a closing comma, and blank where there is no
    /// [name line](Self::name_line).
    ///
    /// English takes the Dutch capital over: the prefix starts the name there too. Where the sex is unknown the name
    /// line stands in its place: `Geachte J.A. van den Berg`.
    pub fn salutation(&self, language: Language) -> String {
        let greeting = match (language, self.sex) {
            (Language::Nl, Sex::Male) => "Geachte heer",
            (Language::Nl, Sex::Female) => "Geachte mevrouw",
            (Language::Nl, Sex::Unknown) => "Geachte",
            (Language::En, Sex::Male) => "Dear Mr",
            (Language::En, Sex::Female) => "Dear Ms",
            (Language::En, Sex::Unknown) => "Dear",
        };
        let name = if self.sex == Sex::Unknown { self.name_line() } else { self.surnames(true) };
        name.map(|name| format!("{greeting} {name}")).unwrap_or_default()
    }

    /// The surnames in the order of the usage. A partner whose surname is unknown counts as none.
    fn surnames(&self, capital: bool) -> Option<String> {
        let own = Surname::known(&self.prefix, &self.surname);
        let partner = Surname::known(&self.partner_prefix, &self.partner_surname);
        let (first, second) = match self.usage {
            NameUsage::Own => (own?, None),
            NameUsage::Partner => (partner.or(own)?, None),
            NameUsage::OwnPartner => (own?, partner),
            NameUsage::PartnerOwn => match (partner, own?) {
                (Some(partner), own) => (partner, Some(own)),
                (None, own) => (own, None),
            },
        };
        let mut line = if capital { first.with_capital() } else { first.plain() };
        if let Some(second) = second {
            line.push('-');
            line.push_str(&second.plain());
        }
        Some(single_spaced(&line))
    }
}

impl fmt::Debug for PersonName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("PersonName(personal)")
    }
}

/// A surname that is known, with its prefix.
#[derive(Clone, Copy)]
struct Surname<'a> {
    prefix: &'a str,
    surname: &'a str,
}

impl<'a> Surname<'a> {
    fn known(prefix: &'a str, surname: &'a str) -> Option<Self> {
        let surname = surname.trim();
        (!matches!(surname, "" | ".")).then(|| Self { prefix: prefix.trim(), surname })
    }

    fn plain(self) -> String {
        format!("{} {}", self.prefix, self.surname)
    }

    /// The name with its prefix's first letter as a capital; an apostrophe has none, so `'t` stays.
    fn with_capital(self) -> String {
        let mut prefix = self.prefix.chars();
        let first = prefix.next().map(char::to_uppercase).into_iter().flatten();
        first.chain(prefix.as_str().chars()).chain([' ']).chain(self.surname.chars()).collect()
    }
}

/// Initials by the population register's rule: a letter and a full stop for each given name.
///
/// A hyphenated name gives one letter; Th, Ph, Ch and IJ give their first. A name of one letter has no full stop, and a
/// space after it if another name follows. Case is kept.
pub fn initials_of(given_names: &str) -> String {
    let mut initials = String::new();
    let mut after_single_letter = false;
    for name in given_names.split_whitespace() {
        let letters: String = name.nfc().skip_while(|character| !character.is_alphabetic()).collect();
        let mut characters = letters.chars();
        let Some(first) = characters.next() else { continue };
        if after_single_letter {
            initials.push(' ');
        }
        initials.push(first);
        let rest = characters.as_str().trim_start_matches(is_combining_mark);
        initials.push_str(&letters[first.len_utf8()..letters.len() - rest.len()]);
        after_single_letter = rest.is_empty();
        if !after_single_letter {
            initials.push('.');
        }
    }
    initials
}

/// Single spaces, none around a hyphen and none outside.
fn single_spaced(text: &str) -> String {
    let mut line = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        if !line.is_empty() && !line.ends_with('-') && !word.starts_with('-') {
            line.push(' ');
        }
        line.push_str(word);
    }
    line
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn initials_follow_the_register() {
        for (given_names, initials) in [
            ("Anna Özil", "A.Ö."),
            ("Dirk-Willem", "D."),
            ("Theo Philip Christiaan IJsbrand", "T.P.C.I."),
            ("Elise Q", "E.Q"),
            ("Q Elise", "Q E."),
            ("Q R Elise", "Q R E."),
            ("Ali bin Mohammed", "A.b.M."),
            ("'Aisha", "A."),
            (".", ""),
            ("  ", ""),
        ] {
            assert_eq!(initials_of(given_names), initials);
        }
    }

    #[test]
    fn english_salutations_capitalise_the_prefix_too() {
        let mut name = PersonName {
            initials: "J.A.".into(),
            prefix: "van".into(),
            surname: "Velzen".into(),
            sex: Sex::Female,
            ..PersonName::default()
        };
        assert_eq!(name.salutation(Language::En), "Dear Ms Van Velzen");
        name.sex = Sex::Male;
        assert_eq!(name.salutation(Language::En), "Dear Mr Van Velzen");
        name.sex = Sex::Unknown;
        assert_eq!(name.salutation(Language::En), "Dear J.A. van Velzen");
        name.initials = " ".into();
        assert_eq!(name.salutation(Language::En), "Dear Van Velzen");
        assert!(!format!("{name:?}").contains("Velzen"));
    }

    #[test]
    fn codes_are_read_in_any_case_and_others_refused() {
        assert_eq!(Sex::parse("v"), Some(Sex::Female));
        assert_eq!(Sex::parse(""), Some(Sex::Unknown));
        assert_eq!(Sex::parse("F"), None);
        assert_eq!(NameUsage::parse("n"), Some(NameUsage::OwnPartner));
        assert_eq!(NameUsage::parse(" "), Some(NameUsage::Own));
        assert_eq!(NameUsage::parse("X"), None);
    }

    proptest! {
        #[test]
        fn any_name_gives_single_spaces(initials in ".{0,6}", prefix in ".{0,6}", surname in ".{0,9}", given in ".{0,12}") {
            let name = PersonName { initials, prefix, surname, usage: NameUsage::OwnPartner, ..PersonName::default() };
            let line = name.name_line().unwrap_or_default();
            prop_assert!(!line.contains("  ") && line.trim() == line);
            let _ = initials_of(&given);
        }
    }
}
