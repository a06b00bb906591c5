//! The checked function, and the checks that build it.

use proc_macro2::Span;
use syn::ext::IdentExt as _;
use syn::{
    Attribute, FnArg, Ident, LitStr, Pat, Path, ReturnType, Safety, Signature, Type, Visibility,
    parse_quote,
};

use crate::diagnostics::Diagnostics;
use crate::names;
use crate::rpc_function::args::Args;
use crate::rpc_function::item::Item;

/// How many parameters a function may take from the wire.
const MAX_WIRE_PARAMETERS: usize = 8;

/// An annotated function known to be well formed: expanding it cannot fail.
pub(super) struct RpcFunction<'a> {
    pub(super) vis: &'a Visibility,
    pub(super) attrs: &'a [Attribute],
    pub(super) sig: &'a Signature,
    pub(super) has_body: bool,
    pub(super) identity: Ident,
    pub(super) name: LitStr,
    pub(super) kind: Kind,
    pub(super) side: Side,
    pub(super) encoding: Encoding,
    pub(super) runtime: Path,
    pub(super) params: Vec<Param<'a>>,
}

/// A parameter: supplied by the runtime, or read from the call.
pub(super) enum Param<'a> {
    Injected(&'a Type),
    Wire { name: &'a Ident, ty: &'a Type },
}

/// An option whose value is one of a few words.
trait Choice: Sized + Copy + 'static {
    /// What the option is called in messages.
    const WHAT: &'static str;
    const WORDS: &'static [(&'static str, Self)];
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Query,
    Static,
    Action,
    Event,
}

impl Choice for Kind {
    const WHAT: &'static str = "function kind";
    const WORDS: &'static [(&'static str, Self)] = &[
        ("query", Self::Query),
        ("static", Self::Static),
        ("action", Self::Action),
        ("event", Self::Event),
    ];
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    Server,
    Client,
}

impl Choice for Side {
    const WHAT: &'static str = "side";
    const WORDS: &'static [(&'static str, Self)] =
        &[("server", Self::Server), ("client", Self::Client)];
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Encoding {
    Json,
    StructuredClone,
}

impl Choice for Encoding {
    const WHAT: &'static str = "encoding";
    const WORDS: &'static [(&'static str, Self)] =
        &[("json", Self::Json), ("structured-clone", Self::StructuredClone)];
}

impl<'a> RpcFunction<'a> {
    /// Checks attribute and signature together, reporting everything wrong with either.
    pub(super) fn validate(
        args: Args,
        item: &'a Item,
        diagnostics: &mut Diagnostics,
    ) -> Option<Self> {
        let sig = &item.sig;
        let name = check_name(args.name, &sig.ident, diagnostics);
        let kind = choose(args.kind.as_ref(), Kind::Query, diagnostics);
        let side = choose(args.side.as_ref(), Side::Server, diagnostics);
        let encoding = choose(args.encoding.as_ref(), Encoding::Json, diagnostics);
        let identity = check_identity(args.identity, &sig.ident, diagnostics);
        let params = check_params(sig, diagnostics);
        check_signature(sig, diagnostics);
        if let Some(kind) = kind {
            check_kind(kind, sig, &params, diagnostics);
        }
        if side == Some(Side::Client) && !item.has_body {
            check_declared_params(&params, diagnostics);
        }
        diagnostics.is_empty().then_some(())?; // one mistake, one error: never expand past it
        Some(Self {
            vis: &item.vis,
            attrs: &item.attrs,
            sig,
            has_body: item.has_body,
            identity,
            name,
            kind: kind?,
            side: side?,
            encoding: encoding?,
            runtime: args.runtime.unwrap_or_else(|| parse_quote!(::devtools_runtime)),
            params,
        })
    }

    /// The parameters that come off the wire.
    pub(super) fn wire_params(&self) -> impl Iterator<Item = (&'a Ident, &'a Type)> {
        self.params.iter().filter_map(|param| match param {
            Param::Wire { name, ty } => Some((*name, *ty)),
            Param::Injected(_) => None,
        })
    }

    /// The types of the references it takes.
    pub(super) fn injected(&self) -> impl Iterator<Item = &'a Type> {
        self.params.iter().filter_map(|param| match param {
            Param::Injected(ty) => Some(*ty),
            Param::Wire { .. } => None,
        })
    }
}

fn package() -> String {
    std::env::var("CARGO_PKG_NAME").unwrap_or_else(|_| "my-plugin".to_owned())
}

fn check_name(name: Option<LitStr>, function: &Ident, diagnostics: &mut Diagnostics) -> LitStr {
    let Some(name) = name else {
        let package = names::kebab_case(&package());
        let function_name = names::kebab_case(&function.unraw().to_string());
        return LitStr::new(&format!("{package}:{function_name}"), function.span());
    };
    if let Err(malformed) = names::check(&name.value(), &package()) {
        diagnostics.error(&name, malformed.problem, format!("write `\"{}\"`", malformed.proposal));
    }
    name
}

fn choose<C: Choice>(
    word: Option<&LitStr>,
    default: C,
    diagnostics: &mut Diagnostics,
) -> Option<C> {
    let Some(word) = word else { return Some(default) };
    let value = word.value();
    if let Some((_, choice)) = C::WORDS.iter().find(|(known, _)| *known == value) {
        return Some(*choice);
    }
    let known: Vec<&str> = C::WORDS.iter().map(|(known, _)| *known).collect();
    let help = match names::nearest(&value, &known) {
        Some(meant) => format!("did you mean `\"{meant}\"`?"),
        None => format!("write one of `\"{}\"`", known.join("\"`, `\"")),
    };
    diagnostics.error(word, format!("unknown {} `{value}`", C::WHAT), help);
    None
}

