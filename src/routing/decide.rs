//! One person → a letter, or the reason why there is none. The only place where reasons are tried, in their order.
//!
//! Enters: a person, the registers, the joined exposures and the campaign's `[routing]`. Leaves: a [`Letter`] or a
//! [`Stop`]. Invariant: [`decide`] tries the reasons in the order of the contract's table and stops at the first; what a
//! reason asks for is answered elsewhere, but nowhere else is a reason given. Absent on purpose: rejected and merged
//! rows, which are no persons, and what only rendering finds.
//!
//! What the contract leaves open, decided:
//! * A death date counts as death even if it lies after the campaign's date.
//! * `not-affected` needs at least one known category, all ruled out; somebody of whom lists say nothing but that an
//!   unknown category is ruled out has no exposure. By the order of the table both are said before `identity-mismatch`
//!   is tried.
//! * With an institution nothing that is known of the own address holds the person: not its status in any row, no
//!   register of returned or protected addresses, no contradiction between rows about it, no unknown code or
//!   unprintable character in it. The 12 to 15 rule still holds: it is about the person.
//! * Under 12 an unusable representative holds nobody, for the letter goes to the guardians anyway.
//! * Of somebody aged 12 to 15 whom `[routing] minor_12_15 = "send"` lets pass, the representative is written to if
//!   there is one, else the person.
//! * Somebody without any birth date has no age and is written to as an adult.
//! * Somebody whom the ledger knows to have been told exactly this is `already-informed`, before anything about the
//!   address is asked. What would hold an unclear exposure goes before: then nobody knows whether it is the same.
//! * A conflict about the birth date always holds, whatever `[routing]` says, `suppress` included.

use std::borrow::Cow;
use std::sync::Arc;

use crate::campaign::settings::{Campaign, Institution, RegisterKind, RoutingChoice};
use crate::exposure::{Exposures, PersonExposure};
use crate::intake::{Field, Registers};
use crate::model::earlier::{self, Earlier, Told};
use crate::model::exposure::{Certainty, Nature};
use crate::model::language::LanguageChoice;
use crate::model::letter::{Letter, PersonOnPaper};
use crate::model::outcome::{Addressee, Held, Outcome, Suppressed};
use crate::model::private::Private;

use super::address;
use super::addressee::{self, Recipient};
use super::conflicts::{self, Conflict};
use super::persons::Person;
use super::rules::RuleProblem;
use super::sharing::{Seen, SharedFacts};
use super::values::{self, AddressStatus};
use super::variants::Variants;
use super::waves::Wave;

/// Everything that persons are decided with.
pub struct Desk<'a> {
    /// The campaign.
    pub campaign: &'a Campaign,
    /// Who stands in which register.
    pub registers: &'a Registers,
    /// Whose data leaked.
    pub exposures: &'a Exposures,
    /// Which variant the facts choose.
    pub variants: &'a Variants<'a, 'a>,
    /// Facts that people share.
    pub facts: &'a SharedFacts<'a>,
    /// The letter template's formats.
    pub formats: &'a [Arc<str>],
    /// Who was written to before.
    pub earlier: &'a Earlier,
    /// Whom the wave selects, where the run belongs to one.
    pub wave: Option<&'a Wave<'a, 'a>>,
}

