//! A call of a gateway's client, as it travels to a worker. Its arguments are the body of the message.

use serde::{Deserialize, Serialize};

/// The number of a call, by which its gateway cancels it. No other call has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(crate) struct CallNumber {
    /// A random number of the gateway.
    pub(crate) gateway: u64,
    pub(crate) call: u64,
}

/// A call of a function of a worker.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct WorkCall {
    pub(crate) function: String,
    pub(crate) fingerprint: String,
    /// Whether the arguments are structured-clone text, and not JSON.
    pub(crate) is_structured: bool,
    /// The id of the request.
    pub(crate) id: String,
    /// The number of a call that is cancelled when nobody waits for it. `None` for one that runs to its end.
    pub(crate) number: Option<CallNumber>,
    /// How long the call may run.
    pub(crate) milliseconds: u64,
    /// The roles of the caller. `None` if the gateway itself calls, which has every role.
    pub(crate) roles: Option<Vec<String>>,
    /// The name of the caller's token.
    pub(crate) token_name: Option<String>,
    /// The W3C `traceparent` of the gateway's span.
    pub(crate) traceparent: Option<String>,
}
