//! The checked channel, and the checks that create it.

use syn::{Ident, ItemStruct, LitInt, LitStr, Path, Type, Visibility, parse_quote};

use crate::choice::{Encoding, choice, choose};
use crate::declared::CHANNEL;
use crate::deprecated::Deprecated;
use crate::diagnostics::Diagnostics;
use crate::docs::description;
use crate::rpc_channel::args::Args;

/// An annotated struct that has passed all checks. Its expansion cannot fail.
pub(super) struct RpcChannel<'a> {
    pub(super) runtime: Path,
    pub(super) vis: &'a Visibility,
    pub(super) identity: &'a Ident,
    pub(super) name: LitStr,
    pub(super) chunk: &'a Type,
    pub(super) replay: Option<LitInt>,
    pub(super) encoding: Encoding,
    pub(super) direction: Direction,
    pub(super) description: String,
    pub(super) deprecated: Option<Deprecated>,
}

choice! {
    /// The direction of the chunks.
    pub(super) enum Direction: "direction" { Streams = "streams", Uploads = "uploads", Both = "both" }
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
        let encoding = choose(args.encoding.as_ref(), Encoding::Json, diagnostics);
        let direction = choose(args.direction.as_ref(), Direction::Streams, diagnostics);
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
            encoding: encoding?,
            direction: direction?,
            description: description(&structure.attrs).unwrap_or_default(),
            deprecated: Deprecated::of(&structure.attrs),
        })
    }
}

fn check_replay(replay: &LitInt, diagnostics: &mut Diagnostics) {
    let is_number = matches!(replay.suffix(), "" | "usize") && replay.base10_parse::<u64>().is_ok();
    if !is_number {
        let problem = format!("`{replay}` is not a number of chunks");
        diagnostics.error(replay, problem, "write `replay = 100`");
    }
}
