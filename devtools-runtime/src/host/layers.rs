//! The context and the session, as layers see them.

use crate::function::{CallOrigin, LayerCall};
use crate::host::{DevToolsContext, RpcSession};

impl LayerCall {
    /// The session that calls. `None` if the program itself does.
    pub fn session(&self) -> Option<&RpcSession> {
        let session = self.find::<RpcSession>();
        session.filter(|_| self.origin() == CallOrigin::Session)
    }

    /// The context that the function belongs to.
    pub fn context(&self) -> Option<&DevToolsContext> {
        self.find()
    }
}
