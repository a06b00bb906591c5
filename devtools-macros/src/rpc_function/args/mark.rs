//! `#[rpc(nullable)]`: what is said of one parameter.

use quote::ToTokens as _;
use syn::parse::ParseStream;
use syn::{Attribute, Ident, Meta};

use crate::diagnostics::Diagnostics;
use crate::options::{Options, flag, read_options};

/// What the attributes `rpc` of one parameter say.
#[derive(Default)]
pub(in crate::rpc_function) struct Marks {
    /// Callers pass `null` or a value: it is not left out.
    pub(in crate::rpc_function) nullable: Option<Ident>,
    /// What was meant is not known, and that is reported.
    pub(in crate::rpc_function) is_wrong: bool,
}

impl Marks {
    /// Reads every option it can, and reports those it can't.
    pub(in crate::rpc_function) fn parse(
        attrs: &[Attribute],
        diagnostics: &mut Diagnostics,
    ) -> Self {
        let mut marks = Self::default();
        let before = diagnostics.count();
        for attribute in attrs.iter().filter(|attribute| is_mark(attribute)) {
            if let Meta::List(list) = &attribute.meta {
                let read = |input: ParseStream<'_>| read_options(&mut marks, input, diagnostics);
                let read = list.parse_args_with(read);
                diagnostics.ok(read);
            } else {
                let written = attribute.meta.to_token_stream();
                diagnostics.error(
                    written,
                    "`#[rpc]` says nothing by itself",
                    "write `#[rpc(nullable)]`",
                );
            }
        }
        marks.is_wrong = diagnostics.count() > before;
        marks
    }
}

/// Whether it is ours. The compiler does not know it, so it is not left in what is emitted.
pub(in crate::rpc_function) fn is_mark(attribute: &Attribute) -> bool {
    attribute.path().is_ident("rpc")
}

impl Options for Marks {
    fn known(&self) -> &'static [&'static str] {
        &["nullable"]
    }

    fn read(
        &mut self,
        key: &Ident,
        input: ParseStream<'_>,
        diagnostics: &mut Diagnostics,
    ) -> syn::Result<bool> {
        match key.to_string().as_str() {
            "nullable" => flag(&mut self.nullable, key, input, diagnostics),
            _ => return Ok(false),
        }?;
        Ok(true)
    }
}
