//! A call with a trace.

use std::sync::Arc;

use crate::function::invoke::ended::EndedCall;
use crate::function::invoke::trace::{CallEnd, CallTrace};
use crate::function::reply::Observed;

/// The trace of a call, and the reply that tells how it ended.
pub(super) struct TracedCall {
    pub(super) trace: CallTrace,
    pub(super) observed: Arc<Observed>,
}

impl TracedCall {
    pub(super) fn end(self, ended: &EndedCall) {
        let end = self.observed.failure();
        let end = end.as_ref().map_or_else(
            || CallEnd::Success(ended.outcome.as_ref().map(String::len)),
            |error| CallEnd::Failure(error, ended.over),
        );
        self.trace.end(end);
    }
}
