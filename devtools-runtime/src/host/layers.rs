//! What layers see of the context and the session, and which calls they see at all.

use crate::function::{Caller, LayerCall, RpcFunction as _};
use crate::host::{DevToolsContext, RpcSession};
use crate::protocol::docks::ExecuteCommand;
use crate::protocol::is_built_in;

impl LayerCall {
    /// The session that calls. `None` if the program itself does.
    pub fn session(&self) -> Option<&RpcSession> {
        let session = self.find::<RpcSession>();
        session.filter(|_| self.caller() == Caller::Session)
    }

    /// The context that the function belongs to.
    pub fn context(&self) -> Option<&DevToolsContext> {
        self.find()
    }
}

/// Whether calls of the function of this name pass the layers: those of the program's functions do, and commands, which are the
/// program's too. What the protocol itself consists of does not.
pub(super) fn is_layered(function: &str) -> bool {
    !is_built_in(function) || function == ExecuteCommand::NAME
}
