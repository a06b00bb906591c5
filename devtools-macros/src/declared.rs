//! The common part of attributes on a struct that is never built. The struct stands for a channel or a shared state,
//! and its only field gives the type of the values.

use proc_macro2::{Span, TokenStream, TokenTree};
use quote::{ToTokens as _, quote};
use syn::ext::IdentExt as _;
use syn::parse::Parser as _;
use syn::punctuated::Punctuated;
use syn::{Fields, Ident, ItemStruct, LitStr, Meta, Path, Token, Type};

use crate::diagnostics::Diagnostics;
use crate::names::{self, nearest};

/// The words of messages about one kind of declaration.
pub(crate) struct Declared {
    /// The declared thing, as in "a channel cannot be generic".
    pub(crate) what: &'static str,
    /// Its value, as in "does not say what a chunk is".
    pub(crate) value: &'static str,
    /// The type that a proposal gives the field.
    pub(crate) example: &'static str,
}

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
                "{what} is declared by a struct\nhelp: write `pub struct {identity}({example});` with the type of {value}"
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

/// Parses the content of the attribute's parentheses.
pub(crate) fn options(tokens: TokenStream, diagnostics: &mut Diagnostics) -> Vec<Meta> {
    let options = Punctuated::<Meta, Token![,]>::parse_terminated;
    let options = diagnostics.ok(options.parse2(tokens));
    options.into_iter().flatten().collect()
}

/// Returns the name of an option.
pub(crate) fn key(option: &Meta) -> String {
    let ident = option.path().get_ident();
    ident.map_or_else(String::new, ToString::to_string)
}

/// Stores the value of an option. Reports an option that is given twice.
pub(crate) fn keep<T>(
    slot: &mut Option<T>,
    value: T,
    option: &Meta,
    diagnostics: &mut Diagnostics,
) {
    if slot.is_some() {
        let problem = format!("`{}` is given twice", key(option));
        diagnostics.error(option.path(), problem, "remove one of the two");
    }
    *slot = Some(value);
}

/// Reports an option whose value is not `kind`.
pub(crate) fn mistaken(option: &Meta, kind: &str, help: &str, diagnostics: &mut Diagnostics) {
    let problem = format!("`{}` is {kind}", key(option));
    diagnostics.error(option, problem, format!("write `{help}`"));
}

/// Reports an option that is not one of `options`. `elsewhere` is appended to the help.
pub(crate) fn unknown(
    option: &Meta,
    options: &[&str],
    elsewhere: &str,
    diagnostics: &mut Diagnostics,
) {
    let name = key(option);
    let help = match nearest(&name, options) {
        Some(meant) => format!("did you mean `{meant}`?"),
        None => format!("the options are `{}`{elsewhere}", options.join("`, `")),
    };
    diagnostics.error(option.path(), format!("unknown option `{name}`"), help);
}

/// Returns the lints to allow on the struct, which is never built.
pub(crate) fn quiet(structure: Option<ItemStruct>) -> Option<TokenStream> {
    structure.map(|_| {
        quote!(#[allow(dead_code, missing_copy_implementations, missing_debug_implementations)])
    })
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
