//! A registry that answers sessions instead of the context's own functions.

use std::sync::Arc;

use crate::function::Registry;
use crate::peer::OnUnknownCall;

/// The functions that sessions reach instead of the context's own. Local calls and dumps still reach the context's own.
pub(crate) struct ReplacementFunctions {
    pub(crate) functions: Registry,
    /// Called when a session calls a name that `functions` does not have.
    pub(crate) on_unknown_call: Arc<OnUnknownCall>,
}

crate::debug_impl! { ReplacementFunctions { functions, .. } }
