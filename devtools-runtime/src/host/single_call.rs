//! One call of a client that has no connection, such as an HTTP request.

use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use crate::function::{
    Call, CallLimits, EndedCall, ExceededLimit, Fault, FunctionDefinition, FunctionKind,
    HandlerRef, Invocation, Observed, RemoteError, ReplyTo, SharedScope,
};
use crate::host::arrival::Arrival;
use crate::host::context::DevToolsContext;
use crate::host::permit::SessionPermit;
use crate::host::session::{Credential, RpcSession};
#[cfg(feature = "_traffic")]
use crate::host::shown_call::ShownCall;
#[cfg(feature = "recording")]
use crate::host::shown_call::request;
use crate::peer::{Frame, Peer, Reply};
use crate::wire::{Payload, RequestId};

/// A client without a connection that may make one call. It has a session for the time of the call, which is not in the list of
/// sessions, and whose client cannot be called.
pub(crate) struct SingleCall {
    pub(crate) context: DevToolsContext,
    pub(crate) function: FunctionDefinition,
    scope: SharedScope,
    id: RequestId,
    #[cfg(feature = "_traffic")]
    token: Option<Arc<str>>,
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

impl DevToolsContext {
    /// Answers a call of a trusted client in the program's place, if a recording is replayed. Returns `None` if the
    /// program is to answer.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future drops the answer.
    #[cfg(feature = "recording")]
    pub(crate) async fn replayed_call(
        &self,
        name: &str,
        arguments: &str,
        is_event: bool,
    ) -> Option<SingleResult> {
        use std::ops::ControlFlow;

        let interpose = self.interposed()?;
        let id = (!is_event).then(|| RequestId::from(self.sessions().next_id()));
        let request = request(name, arguments, id.as_ref())?;
        match interpose.single(request, tokio::time::Instant::now()) {
            ControlFlow::Continue(()) => None,
            ControlFlow::Break(None) => Some(SingleResult::Sent),
            ControlFlow::Break(Some((frame, due))) => {
                let shown = ShownCall::begin(self, None, name, arguments, id.as_ref());
                tokio::time::sleep_until(due).await;
                if let Some(shown) = shown {
                    shown.end(&frame);
                }
                Some(replayed(name, frame))
            }
        }
    }
}

/// Returns the result that a recorded reply has.
#[cfg(feature = "recording")]
fn replayed(name: &str, frame: Frame) -> SingleResult {
    use crate::function::CallError;
    use crate::wire::Encoding;

    let reply = Reply::of(frame);
    let error = match reply.read::<serde::de::IgnoredAny>(name, Encoding::Json) {
        Ok(_) => return written(&reply),
        Err(CallError::Remote(error)) => error,
        Err(error) => RemoteError::new(error.to_string()),
    };
    SingleResult::Failed(Failed {
        error,
        fault: Fault::Function,
        timed_out: false,
    })
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
        let id = context.sessions().next_id();
        #[cfg(feature = "_traffic")]
        let token = credential
            .as_ref()
            .map(|credential| credential.token.clone());
        let closing = CancellationToken::new();
        let access = Arc::clone(&arrival.access);
        // Without its queue, the peer is closed.
        let (peer, _) = Peer::new(context.limits(), closing, access);
        let session = RpcSession::new(id, arrival, credential, peer);
        Self {
            context: context.clone(),
            function,
            scope: context.scope_of(session),
            id: RequestId::from(id),
            #[cfg(feature = "_traffic")]
            token,
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
            _ => ReplyTo::Caller(self.id.clone()),
        };
        #[cfg(feature = "_traffic")]
        let shown = ShownCall::begin(
            &self.context,
            self.token.as_deref(),
            self.function.name(),
            arguments,
            matches!(reply, ReplyTo::Caller(_)).then_some(&self.id),
        );
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
        let ended = started.end().await;
        #[cfg(feature = "_traffic")]
        if let (Some(shown), Some(reply)) = (shown, &ended.outcome) {
            shown.end(&Frame::from(reply.clone()));
        }
        result(&observed, ended)
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
    written(&Reply::of(Frame::from(frame)))
}

/// Returns the result that a reply holds.
fn written(reply: &Reply) -> SingleResult {
    match reply.to_json() {
        Ok(json) => SingleResult::Returned(json),
        Err(error) => SingleResult::Failed(Failed {
            error: RemoteError::new(format!("the result could not be written: {error}")),
            fault: Fault::Program,
            timed_out: false,
        }),
    }
}
