//! The context and the session, as layers see them.

use std::time::Duration;

use crate::function::{CallOrigin, LayerCall};
use crate::host::arrival::SessionTransport;
use crate::host::context::DevToolsContext;
use crate::host::fleet::FleetRates;
use crate::host::session::RpcSession;
use crate::host::trust::key_of;
use crate::layers::{CountedClient, FleetRate};

impl LayerCall {
    /// Returns the session that calls. `None` if the program itself does.
    pub fn session(&self) -> Option<&RpcSession> {
        let session = self.find::<RpcSession>();
        session.filter(|_| self.origin() == CallOrigin::Session)
    }

    /// Returns the context that the function belongs to.
    pub fn context(&self) -> Option<&DevToolsContext> {
        self.find()
    }

    /// Takes one call from the count that all processes share for the calling client. If none is left, fails with the
    /// time to wait.
    pub(crate) async fn take_of_fleet(&self, name: &str, rate: FleetRate) -> Result<(), Duration> {
        let (Some(session), Some(context)) = (self.session(), self.context()) else {
            return Ok(());
        };
        let client = match (session.token(), session.address()) {
            (Some(token), _) => key_of(&token),
            (None, Some(address)) => address.to_string(),
            (None, None) => "unknown".to_owned(),
        };
        let rates = context.own_state::<FleetRates>();
        let key = format!("{name}/{client}");
        rates.take(context.backplane(), &key, rate).await
    }

    /// Returns the client whose calls a rate limit counts together. `None` if the program itself calls.
    pub(crate) fn caller(&self) -> Option<CountedClient> {
        let session = self.session()?;
        Some(match (session.transport(), session.token()) {
            (SessionTransport::Http, Some(token)) => CountedClient::Token(token),
            (SessionTransport::Http, None) => CountedClient::Address(session.address()),
            _ => CountedClient::Session(session.id()),
        })
    }
}
