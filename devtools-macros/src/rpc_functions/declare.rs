//! Expands a list to tokens: a type, one `impl Lookup` per function, and the check that names differ.

use proc_macro2::{Literal, TokenStream};
use quote::{quote, quote_spanned};
use syn::spanned::Spanned as _;

use crate::rpc_functions::list::List;
use crate::rpc_functions::span::ours;

pub(super) fn expand(list: &List) -> TokenStream {
    let List {
        runtime,
        attrs,
        vis,
        keyword,
        name,
        brace,
        ..
    } = list;
    let (mut contents, mut lookups, mut listed) = (vec![], vec![], vec![]);
    let (mut entries, mut checks, mut definitions) = (vec![], vec![], vec![]);
    for (index, entry) in list.distinct().enumerate() {
        let (path, written) = (&entry.path, entry.written());
        let cfgs: Vec<_> = entry.conditions().collect();
        // An error about a function is reported at its path.
        let at = ours(path.span());
        let index = Literal::usize_unsuffixed(index);
        // The documentation cannot link to an entry with a `cfg`.
        contents.push(match cfgs.as_slice() {
            [] => format!(" - [`{written}`]"),
            _ => format!(" - `{written}`"),
        });
        lookups.push(quote_spanned! {at=>
            #(#cfgs)*
            #[automatically_derived]
            impl #runtime::__private::Lookup<
                { #runtime::__private::id_of::<#path>() },
                #runtime::__private::At<#index, #path>
            > for #name {
                type Function = #runtime::__private::BoundFunctionOf<
                    #path,
                    { #runtime::__private::is_event::<#path>() }
                >;
            }
        });
        entries.push(quote_spanned! {at=>
            #(#cfgs)* entry::<#path>(#index, #written)
        });
        checks.push(quote_spanned! {at=>
            #(#cfgs)* distinct(LIST, #index);
        });
        definitions.push(quote_spanned!(at=> #(#cfgs)* <#path>::definition));
        // A type in a tuple cannot have a `cfg`.
        if cfgs.is_empty() {
            listed.push(path);
        }
    }
    let docs = docs(&contents);
    // Messages about the list show the whole item as its source, so this span covers it.
    let mut body = TokenStream::new();
    brace.surround(&mut body, |fields| {
        fields.extend(quote!(never: ::core::convert::Infallible));
    });
    quote! {
        #(#attrs)*
        #docs
        #[allow(
            dead_code, missing_copy_implementations, missing_debug_implementations, rustdoc::private_intra_doc_links,
            reason = "it is a name, and never built"
        )]
        #vis #keyword #name #body

        #[automatically_derived]
        impl #runtime::FunctionList for #name {
            type Itself = Self;

            fn definitions() -> #runtime::__private::Vec<#runtime::FunctionDefinition> {
                #runtime::__private::definitions(&[#(#definitions),*])
            }
        }

        #[automatically_derived]
        impl #runtime::__private::Contents<(#(#listed,)*)> for #name {}

        #(#lookups)*

        const _: () = {
            use #runtime::__private::{distinct, entry};
            const LIST: &[#runtime::__private::ListedFunction] = &[#(#entries),*];
            #(#checks)*
        };
    }
}

/// Returns the docs of the list: the user's own, followed by its functions.
fn docs(contents: &[String]) -> TokenStream {
    if contents.is_empty() {
        return quote!(#[doc = ""] #[doc = " A list of no functions."]);
    }
    quote! {
        #[doc = ""]
        #[doc = " The functions of the list:"]
        #[doc = ""]
        #(#[doc = #contents])*
    }
}
