//! A command's result, for people and for programs.

/// A command's result.
#[derive(Debug, Clone)]
pub struct Output {
    /// A screen of text, without a newline at its end.
    pub text: String,
    /// The same as data.
    pub json: serde_json::Value,
}
