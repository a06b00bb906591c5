//! `#[rpc(nullable)]`: the options of one parameter.

use syn::{Attribute, Ident};

use crate::diagnostics::Diagnostics;
use crate::options::{options, read_attributes};

/// The options of one parameter.
#[derive(Default)]
pub(super) struct Marks {
    /// Callers pass `null` or a value, and cannot leave the argument out.
    pub(super) nullable: Option<Ident>,
    /// An attribute has mistakes, which are reported, so the options are not known.
    pub(super) is_wrong: bool,
}

options! {
    /// The options of `#[rpc(..)]`.
    struct Args {
        "nullable" => nullable,
    }
}

impl Marks {
    /// Reads the attributes `rpc` of a parameter, and reports all mistakes in them.
    pub(super) fn parse(attrs: &[Attribute], diagnostics: &mut Diagnostics) -> Self {
        let before = diagnostics.count();
        let mut args = Args::default();
        read_attributes(&mut args, attrs, "rpc", "nullable", diagnostics);
        Self {
            nullable: args.nullable,
            is_wrong: diagnostics.count() > before,
        }
    }
}

/// Returns `true` for the attribute `rpc`. The compiler does not know it, so it is removed from the emitted function.
pub(super) fn is_mark(attribute: &Attribute) -> bool {
    attribute.path().is_ident("rpc")
}
