//! The names by which `serde_json` passes values through other formats, which data must not use.

/// The beginning of the names by which `serde_json` passes numbers and raw text through other formats. As data they
/// would become something else on their way.
pub(crate) const PRIVATE: &str = "$serde_json::private::";

/// The name of the struct, and of its only field, that a number is with `arbitrary_precision`.
pub(crate) const NUMBER: &str = "$serde_json::private::Number";
