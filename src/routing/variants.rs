//! Facts → variant, by the campaign's `when` expressions.
//!
//! Enters: the `[[variants]]` of a campaign, and facts. Leaves: the first variant whose expression holds. Invariant: an
//! expression sees `certainties`, `categories`, `populations`, `lists`, `addressee`, `age`, `country`, `written_before` and
//! `wave`, and nothing else; above all no name. Absent on purpose: the check for misspelt names, which [`super::rules`] makes before any
//! person is routed.
//!
//! A name that nothing defines is an error, found before evaluation. A category that this person does not have is no
//! such name: `categories.bsn == 'confirmed'` is simply false for somebody without it. minijinja's strict mode cannot
//! tell the two apart, so expressions are evaluated leniently after their names were checked.
//!
//! minijinja sorts none before every number: `age < 16` holds for somebody whose age is not known. A rule that means
//! children says `age is not none and age < 16`.

use std::sync::Arc;

use minijinja::{Environment, Expression, UndefinedBehavior, Value, context};

use crate::campaign::settings::Campaign;
use crate::model::exposure::{Certainty, Facts};

use super::rules::RuleProblem;

/// What an expression sees.
pub(super) const NAMES: [&str; 9] =
    ["certainties", "categories", "populations", "lists", "addressee", "age", "country", "written_before", "wave"];

/// Steps an expression may take; a rule over a dozen facts needs a few hundred.
const FUEL: u64 = 100_000;

/// The engine that expressions are compiled in.
pub fn engine<'text>() -> Environment<'text> {
    let mut engine = Environment::new();
    engine.set_undefined_behavior(UndefinedBehavior::Lenient);
    engine.set_fuel(Some(FUEL));
    engine
}

/// A campaign's rules, compiled.
pub struct Variants<'engine, 'text> {
    rules: Vec<Rule<'engine, 'text>>,
}

/// One rule, compiled.
pub(super) struct Rule<'engine, 'text> {
    /// The variant it chooses.
    pub(super) id: Arc<str>,
    /// When it chooses it.
    pub(super) when: Expression<'engine, 'text>,
}

impl<'engine, 'text> Variants<'engine, 'text> {
    /// Compiles every rule.
    ///
    /// # Errors
    /// Each rule that is no expression.
    pub fn compile(engine: &'engine Environment<'text>, campaign: &'text Campaign) -> Result<Self, Vec<RuleProblem>> {
        let mut rules = Vec::new();
        let mut problems = Vec::new();
        for rule in &campaign.variants {
            match engine.compile_expression(&rule.when) {
                Ok(when) => rules.push(Rule { id: Arc::from(rule.id.as_str()), when }),
                Err(error) => problems.push(RuleProblem::malformed(&rule.id, &error)),
            }
        }
        if problems.is_empty() { Ok(Self { rules }) } else { Err(problems) }
    }

    /// The first variant whose rule holds.
    ///
    /// # Errors
    /// A rule that cannot be evaluated, such as one that subtracts from an age that is not known.
    pub fn choose(&self, facts: &Facts) -> Result<Option<Arc<str>>, RuleProblem> {
        let context = context_of(facts, Value::from_pairs(certainty_by_category(facts)));
        for rule in &self.rules {
            let holds = rule.when.eval(context.clone()).map_err(|error| RuleProblem::failed(&rule.id, &error))?;
            if holds.is_true() {
                return Ok(Some(Arc::clone(&rule.id)));
            }
        }
        Ok(None)
    }

    /// The rules, in order.
    pub(super) fn rules(&self) -> &[Rule<'engine, 'text>] {
        &self.rules
    }
}

/// Category and the spelling of its certainty.
pub(super) fn certainty_by_category(facts: &Facts) -> impl Iterator<Item = (&str, &'static str)> {
    facts.categories.iter().map(|(category, exposed)| (category.as_str(), exposed.certainty.as_str()))
}

/// What an expression sees of these facts.
pub(super) fn context_of(facts: &Facts, categories: Value) -> Value {
    context! {
        certainties => facts.certainties().into_iter().map(Certainty::as_str).collect::<Value>(),
        categories => categories,
        populations => facts.populations.iter().collect::<Value>(),
        lists => facts.lists.iter().collect::<Value>(),
        addressee => facts.addressee.as_str(),
        age => facts.age,
        country => facts.country.as_str(),
        written_before => facts.written_before,
        wave => facts.wave.as_deref(),
    }
}
