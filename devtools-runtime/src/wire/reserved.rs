//! The names with which `serde_json` passes values through other formats. Data must not use them as keys.

/// The prefix of the names with which `serde_json` passes numbers and raw text through other formats. As keys in
/// data, they would turn the object into a number or raw text.
pub(crate) const PRIVATE: &str = "$serde_json::private::";

/// The name of the struct, and of its only field, that stands for a number with the feature `arbitrary_precision`.
pub(crate) const NUMBER: &str = "$serde_json::private::Number";

/// The name of `serde_json::value::RawValue` as a struct, and of its only field.
pub(crate) const RAW_VALUE: &str = "$serde_json::private::RawValue";
