//! Expands the model to tokens. The expansion only names things and calls the runtime.

use proc_macro2::{Span, TokenStream};
use quote::{format_ident, quote, quote_spanned};
use syn::{Ident, Path};

use crate::rpc_error::model::{Disclosure, Key, Part, RpcError, Variant};

pub(super) fn expand(model: &RpcError<'_>) -> TokenStream {
    let RpcError {
        name,
        generics,
        runtime,
        variants,
    } = model;
    let (parameters, arguments, bounds) = generics.split_for_impl();
    // Users see code with this span, but it counts as generated, so lints ignore it.
    let site = name.span().resolved_at(Span::call_site());
    let type_ = quote_spanned!(site=> #name #arguments);
    let codes = variants.iter().map(|variant| {
        let (form, code) = (form(variant), code(variant));
        quote!(#form { .. } => #code)
    });
    let disclosed = variants.iter().map(|variant| disclosed(variant, runtime));
    // In a pattern, a user's constant with the same name would be matched instead.
    let [code, data] = ["__code", "__data"].map(|name| Ident::new(name, Span::mixed_site()));
    let rebuilt = variants
        .iter()
        .filter_map(|variant| rebuilt(variant, runtime, &data));
    let private = quote!(#runtime::__private);
    let described = variants.iter().map(described);
    quote! {
        #[allow(
            deprecated, unused_variables, clippy::all, clippy::pedantic, clippy::nursery,
            reason = "the code is generated, and its author cannot mend it"
        )]
        #[automatically_derived]
        impl #parameters #runtime::RpcError for #type_ #bounds {
            #private::of_variants! { #(#described)* }

            fn code(&self) -> &'static ::core::primitive::str {
                match *self { #(#codes,)* }
            }

            fn disclose(&self) -> #private::Disclosure {
                match *self { #(#disclosed,)* }
            }

            fn rebuild(
                #code: &::core::primitive::str,
                #data: #private::ErrorData<'_>,
            ) -> ::core::option::Option<Self> {
                match #code {
                    #(#rebuilt,)*
                    _ => ::core::option::Option::None,
                }
            }
        }
    }
}

/// Returns `Self::NotFound`, or `Self` for a struct.
fn form(variant: &Variant<'_>) -> TokenStream {
    let name = variant.name.map(|name| quote!(::#name));
    quote!(Self #name)
}

/// Returns the code as a string. The model's literal may have the span of a name.
fn code(variant: &Variant<'_>) -> String {
    variant.code.value()
}

/// Writes the code of a variant, with the fields that its caller sees.
fn described(variant: &Variant<'_>) -> TokenStream {
    let code = code(variant);
    let Disclosure::Public(parts) = &variant.disclosure else {
        return quote!(#code []);
    };
    let fields = parts.iter().map(|part| {
        let (ty, key) = (part.ty, key(part));
        quote!(#ty: #key)
    });
    quote!(#code [#(#fields),*])
}

fn disclosed(variant: &Variant<'_>, runtime: &Path) -> TokenStream {
    let form = form(variant);
    let disclosure = quote!(#runtime::__private::Disclosure);
    let Disclosure::Public(parts) = &variant.disclosure else {
        return quote!(#form { .. } => #disclosure::Internal);
    };
    let members = parts.iter().map(|part| &part.member);
    let names: Vec<Ident> = (0..parts.len())
        .map(|index| format_ident!("__field{index}", span = Span::mixed_site()))
        .collect();
    let fields = parts.iter().map(|part| field(part, runtime));
    quote! {
        #form { #(#members: ref #names),* } => #disclosure::public()#(.with(#fields, #names))*
    }
}

fn rebuilt(variant: &Variant<'_>, runtime: &Path, data: &Ident) -> Option<TokenStream> {
    let Disclosure::Public(parts) = &variant.disclosure else {
        return None;
    };
    let (form, code) = (form(variant), code(variant));
    let members = parts.iter().map(|part| &part.member);
    let fields = parts.iter().map(|part| field(part, runtime));
    Some(quote! {
        #code => ::core::option::Option::Some(#form { #(#members: #data.get(#fields)?),* })
    })
}

/// Writes the conversion of a field.
fn field(part: &Part<'_>, runtime: &Path) -> TokenStream {
    let (ty, key) = (part.ty, key(part));
    quote_spanned! {part.span().resolved_at(Span::call_site())=>
        #runtime::__private::error_field::<#ty>(#runtime::__private::FieldPosition::#key)
    }
}

/// Returns the position of a field in the data, a variant of the runtime's `FieldPosition`.
fn key(part: &Part<'_>) -> TokenStream {
    match &part.key {
        Key::Whole => quote!(Whole),
        Key::Item(index) => quote!(Item(#index)),
        Key::Named(name) => quote!(Named(#name)),
    }
}
