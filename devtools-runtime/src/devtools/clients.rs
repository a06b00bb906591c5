//! Clients inside the process.

use crate::devtools::handle::DevTools;
use crate::host::{Arrival, ClientIdentity};

impl DevTools {
    /// Connects a client inside the process: without a socket, over the same wire format.
    ///
    /// The session is open when this returns: it counts as a session, and it receives broadcasts. The connection ends
    /// when the last handle of the client, or the last clone of this `DevTools`, is dropped. So keep the `DevTools`
    /// in a variable: calls through the client of a temporary one, as in `builder.build().await?.client()`, fail with
    /// [`CallError::Disconnected`](crate::CallError::Disconnected).
    ///
    /// # Panics
    ///
    /// If called outside a tokio runtime.
    pub fn client(&self) -> crate::DevToolsRpcClient {
        self.open_client(Arrival::local())
    }

    /// Connects a client whose session is not trusted.
    pub(crate) fn open_untrusted_client(&self) -> crate::DevToolsRpcClient {
        let arrival = Arrival::local();
        arrival
            .access
            .set(crate::peer::ConnectionAccess::Unauthorized);
        self.open_client(arrival)
    }

    /// Connects a client as [`client`](Self::client) does, for a session with exactly these
    /// [roles](crate::RpcSession::roles). Use it to test who may call which function.
    ///
    /// # Panics
    ///
    /// If called outside a tokio runtime.
    pub fn client_with_roles<R: Into<String>>(
        &self,
        roles: impl IntoIterator<Item = R>,
    ) -> crate::DevToolsRpcClient {
        let identity = ClientIdentity {
            name: None,
            roles: roles.into_iter().map(Into::into).collect(),
        };
        self.open_client(Arrival::local_as(identity))
    }

    pub(super) fn open_client(&self, arrival: Arrival) -> crate::DevToolsRpcClient {
        let (near, far) = crate::peer::memory_pair();
        let context = self.context().clone();
        let permit = context.reserve_local_session();
        // The session is opened here and not in the task, so that the client receives every broadcast from now on.
        let opened = context.open_local(arrival, permit, self.0.closing.child_token());
        self.0.tasks.spawn(async move {
            context.serve_session(opened, far).await;
        });
        crate::DevToolsRpcClient::over(near, self.context().limits())
    }
}
