//! The report as files: JSON and one self-contained HTML page.
//!
//! Enters: a [`Report`]. Leaves: bytes. Invariant: the page loads nothing from anywhere, prints on A4, and every value in
//! it is escaped.

use minijinja::syntax::SyntaxConfig;
use minijinja::value::Serde;
use minijinja::{Environment, UndefinedBehavior};

use super::reconciliation::Report;

/// The report could not be drawn: a bug in the page's template.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// The page.
    #[error("the report page cannot be drawn: {0}")]
    Page(#[from] minijinja::Error),
    /// The JSON.
    #[error("the report cannot be written as JSON: {0}")]
    Json(#[from] serde_json::Error),
}

/// The ending makes minijinja escape for HTML.
const NAME: &str = "report.html";

impl Report {
    /// The bytes of `report.json`.
    pub fn to_json(&self) -> Result<Vec<u8>, ReportError> {
        let mut bytes = serde_json::to_vec_pretty(self)?;
        bytes.push(b'\n');
        Ok(bytes)
    }

    /// The text of `report.html`.
    pub fn to_html(&self) -> Result<String, ReportError> {
        let mut environment = Environment::new();
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        environment.set_syntax(
            SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).keep_trailing_newline(true).build()?,
        );
        environment.add_filter("grouped", grouped);
        environment.add_template(NAME, include_str!("report.html"))?;
        Ok(environment.get_template(NAME)?.render(Serde(self))?)
    }
}

/// Thousands apart by a narrow no-break space: the same number for readers of every language.
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut text = String::with_capacity(digits.len() * 2);
    for (position, digit) in digits.chars().enumerate() {
        if position > 0 && (digits.len() - position).is_multiple_of(3) {
            text.push('\u{202f}');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::grouped;

    #[test]
    fn numbers_are_grouped_from_the_right() {
        assert_eq!(grouped(7), "7");
        assert_eq!(grouped(941_000), "941\u{202f}000");
        assert_eq!(grouped(1_234_567), "1\u{202f}234\u{202f}567");
    }
}