fn check_identity(
    chosen: Option<Ident>,
    function: &Ident,
    diagnostics: &mut Diagnostics,
) -> Ident {
    if let Some(chosen) = chosen {
        return chosen;
    }
    let derived = names::pascal_case(&function.unraw().to_string());
    if names::shadows_prelude(&derived) {
        diagnostics.error(
            function,
            format!("the type that stands for `{function}` would hide `{derived}` in this module"),
            format!("name it: `as = {derived}Function`"),
        );
    }
    // The span is the function's name, the hygiene that of the call site: users write this name.
    syn::parse_str::<Ident>(&derived).map_or_else(
        |_| Ident::new("Function", function.span()),
        |identity| Ident::new(&identity.to_string(), function.span().resolved_at(Span::call_site())),
    )
}

fn check_params<'a>(sig: &'a Signature, diagnostics: &mut Diagnostics) -> Vec<Param<'a>> {
    let mut params = Vec::new();
    for input in &sig.inputs {
        match input {
            FnArg::Receiver(receiver) => diagnostics.error(
                receiver,
                "an RPC function cannot take `self`",
                "write a free function and take the state by reference: `state: &MyState`",
            ),
            FnArg::Typed(typed) => {
                check_param_attrs(&typed.attrs, diagnostics);
                params.extend(check_param(&typed.pat, &typed.ty, diagnostics));
            }
        }
    }
    let wire = params.iter().filter(|param| matches!(param, Param::Wire { .. }));
    if let Some(Param::Wire { name, .. }) = wire.skip(MAX_WIRE_PARAMETERS).next() {
        diagnostics.error(
            name,
            format!("an RPC function takes at most {MAX_WIRE_PARAMETERS} parameters from the wire"),
            "put the parameters into a struct that derives `serde::Deserialize`",
        );
    }
    params
}

fn check_param_attrs(attrs: &[Attribute], diagnostics: &mut Diagnostics) {
    for attribute in attrs.iter().filter(|attribute| attribute.path().is_ident("cfg")) {
        diagnostics.error(
            attribute,
            "a parameter of an RPC function cannot depend on a `cfg`",
            "write two functions, each with its `#[cfg(..)]`",
        );
    }
}

fn check_param<'a>(pat: &'a Pat, ty: &'a Type, diagnostics: &mut Diagnostics) -> Option<Param<'a>> {
    if let Type::Reference(reference) = ty {
        let inner = &*reference.elem;
        if let Some(mutable) = &reference.mutability {
            diagnostics.error(
                mutable,
                "a parameter of an RPC function cannot be a mutable reference",
                "calls run at the same time: keep what changes behind a `Mutex`",
            );
            return None;
        }
        if let Some(owned) = owned_form(inner) {
            diagnostics.error(
                ty,
                format!("references are injected, and this one would come from the caller"),
                format!("take the owned type: `{owned}`"),
            );
            return None;
        }
        return Some(Param::Injected(inner));
    }
    if let Type::ImplTrait(_) = ty {
        diagnostics.error(
            ty,
            "a parameter of an RPC function cannot be `impl Trait`",
            "name a concrete type: callers send values, not types",
        );
        return None;
    }
    match pat {
        Pat::Ident(pat) if pat.subpat.is_none() && pat.by_ref.is_none() => {
            Some(Param::Wire { name: &pat.ident, ty })
        }
        _ => {
            diagnostics.error(
                pat,
                "a parameter of an RPC function needs a name",
                "write a name, and take it apart in the body: `let … = options;`",
            );
            None
        }
    }
}

/// What to take instead of a reference to `ty`, if the wire could carry it.
fn owned_form(ty: &Type) -> Option<String> {
    use quote::ToTokens as _;

    match ty {
        Type::Path(path) if path.path.is_ident("str") => Some("String".to_owned()),
        Type::Slice(slice) => Some(format!("Vec<{}>", slice.elem.to_token_stream())),
        _ => None,
    }
}

fn check_signature(sig: &Signature, diagnostics: &mut Diagnostics) {
    if !sig.generics.params.is_empty() {
        diagnostics.error(
            &sig.generics,
            "an RPC function cannot be generic",
            "name concrete types: the wire carries no type parameters",
        );
    }
    if let ReturnType::Type(_, ty) = &sig.output {
        if let Type::ImplTrait(_) = &**ty {
            diagnostics.error(
                ty,
                "an RPC function cannot return `impl Trait`",
                "name a concrete type: callers read values, not types",
            );
        }
    }
    if let Safety::Unsafe(unsafety) = &sig.safety {
        diagnostics.error(
            unsafety,
            "an RPC function cannot be `unsafe`",
            "write a safe function: its callers are other programs",
        );
    }
}

fn check_kind(kind: Kind, sig: &Signature, params: &[Param<'_>], diagnostics: &mut Diagnostics) {
    if kind == Kind::Static {
        for param in params {
            if let Param::Wire { name, .. } = param {
                diagnostics.error(
                    name,
                    "a `static` function takes no parameters from the wire",
                    "its result is constant: make it a `query`, or take the value from state by reference",
                );
            }
        }
    }
    if let (Kind::Event, ReturnType::Type(_, ty)) = (kind, &sig.output) {
        let is_unit = matches!(&**ty, Type::Tuple(tuple) if tuple.elems.is_empty());
        if !is_unit {
            diagnostics.error(
                ty,
                "an `event` has no result: nobody waits for one",
                "return nothing, or make it an `action`",
            );
        }
    }
}

fn check_declared_params(params: &[Param<'_>], diagnostics: &mut Diagnostics) {
    for param in params {
        if let Param::Injected(ty) = param {
            diagnostics.error(
                ty,
                "a declaration takes no references: it says what travels",
                "remove the parameter; the implementation may still take it",
            );
        }
    }
}
