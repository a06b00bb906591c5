//! The checked function, and the checks that create it.

use proc_macro2::Span;
use quote::ToTokens as _;
use syn::ext::IdentExt as _;
use syn::{
    Attribute, GenericParam, Ident, LitStr, Path, ReturnType, Safety, Signature, Type, Visibility,
    parse_quote,
};

use crate::choice::{Encoding, choose};
use crate::diagnostics::Diagnostics;
use crate::names;
use crate::rpc_function::args::Args;
use crate::rpc_function::checked_options::{self, Basis, Options};
use crate::rpc_function::choice::{Kind, Side};
use crate::rpc_function::implements;
use crate::rpc_function::item::Item;
use crate::rpc_function::params::{self, Param};
use crate::rpc_function::setup::{self, Handler};
use crate::rpc_function::types::{check_travels, mentions, ungrouped, without_literal_error};

/// An annotated function that has passed all checks. Its expansion cannot fail.
pub(super) struct RpcFunction<'a> {
    pub(super) vis: &'a Visibility,
    pub(super) attrs: &'a [Attribute],
    pub(super) sig: &'a Signature,
    pub(super) has_body: bool,
    pub(super) identity: Ident,
    pub(super) contract: Contract,
    pub(super) options: Options,
    pub(super) runtime: Path,
    pub(super) params: Vec<Param<'a>>,
    /// The handler of the calls, if the function is a setup.
    pub(super) handler: Option<Handler<'a>>,
}

/// The contract between callers and the implementation.
pub(super) enum Contract {
    /// The attribute of this function defines the contract.
    Own(Own),
    /// The declaration that this function implements defines the contract.
    Declared(Path),
}

/// The contract that the attribute defines.
pub(super) struct Own {
    pub(super) name: LitStr,
    pub(super) kind: Kind,
    pub(super) side: Side,
    pub(super) encoding: Encoding,
}

impl<'a> RpcFunction<'a> {
    /// Checks the attribute and the signature, and reports all mistakes in both.
    pub(super) fn validate(
        mut args: Args,
        item: &'a Item,
        diagnostics: &mut Diagnostics,
    ) -> Option<Self> {
        let sig = &item.sig;
        let identity = check_identity(args.identity.take(), sig, diagnostics);
        let declaration = args.implements.take();
        if let Some(declaration) = &declaration {
            implements::check(declaration, &args, item, &identity, diagnostics);
        }
        let is_own = declaration.is_none();
        let name = is_own.then(|| check_name(args.name.take(), &sig.ident, diagnostics));
        let kind = choose(args.kind.as_ref(), Kind::Query, diagnostics).filter(|_| is_own);
        let side = choose(args.side.as_ref(), Side::Server, diagnostics).filter(|_| is_own);
        let encoding = choose(args.encoding.as_ref(), Encoding::Json, diagnostics);
        let params = params::check(sig, diagnostics);
        check_signature(item, diagnostics);
        let is_setup = args.setup.is_some();
        let handler = is_setup
            .then(|| setup::check(sig, &params, diagnostics))
            .flatten();
        let is_unmarked = !is_setup && setup::check_unmarked(&sig.output, diagnostics);
        // Callers of a setup see the types of its handler.
        let seen = match &handler {
            Some(handler) => Some((&handler.params, &handler.signature.output)),
            None => (!is_setup && !is_unmarked).then_some((&params, &sig.output)),
        };
        if let Some((wire, output)) = seen {
            match kind {
                Some(Kind::Static) => check_static(wire, diagnostics),
                Some(Kind::Event) => check_event(output, diagnostics),
                Some(Kind::Query | Kind::Action) | None => {}
            }
            if !is_own {
                params::check_implemented(wire, diagnostics);
            } else if kind != Some(Kind::Static) {
                let otherwise = if is_setup {
                    setup::NAMED_TYPE
                } else {
                    params::NULLABLE
                };
                params::check_order(wire, otherwise, diagnostics);
            }
            if kind != Some(Kind::Event) {
                check_result(output, diagnostics);
            }
        }
        if side == Some(Side::Client) && !item.has_body {
            params::check_declared(&params, diagnostics);
        }
        let basis = Basis {
            item,
            kind,
            side,
            encoding,
        };
        let options = checked_options::check(&mut args, &basis, diagnostics);
        diagnostics.is_empty().then_some(())?; // one mistake, one error: never expand past it
        let contract = match declaration {
            Some(declaration) => Contract::Declared(declaration),
            None => Contract::Own(Own {
                name: name?,
                kind: kind?,
                side: side?,
                encoding: encoding?,
            }),
        };
        Some(Self {
            vis: &item.vis,
            attrs: &item.attrs,
            sig,
            has_body: item.has_body,
            identity,
            contract,
            options,
            runtime: args
                .runtime
                .unwrap_or_else(|| parse_quote!(::devtools_runtime)),
            params,
            handler,
        })
    }

    /// Returns the parameters that come from the wire.
    pub(super) fn wire_params(&self) -> impl Iterator<Item = (&Ident, &'a Type)> {
        let params = match &self.handler {
            Some(handler) => &handler.params,
            None => &self.params,
        };
        params.iter().filter_map(|param| match param {
            Param::Wire { name, ty, .. } => Some((name, *ty)),
            Param::Injected(_) => None,
        })
    }

