//! The campaign's `when` expressions, tried before any person is routed.
//!
//! Enters: a campaign. Leaves: every rule that is no expression, that reads a name nothing defines or a category that
//! the letter template does not know, or that fails on facts as they may occur. Invariant: nobody is routed by a rule
//! with a misspelt name. Absent on purpose: whether a rule's variant exists, which the campaign's settings guarantee.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

use minijinja::Value;
use minijinja::value::{Enumerator, Object, ObjectExt};

use crate::campaign::settings::Campaign;
use crate::model::exposure::{Certainty, Exposed, Facts};
use crate::model::outcome::Addressee;

use super::variants::{self, NAMES, Rule, Variants};

/// A rule that cannot choose a variant. The campaign is wrong: exit code 78.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RuleProblem {
    /// The text is no minijinja expression.
    #[error("`when` of `{variant}` is no expression: {reason}\nhint: write for example 'confirmed' in certainties")]
    Malformed {
        /// The variant it should choose.
        variant: String,
        /// What the engine says.
        reason: String,
    },
    /// A name that no person has.
    #[error("`when` of variant `{variant}` reads `{name}`, which is not defined\nhint: {hint}")]
    UndefinedName {
        /// The variant it should choose.
        variant: String,
        /// The name.
        name: String,
        /// The nearest name, or all of them.
        hint: String,
    },
    /// A category that letter.toml does not know.
    #[error(
        "`when` of variant `{variant}` asks for the category `{category}`, which letter.toml does not know\nhint: {hint}"
    )]
    UnknownCategory {
        /// The variant it should choose.
        variant: String,
        /// The category.
        category: String,
        /// The nearest category, or all of them.
        hint: String,
    },
    /// The expression cannot be evaluated.
    #[error(
        "`when` of `{variant}` cannot be evaluated: {reason}\nhint: `age` may be none; a rule must hold or not for everybody"
    )]
    Failed {
        /// The variant it should choose.
        variant: String,
        /// What the engine says.
        reason: String,
    },
}

impl RuleProblem {
    /// The text does not compile.
    pub(super) fn malformed(variant: &str, error: &minijinja::Error) -> Self {
        Self::Malformed { variant: variant.to_owned(), reason: reason(error) }
    }

    /// The expression does not evaluate.
    pub(super) fn failed(variant: &str, error: &minijinja::Error) -> Self {
        Self::Failed { variant: variant.to_owned(), reason: reason(error) }
    }
}

/// Why nobody could be routed.
#[derive(Debug, thiserror::Error)]
#[error("{}", .problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))]
pub struct RoutingError {
    /// Every rule that is wrong; at least one.
    pub problems: Vec<RuleProblem>,
}

impl From<RuleProblem> for RoutingError {
    fn from(problem: RuleProblem) -> Self {
        Self { problems: vec![problem] }
    }
}

/// Every problem of a campaign's rules; none if they can be routed by.
///
/// Each rule is compiled, its names are compared with what it may see, and it is evaluated on facts of every kind:
/// with and without each certainty, addressee, age and country.
pub fn check_rules(campaign: &Campaign) -> Vec<RuleProblem> {
    let engine = variants::engine();
    match Variants::compile(&engine, campaign) {
        Ok(variants) => {
            let samples = samples(campaign);
            variants.rules().iter().flat_map(|rule| check_rule(rule, &samples, campaign)).collect()
        }
        Err(problems) => problems,
    }
}

/// The problems of one rule, each once.
fn check_rule(rule: &Rule<'_, '_>, samples: &[Facts], campaign: &Campaign) -> Vec<RuleProblem> {
    let undefined = undefined_names(rule);
    if !undefined.is_empty() {
        return undefined;
    }
    let asked = Arc::new(Mutex::new(BTreeSet::new()));
    let mut failed = None;
    for facts in samples {
        let certainties = variants::certainty_by_category(facts);
        let certainties = certainties.map(|(category, certainty)| (category.to_owned(), certainty)).collect();
        let categories = Value::from_object(Watched { certainties, asked: Arc::clone(&asked) });
        if let Err(error) = rule.when.eval(variants::context_of(facts, categories)) {
            failed.get_or_insert_with(|| RuleProblem::failed(&rule.id, &error));
        }
    }
    let asked = asked.lock().unwrap_or_else(PoisonError::into_inner);
    let known: Vec<&str> = campaign.template.categories.keys().map(String::as_str).collect();
    asked
        .iter()
        .filter(|category| !known.contains(&category.as_str()))
        .map(|category| RuleProblem::UnknownCategory {
            variant: rule.id.to_string(),
            category: category.clone(),
            hint: nearest(category, &known),
        })
        .chain(failed)
        .collect()
}

