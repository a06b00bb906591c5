//! The option `agent`: alone, or with options of its own.

use syn::parse::ParseStream;
use syn::token::Paren;
use syn::{Ident, LitStr, Token};

use crate::diagnostics::Diagnostics;
use crate::options::{Options, Strings, read_options, report_twice, set, up_to_comma};

/// What an agent is told of a function.
pub(in crate::rpc_function) struct AgentArgs {
    pub(in crate::rpc_function) key: Ident,
    pub(in crate::rpc_function) safety: Option<LitStr>,
    pub(in crate::rpc_function) title: Option<LitStr>,
    tags: Option<Strings>,
}

impl AgentArgs {
    pub(in crate::rpc_function) fn tags(&self) -> &[LitStr] {
        self.tags.as_ref().map_or(&[], |tags| &tags.0)
    }
}

pub(super) fn read(
    slot: &mut Option<AgentArgs>,
    key: &Ident,
    input: ParseStream<'_>,
    diagnostics: &mut Diagnostics,
) -> syn::Result<()> {
    let mut agent = AgentArgs {
        key: key.clone(),
        safety: None,
        title: None,
        tags: None,
    };
    if input.peek(Paren) {
        let inner;
        syn::parenthesized!(inner in input);
        read_options(&mut agent, &inner, diagnostics)?;
    } else if input.peek(Token![=]) {
        up_to_comma(input)?;
        diagnostics.error(
            key,
            "`agent` takes no value",
            "write `agent`, or `agent(safety = \"read\")`",
        );
    }
    if slot.is_some() {
        report_twice(key, diagnostics);
    }
    *slot = Some(agent);
    Ok(())
}

impl Options for AgentArgs {
    fn known(&self) -> &'static [&'static str] {
        &["safety", "title", "tags"]
    }

    fn read(
        &mut self,
        key: &Ident,
        input: ParseStream<'_>,
        diagnostics: &mut Diagnostics,
    ) -> syn::Result<bool> {
        match key.to_string().as_str() {
            "safety" => set(&mut self.safety, key, "\"read\"", input, diagnostics),
            "title" => set(&mut self.title, key, "\"Get data\"", input, diagnostics),
            "tags" => set(&mut self.tags, key, "[\"files\"]", input, diagnostics),
            _ => return Ok(false),
        }?;
        Ok(true)
    }
}