/// Why a person gets no letter.
#[derive(Debug)]
pub enum Stop {
    /// The outcome of the person, and which field or check brought it about.
    Outcome(Outcome, Cow<'static, str>),
    /// A rule of the campaign failed: nobody can be routed.
    Rule(RuleProblem),
}

impl From<RuleProblem> for Stop {
    fn from(problem: RuleProblem) -> Self {
        Self::Rule(problem)
    }
}

/// What becomes of a held reason under `[routing]`; `None` where the letter is sent nevertheless.
///
/// Planning and rendering ask this too, for the reasons that they find.
pub fn outcome_of(campaign: &Campaign, reason: Held) -> Option<Outcome> {
    let default = if reason == Held::ProtectedAddress { RoutingChoice::Send } else { RoutingChoice::Hold };
    match campaign.routing.get(&reason).copied().unwrap_or(default) {
        RoutingChoice::Hold => Some(Outcome::Held(reason)),
        RoutingChoice::Suppress => Some(Outcome::SuppressedInstead(reason)),
        RoutingChoice::Send => None,
    }
}

/// The person's letter, or the first reason why there is none.
///
/// # Errors
/// A [`Stop`] with the outcome, or with the rule that failed.
pub fn decide(person: &Person<'_>, desk: &Desk<'_>) -> Result<Letter, Stop> {
    let exposure = desk.exposures.of(person.case_code());
    let age = age(person, desk.campaign);
    let recipient = Recipient::of(person, age);

    desk.deceased_do_not_mail_already_informed(person)?;
    let told = desk.earlier.of(person.case_code());
    let wave = desk.wave_of(person, told, &exposure, recipient.addressee(), age)?;
    desk.told_the_same(told, wave, &exposure)?;
    not_affected(&exposure)?;
    let values = values::read(person, &recipient, desk.formats)
        .map_err(|invalid| desk.stop(Held::InvalidValue, invalid.detail()))?;
    let Some(name_line) = values.name.name_line() else {
        return Err(desk.stop(Held::InvalidValue, "surname: no name to print"));
    };
    desk.exposure_is_certain(&exposure)?;
    desk.rows_agree(person, &recipient)?;
    desk.minor_is_decided_about(age, &exposure)?;
    desk.representative_is_known(&recipient)?;
    let institution = match recipient {
        Recipient::Institution { id } => {
            Some(desk.institution(id).ok_or_else(|| desk.stop(Held::UnknownInstitution, "institution"))?)
        }
        _ => None,
    };
    let protected = institution.is_none() && desk.own_address_may_be_used(person, values.status)?;
    let own_fields = values.address.fields();
    let address = address::read(&institution.map_or(own_fields, address::of_institution))
        .map_err(|no_destination| desk.stop(no_destination.reason, no_destination.detail))?;
    let languages = desk.languages(person)?;
    let lists = person.lists();
    let seen = Seen {
        exposure,
        lists: &lists,
        addressee: recipient.addressee(),
        age,
        country: address.country(),
        written_before: told.is_some(),
        wave,
    };
    let (facts, variant) = desk.facts.share(seen, |facts| desk.variants.choose(facts))?;
    let variant = variant.ok_or_else(|| desk.stop(Held::NoVariant, "no `when` of the campaign holds"))?;

    let line = institution.and_then(|institution| institution.address_line.as_deref());
    let addressed =
        addressee::address_to(&recipient, &values.name, &name_line, &values.representative, line, languages);
    let carrier = person.carrier();
    Ok(Letter {
        case_code: person.case_code(),
        list: carrier.list,
        row: carrier.row,
        addressee: recipient.addressee(),
        variant,
        languages,
        format: values.format,
        facts,
        person: Private::new(PersonOnPaper {
            name_line,
            salutations: addressed.salutations,
            named_inside: addressed.named_inside,
        }),
        destination: Private::new(address::destination(&address, addressed.lines, protected, desk.campaign.vendor.kix)),
    })
}

/// Age in years on the campaign's date, the youngest that the first known birth date allows.
fn age(person: &Person<'_>, campaign: &Campaign) -> Option<u16> {
    let birth_date = person.participants().find_map(|row| row.birth_date)?;
    Some(birth_date.youngest_age_on(campaign.date))
}

/// `not-affected`.
fn not_affected(exposure: &PersonExposure<'_>) -> Result<(), Stop> {
    let all_ruled_out = exposure.iter().all(|(_, exposed)| exposed.certainty == Certainty::RuledOut);
    if !exposure.is_empty() && all_ruled_out && !may_be_incomplete(exposure) {
        return Err(suppressed(Suppressed::NotAffected, "every category is ruled out"));
    }
    Ok(())
}

/// Whether a row about the person could say more than was understood of it.
const fn may_be_incomplete(exposure: &PersonExposure<'_>) -> bool {
    exposure.unknown_category() || exposure.unreadable()
}

/// A person who gets no letter for good.
const fn suppressed(reason: Suppressed, detail: &'static str) -> Stop {
    Stop::Outcome(Outcome::Suppressed(reason), Cow::Borrowed(detail))
}

impl<'a> Desk<'a> {
    /// `deceased`, `do-not-mail`, `already-informed`.
    fn deceased_do_not_mail_already_informed(&self, person: &Person<'_>) -> Result<(), Stop> {
        let registered = |kind| self.registers.contains(kind, person.case_code());
        if person.participants().any(|row| row.death_date.is_some()) {
            return Err(suppressed(Suppressed::Deceased, "death_date"));
        }
        if registered(RegisterKind::Deceased) {
            return Err(suppressed(Suppressed::Deceased, "register"));
        }
        if registered(RegisterKind::DoNotMail) {
            return Err(suppressed(Suppressed::DoNotMail, "register"));
        }
        if registered(RegisterKind::AlreadyInformed) {
            return Err(suppressed(Suppressed::AlreadyInformed, "register"));
        }
        Ok(())
    }

