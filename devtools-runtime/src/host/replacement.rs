//! A registry that answers sessions instead of the context's own functions.

use std::fmt;
use std::sync::Arc;

use crate::function::Registry;
use crate::peer::OnUnknownCall;

/// The functions that sessions reach instead of the context's own. Local calls and dumps still reach the context's own.
pub(crate) struct ReplacementFunctions {
    pub(crate) functions: Registry,
    /// Called when a session calls a name that `functions` does not have.
    pub(crate) on_unknown_call: Arc<OnUnknownCall>,
}

impl fmt::Debug for ReplacementFunctions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReplacementFunctions")
            .field("functions", &self.functions)
            .finish_non_exhaustive()
    }
}
