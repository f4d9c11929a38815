//! Values → the page of proofs, and the files that it needs.
//!
//! Enters: a [`Page`]. Leaves: HTML, style and script. Invariants: every value is escaped; the page loads nothing but the
//! files beside it, and says so in its policy; script and style are files of their own, so that no text of a page can
//! become either.

use minijinja::syntax::SyntaxConfig;
use minijinja::value::{Serde, Value};
use minijinja::{Environment, Error, UndefinedBehavior, context};

use super::view::{Page, ProofView};

/// The page's style.
pub const CSS: &str = include_str!("assets/gallery.css");
/// The page's script.
pub const JS: &str = include_str!("assets/gallery.js");

/// The page's icon.
pub const ICON: &str = include_str!("assets/icon.svg");

/// The endings make minijinja escape for HTML.
const TEMPLATES: [(&str, &str); 4] = [
    ("gallery.html", include_str!("assets/gallery.html")),
    ("proof.html", include_str!("assets/proof.html")),
    ("sign_off.html", include_str!("assets/sign_off.html")),
    ("form.html", include_str!("assets/form.html")),
];

/// The page; `version` counts the states of a live page.
///
/// # Errors
/// A bug in the page's templates.
pub fn page(page: &Page, version: u64) -> Result<String, Error> {
    render("gallery.html", context! { version, ..Value::from(Serde(page)) })
}

/// One proof of a live page.
///
/// # Errors
/// A bug in the page's templates.
pub fn proof(proof: &ProofView) -> Result<String, Error> {
    render("proof.html", context! { proof => Value::from(Serde(proof)) })
}

/// Sign-offs and what could be plainer, of a live page.
///
/// # Errors
/// A bug in the page's templates.
pub fn status(page: &Page) -> Result<String, Error> {
    render("sign_off.html", Value::from(Serde(page)))
}

fn render(name: &str, values: Value) -> Result<String, Error> {
    let mut environment = Environment::new();
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment
        .set_syntax(SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).keep_trailing_newline(true).build()?);
    environment.add_filter("grouped", crate::report::grouped);
    for (name, text) in TEMPLATES {
        environment.add_template(name, text)?;
    }
    environment.get_template(name)?.render(values)
}