    /// The wave that selects somebody who was written to before, and not yet in this wave.
    fn wave_of(
        &self,
        person: &Person<'_>,
        told: Option<Told>,
        exposure: &PersonExposure<'_>,
        addressee: Addressee,
        age: Option<u16>,
    ) -> Result<Option<&'a str>, Stop> {
        let (Some(wave), Some(told)) = (self.wave, told) else { return Ok(None) };
        if told.in_wave {
            return Ok(None);
        }
        let lists = person.lists();
        let seen =
            Seen { exposure: *exposure, lists: &lists, addressee, age, country: "", written_before: true, wave: None };
        let selected = wave.selects(&self.facts.spelt_out(&seen), told.returned)?;
        Ok(selected.then(|| wave.id()))
    }

    /// `already-informed`, because the last letter told exactly this.
    fn told_the_same(&self, told: Option<Told>, wave: Option<&str>, exposure: &PersonExposure<'_>) -> Result<(), Stop> {
        let Some(told) = told else { return Ok(()) };
        let known = !exposure.is_empty() && !may_be_incomplete(exposure);
        if known && wave.is_none() && earlier::content(&self.campaign.template.name, exposure.iter()) == told.content {
            return Err(suppressed(Suppressed::AlreadyInformed, "ledger: the last letter told the same"));
        }
        Ok(())
    }

    /// `no-exposure`, `unknown-category`, `unreadable-exposure`, `identity-mismatch`.
    fn exposure_is_certain(&self, exposure: &PersonExposure<'_>) -> Result<(), Stop> {
        if exposure.is_empty() && !may_be_incomplete(exposure) {
            return Err(self.stop(Held::NoExposure, "no exposure row is about this person"));
        }
        if exposure.unknown_category() {
            return Err(self.stop(Held::UnknownCategory, "an exposure row names a category that letter.toml lacks"));
        }
        if exposure.unreadable() {
            return Err(self.stop(Held::UnreadableExposure, "an exposure row of this person was rejected"));
        }
        if exposure.identity_mismatch() {
            return Err(self.stop(Held::IdentityMismatch, "a `confirm` field of an exposure row does not agree"));
        }
        Ok(())
    }

    /// `conflicting-records`.
    fn rows_agree(&self, person: &Person<'_>, recipient: &Recipient<'_>) -> Result<(), Stop> {
        let own_address_counts = !matches!(recipient, Recipient::Institution { .. });
        match conflicts::conflict(person, own_address_counts) {
            None => Ok(()),
            Some(conflict @ Conflict::BirthDate) => {
                Err(Stop::Outcome(Outcome::Held(Held::ConflictingRecords), conflict.detail().into()))
            }
            Some(conflict) => self.weigh(Held::ConflictingRecords, conflict.detail()),
        }
    }

