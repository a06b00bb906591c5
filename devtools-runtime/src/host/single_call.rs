//! One call of a client that has no connection, such as an HTTP request.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use tokio_util::sync::CancellationToken;

use crate::function::{
    Call, CallLimits, EndedCall, ExceededLimit, Fault, FunctionDefinition, FunctionKind,
    HandlerRef, Invocation, Observed, RemoteError, ReplyTo, SharedScope,
};
use crate::host::{Arrival, Credential, DevToolsContext, RpcSession, SessionPermit};
use crate::peer::{Frame, Peer, Reply};
use crate::wire::{Payload, RequestId};

/// A client without a connection that may make one call. It has a session for the time of the call, which is not in the list of
/// sessions, and whose client cannot be called.
pub(crate) struct SingleCall {
    pub(crate) context: DevToolsContext,
    pub(crate) function: FunctionDefinition,
    scope: SharedScope,
    /// Held until the call has ended.
    _permit: SessionPermit,
}

/// The end of a [`SingleCall`].
#[derive(Debug)]
pub(crate) enum SingleResult {
    /// The function returned: its result as JSON.
    Returned(String),
    /// The call failed.
    Failed(Failed),
    /// The function is an event, so there is no result.
    Sent,
}

/// The failure of a [`SingleCall`].
#[derive(Debug)]
pub(crate) struct Failed {
    pub(crate) error: RemoteError,
    pub(crate) fault: Fault,
    pub(crate) timed_out: bool,
}

impl DevToolsContext {
    /// Returns the function that clients call by this name.
    pub(crate) fn called_by_clients(&self, name: &str) -> Option<FunctionDefinition> {
        let replacement = self.replacement();
        let registry = replacement.map_or(self.functions(), |replacement| &replacement.functions);
        let function = registry.snapshot().get(name).cloned()?;
        (!matches!(function.handler(), HandlerRef::Declared)).then_some(function)
    }
}

impl SingleCall {
    /// Prepares a call. `credential` makes the client trusted, if it has one.
    pub(crate) fn new(
        context: &DevToolsContext,
        function: FunctionDefinition,
        arrival: Arrival,
        credential: Option<Credential>,
        permit: SessionPermit,
    ) -> Self {
        let id = context.sessions().last_id.fetch_add(1, Ordering::Relaxed) + 1;
        let closing = CancellationToken::new();
        let access = Arc::clone(&arrival.access);
        // Without its queue, the peer is closed.
        let (peer, _) = Peer::new(context.limits(), closing, access);
        let session = RpcSession::new(id, arrival, credential, peer);
        Self {
            context: context.clone(),
            function,
            scope: context.scope_of(session),
            _permit: permit,
        }
    }

    /// Makes the call. `arguments` is the text of an array, and `parent` the `traceparent` of the caller.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future drops the call at its next await.
    pub(crate) async fn run(self, arguments: &str, parent: Option<&str>) -> SingleResult {
        let limits = self.context.limits();
        let reply = match self.function.kind() {
            FunctionKind::Event => ReplyTo::Nobody,
            _ => ReplyTo::Caller(RequestId::from(1)),
        };
        let observed = Arc::new(Observed::new(reply));
        let invocation = Invocation {
            function: &self.function,
            limits: CallLimits {
                handler_timeout: limits.handler_timeout,
                reply_bytes: Some(limits.frame_bytes),
            },
            parent,
        };
        let started = invocation.begin(Call {
            scope: &self.scope,
            arguments: Payload::Json(arguments),
            reply: ReplyTo::Observed(Arc::clone(&observed)),
        });
        result(&observed, started.end().await)
    }
}

/// Returns the result of a call that has ended.
fn result(observed: &Observed, ended: EndedCall) -> SingleResult {
    if let Some((error, fault)) = observed.fault() {
        return SingleResult::Failed(Failed {
            error,
            fault,
            timed_out: ended.over == Some(ExceededLimit::Time),
        });
    }
    let Some(frame) = ended.outcome else {
        return SingleResult::Sent;
    };
    match Reply::of(Frame::from(frame)).to_json() {
        Ok(json) => SingleResult::Returned(json),
        Err(error) => SingleResult::Failed(Failed {
            error: RemoteError::new(format!("the result could not be written: {error}")),
            fault: Fault::Program,
            timed_out: false,
        }),
    }
}
