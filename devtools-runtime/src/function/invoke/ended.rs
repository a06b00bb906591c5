//! The end of a call.

use crate::function::exceeded_limit::ExceededLimit;
use crate::function::reply::{ReplyText, ReplyTo};

/// A call that has ended.
#[derive(Debug)]
pub(crate) struct EndedCall {
    /// The receiver of the reply.
    pub(crate) reply: ReplyTo,
    pub(crate) outcome: ReplyText,
    /// The limit that ended the call, if one did.
    pub(crate) over: Option<ExceededLimit>,
}

impl EndedCall {
    /// Returns the end of a call with this reply. A reply of more than `bytes` is replaced by an error.
    pub(super) fn within(bytes: Option<usize>, reply: ReplyTo, outcome: ReplyText) -> Self {
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
        // A function inside of layers records the limit that it exceeded in the observed reply.
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
