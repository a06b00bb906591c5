//! The generated functions that call the function: from a client, on the server, or on all clients at once.

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::{Ident, Path, Type};

use crate::rpc_function::choice::{Kind, Side};
use crate::rpc_function::expand::spans::site;
use crate::rpc_function::model::{Contract, Own, RpcFunction};
use crate::rpc_function::types::ungrouped;

/// A generated function that calls the function of the runtime with the same purpose.
struct Wrapper {
    doc: &'static str,
    name: &'static str,
    /// The name of the function in the runtime.
    delegate: &'static str,
    through: Through,
    /// The type of the future that it returns.
    returns: TokenStream,
}

/// The first argument of a wrapper.
#[derive(Clone, Copy)]
enum Through {
    Connection,
    Context,
    Audience,
    /// None: the wrapper exists only for an error message. Holds the trait bound that fails.
    Nothing(&'static str),
}

pub(super) fn wrappers(model: &RpcFunction<'_>) -> TokenStream {
    let mut wrappers = Vec::new();
    // Callers of an implementation use its declaration.
    let mut runs_here = model.has_body;
    if let Contract::Own(own) = &model.contract {
        to_the_other_side(own, &model.runtime, &mut wrappers);
        runs_here &= own.side == Side::Server;
    }
    if runs_here {
        wrappers.push(in_this_process(model));
    }
    if let (Contract::Own(own), false) = (&model.contract, model.has_body) {
        missing_wrappers(own, model, &mut wrappers);
    }
    wrappers
        .iter()
        .map(|wrapper| expand(model, wrapper))
        .collect()
}

fn to_the_other_side(own: &Own, runtime: &Path, wrappers: &mut Vec<Wrapper>) {
    if own.kind == Kind::Event {
        wrappers.push(Wrapper {
            doc: " Sends the event. Resolves once it is queued.",
            name: "notify",
            delegate: "notify",
            through: Through::Connection,
            returns: quote!(#runtime::functions::Notifying),
        });
        if own.side == Side::Client {
            wrappers.push(Wrapper {
                doc: " Sends the event to every client. Resolves once it is queued, with the number \
                      of clients.",
                name: "broadcast",
                delegate: "broadcast",
                through: Through::Audience,
                returns: quote!(#runtime::context::Broadcasting),
            });
        }
    } else {
        wrappers.push(Wrapper {
            doc: " Calls the function and waits for its output.",
            name: "call",
            delegate: "call",
            through: Through::Connection,
            returns: quote!(#runtime::functions::Calling<Self>),
        });
        wrappers.push(Wrapper {
            doc: " Calls the function if the other side has it. Returns `None` otherwise.",
            name: "call_optional",
            delegate: "call_optional",
            through: Through::Connection,
            returns: quote!(#runtime::functions::CallingOptional<Self>),
        });
        if own.side == Side::Client {
            wrappers.push(Wrapper {
                doc: " Calls the function on every client. Resolves once each has answered or failed, \
                      with all results.",
                name: "broadcast",
                delegate: "broadcast_call",
                through: Through::Audience,
                returns: quote!(#runtime::__private::Local<
                    #runtime::__private::Vec<#runtime::context::BroadcastReply<Self>>
                >),
            });
        }
    }
}

/// The wrappers that a declaration lacks. A call of one fails to compile, with a message that names the missing option.
fn missing_wrappers(own: &Own, model: &RpcFunction<'_>, wrappers: &mut Vec<Wrapper>) {
    let runtime = &model.runtime;
    if own.side == Side::Server {
        let returns = if own.kind == Kind::Event {
            quote!(#runtime::context::Broadcasting)
        } else {
            quote!(#runtime::__private::Local<
                #runtime::__private::Vec<#runtime::context::BroadcastReply<Self>>
            >)
        };
        wrappers.push(Wrapper {
            doc: " Is for functions of the client: this one runs on the server.",
            name: "broadcast",
            delegate: "not_broadcast",
            through: Through::Nothing("Broadcasts"),
            returns,
        });
    }
    wrappers.push(Wrapper {
        doc: " Is for functions with a body: this is a declaration.",
        name: "invoke_local",
        delegate: "not_invoked",
        through: Through::Nothing("Invokes"),
        returns: in_this_process(model).returns,
    });
}

fn in_this_process(model: &RpcFunction<'_>) -> Wrapper {
    let runtime = &model.runtime;
    Wrapper {
        doc: " Runs the function in this process, without serialization.",
        name: "invoke_local",
        delegate: if model.handler.is_some() {
            "invoke_set_up"
        } else {
            "invoke_local"
        },
        through: Through::Context,
        returns: quote!(#runtime::functions::Invoking<Self>),
    }
}

fn expand(model: &RpcFunction<'_>, wrapper: &Wrapper) -> TokenStream {
    let RpcFunction { vis, runtime, .. } = model;
    let Wrapper {
        doc,
        name,
        delegate,
        through,
        returns,
    } = wrapper;
    let name = Ident::new(name, site(model));
    let delegate = Ident::new(delegate, site(model));
    // The receiver's hygiene separates it from a parameter with this name.
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
    if let Through::Nothing(bound) = through {
        let bound = Ident::new(bound, Span::call_site());
        let parameters: Vec<_> = parameters.collect();
        let names = model.wire_params().map(|(name, _)| name);
        let head = quote_spanned! {site(model)=>
            fn #name(#receiver: impl #runtime::__private::#bound<Self> #(, #parameters)*)
        };
        return quote! {
            #[doc = #doc]
            #[doc(hidden)]
            #vis #head -> #returns {
                let _ = (#(#names,)*);
                #runtime::__private::#delegate(#receiver)
            }
        };
    }
    let (through, generics) = match through {
        Through::Connection => (quote!(&impl #runtime::functions::Caller), quote!(Self)),
        Through::Context => (quote!(&#runtime::DevToolsContext), quote!(Self)),
        Through::Audience | Through::Nothing(_) => (
            quote!(impl ::core::convert::Into<#runtime::context::Audience>),
            quote!(Self),
        ),
    };
    let head = quote_spanned!(site(model)=> fn #name(#receiver: #through #(, #parameters)*));
    let deprecated = model.options.deprecated.as_ref();
    let deprecated = deprecated.map(|deprecated| &deprecated.attribute);
    quote! {
        #[doc = #doc]
        #deprecated
        #[inline]
        #vis #head -> #returns {
            #runtime::__private::#delegate::<#generics>(#receiver, (#(#arguments,)*))
        }
    }
}

/// Returns `true` if a caller may pass a `&str` too. Other types are taken unchanged, which keeps type inference and
/// the compiler's own help for wrong arguments.
fn is_string(ty: &Type) -> bool {
    matches!(
        ungrouped(ty),
        Type::Path(path) if path.path.segments.last().is_some_and(|last| last.ident == "String")
    )
}
