//! What attributes on a struct that is never built have in common: the struct says by its one field what values are, and stands for what
//! has them, a channel or a shared state.

use proc_macro2::{Span, TokenStream, TokenTree};
use quote::{ToTokens as _, quote};
use syn::ext::IdentExt as _;
use syn::{Fields, Ident, ItemStruct, LitStr, Path, Type};

use crate::diagnostics::Diagnostics;
use crate::names;

/// What is declared.
pub(crate) struct Declared {
    /// As in "a channel cannot be generic".
    pub(crate) what: &'static str,
    /// As in "does not say what a chunk is".
    pub(crate) value: &'static str,
    /// The type that a proposal has for the field.
    pub(crate) example: &'static str,
}

impl Declared {
    /// Reads the struct.
    pub(crate) fn structure(
        &self,
        item: TokenStream,
        identity: &str,
        diagnostics: &mut Diagnostics,
    ) -> Option<ItemStruct> {
        let structure = syn::parse2::<ItemStruct>(item).map_err(|error| {
            // Where a struct would go on: at `enum`, say.
            let Self {
                what,
                value,
                example,
            } = self;
            let message = format!(
                "{what} is declared by a struct\nhelp: write `pub struct {identity}({example});` with the type of {value}"
            );
            syn::Error::new(error.span(), message)
        });
        diagnostics.ok(structure)
    }

    /// The name as it is given, or that of the struct in its package.
    pub(crate) fn check_name(
        &self,
        name: Option<LitStr>,
        identity: &Ident,
        diagnostics: &mut Diagnostics,
    ) -> LitStr {
        let package = std::env::var("CARGO_PKG_NAME").unwrap_or_default();
        let derived = names::derive(&package, &identity.unraw().to_string());
        let name = name.unwrap_or_else(|| LitStr::new(&derived, identity.span()));
        if let Err(malformed) = names::check(&name.value(), &derived) {
            let what = self.what.trim_start_matches("a ");
            let problem = malformed
                .problem
                .replace("no function", &format!("no {what}"));
            let help = format!("write `\"{}\"`", malformed.proposal);
            diagnostics.error(&name, problem, help);
        }
        name
    }

    /// The type of the one field of a struct without parameters.
    pub(crate) fn check_value<'a>(
        &self,
        structure: &'a ItemStruct,
        diagnostics: &mut Diagnostics,
    ) -> Option<&'a Type> {
        let Self {
            what,
            value,
            example,
        } = self;
        if !structure.generics.params.is_empty() {
            let help = "name concrete types: the wire carries no type parameters";
            let problem = format!("{what} cannot be generic");
            diagnostics.error(&structure.generics, problem, help);
        }
        let identity = &structure.ident;
        if let Fields::Unnamed(fields) = &structure.fields {
            let mut types = fields.unnamed.iter();
            if let (Some(field), None) = (types.next(), types.next()) {
                return Some(&field.ty);
            }
        }
        let help =
            format!("write `struct {identity}({example});`, where `{example}` is {value} of it");
        let problem = format!("`{identity}` does not say what {value} is");
        match &structure.fields {
            Fields::Unit => diagnostics.error(identity, problem, help),
            fields => diagnostics.error(fields, problem, help),
        }
        None
    }
}

/// The item, which is never built.
pub(crate) fn quiet(structure: Option<ItemStruct>) -> Option<TokenStream> {
    structure.map(|_| {
        quote!(#[allow(dead_code, missing_copy_implementations, missing_debug_implementations)])
    })
}

/// The tokens of a path, for messages that point elsewhere.
pub(crate) fn respanned(path: &Path, span: Span) -> TokenStream {
    let tokens = path.to_token_stream().into_iter();
    let tokens = tokens.map(|mut token: TokenTree| {
        token.set_span(span);
        token
    });
    tokens.collect()
}
