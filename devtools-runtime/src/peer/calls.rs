//! Calls and events that are sent over a connection, from any task.

#[cfg(feature = "client")]
use std::pin::Pin;
#[cfg(feature = "client")]
use std::task::{Context, Poll, Waker};

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::function::{
    CallError, Delivery, FunctionKind, NotifyError, Positional, RpcFunction, current_traceparent,
};
use crate::peer::access::ConnectionAccess;
use crate::peer::cache::CacheLookup;
use crate::peer::calling::{Calling, CallingOptional, Notifying};
use crate::peer::close::CloseReason;
use crate::peer::endpoint::{Peer, event};
use crate::peer::exchange::{Enqueue, Exchange};
use crate::peer::frame::Frame;
use crate::peer::outbound::Unsent;
use crate::peer::pending::{PendingCall, next_id};
#[cfg(feature = "client")]
use crate::peer::reply::Reply;
use crate::wire::{self, Encoding, RequestId};

impl Peer {
    /// Calls `F`.
    pub(crate) fn call<F: RpcFunction>(&self, arguments: &F::Args) -> Calling<F> {
        let arguments = Positional(arguments);
        let is_static = F::KIND == FunctionKind::Static;
        let (exchange, slot) = match self.look_up(F::NAME, is_static, &arguments) {
            CacheLookup::Hit(reply) => (Exchange::known(self.clone(), reply), None),
            CacheLookup::Miss(slot) => {
                let exchange = self.exchange(F::NAME, F::ENCODING, &arguments, false);
                (exchange, Some(slot))
            }
            CacheLookup::Uncacheable => {
                let exchange = self.exchange(F::NAME, F::ENCODING, &arguments, false);
                (exchange, None)
            }
        };
        Calling::new(exchange, slot)
    }

    /// Looks a call up in the cache. A connection without a cache caches nothing.
    fn look_up(&self, method: &str, is_static: bool, arguments: &impl Serialize) -> CacheLookup {
        match self.cache() {
            Some(cache) if self.access() == ConnectionAccess::Open => {
                cache.look_up(method, is_static, arguments)
            }
            _ => CacheLookup::Uncacheable,
        }
    }

    /// Calls `F` if the other side has it.
    pub(crate) fn call_optional<F: RpcFunction>(&self, arguments: &F::Args) -> CallingOptional<F> {
        let arguments = Positional(arguments);
        CallingOptional::new(self.exchange(F::NAME, F::ENCODING, &arguments, true))
    }

    /// Calls a function by a name that is not known at compile time. `arguments` must be written as an array.
    pub(crate) async fn call_dynamic<A: Serialize, T: DeserializeOwned>(
        &self,
        method: &str,
        encoding: Encoding,
        arguments: &A,
    ) -> Result<T, CallError> {
        let slot = match self.look_up(method, false, arguments) {
            CacheLookup::Hit(reply) => return reply.read(method, encoding),
            CacheLookup::Miss(slot) => Some(slot),
            CacheLookup::Uncacheable => None,
        };
        let exchange = self.exchange(method, encoding, arguments, false);
        let reply = exchange.await?;
        let result = reply.read(method, encoding)?;
        if let Some(slot) = slot {
            slot.store(&reply);
        }
        Ok(result)
    }

    /// Calls a function and leaves the decoding of the reply to the caller. `arguments` must be written as an array.
    #[cfg(feature = "client")]
    pub(crate) async fn ask<A: Serialize>(
        &self,
        method: &str,
        encoding: Encoding,
        arguments: &A,
    ) -> Result<Reply, CallError> {
        self.exchange(method, encoding, arguments, false).await
    }

    /// Does the same as `ask` with a function that the other side need not have.
    #[cfg(feature = "client")]
    pub(crate) async fn ask_optional<A: Serialize>(
        &self,
        method: &str,
        encoding: Encoding,
        arguments: &A,
    ) -> Result<Reply, CallError> {
        self.exchange(method, encoding, arguments, true).await
    }

    /// Does the same as `ask`, and queues the request at once, so that later frames follow it.
    #[cfg(feature = "client")]
    pub(crate) fn ask_at_once<A: Serialize>(
        &self,
        method: &str,
        encoding: Encoding,
        arguments: &A,
    ) -> Result<Exchange, CallError> {
        let mut exchange = self.exchange(method, encoding, arguments, false);
        let mut context = Context::from_waker(Waker::noop());
        match Pin::new(&mut exchange).poll(&mut context) {
            Poll::Ready(Err(error)) => Err(error),
            // The other side can answer on another thread before this one looks.
            Poll::Ready(Ok(reply)) => Ok(Exchange::known(self.clone(), reply)),
            Poll::Pending => Ok(exchange),
        }
    }

