//! A call of a gateway's client, as it travels to a worker. Its arguments are the body of the message.

use serde::{Deserialize, Serialize};

/// A call of a function of a worker.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct WorkCall {
    pub(crate) function: String,
    pub(crate) fingerprint: String,
    /// Whether the arguments are structured-clone text, and not JSON.
    pub(crate) is_structured: bool,
    /// The id of the request.
    pub(crate) id: String,
    /// How long the call may run.
    pub(crate) milliseconds: u64,
    /// The roles of the caller. `None` if the gateway itself calls, which has every role.
    pub(crate) roles: Option<Vec<String>>,
    /// The name of the caller's token.
    pub(crate) token_name: Option<String>,
    /// The W3C `traceparent` of the gateway's span.
    pub(crate) traceparent: Option<String>,
}