    /// Returns the return type of a call.
    pub(super) fn output(&self) -> &'a ReturnType {
        match &self.handler {
            Some(handler) => &handler.signature.output,
            None => &self.sig.output,
        }
    }

    /// Returns the types of the injected references.
    pub(super) fn injected(&self) -> impl Iterator<Item = &'a Type> {
        self.params.iter().filter_map(|param| match param {
            Param::Injected(ty) => Some(*ty),
            Param::Wire { .. } => None,
        })
    }
}

fn check_name(name: Option<LitStr>, function: &Ident, diagnostics: &mut Diagnostics) -> LitStr {
    let unraw = function.unraw().to_string();
    let derived = names::derive(&names::package(), &unraw);
    if name.is_none() && !unraw.is_ascii() {
        diagnostics.error(
            function,
            format!(
                "no name on the wire can be derived from `{function}`: such a name has only `a` to `z`, digits and `-`"
            ),
            format!("write the name: `name = \"{derived}\"`"),
        );
    }
    let name = name.unwrap_or_else(|| LitStr::new(&derived, function.span()));
    if let Err(malformed) = names::check(&name.value(), &derived) {
        let help = format!("write `\"{}\"`", malformed.proposal);
        diagnostics.error(&name, malformed.problem, help);
    }
    name
}

/// Returns the name of the identity type: the chosen one, or the function's name in `PascalCase`.
fn check_identity(chosen: Option<Ident>, sig: &Signature, diagnostics: &mut Diagnostics) -> Ident {
    let function = &sig.ident;
    let derived = names::pascal_case(&function.unraw().to_string());
    let is_chosen = chosen.is_some();
    // The span is that of the function, with the hygiene of the call site, because users write this name.
    let site = function.span().resolved_at(Span::call_site());
    let identity = chosen.unwrap_or_else(|| match syn::parse_str::<Ident>(&derived) {
        Ok(_) => Ident::new(&derived, site),
        Err(_) => Ident::new("Function", site),
    });
    let written = if is_chosen { &identity } else { function };
    if names::shadows_prelude(&identity.to_string()) {
        diagnostics.error(
            written,
            format!(
                "the type that is generated for `{function}` would hide `{identity}` in this module"
            ),
            format!("choose another name: `as = {identity}Function`"),
        );
    } else if mentions(sig.inputs.to_token_stream(), &identity)
        || mentions(sig.output.to_token_stream(), &identity)
    {
        diagnostics.error(
            written,
            format!(
                "the type that is generated for `{function}` would have the same name as \
                 `{identity}` in its signature"
            ),
            format!("choose another name: `as = {identity}Function`"),
        );
    }
    identity
}

fn check_signature(item: &Item, diagnostics: &mut Diagnostics) {
    let sig = &item.sig;
    let is_lifetime = |param: &GenericParam| matches!(param, GenericParam::Lifetime(_));
    if sig.generics.params.iter().any(|param| !is_lifetime(param)) {
        diagnostics.error(
            &sig.generics,
            "an RPC function cannot be generic",
            "write concrete types: callers in other programs must know them",
        );
    } else if !sig.generics.params.is_empty() {
        diagnostics.error(
            &sig.generics,
            "an RPC function cannot be generic",
            "remove the lifetimes: references live as long as the call",
        );
    }
    let own = Ident::new("Self", Span::call_site());
    let is_method = sig.receiver().is_some(); // `params::check` reports a method
    let inputs = sig.inputs.to_token_stream();
    let is_associated = mentions(inputs, &own)
        || mentions(sig.output.to_token_stream(), &own)
        || item.body_mentions_own_type();
    if !is_method && is_associated {
        diagnostics.error(
            &sig.ident,
            "an RPC function is not part of an `impl`, so it has no `Self`",
            "move it out of the `impl`, and write the name of the type",
        );
    }
    if let Safety::Unsafe(unsafety) = &sig.safety {
        diagnostics.error(
            unsafety,
            "an RPC function cannot be `unsafe`",
            "write a safe function: its callers are other programs",
        );
    }
}

fn check_static(params: &[Param<'_>], diagnostics: &mut Diagnostics) {
    for param in params {
        if let Param::Wire { name, .. } = param {
            diagnostics.error(
                name,
                "a `static` function takes no parameters from its caller",
                "its result is constant: make it a `query`, or take the value from state by reference",
            );
        }
    }
}

fn check_event(output: &ReturnType, diagnostics: &mut Diagnostics) {
    let ReturnType::Type(_, ty) = output else {
        return;
    };
    if !matches!(ungrouped(ty), Type::Tuple(tuple) if tuple.elems.is_empty()) {
        diagnostics.error(
            ty,
            "an `event` has no result: nobody waits for one",
            "return nothing, or make it an `action`",
        );
    }
}

fn check_result(output: &ReturnType, diagnostics: &mut Diagnostics) {
    if let ReturnType::Type(_, ty) = output {
        let ty = without_literal_error(ty);
        check_travels("the result of an RPC function", ty, diagnostics);
    }
}
