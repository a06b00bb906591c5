//! The attribute as written: shape only.

use proc_macro2::TokenStream;
use syn::parse::ParseStream;
use syn::{Ident, LitStr, Path};

use crate::diagnostics::Diagnostics;
use crate::options::{self, Options, flag, set};

/// The options of `#[rpc_shared_state(..)]`, none of them looked into.
#[derive(Default)]
pub(super) struct Args {
    pub(super) name: Option<LitStr>,
    pub(super) patches: Option<Ident>,
    pub(super) read_only: Option<Ident>,
    pub(super) runtime: Option<Path>,
}

impl Args {
    /// Reads every option it can, and reports those it can't.
    pub(super) fn parse(tokens: TokenStream, diagnostics: &mut Diagnostics) -> Self {
        options::parse(tokens, diagnostics)
    }
}

impl Options for Args {
    fn known(&self) -> &'static [&'static str] {
        &["name", "patches", "read_only", "crate"]
    }

    #[rustfmt::skip]
    fn read(
        &mut self,
        key: &Ident,
        input: ParseStream<'_>,
        diagnostics: &mut Diagnostics,
    ) -> syn::Result<bool> {
        match key.to_string().as_str() {
            "name" => set(&mut self.name, key, "\"my-plugin:progress\"", input, diagnostics),
            "patches" => flag(&mut self.patches, key, input, diagnostics),
            "read_only" => flag(&mut self.read_only, key, input, diagnostics),
            "crate" => set(&mut self.runtime, key, "devtools_runtime", input, diagnostics),
            _ => return Ok(false),
        }?;
        Ok(true)
    }
}
