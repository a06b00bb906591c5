//! Whom a broadcast goes to.

use std::sync::Arc;

use crate::host::{DevToolsContext, RpcSession};

/// The sessions that a broadcast goes to: those of a context, or some of them.
///
/// Sessions that are not trusted are left out, also where a list names them ([protocol 4.4](https://github.com/devtools-runtime/devtools-runtime/blob/main/docs/protocol.md#44-untrusted-sessions)).
///
/// A broadcast takes anything that becomes one: `&DevToolsContext` for everybody, a list of sessions, or
///
/// ```
/// # use devtools_runtime::{DevToolsContext, NotifyError, RpcSession, rpc_function};
/// #[rpc_function(name = "my-plugin:saved", kind = "event", side = "client")]
/// async fn saved(path: String);
///
/// # async fn example(ctx: &DevToolsContext, caller: &RpcSession) -> Result<(), NotifyError> {
/// // Everybody but the one who saved.
/// Saved::broadcast(ctx.rpc().audience().except(caller), "src/main.rs").await?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct Audience(Arc<Vec<RpcSession>>);

impl Audience {
    /// Without this session.
    #[must_use]
    pub fn except(self, session: &RpcSession) -> Self {
        self.filter(|other| other.id() != session.id())
    }

    /// Only the sessions that `keep` says yes to.
    #[must_use]
    pub fn filter(self, mut keep: impl FnMut(&RpcSession) -> bool) -> Self {
        let Some(first) = self.0.iter().position(|session| !keep(session)) else {
            return self; // everybody: what is shared stays so
        };
        let (kept, others) = self.0.split_at(first);
        let others = others.iter().skip(1).filter(|session| keep(session));
        Self(Arc::new(kept.iter().chain(others).cloned().collect()))
    }

    /// The sessions, in the order they connected.
    pub fn sessions(&self) -> &[RpcSession] {
        &self.0
    }
}

impl From<&DevToolsContext> for Audience {
    fn from(context: &DevToolsContext) -> Self {
        Self(context.sessions().list()).filter(RpcSession::is_trusted)
    }
}

impl From<Vec<RpcSession>> for Audience {
    fn from(sessions: Vec<RpcSession>) -> Self {
        Self(Arc::new(sessions)).filter(RpcSession::is_trusted)
    }
}
