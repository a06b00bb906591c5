//! The annotated item: a function, with or without a body.

use proc_macro2::TokenStream;
use syn::parse::{Parse, ParseStream};
use syn::{Attribute, Signature, Token, Visibility};

/// A function as written. The body is not looked at.
pub(super) struct Item {
    pub(super) attrs: Vec<Attribute>,
    pub(super) vis: Visibility,
    pub(super) sig: Signature,
    pub(super) has_body: bool,
}

impl Parse for Item {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let attrs = input.call(Attribute::parse_outer)?;
        let vis = input.parse()?;
        let start = input.span();
        let sig = input.parse().map_err(|error| {
            let is_function = input.peek(Token![fn]) || input.peek(Token![async]);
            if is_function {
                return error;
            }
            syn::Error::new(start, "`#[rpc_function]` goes on a function\nhelp: write it above a free `fn`")
        })?;
        let has_body = !input.peek(Token![;]);
        input.parse::<TokenStream>()?;
        Ok(Self { attrs, vis, sig, has_body })
    }
}
