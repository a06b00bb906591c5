//! A call that is watched: its span, and its reply.

use std::sync::Arc;

use crate::function::invoke::ended::Ended;
use crate::function::invoke::seen::{End, Seen};
use crate::function::reply::Observed;

/// Who watches a call, and what they watch.
pub(super) struct Watch {
    pub(super) seen: Seen,
    pub(super) observed: Arc<Observed>,
}

impl Watch {
    pub(super) fn end(self, ended: &Ended) {
        let end = self.observed.failure();
        let end = end.as_ref().map_or_else(
            || End::Success(ended.outcome.as_ref().map(String::len)),
            |error| End::Failure(error, ended.over),
        );
        self.seen.end(end);
    }
}
