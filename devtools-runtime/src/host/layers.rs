//! The context and the session, as layers see them.

use crate::function::{CallOrigin, LayerCall};
use crate::host::{DevToolsContext, RpcSession, SessionTransport};
use crate::layers::Caller;

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

    /// Returns the client whose calls a rate limit counts together. `None` if the program itself calls.
    pub(crate) fn caller(&self) -> Option<Caller> {
        let session = self.session()?;
        Some(match (session.transport(), session.token()) {
            (SessionTransport::Http, Some(token)) => Caller::Token(token),
            (SessionTransport::Http, None) => Caller::Address(session.address()),
            _ => Caller::Session(session.id()),
        })
    }
}