    /// `minor-12-15`.
    fn minor_is_decided_about(&self, age: Option<u16>, exposure: &PersonExposure<'_>) -> Result<(), Stop> {
        let natures = &self.campaign.template.categories;
        let mut leaked = exposure.iter().filter(|(_, exposed)| exposed.certainty != Certainty::RuledOut);
        let health = leaked.any(|(category, _)| natures.get(category) == Some(&Nature::Health));
        if health && age.is_some_and(|age| (12..=15).contains(&age)) {
            return self.weigh(Held::MinorTwelveToFifteen, "birth_date, and a category of nature health");
        }
        Ok(())
    }

    /// `representative-unknown`.
    fn representative_is_known(&self, recipient: &Recipient<'_>) -> Result<(), Stop> {
        match recipient {
            Recipient::Representative { name: "", .. } => {
                Err(self.stop(Held::RepresentativeUnknown, Field::RepresentativeName.as_str()))
            }
            Recipient::Representative { role, .. } if !addressee::is_known_role(role) => {
                Err(self.stop(Held::RepresentativeUnknown, Field::RepresentativeRole.as_str()))
            }
            _ => Ok(()),
        }
    }

    /// `not-at-address`, `address-under-investigation`, `protected-address`. Returns whether the address is protected.
    fn own_address_may_be_used(&self, person: &Person<'_>, status: AddressStatus) -> Result<bool, Stop> {
        let registered = |kind| self.registers.contains(kind, person.case_code());
        let from = |in_list| if in_list { Field::AddressStatus.as_str() } else { "register" };
        if status.not_at_address || registered(RegisterKind::Returned) {
            self.weigh(Held::NotAtAddress, from(status.not_at_address))?;
        }
        if status.under_investigation {
            self.weigh(Held::AddressUnderInvestigation, Field::AddressStatus.as_str())?;
        }
        let protected = status.protected || registered(RegisterKind::ProtectedAddress);
        if protected {
            self.weigh(Held::ProtectedAddress, from(status.protected))?;
        }
        Ok(protected)
    }

    /// The institution with this id, in any case.
    fn institution(&self, id: &str) -> Option<&'a Institution> {
        let institutions = &self.campaign.institutions;
        institutions.get(id).or_else(|| {
            let same = |(known, _): &(&String, _)| known.eq_ignore_ascii_case(id);
            institutions.iter().find(same).map(|(_, institution)| institution)
        })
    }

    /// `language-unavailable`; a blank is the campaign's default language.
    fn languages(&self, person: &Person<'_>) -> Result<LanguageChoice, Stop> {
        let wanted = person.first_known(Field::Language);
        let choice = match wanted {
            "" => Some(self.campaign.default_language),
            wanted => LanguageChoice::parse_list(wanted),
        };
        let available = |choice: &LanguageChoice| {
            choice.languages().iter().all(|language| self.campaign.template.languages.contains(language))
        };
        choice.filter(available).ok_or_else(|| self.stop(Held::LanguageUnavailable, Field::Language.as_str()))
    }

    /// A reason without which there is no letter: `[routing]` can only say whether it holds or suppresses.
    fn stop(&self, reason: Held, detail: impl Into<Cow<'static, str>>) -> Stop {
        Stop::Outcome(outcome_of(self.campaign, reason).unwrap_or(Outcome::Held(reason)), detail.into())
    }

    /// A reason that `[routing]` may overrule with `send`.
    fn weigh(&self, reason: Held, detail: &'static str) -> Result<(), Stop> {
        match outcome_of(self.campaign, reason) {
            Some(outcome) => Err(Stop::Outcome(outcome, detail.into())),
            None => Ok(()),
        }
    }
}
