//! The annotated item: a function, with or without a body.

use proc_macro2::{TokenStream, TokenTree};
use syn::parse::{Parse, ParseStream};
use syn::{Attribute, LitStr, Signature, Token, Visibility};

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
        if !begins_function(input) {
            let wrong: TokenTree = input.parse()?;
            let message = "`#[rpc_function]` goes on a function\nhelp: write it above a free `fn`";
            return Err(syn::Error::new(wrong.span(), message));
        }
        let sig = input.parse()?;
        let has_body = !input.peek(Token![;]);
        input.parse::<TokenStream>()?;
        Ok(Self {
            attrs,
            vis,
            sig,
            has_body,
        })
    }
}

/// Whether there is a `fn` behind what can stand before it.
fn begins_function(input: ParseStream<'_>) -> bool {
    let ahead = input.fork();
    while ahead.peek(Token![const])
        || ahead.peek(Token![async])
        || ahead.peek(Token![unsafe])
        || ahead.peek(Token![extern])
        || ahead.peek(LitStr)
    {
        if ahead.parse::<TokenTree>().is_err() {
            return false;
        }
    }
    ahead.peek(Token![fn])
}
