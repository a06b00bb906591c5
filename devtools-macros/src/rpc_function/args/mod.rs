//! The attribute as written: shape only.

mod agent;
mod mark;

use proc_macro2::TokenStream;
use syn::parse::ParseStream;
use syn::{Ident, LitStr, Path};

pub(super) use self::agent::AgentArgs;
pub(super) use self::mark::{Marks, is_mark};
use crate::diagnostics::Diagnostics;
use crate::options::{self, Options, Time, flag, set};

/// The options of the attribute, none of them looked into. Those without a value are the word itself.
#[derive(Default)]
pub(super) struct Args {
    pub(super) name: Option<LitStr>,
    pub(super) kind: Option<LitStr>,
    pub(super) identity: Option<Ident>,
    pub(super) side: Option<LitStr>,
    pub(super) setup: Option<Ident>,
    pub(super) dump: Option<Path>,
    pub(super) snapshot: Option<Ident>,
    pub(super) cacheable: Option<Ident>,
    pub(super) encoding: Option<LitStr>,
    pub(super) agent: Option<AgentArgs>,
    pub(super) title: Option<LitStr>,
    pub(super) blocking: Option<Ident>,
    pub(super) timeout: Option<Time>,
    pub(super) public_errors: Option<Ident>,
    pub(super) role: Option<LitStr>,
    pub(super) layer: Option<Path>,
    pub(super) implements: Option<Path>,
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
        &[
            "name",
            "kind",
            "as",
            "side",
            "setup",
            "dump",
            "snapshot",
            "cacheable",
            "encoding",
            "agent",
            "title",
            "blocking",
            "timeout",
            "public_errors",
            "role",
            "layer",
            "implements",
            "crate",
        ]
    }

    #[rustfmt::skip]
    fn read(
        &mut self,
        key: &Ident,
        input: ParseStream<'_>,
        diagnostics: &mut Diagnostics,
    ) -> syn::Result<bool> {
        match key.to_string().as_str() {
            "name" => set(&mut self.name, key, "\"my-plugin:get-data\"", input, diagnostics),
            "kind" => set(&mut self.kind, key, "\"query\"", input, diagnostics),
            "as" => set(&mut self.identity, key, "GetData", input, diagnostics),
            "side" => set(&mut self.side, key, "\"client\"", input, diagnostics),
            "setup" => flag(&mut self.setup, key, input, diagnostics),
            "dump" => set(&mut self.dump, key, "dump_data", input, diagnostics),
            "snapshot" => flag(&mut self.snapshot, key, input, diagnostics),
            "cacheable" => flag(&mut self.cacheable, key, input, diagnostics),
            "encoding" => set(&mut self.encoding, key, "\"json\"", input, diagnostics),
            "agent" => agent::read(&mut self.agent, key, input, diagnostics),
            "title" => set(&mut self.title, key, "\"Get data\"", input, diagnostics),
            "blocking" => flag(&mut self.blocking, key, input, diagnostics),
            "timeout" => set(&mut self.timeout, key, "\"5s\"", input, diagnostics),
            "public_errors" => flag(&mut self.public_errors, key, input, diagnostics),
            "role" => set(&mut self.role, key, "\"admin\"", input, diagnostics),
            "layer" => set(&mut self.layer, key, "log_calls", input, diagnostics),
            "implements" => set(&mut self.implements, key, "api::GetData", input, diagnostics),
            "crate" => set(&mut self.runtime, key, "devtools_runtime", input, diagnostics),
            _ => return Ok(false),
        }?;
        Ok(true)
    }
}
