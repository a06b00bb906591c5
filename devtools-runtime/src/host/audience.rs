//! The recipients of a broadcast.

use std::sync::Arc;

use crate::host::context::DevToolsContext;
use crate::host::fleet::{Elsewhere, FleetSession};
use crate::host::session::RpcSession;

/// The sessions that a broadcast goes to: all sessions of a context and of the other processes of its
/// [backplane](crate::DevToolsBuilder::backplane), or some of them.
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
pub struct Audience {
    /// The sessions of this process.
    here: Arc<Vec<RpcSession>>,
    /// The sessions of other processes. `None` if the broadcast does not go to other processes.
    elsewhere: Option<Elsewhere>,
}

impl Audience {
    /// Leaves this session out.
    #[must_use]
    pub fn except(self, session: &RpcSession) -> Self {
        self.keep(|other| other.id() != session.id())
    }

    /// Keeps only the sessions that have this [role](RpcSession::roles), in all processes.
    #[must_use]
    pub fn with_role(self, role: &str) -> Self {
        let mut kept = self.keep(|session| session.has_role(role));
        if let Some(elsewhere) = &mut kept.elsewhere {
            elsewhere.selector.roles.push(role.to_owned());
        }
        kept
    }

    /// Keeps only the sessions of this process for which `keep` returns `true`. A function cannot be sent to other processes, so
    /// their sessions are left out. Select them from
    /// [`fleet_sessions`](crate::context::RpcHost::fleet_sessions), a list of which is an audience.
    #[must_use]
    pub fn filter(self, keep: impl FnMut(&RpcSession) -> bool) -> Self {
        self.local().keep(keep)
    }

    crate::setters! {
        /// Leaves out the sessions of other processes.
        #[must_use]
        pub fn local() { elsewhere = None }
    }

    /// Returns the sessions of this process, in the order they connected.
    pub fn sessions(&self) -> &[RpcSession] {
        &self.here
    }

    /// Returns the sessions of other processes, if any could receive something now.
    pub(super) fn elsewhere(&self) -> Option<&Elsewhere> {
        self.elsewhere.as_ref().filter(|it| !it.is_nobody())
    }

    fn keep(self, mut keep: impl FnMut(&RpcSession) -> bool) -> Self {
        let Some(first) = self.here.iter().position(|session| !keep(session)) else {
            return self; // nothing to leave out: the shared list is used as it is
        };
        let (kept, others) = self.here.split_at(first);
        let others = others.iter().skip(1).filter(|session| keep(session));
        Self {
            here: Arc::new(kept.iter().chain(others).cloned().collect()),
            elsewhere: self.elsewhere,
        }
    }
}

impl From<&DevToolsContext> for Audience {
    fn from(context: &DevToolsContext) -> Self {
        let all = Self {
            here: context.sessions().list(),
            elsewhere: Some(Elsewhere::all(context.backplane())),
        };
        all.keep(RpcSession::is_trusted)
    }
}

impl From<Vec<RpcSession>> for Audience {
    fn from(sessions: Vec<RpcSession>) -> Self {
        let all = Self {
            here: Arc::new(sessions),
            elsewhere: None,
        };
        all.keep(RpcSession::is_trusted)
    }
}

impl From<Vec<FleetSession>> for Audience {
    fn from(sessions: Vec<FleetSession>) -> Self {
        let here = sessions.iter().filter_map(FleetSession::local).cloned();
        let all = Self {
            here: Arc::new(here.collect()),
            elsewhere: Elsewhere::of(&sessions),
        };
        all.keep(RpcSession::is_trusted)
    }
}
