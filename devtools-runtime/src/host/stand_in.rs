//! What answers in place of a context's own functions.

use std::fmt;
use std::sync::Arc;

use crate::function::Registry;
use crate::peer::Overlooked;

/// What sessions are answered with in place of a context's own functions, which stay as they are.
pub(crate) struct StandIn {
    pub(crate) functions: Registry,
    /// Is told of calls of trusted sessions that are none of these functions'.
    pub(crate) overlooked: Arc<Overlooked>,
}

impl fmt::Debug for StandIn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StandIn")
            .field("functions", &self.functions)
            .finish_non_exhaustive()
    }
}
