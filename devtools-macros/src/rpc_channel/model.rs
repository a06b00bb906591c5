//! The checked channel, and the checks that build it.

use syn::ext::IdentExt as _;
use syn::{Fields, Ident, ItemStruct, LitInt, LitStr, Path, Type, Visibility, parse_quote};

use crate::diagnostics::Diagnostics;
use crate::names::{self, nearest};
use crate::rpc_channel::args::Args;

/// An annotated struct known to be well formed: expanding it cannot fail.
pub(super) struct RpcChannel<'a> {
    pub(super) runtime: Path,
    pub(super) vis: &'a Visibility,
    pub(super) identity: &'a Ident,
    pub(super) name: LitStr,
    pub(super) chunk: &'a Type,
    pub(super) replay: Option<LitInt>,
    pub(super) structured_clone: bool,
}

impl<'a> RpcChannel<'a> {
    /// Checks attribute and struct together, reporting everything wrong with either.
    pub(super) fn validate(
        args: Args,
        structure: &'a ItemStruct,
        diagnostics: &mut Diagnostics,
    ) -> Option<Self> {
        let identity = &structure.ident;
        let name = check_name(args.name, identity, diagnostics);
        let structured_clone = check_encoding(args.encoding.as_ref(), diagnostics);
        if let Some(replay) = &args.replay {
            check_replay(replay, diagnostics);
        }
        if !structure.generics.params.is_empty() {
            let help = "name concrete types: the wire carries no type parameters";
            diagnostics.error(&structure.generics, "a channel cannot be generic", help);
        }
        let chunk = check_chunk(structure, diagnostics);
        // One mistake, one error: never expand past it.
        diagnostics.is_empty().then_some(())?;
        Some(Self {
            runtime: args
                .runtime
                .unwrap_or_else(|| parse_quote!(::devtools_runtime)),
            vis: &structure.vis,
            identity,
            name,
            chunk: chunk?,
            replay: args.replay,
            structured_clone,
        })
    }
}

fn check_name(name: Option<LitStr>, identity: &Ident, diagnostics: &mut Diagnostics) -> LitStr {
    let package = std::env::var("CARGO_PKG_NAME").unwrap_or_default();
    let derived = names::derive(&package, &identity.unraw().to_string());
    let name = name.unwrap_or_else(|| LitStr::new(&derived, identity.span()));
    if let Err(malformed) = names::check(&name.value(), &derived) {
        let problem = malformed.problem.replace("no function", "no channel");
        let help = format!("write `\"{}\"`", malformed.proposal);
        diagnostics.error(&name, problem, help);
    }
    name
}

fn check_encoding(encoding: Option<&LitStr>, diagnostics: &mut Diagnostics) -> bool {
    const KNOWN: &[&str] = &["json", "structured-clone"];
    let Some(literal) = encoding else {
        return false;
    };
    let value = literal.value();
    if !KNOWN.contains(&&*value) {
        let help = match nearest(&value, KNOWN) {
            Some(meant) => format!("did you mean `\"{meant}\"`?"),
            None => format!("write one of `\"{}\"`", KNOWN.join("\"`, `\"")),
        };
        diagnostics.error(literal, format!("unknown encoding `{value}`"), help);
    }
    value == "structured-clone"
}

fn check_replay(replay: &LitInt, diagnostics: &mut Diagnostics) {
    let is_number = matches!(replay.suffix(), "" | "usize") && replay.base10_parse::<u64>().is_ok();
    if !is_number {
        let problem = format!("`{replay}` is no number of chunks");
        diagnostics.error(replay, problem, "write `replay = 100`");
    }
}

/// The type of the one field.
fn check_chunk<'a>(structure: &'a ItemStruct, diagnostics: &mut Diagnostics) -> Option<&'a Type> {
    let identity = &structure.ident;
    if let Fields::Unnamed(fields) = &structure.fields {
        let mut types = fields.unnamed.iter();
        if let (Some(field), None) = (types.next(), types.next()) {
            return Some(&field.ty);
        }
    }
    let help = format!("write `struct {identity}(Token);`, where `Token` is a chunk of it");
    let problem = format!("`{identity}` does not say what a chunk is");
    match &structure.fields {
        Fields::Unit => diagnostics.error(identity, problem, help),
        fields => diagnostics.error(fields, problem, help),
    }
    None
}
