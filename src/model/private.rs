//! Personal text, masked wherever a program might print it by accident.
//!
//! Enters: any value that says something about a person. Leaves: the same value, through [`Private::reveal`] only.
//! Invariant: `Debug` and `Display` never show the content. Absent on purpose: `Serialize`, `Deref`, `AsRef`.

use std::fmt;

/// A value about a person. `Debug` and `Display` print a mask.
#[derive(Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Private<T>(T);

impl<T> Private<T> {
    /// Wraps a personal value.
    pub const fn new(value: T) -> Self {
        Self(value)
    }

    /// The value itself; call it where the value is needed on paper or in a file made for it.
    pub const fn reveal(&self) -> &T {
        &self.0
    }

    /// The value itself, by ownership.
    pub fn into_revealed(self) -> T {
        self.0
    }
}

impl<T> fmt::Debug for Private<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("(personal)")
    }
}

impl<T> fmt::Display for Private<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("(personal)")
    }
}

impl<T> From<T> for Private<T> {
    fn from(value: T) -> Self {
        Self(value)
    }
}
