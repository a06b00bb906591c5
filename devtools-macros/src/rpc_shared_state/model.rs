//! The checked state, and the checks that create it.

use syn::{Ident, ItemStruct, LitStr, Path, Type, Visibility, parse_quote};

use crate::declared::STATE;
use crate::deprecated::Deprecated;
use crate::diagnostics::Diagnostics;
use crate::docs::description;
use crate::rpc_shared_state::args::Args;

/// An annotated struct that has passed all checks. Its expansion cannot fail.
pub(super) struct RpcSharedState<'a> {
    pub(super) runtime: Path,
    pub(super) vis: &'a Visibility,
    pub(super) identity: &'a Ident,
    pub(super) name: LitStr,
    pub(super) value: &'a Type,
    pub(super) patches: bool,
    pub(super) read_only: bool,
    pub(super) per_process: bool,
    pub(super) description: String,
    pub(super) deprecated: Option<Deprecated>,
}

impl<'a> RpcSharedState<'a> {
    /// Checks the attribute and the struct, and reports all mistakes in both.
    pub(super) fn validate(
        args: Args,
        structure: &'a ItemStruct,
        diagnostics: &mut Diagnostics,
    ) -> Option<Self> {
        let identity = &structure.ident;
        let name = STATE.check_name(args.name, identity, diagnostics);
        let value = STATE.check_value(structure, diagnostics);
        // After a mistake nothing is expanded, so that one mistake gives one error.
        diagnostics.is_empty().then_some(())?;
        Some(Self {
            runtime: args
                .runtime
                .unwrap_or_else(|| parse_quote!(::devtools_runtime)),
            vis: &structure.vis,
            identity,
            name,
            value: value?,
            patches: args.patches.is_some(),
            read_only: args.read_only.is_some(),
            per_process: args.per_process.is_some(),
            description: description(&structure.attrs).unwrap_or_default(),
            deprecated: Deprecated::of(&structure.attrs),
        })
    }
}
