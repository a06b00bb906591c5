//! The functions that call this one: from a client, from the server itself, or all clients at once.

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::{Ident, Type};

use crate::rpc_function::choice::{Kind, Side};
use crate::rpc_function::expand::site;
use crate::rpc_function::model::RpcFunction;

/// A function that delegates to its namesake in the runtime.
struct Wrapper {
    doc: &'static str,
    name: &'static str,
    through: Through,
    /// The two parameters of the `Result` it resolves to.
    resolves: TokenStream,
}

/// What a call goes through.
#[derive(Clone, Copy)]
enum Through {
    Connection,
    Context,
}

pub(super) fn wrappers(model: &RpcFunction<'_>) -> TokenStream {
    let runtime = &model.runtime;
    let output = quote!(<Self as #runtime::RpcFunction>::Output);
    let error = quote!(#runtime::CallError<<Self as #runtime::RpcFunction>::Error>);
    let mut wrappers = Vec::new();
    if model.kind == Kind::Event {
        wrappers.push(Wrapper {
            doc: "Sends the event. Resolves once it is queued.",
            name: "notify",
            through: Through::Connection,
            resolves: quote!((), #runtime::NotifyError),
        });
        if model.side == Side::Client {
            wrappers.push(Wrapper {
                doc: "Sends the event to every client. Resolves once it is queued, with the number \
                      of clients.",
                name: "broadcast",
                through: Through::Context,
                resolves: quote!(::core::primitive::usize, #runtime::NotifyError),
            });
        }
    } else {
        wrappers.push(Wrapper {
            doc: "Calls the function and waits for its output.",
            name: "call",
            through: Through::Connection,
            resolves: quote!(#output, #error),
        });
        wrappers.push(Wrapper {
            doc: "Calls the function if the other side has it: `None` if it has not.",
            name: "call_optional",
            through: Through::Connection,
            resolves: quote!(::core::option::Option<#output>, #error),
        });
    }
    if model.side == Side::Server && model.has_body {
        wrappers.push(Wrapper {
            doc: "Runs the function in this process, without serialization.",
            name: "invoke_local",
            through: Through::Context,
            resolves: quote!(#output, #error),
        });
    }
    wrappers
        .iter()
        .map(|wrapper| expand(model, wrapper))
        .collect()
}

fn expand(model: &RpcFunction<'_>, wrapper: &Wrapper) -> TokenStream {
    let RpcFunction { vis, runtime, .. } = model;
    let Wrapper {
        doc,
        name,
        through,
        resolves,
    } = wrapper;
    let name = Ident::new(name, site(model));
    // A parameter of the same name is another one.
    let receiver = Ident::new("through", Span::mixed_site());
    let parameters = model.wire_params().map(|(name, ty)| {
        if is_string(ty) {
            quote!(#name: impl #runtime::__private::IntoArgument<#ty>)
        } else {
            quote!(#name: #ty)
        }
    });
    let arguments = model.wire_params().map(|(name, ty)| {
        if is_string(ty) {
            quote!(#runtime::__private::IntoArgument::into_argument(#name))
        } else {
            quote!(#name)
        }
    });
    let (through, generics) = match through {
        Through::Connection => (quote!(&impl #runtime::Caller), quote!(Self, _)),
        Through::Context => (quote!(&#runtime::DevToolsContext), quote!(Self)),
    };
    let head = quote_spanned!(site(model)=> fn #name(#receiver: #through #(, #parameters)*));
    quote! {
        #[doc = #doc]
        #vis #head -> impl ::core::future::Future<
            Output = ::core::result::Result<#resolves>
        > + ::core::marker::Send {
            #runtime::__private::#name::<#generics>(#receiver, (#(#arguments,)*))
        }
    }
}

/// Whether a caller may pass a `&str` too. Any other type is taken as it is: that keeps inference, and
/// the compiler's own help with arguments that do not fit.
fn is_string(ty: &Type) -> bool {
    matches!(
        ty,
        Type::Path(path) if path.path.segments.last().is_some_and(|last| last.ident == "String")
    )
}
