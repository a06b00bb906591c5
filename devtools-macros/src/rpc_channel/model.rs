//! The checked channel, and the checks that create it.

use syn::{Ident, ItemStruct, LitInt, LitStr, Path, Type, Visibility, parse_quote};

use crate::deprecated::Deprecated;
use crate::diagnostics::Diagnostics;
use crate::docs::description;
use crate::names::nearest;
use crate::rpc_channel::CHANNEL;
use crate::rpc_channel::args::Args;

/// An annotated struct that has passed all checks. Its expansion cannot fail.
pub(super) struct RpcChannel<'a> {
    pub(super) runtime: Path,
    pub(super) vis: &'a Visibility,
    pub(super) identity: &'a Ident,
    pub(super) name: LitStr,
    pub(super) chunk: &'a Type,
    pub(super) replay: Option<LitInt>,
    pub(super) structured_clone: bool,
    /// The variant of `ChannelDirection`, unless it is the default.
    pub(super) direction: Option<&'static str>,
    pub(super) description: String,
    pub(super) deprecated: Option<Deprecated>,
}

impl<'a> RpcChannel<'a> {
    /// Checks the attribute and the struct, and reports all mistakes in both.
    pub(super) fn validate(
        args: Args,
        structure: &'a ItemStruct,
        diagnostics: &mut Diagnostics,
    ) -> Option<Self> {
        let identity = &structure.ident;
        let name = CHANNEL.check_name(args.name, identity, diagnostics);
        let structured_clone = check_encoding(args.encoding.as_ref(), diagnostics);
        let direction = check_direction(args.direction.as_ref(), diagnostics);
        if let Some(replay) = &args.replay {
            check_replay(replay, diagnostics);
        }
        let chunk = CHANNEL.check_value(structure, diagnostics);
        // After a mistake nothing is expanded, so that one mistake gives one error.
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
            direction,
            description: description(&structure.attrs).unwrap_or_default(),
            deprecated: Deprecated::of(&structure.attrs),
        })
    }
}

fn check_encoding(encoding: Option<&LitStr>, diagnostics: &mut Diagnostics) -> bool {
    const KNOWN: &[&str] = &["json", "structured-clone"];
    let word = encoding.and_then(|encoding| known("encoding", encoding, KNOWN, diagnostics));
    word == Some("structured-clone")
}

fn check_direction(
    direction: Option<&LitStr>,
    diagnostics: &mut Diagnostics,
) -> Option<&'static str> {
    const KNOWN: &[&str] = &["streams", "uploads", "both"];
    match known("direction", direction?, KNOWN, diagnostics) {
        Some("uploads") => Some("Uploads"),
        Some("both") => Some("Both"),
        _ => None,
    }
}

/// Returns the word of the option with this value. Reports an unknown value.
fn known(
    option: &str,
    literal: &LitStr,
    words: &[&'static str],
    diagnostics: &mut Diagnostics,
) -> Option<&'static str> {
    let value = literal.value();
    let word = words.iter().copied().find(|word| *word == value);
    if word.is_none() {
        let help = match nearest(&value, words) {
            Some(meant) => format!("did you mean `\"{meant}\"`?"),
            None => format!("write one of `\"{}\"`", words.join("\"`, `\"")),
        };
        diagnostics.error(literal, format!("unknown {option} `{value}`"), help);
    }
    word
}

fn check_replay(replay: &LitInt, diagnostics: &mut Diagnostics) {
    let is_number = matches!(replay.suffix(), "" | "usize") && replay.base10_parse::<u64>().is_ok();
    if !is_number {
        let problem = format!("`{replay}` is no number of chunks");
        diagnostics.error(replay, problem, "write `replay = 100`");
    }
}
