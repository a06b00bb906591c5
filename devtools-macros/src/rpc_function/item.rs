//! The annotated item: a function with or without a body.

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use quote::{ToTokens as _, quote};
use syn::parse::{Parse, ParseStream};
use syn::{Attribute, LitStr, Signature, Token, Visibility};

/// A function before the checks. Its body is not parsed.
pub(super) struct Item {
    pub(super) attrs: Vec<Attribute>,
    pub(super) vis: Visibility,
    pub(super) sig: Signature,
    pub(super) has_body: bool,
    /// The tokens after the signature.
    rest: TokenStream,
}

impl Item {
    /// Returns the item to emit: unchanged, except for the marks that only this attribute knows. Returns `None` for a
    /// declaration without a body, because that is not valid Rust.
    pub(super) fn emitted(&self, item: TokenStream) -> Option<TokenStream> {
        if !self.has_body {
            return None;
        }
        let (sig, had_marks) = without_marks(self.sig.to_token_stream());
        if !had_marks {
            return Some(item);
        }
        let Self {
            attrs, vis, rest, ..
        } = self;
        Some(quote!(#(#attrs)* #vis #sig #rest))
    }
}

impl Item {
    /// Returns `true` if the body names the type of an `impl` around the function. The attribute does not see the `impl`.
    pub(super) fn body_mentions_own_type(&self) -> bool {
        mentions_own_type(self.rest.clone())
    }
}

impl Parse for Item {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let attrs = input.call(Attribute::parse_outer)?;
        let vis = input.parse()?;
        if !begins_function(input) {
            let wrong: TokenTree = input.parse()?;
            let help = match wrong.to_string().as_str() {
                "impl" => {
                    "write it above a free `fn` that takes the state by reference: `state: &MyState`"
                }
                "mod" => "write it above each `fn` in the module",
                "trait" => "write it above a free `fn`; one without a body is a declaration",
                _ => "write it above a free `fn`",
            };
            let message = format!("`#[rpc_function]` goes on a function\nhelp: {help}");
            return Err(syn::Error::new(wrong.span(), message));
        }
        let sig = input.parse()?;
        let has_body = !input.peek(Token![;]);
        let rest = input.parse()?;
        Ok(Self {
            attrs,
            vis,
            sig,
            has_body,
            rest,
        })
    }
}

/// Returns `true` if a `fn` follows, after qualifiers such as `async`.
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

/// Returns `true` if these tokens contain a `Self` that does not belong to an item among them.
fn mentions_own_type(tokens: TokenStream) -> bool {
    let mut tokens = tokens.into_iter();
    while let Some(token) = tokens.next() {
        match token {
            TokenTree::Ident(word) if word == "Self" => return true,
            TokenTree::Ident(word) if has_own_type(&word.to_string()) => {
                // Skips the tokens up to and including the body of the item. After a type such as `impl Iterator`
                // this skips too much, so that a mistake may not be reported here.
                tokens.find(
                    |token| matches!(token, TokenTree::Group(group) if group.delimiter() == Delimiter::Brace),
                );
            }
            TokenTree::Group(group) if mentions_own_type(group.stream()) => return true,
            _ => {}
        }
    }
    false
}

/// Returns `true` for the words that begin an item with a `Self` of its own, or a macro whose tokens may mean
/// anything.
fn has_own_type(word: &str) -> bool {
    matches!(
        word,
        "impl" | "trait" | "struct" | "enum" | "union" | "macro_rules"
    )
}

/// Removes the marks of parameters. Also returns whether there were any.
fn without_marks(tokens: TokenStream) -> (TokenStream, bool) {
    let (mut kept, mut found) = (TokenStream::new(), false);
    let mut tokens = tokens.into_iter().peekable();
    while let Some(token) = tokens.next() {
        match token {
            TokenTree::Punct(punct)
                if punct.as_char() == '#' && tokens.peek().is_some_and(is_mark) =>
            {
                tokens.next();
                found = true;
            }
            TokenTree::Group(group) => {
                let (inner, found_inner) = without_marks(group.stream());
                let mut cleaned = Group::new(group.delimiter(), inner);
                cleaned.set_span(group.span());
                kept.extend([TokenTree::from(cleaned)]);
                found |= found_inner;
            }
            other => kept.extend([other]),
        }
    }
    (kept, found)
}

/// Returns `true` for the `[rpc(..)]` of a mark.
fn is_mark(token: &TokenTree) -> bool {
    let TokenTree::Group(group) = token else {
        return false;
    };
    let first = group.stream().into_iter().next();
    group.delimiter() == Delimiter::Bracket
        && matches!(first, Some(TokenTree::Ident(path)) if path == "rpc")
}
