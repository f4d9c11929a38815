//! Whom a wave writes to again.
//!
//! Enters: the `[[waves]]` of a campaign, the facts of somebody who was written to before, and why the last letter came
//! back. Leaves: whether the wave selects this person. Invariant: only people who were written to before are asked about;
//! all others get their letter as in any run. Absent on purpose: the country, which the address decides later.

use minijinja::{Environment, Expression, Value, context};

use crate::campaign::settings::Campaign;
use crate::model::exposure::{Certainty, Facts};
use crate::model::outcome::ReturnReason;

use super::rules::RuleProblem;
use super::variants::certainty_by_category;

/// A wave whose rule is compiled.
pub struct Wave<'engine, 'text> {
    id: &'text str,
    when: Expression<'engine, 'text>,
}

impl<'engine, 'text> Wave<'engine, 'text> {
    /// The campaign's wave with this name; the command line has seen to it that there is one.
    ///
    /// # Errors
    /// A rule that is no expression.
    pub fn compile(
        engine: &'engine Environment<'text>,
        campaign: &'text Campaign,
        id: Option<&str>,
    ) -> Result<Option<Self>, RuleProblem> {
        let Some(rule) = campaign.waves.iter().find(|rule| Some(rule.id.as_str()) == id) else { return Ok(None) };
        let when = engine.compile_expression(&rule.when).map_err(|error| RuleProblem::malformed(&rule.id, &error))?;
        Ok(Some(Self { id: &rule.id, when }))
    }

    /// Its name.
    pub const fn id(&self) -> &'text str {
        self.id
    }

    /// Whether it selects somebody with these facts, whose last letter came back for this reason.
    ///
    /// # Errors
    /// A rule that cannot be evaluated.
    pub fn selects(&self, facts: &Facts, returned: Option<ReturnReason>) -> Result<bool, RuleProblem> {
        let context = context! {
            certainties => facts.certainties().into_iter().map(Certainty::as_str).collect::<Value>(),
            categories => Value::from_pairs(certainty_by_category(facts)),
            populations => facts.populations.iter().collect::<Value>(),
            lists => facts.lists.iter().collect::<Value>(),
            addressee => facts.addressee.as_str(),
            age => facts.age,
            returned => returned.map(ReturnReason::as_str),
        };
        let holds = self.when.eval(context).map_err(|error| RuleProblem::failed(self.id, &error))?;
        Ok(holds.is_true())
    }
}
