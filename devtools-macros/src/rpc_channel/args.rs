//! The attribute as written: shape only.

use proc_macro2::TokenStream;
use syn::parse::ParseStream;
use syn::{Ident, LitInt, LitStr, Path};

use crate::diagnostics::Diagnostics;
use crate::options::{self, Options, set};

/// The options of `#[rpc_channel(..)]`, none of them looked into.
#[derive(Default)]
pub(super) struct Args {
    pub(super) name: Option<LitStr>,
    pub(super) replay: Option<LitInt>,
    pub(super) encoding: Option<LitStr>,
    pub(super) direction: Option<LitStr>,
    pub(super) runtime: Option<Path>,
}

impl Args {
    /// Reads every option it can, and reports those it can't.
    pub(super) fn parse(tokens: TokenStream, diagnostics: &mut Diagnostics) -> Self {
        options::parse(tokens, diagnostics)
    }
}

impl Options for Args {
    const ELSEWHERE: &'static str = "; others are given with `ChannelOptions`";

    fn known(&self) -> &'static [&'static str] {
        &["name", "replay", "encoding", "direction", "crate"]
    }

    #[rustfmt::skip]
    fn read(
        &mut self,
        key: &Ident,
        input: ParseStream<'_>,
        diagnostics: &mut Diagnostics,
    ) -> syn::Result<bool> {
        match key.to_string().as_str() {
            "name" => set(&mut self.name, key, "\"my-plugin:chat\"", input, diagnostics),
            "replay" => set(&mut self.replay, key, "100", input, diagnostics),
            "encoding" => set(&mut self.encoding, key, "\"json\"", input, diagnostics),
            "direction" => set(&mut self.direction, key, "\"uploads\"", input, diagnostics),
            "crate" => set(&mut self.runtime, key, "devtools_runtime", input, diagnostics),
            _ => return Ok(false),
        }?;
        Ok(true)
    }
}