/// Names of the expression that nothing defines, and attributes of what has none. They are found in the expression's
/// text, so a branch that no sample takes is checked too.
fn undefined_names(rule: &Rule<'_, '_>) -> Vec<RuleProblem> {
    let names: BTreeSet<String> = rule.when.undeclared_variables(true).into_iter().collect();
    names
        .into_iter()
        .filter(|name| match name.split_once('.') {
            Some((of, _)) => of != "categories",
            None => !NAMES.contains(&name.as_str()),
        })
        .map(|name| {
            let first = name.split('.').next().unwrap_or_default();
            let hint = if NAMES.contains(&first) {
                format!("`{first}` has no parts; only categories has: categories.bsn")
            } else {
                nearest(first, &NAMES)
            };
            RuleProblem::UndefinedName { variant: rule.id.to_string(), name, hint }
        })
        .collect()
}

/// A hint that names the nearest known spelling, or all of them where none is near.
fn nearest(wrong: &str, known: &[&str]) -> String {
    known
        .iter()
        .map(|name| (strsim::damerau_levenshtein(wrong, name), name))
        .filter(|(distance, name)| *distance <= 1 + name.chars().count() / 3)
        .min()
        .map_or_else(|| format!("known are {}", known.join(", ")), |(_, name)| format!("did you mean `{name}`?"))
}

/// Facts of every kind that may occur with this campaign.
fn samples(campaign: &Campaign) -> Vec<Facts> {
    let exposed = |certainty| Exposed { certainty, period_from: None, period_to: None };
    let every = [Certainty::Confirmed, Certainty::Possible, Certainty::RuledOut];
    let mut exposures: Vec<BTreeMap<String, Exposed>> = Vec::new();
    for certainty in every {
        exposures.push(campaign.template.categories.keys().map(|name| (name.clone(), exposed(certainty))).collect());
    }
    let mixed = campaign.template.categories.keys().zip(every.into_iter().cycle());
    exposures.push(mixed.map(|(name, certainty)| (name.clone(), exposed(certainty))).collect());
    let first = campaign.template.categories.keys().take(1);
    exposures.push(first.map(|name| (name.clone(), exposed(Certainty::Confirmed))).collect());

    let lists: BTreeSet<String> = campaign.participants.iter().map(|list| list.source.id.clone()).collect();
    let populations: BTreeSet<String> = campaign.participants.iter().map(|list| list.population.clone()).collect();
    let mut samples = Vec::new();
    for categories in &exposures {
        for &addressee in Addressee::ALL {
            for age in [None, Some(5), Some(14), Some(40)] {
                for country in ["NL", "DE"] {
                    samples.push(Facts {
                        categories: categories.clone(),
                        populations: populations.clone(),
                        lists: lists.clone(),
                        addressee,
                        age,
                        country: country.to_owned(),
                        written_before: country == "DE",
                        wave: campaign.waves.first().map(|wave| wave.id.clone()),
                    });
                }
            }
        }
    }
    samples
}

/// What the engine says of an error, without its code name.
fn reason(error: &minijinja::Error) -> String {
    error.detail().map_or_else(|| error.kind().to_string(), str::to_owned)
}

/// Category → certainty, which remembers the categories that were asked for.
#[derive(Debug)]
struct Watched {
    certainties: BTreeMap<String, &'static str>,
    asked: Arc<Mutex<BTreeSet<String>>>,
}

impl Object for Watched {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        let category = key.as_str()?;
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).insert(category.to_owned());
        self.certainties.get(category).copied().map(Value::from)
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        self.mapped_enumerator(|watched| Box::new(watched.certainties.keys().map(|key| Value::from(key.as_str()))))
    }
}
