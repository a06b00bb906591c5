//! One call to many peers, written once.

use std::time::Duration;

use tokio::time::Instant;

use crate::function::{CallError, Positional, RpcFunction};
use crate::peer::pending::{PendingCall, next_id};
use crate::peer::{Frame, Peer};
use crate::wire::{self, RequestId};

/// The time that every peer has to answer ([protocol 1.6](https://github.com/devtools-runtime/devtools-runtime/blob/main/docs/protocol.md#16-order-time-and-cancellation)).
const TIMEOUT: Duration = Duration::from_secs(60);

/// A request that goes to many peers under one id.
pub(crate) struct BroadcastCall {
    id: u64,
    function: &'static str,
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
        let id = next_id();
        let arguments = Positional(arguments);
        let request_id = RequestId::from(id);
        let text = wire::request(F::ENCODING, F::NAME, &arguments, false, Some(&request_id));
        let request = text.map(Frame::from).map_err(|error| error.to_string());
        Self {
            id,
            function: F::NAME,
            request,
            deadline: Instant::now() + TIMEOUT,
        }
    }

    /// Sends the request to `peer` if its queue has room.
    pub(crate) fn begin(&self, peer: &Peer) -> BroadcastPending {
        let pending = match &self.request {
            Ok(frame) => peer.begin(self.function, self.id, frame.clone()),
            Err(error) => Err(CallError::Encode {
                function: self.function.to_owned(),
                source: error.clone().into(),
            }),
        };
        BroadcastPending {
            pending,
            deadline: self.deadline,
        }
    }
}

impl BroadcastPending {
    /// Waits for the peer's answer.
    pub(crate) async fn finish<F: RpcFunction>(self) -> Result<F::Output, CallError<F::Error>> {
        let answer = async {
            let reply = tokio::time::timeout_at(self.deadline, self.pending?).await;
            let reply = reply.map_err(|_| CallError::Timeout(TIMEOUT))?;
            reply.map_err(CallError::from)?.output::<F>()
        };
        answer
            .await
            .map_err(|error| CallError::typed(error, &F::FAILURE))
    }
}
