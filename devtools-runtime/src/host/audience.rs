//! The recipients of a broadcast.

use std::sync::Arc;

use crate::host::{DevToolsContext, RpcSession};

/// The sessions that a broadcast goes to: all sessions of a context, or some of them.
///
/// Untrusted sessions are left out, also if a list contains them ([protocol 4.4](https://github.com/devtools-runtime/devtools-runtime/blob/main/docs/protocol.md#44-untrusted-sessions)).
///
/// A broadcast takes any value that converts into an `Audience`: `&DevToolsContext` for every session, a list of sessions, or
/// a selection:
///
/// ```
/// # use devtools_runtime::{DevToolsContext, NotifyError, RpcSession, rpc_function};
/// #[rpc_function(name = "my-plugin:saved", kind = "event", side = "client")]
/// async fn saved(path: String);
///
/// # async fn example(ctx: &DevToolsContext, caller: &RpcSession) -> Result<(), NotifyError> {
/// // Every session but the caller.
/// Saved::broadcast(ctx.rpc().audience().except(caller), "src/main.rs").await?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct Audience(Arc<Vec<RpcSession>>);

impl Audience {
    /// Leaves this session out.
    #[must_use]
    pub fn except(self, session: &RpcSession) -> Self {
        self.filter(|other| other.id() != session.id())
    }

    /// Keeps only the sessions for which `keep` returns `true`.
    #[must_use]
    pub fn filter(self, mut keep: impl FnMut(&RpcSession) -> bool) -> Self {
        let Some(first) = self.0.iter().position(|session| !keep(session)) else {
            return self; // nothing to leave out: the shared list is used as it is
        };
        let (kept, others) = self.0.split_at(first);
        let others = others.iter().skip(1).filter(|session| keep(session));
        Self(Arc::new(kept.iter().chain(others).cloned().collect()))
    }

    /// Returns the sessions, in the order they connected.
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
