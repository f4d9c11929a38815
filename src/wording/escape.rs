//! Values on their way into a wording's markup.
//!
//! Enters: any value of a wording's context. Leaves: Typst markup that shows exactly this text. Invariant: a value is
//! always a string expression, `#"…";`, so no character of it can be read as markup or code, and typst's smart quotes
//! and dashes leave it alone.

use minijinja::value::{Value, ValueKind};
use minijinja::{Error, ErrorKind, Output, State};

use crate::model::text::clean;

/// Writes a value as a Typst string expression; what macros and blocks made is markup already.
pub fn markup(out: &mut Output<'_>, _: &mut State<'_, '_>, value: &Value) -> Result<(), Error> {
    if value.is_safe() {
        return Ok(out.write_str(&value.to_string())?);
    }
    let text = printable(value)?;
    if text.is_empty() {
        return Ok(());
    }
    let mut expression = String::with_capacity(text.len() + 4);
    expression.push_str("#\"");
    for character in text.chars() {
        match character {
            '"' => expression.push_str("\\\""),
            '\\' => expression.push_str("\\\\"),
            '\n' | '\r' | '\t' => expression.push(' '),
            other => expression.push(other),
        }
    }
    expression.push_str("\";");
    Ok(out.write_str(&expression)?)
}

/// Writes a value as it is, for texts that are not markup.
pub fn plain(out: &mut Output<'_>, _: &mut State<'_, '_>, value: &Value) -> Result<(), Error> {
    Ok(out.write_str(&printable(value)?)?)
}

fn printable(value: &Value) -> Result<String, Error> {
    match value.kind() {
        ValueKind::String | ValueKind::Number | ValueKind::Bool => {
            let text = value.to_string();
            // Line ends and tabs become spaces; what turns the direction of text or cannot be seen has no place in it.
            match clean(&text.replace(['\n', '\r', '\t'], " ")) {
                Ok(_) => Ok(text),
                Err(unprintable) => Err(Error::new(
                    ErrorKind::InvalidOperation,
                    format!("this value holds U+{:04X}, which cannot be printed", u32::from(unprintable.character)),
                )),
            }
        }
        ValueKind::Undefined => Err(Error::new(ErrorKind::UndefinedError, "this name is not defined")),
        ValueKind::None => {
            Err(Error::new(ErrorKind::InvalidOperation, "there is no value here; ask `is not none` first"))
        }
        kind => Err(Error::new(ErrorKind::InvalidOperation, format!("a {kind} cannot be printed; print its parts"))),
    }
}
