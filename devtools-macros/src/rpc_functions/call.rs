//! `call!`: looks the name up in the function list of the connection.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens as _, format_ident, quote, quote_spanned};
use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::spanned::Spanned as _;
use syn::{Error, Expr, Lit, LitStr, Path, Token};

use crate::names;
use crate::rpc_functions::span::ours;

/// The largest number of arguments of a call.
const MOST: usize = 8;

/// The arguments of the macro: `$crate; rpc, "my-plugin:get-module", "/src/main.ts"`.
pub(super) struct Call {
    runtime: Path,
    through: Expr,
    name: LitStr,
    arguments: Vec<Expr>,
}

impl Parse for Call {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let runtime = input.call(Path::parse_mod_style)?;
        input.parse::<Token![;]>()?;
        if input.is_empty() {
            let message = "nothing to call\n\
                           help: write `call!(rpc, \"my-plugin:get-module\", arguments…)`";
            return Err(Error::new(Span::call_site(), message));
        }
        let all: Vec<Expr> = Punctuated::<Expr, Token![,]>::parse_terminated(input)?
            .into_iter()
            .collect();
        let mut all = all.into_iter();
        let through = all.next();
        let name = all.next();
        let (Some(through), Some(name)) = (through.clone(), name) else {
            let written = through.to_token_stream();
            return Err(Error::new_spanned(
                through,
                format!(
                    "no name to call\nhelp: write `call!({written}, \"my-plugin:get-module\", arguments…)`"
                ),
            ));
        };
        let name = literal(name)?;
        let arguments: Vec<Expr> = all.collect();
        if let Some(surplus) = arguments.get(MOST) {
            return Err(Error::new_spanned(
                surplus,
                format!(
                    "a function takes up to eight arguments, and this is the ninth\n\
                     help: see what `{}` takes",
                    name.value()
                ),
            ));
        }
        Ok(Self {
            runtime,
            through,
            name,
            arguments,
        })
    }
}

fn literal(name: Expr) -> syn::Result<LitStr> {
    match name {
        Expr::Lit(syn::ExprLit {
            lit: Lit::Str(name),
            ..
        }) => Ok(name),
        other => Err(Error::new_spanned(
            other,
            "the name is not a string literal, so it cannot be looked up at compile time\n\
             help: `rpc.call_dynamic(name, (arguments…,))` takes any name, and JSON",
        )),
    }
}

pub(super) fn expand(call: &Call) -> TokenStream {
    let Call {
        runtime,
        through,
        name,
        arguments,
    } = call;
    let private = quote!(#runtime::__private);
    let passed = arguments.iter().enumerate().map(|(index, argument)| {
        // An argument of the wrong type is reported at the argument.
        let at = ours(argument.span());
        let (function, position) = (
            Ident::new("function", at),
            format_ident!("p{index}", span = at),
        );
        quote_spanned!(at=> #function.#position().pass(#argument))
    });
    let peer = Ident::new("peer", ours(through.span()));
    let function = Ident::new("function", ours(name.span()));
    let begin = quote_spanned!(ours(name.span())=> #function.call);
    let find = find(&private, name, &peer);
    quote! {{
        #[allow(unused_imports, reason = "a call without arguments passes none")]
        use #private::Pass as _;
        let #peer = &#through;
        let #function = #find;
        #begin(#(#passed),*)
    }}
}

/// Writes a block whose value is the function with this name. The arguments cannot see the items in it.
fn find(private: &TokenStream, name: &LitStr, peer: &Ident) -> TokenStream {
    let text = name.value();
    let message = escape(&format!("there is no function `{text}` in ")) + "`{Self}`";
    let has = Ident::new(&has(&text), ours(name.span()));
    let proposal = proposal(&text).map(|proposal| {
        let note = escape(&proposal);
        quote!(note = #note,)
    });
    // An error about the name is reported at the literal.
    let at = ours(name.span());
    let function = quote_spanned!(at=> #has::find);
    let through = quote_spanned!(peer.span()=> through(#peer));
    quote_spanned! {at=>
        {
            use #private::{AtMostOne as _, Lookup, Named, Several as _, Through, id, is_named, through};

            #[diagnostic::on_unimplemented(
                message = #message,
                label = "no function of this name in the list",
                #proposal
                note = "the functions of the list: {Listed}"
            )]
            trait #has<Listed, Position>: ::core::marker::Sized {
                type Function: Named;

                fn find(through: Through<'_, Self, Listed>) -> Self::Function {
                    const { is_named(#name, <Self::Function as Named>::NAME) };
                    through.function()
                }
            }

            #[diagnostic::do_not_recommend]
            impl<List, Listed, Position> #has<Listed, Position> for List
            where
                List: Lookup<{ id(#name) }, Position>,
                List::Function: Named,
            {
                type Function = List::Function;
            }

            let through = #through;
            through.name::<{ id(#name) }>().only();
            #function(through)
        }
    }
}

/// Returns the name of the trait for lists that have this name. Messages show it, so different names must give
/// different traits.
fn has(name: &str) -> String {
    let words = names::kebab_case(name).replace('-', "_");
    format!("Has{}", names::pascal_case(&words))
}

/// Proposes a valid name for an invalid one.
fn proposal(name: &str) -> Option<String> {
    let malformed = names::check(name, &names::derive(&names::package(), "get-data")).err()?;
    Some(format!(
        "{}: perhaps it is `{}`",
        malformed.problem, malformed.proposal
    ))
}

/// Escapes a text for a format string.
fn escape(text: &str) -> String {
    text.replace('{', "{{").replace('}', "}}")
}
