//! Names in a part of an address, as JavaScript's `encodeURIComponent` writes them.

use std::fmt::Display;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// The characters that it escapes.
const NOT_IN_A_COMPONENT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'!')
    .remove(b'~')
    .remove(b'*')
    .remove(b'\'')
    .remove(b'(')
    .remove(b')');

/// Encodes a name.
pub(crate) fn encode_component(name: &str) -> impl Display {
    utf8_percent_encode(name, NOT_IN_A_COMPONENT)
}
