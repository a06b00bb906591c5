//! The common part of attributes on a struct that is never built. The struct stands for a channel or a shared state,
//! and its only field gives the type of the values.

use proc_macro2::{Span, TokenStream, TokenTree};
use quote::{ToTokens as _, quote};
use syn::ext::IdentExt as _;
use syn::{Fields, Ident, ItemStruct, LitStr, Path, Type};

use crate::diagnostics::Diagnostics;
use crate::names;

/// The words of messages about one kind of declaration.
pub(crate) struct Declared {
    /// The name of the declared thing, as in "a channel cannot be generic".
    pub(crate) what: &'static str,
    /// Its value, as in "does not give the type of a chunk".
    pub(crate) value: &'static str,
    /// The type that a proposal gives the field.
    pub(crate) example: &'static str,
}

/// The words about a channel.
pub(crate) const CHANNEL: Declared = Declared {
    what: "a channel",
    value: "a chunk",
    example: "Token",
};

/// The words about a shared state.
pub(crate) const STATE: Declared = Declared {
    what: "a shared state",
    value: "the value",
    example: "Steps",
};

impl Declared {
    /// Parses the struct.
    pub(crate) fn structure(
        &self,
        item: TokenStream,
        identity: &str,
        diagnostics: &mut Diagnostics,
    ) -> Option<ItemStruct> {
        let structure = syn::parse2::<ItemStruct>(item).map_err(|error| {
            // The error is at the token in place of `struct`, for instance at `enum`.
            let Self {
                what,
                value,
                example,
            } = self;
            let message = format!(
                "{what} is declared with a struct\nhelp: write `pub struct {identity}({example});` with the type of {value}"
            );
            syn::Error::new(error.span(), message)
        });
        diagnostics.ok(structure)
    }

    /// Checks the given name. Without one, derives it from the struct and its package.
    pub(crate) fn check_name(
        &self,
        name: Option<LitStr>,
        identity: &Ident,
        diagnostics: &mut Diagnostics,
    ) -> LitStr {
        let derived = names::derive(&names::package(), &identity.unraw().to_string());
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

    /// Returns the type of the only field. Reports a struct with type parameters or other fields.
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
        let help = format!(
            "write `struct {identity}({example});` with the type of {value} in place of `{example}`"
        );
        let problem = format!("`{identity}` does not give the type of {value}");
        match &structure.fields {
            Fields::Unit => diagnostics.error(identity, problem, help),
            fields => diagnostics.error(fields, problem, help),
        }
        None
    }
}

/// Returns the lints to allow on the struct, which is never built.
pub(crate) fn quiet(structure: Option<ItemStruct>) -> Option<TokenStream> {
    structure.map(|_| {
        quote! {
            #[allow(
                dead_code, missing_copy_implementations, missing_debug_implementations,
                reason = "it is a name, and never built"
            )]
        }
    })
}

/// Returns a doc comment of one line.
pub(crate) fn doc(text: &str) -> TokenStream {
    let text = format!(" {text}");
    quote!(#[doc = #text])
}

/// Returns the tokens of a path with another span, so that messages point there.
pub(crate) fn respanned(path: &Path, span: Span) -> TokenStream {
    let tokens = path.to_token_stream().into_iter();
    let tokens = tokens.map(|mut token: TokenTree| {
        token.set_span(span);
        token
    });
    tokens.collect()
}
