//! The attribute as written: shape only.

use proc_macro2::TokenStream;
use syn::ext::IdentExt as _;
use syn::parse::{Parse, ParseStream, Parser as _};
use syn::{Ident, LitStr, Path, Token};

use crate::diagnostics::Diagnostics;
use crate::names::nearest;

const OPTIONS: &[&str] = &["name", "kind", "as", "side", "encoding", "crate"];

/// The options of the attribute, none of them looked into.
#[derive(Default)]
pub(super) struct Args {
    pub(super) name: Option<LitStr>,
    pub(super) kind: Option<LitStr>,
    pub(super) identity: Option<Ident>,
    pub(super) side: Option<LitStr>,
    pub(super) encoding: Option<LitStr>,
    pub(super) runtime: Option<Path>,
}

impl Args {
    /// Reads every option it can, and reports those it can't.
    pub(super) fn parse(tokens: TokenStream, diagnostics: &mut Diagnostics) -> Self {
        let mut args = Self::default();
        let parsed = (|input: ParseStream<'_>| {
            while !input.is_empty() {
                if let Err(error) = args.option(input, diagnostics) {
                    diagnostics.report(error);
                    skip_option(input)?;
                }
                if !input.is_empty() {
                    input.parse::<Token![,]>()?;
                }
            }
            Ok(())
        })
        .parse2(tokens);
        diagnostics.ok(parsed);
        args
    }

    fn option(&mut self, input: ParseStream<'_>, diagnostics: &mut Diagnostics) -> syn::Result<()> {
        let key = input.call(Ident::parse_any)?;
        let name = key.to_string();
        if !OPTIONS.contains(&name.as_str()) {
            let help = match nearest(&name, OPTIONS) {
                Some(meant) => format!("did you mean `{meant}`?"),
                None => format!("the options are {}", list(OPTIONS)),
            };
            diagnostics.error(&key, format!("unknown option `{name}`"), help);
            return skip_option(input);
        }
        input.parse::<Token![=]>()?;
        match name.as_str() {
            "name" => set(&mut self.name, &key, string(input, "my-plugin:get-data")?, diagnostics),
            "kind" => set(&mut self.kind, &key, string(input, "query")?, diagnostics),
            "side" => set(&mut self.side, &key, string(input, "client")?, diagnostics),
            "encoding" => set(&mut self.encoding, &key, string(input, "json")?, diagnostics),
            "as" => set(&mut self.identity, &key, Ident::parse(input)?, diagnostics),
            _ => set(&mut self.runtime, &key, input.call(Path::parse_mod_style)?, diagnostics),
        }
        Ok(())
    }
}

fn set<T>(slot: &mut Option<T>, key: &Ident, value: T, diagnostics: &mut Diagnostics) {
    if slot.is_some() {
        diagnostics.error(key, format!("`{key}` is given twice"), "remove one of the two");
    }
    *slot = Some(value);
}

fn string(input: ParseStream<'_>, example: &str) -> syn::Result<LitStr> {
    input.parse().map_err(|error| {
        syn::Error::new(error.span(), format!("expected a string\nhelp: write it in quotes: `\"{example}\"`"))
    })
}

fn skip_option(input: ParseStream<'_>) -> syn::Result<()> {
    while !input.is_empty() && !input.peek(Token![,]) {
        input.parse::<proc_macro2::TokenTree>()?;
    }
    Ok(())
}

fn list(names: &[&str]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}
