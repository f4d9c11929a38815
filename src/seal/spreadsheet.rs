//! Text that a spreadsheet would run as a formula, made harmless.
//!
//! Enters: a CSV field. Leaves: the field, with an apostrophe before it where a spreadsheet would run it.
//! Invariant: harmless text is left as it is.

use std::borrow::Cow;

/// The field as it may stand in a CSV file that people open with a spreadsheet (OWASP, "CSV injection").
pub fn guarded(field: &str) -> Cow<'_, str> {
    if field.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        Cow::Owned(format!("'{field}"))
    } else {
        Cow::Borrowed(field)
    }
}

#[cfg(test)]
mod tests {
    use super::guarded;

    #[test]
    fn a_formula_gets_an_apostrophe_and_text_stays() {
        assert_eq!(guarded("=1+1"), "'=1+1");
        assert_eq!(guarded("-2"), "'-2");
        assert_eq!(guarded("@SUM(A1)"), "'@SUM(A1)");
        assert_eq!(guarded("2-1"), "2-1");
        assert_eq!(guarded(""), "");
    }
}