    /// Sends an event.
    pub(crate) fn notify<F: RpcFunction>(&self, arguments: &F::Args) -> Notifying {
        match self.access() {
            ConnectionAccess::Open => {}
            ConnectionAccess::Unauthorized => {
                return Notifying::new(Err(NotifyError::Unauthorized));
            }
            ConnectionAccess::Down => return Notifying::new(Err(NotifyError::Disconnected)),
        }
        Notifying::new(event::<F>(arguments).and_then(|frame| {
            let size = frame.len();
            match self.exceeded_by(size) {
                Some(limit) => Err(NotifyError::TooLarge { size, limit }),
                None => Ok(Enqueue::new(self.queue(), frame)),
            }
        }))
    }

    fn exchange<A: Serialize>(
        &self,
        method: &str,
        encoding: Encoding,
        arguments: &A,
        optional: bool,
    ) -> Exchange {
        let request = self.request(method, encoding, arguments, optional);
        Exchange::new(self.clone(), request, self.timeout())
    }

    /// Sends the request of a broadcast of `method` with this id, without waiting for room.
    pub(crate) fn begin(
        &self,
        method: &str,
        id: u64,
        request: Frame,
    ) -> Result<PendingCall, CallError> {
        self.check(method)?;
        let size = request.len();
        if let Some(limit) = self.exceeded_by(size) {
            let limit = Some(limit);
            return Err(CallError::TooLarge { size, limit });
        }
        let pending = self.pending(id, size)?;
        match self.try_send(request) {
            Ok(()) => Ok(pending),
            Err(Unsent::Full(_)) => {
                tracing::debug!("a request is not sent: {}", CloseReason::Congested);
                Err(CallError::Congested)
            }
            Err(Unsent::Closed) => Err(CallError::Disconnected(Delivery::NotSent)),
        }
    }

    /// Encodes a request and registers the call as pending.
    fn request<A: Serialize>(
        &self,
        method: &str,
        encoding: Encoding,
        arguments: &A,
        optional: bool,
    ) -> Result<(String, PendingCall), CallError> {
        self.check(method)?;
        let id = next_id();
        let text = wire::traced_request(
            encoding,
            method,
            arguments,
            optional,
            Some(&RequestId::from(id)),
            current_traceparent().as_deref(),
        )
        .map_err(|error| CallError::Encode {
            function: method.to_owned(),
            source: error.into(),
        })?;
        let size = text.len();
        if let Some(limit) = self.exceeded_by(size) {
            let limit = Some(limit);
            return Err(CallError::TooLarge { size, limit });
        }
        let pending = self.pending(id, size)?;
        Ok((text, pending))
    }

    /// Registers a call as pending.
    fn pending(&self, id: u64, size: usize) -> Result<PendingCall, CallError> {
        let pending = self.pending_calls().insert(id, size);
        pending.ok_or(CallError::Disconnected(Delivery::NotSent))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;
    use std::sync::Arc;

    use tokio_util::sync::CancellationToken;

    use crate::function::{CallError, Delivery};
    use crate::peer::endpoint::Peer;
    use crate::peer::{AccessCell, ConnectionAccess, Limits};
    use crate::wire::Encoding;

    #[tokio::test]
    async fn nobody_waits_for_a_driver_that_is_gone() {
        let access = Arc::new(AccessCell::new(ConnectionAccess::Open));
        let (peer, queue) = Peer::new(&Arc::<Limits>::default(), CancellationToken::new(), access);
        let call = peer.call_dynamic::<_, Value>("my-plugin:get-data", Encoding::Json, &());
        let (outcome, ()) = tokio::join!(call, async { drop(queue) });
        assert!(
            matches!(outcome, Err(CallError::Disconnected(Delivery::NotSent))),
            "{outcome:?}"
        );
        let later = peer
            .call_dynamic::<_, Value>("my-plugin:get-data", Encoding::Json, &())
            .await;
        assert!(
            matches!(later, Err(CallError::Disconnected(Delivery::NotSent))),
            "{later:?}"
        );
    }
}
