//! The context and the session, as layers see them.

use crate::function::{CallOrigin, LayerCall};
use crate::host::{DevToolsContext, RpcSession};

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
}
