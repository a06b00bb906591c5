//! One call to many peers, written once.

use std::borrow::Cow;
use std::time::Duration;

use tokio::time::Instant;

use crate::function::{CallError, Positional, RpcFunction};
use crate::peer::endpoint::Peer;
use crate::peer::frame::Frame;
use crate::peer::pending::{PendingCall, next_id};
use crate::peer::reply::Reply;
use crate::wire::{self, RequestId};

/// The time that every peer has to answer ([protocol 1.6](https://github.com/devtools-runtime/devtools-runtime/blob/main/docs/protocol.md#16-order-time-and-cancellation)).
const TIMEOUT: Duration = Duration::from_secs(60);

/// A request that goes to many peers under one id.
pub(crate) struct BroadcastCall {
    id: u64,
    function: Cow<'static, str>,
    request: Result<Frame, String>,
    deadline: Instant,
}

/// The part of a broadcast call that waits for one peer's answer.
pub(crate) struct BroadcastPending {
    pending: Result<PendingCall, CallError>,
    deadline: Instant,
}

impl BroadcastCall {
    pub(crate) fn new<F: RpcFunction>(arguments: &F::Args) -> Self {
        Self::with_id::<F>(next_id(), arguments)
    }

    /// Makes a request whose id no process has used. The ids that processes count are small, and this one is random.
    pub(crate) fn across_processes<F: RpcFunction>(arguments: &F::Args) -> Self {
        // Without randomness the id is unique in this process only; then a reply may be taken for that of another call.
        let random = getrandom::u64().unwrap_or_else(|_| next_id());
        Self::with_id::<F>(random | (1 << 63), arguments)
    }

    fn with_id<F: RpcFunction>(id: u64, arguments: &F::Args) -> Self {
        let arguments = Positional(arguments);
        let request_id = RequestId::from(id);
        let text = wire::request(F::ENCODING, F::NAME, &arguments, false, Some(&request_id));
        let request = text.map(Frame::from).map_err(|error| error.to_string());
        Self {
            id,
            function: Cow::Borrowed(F::NAME),
            request,
            deadline: Instant::now() + TIMEOUT,
        }
    }

    /// Makes the request that another process has written.
    pub(crate) fn of_frame(function: String, id: u64, request: Frame, deadline: Instant) -> Self {
        Self {
            id,
            function: Cow::Owned(function),
            request: Ok(request),
            deadline,
        }
    }

    pub(crate) fn id(&self) -> u64 {
        self.id
    }

    pub(crate) fn function(&self) -> &str {
        &self.function
    }

    /// Returns the frame of the request, or the error of writing it.
    pub(crate) fn frame(&self) -> Result<&Frame, &str> {
        self.request.as_ref().map_err(String::as_str)
    }

    pub(crate) fn deadline(&self) -> Instant {
        self.deadline
    }

    /// Sends the request to `peer` if its queue has room.
    pub(crate) fn begin(&self, peer: &Peer) -> BroadcastPending {
        let pending = match &self.request {
            Ok(frame) => peer.begin(&self.function, self.id, frame.clone()),
            Err(error) => Err(CallError::Encode {
                function: self.function.clone().into_owned(),
                source: error.clone().into(),
            }),
        };
        BroadcastPending {
            pending,
            deadline: self.deadline,
        }
    }
}

impl BroadcastCall {
    /// Reads one client's answer as the output of `F`.
    pub(crate) fn typed<F: RpcFunction>(
        reply: Result<Reply, CallError>,
    ) -> Result<F::Output, CallError<F::Error>> {
        reply
            .and_then(|reply| reply.output::<F>())
            .map_err(|error| CallError::typed(error, &F::FAILURE))
    }
}

impl BroadcastPending {
    /// Waits for the peer's answer.
    pub(crate) async fn finish<F: RpcFunction>(self) -> Result<F::Output, CallError<F::Error>> {
        BroadcastCall::typed::<F>(self.reply().await)
    }

    /// Waits for the peer's answer, without reading it.
    pub(crate) async fn reply(self) -> Result<Reply, CallError> {
        let reply = tokio::time::timeout_at(self.deadline, self.pending?).await;
        let reply = reply.map_err(|_| CallError::Timeout(TIMEOUT))?;
        reply.map_err(CallError::from)
    }
}
