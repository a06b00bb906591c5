//! The end of a call.

use crate::function::exceeded_limit::ExceededLimit;
use crate::function::reply::{Outcome, ReplyTo};

/// A call that has ended.
#[derive(Debug)]
pub(crate) struct Ended {
    /// Whom the outcome is for.
    pub(crate) reply: ReplyTo,
    pub(crate) outcome: Outcome,
    /// The limit that stands behind the outcome, if one does.
    pub(crate) over: Option<ExceededLimit>,
}

impl Ended {
    /// The end of a call with this outcome, or with an error in its place if it has more than so many bytes.
    pub(super) fn within(bytes: Option<usize>, reply: ReplyTo, outcome: Outcome) -> Self {
        let size = outcome.as_ref().map_or(0, String::len);
        if let Some(limit) = bytes.filter(|limit| size > *limit) {
            tracing::warn!(size, limit, "a reply is over the limit `frame_bytes`");
            let message =
                format!("the reply has {size} bytes, over the limit `frame_bytes` of {limit}");
            let outcome = reply.failure(&message);
            return Self {
                reply,
                outcome,
                over: Some(ExceededLimit::ReplyBytes),
            };
        }
        // What ran inside of layers says it in passing.
        let over = match &reply {
            ReplyTo::Observed(observed) => observed.over(),
            _ => None,
        };
        Self {
            reply,
            outcome,
            over,
        }
    }
}
