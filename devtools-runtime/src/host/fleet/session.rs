//! A session of any process.

use std::borrow::Cow;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use crate::host::arrival::SessionTransport;
use crate::host::backplane::{Backplane, BackplaneError};
use crate::host::fleet::request::{ProcessRequest, RequestOutcome, message, read, subject_of};
use crate::host::fleet::session_info::ProcessSession;
use crate::host::session::RpcSession;

/// How long another process may take to close a session, or to revoke its token.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(10);

/// A session of this process or of another one, from [`RpcHost::fleet_sessions`](crate::context::RpcHost::fleet_sessions) or a
/// [reply to a broadcast](crate::context::BroadcastReply).
///
/// The properties of a session of another process are those at the time of the request, and do not change afterwards.
///
/// ```
/// use devtools_runtime::DevToolsContext;
/// use devtools_runtime::backplane::BackplaneError;
///
/// /// Closes the sessions of a token in all processes.
/// async fn close_all(ctx: &DevToolsContext, name: &str) -> Result<(), BackplaneError> {
///     for session in ctx.rpc().fleet_sessions().await? {
///         if session.token_name().as_deref() == Some(name) {
///             session.close("the token is no longer used").await?;
///         }
///     }
///     Ok(())
/// }
/// ```
#[derive(Debug, Clone)]
pub struct FleetSession(SessionHost);

#[derive(Debug, Clone)]
enum SessionHost {
    Here(RpcSession),
    Elsewhere(Arc<Remote>),
}

/// A session of another process.
#[derive(Debug)]
struct Remote {
    process: String,
    info: ProcessSession,
    backplane: Arc<dyn Backplane>,
}

impl FleetSession {
    pub(super) fn elsewhere(
        process: &str,
        info: ProcessSession,
        backplane: &Arc<dyn Backplane>,
    ) -> Self {
        Self(SessionHost::Elsewhere(Arc::new(Remote {
            process: process.to_owned(),
            info,
            backplane: Arc::clone(backplane),
        })))
    }

    /// Reads a property of the session, which this process knows itself or has been told.
    fn read<'s, T>(
        &'s self,
        here: fn(&'s RpcSession) -> T,
        elsewhere: fn(&'s ProcessSession) -> T,
    ) -> T {
        match &self.0 {
            SessionHost::Here(session) => here(session),
            SessionHost::Elsewhere(remote) => elsewhere(&remote.info),
        }
    }

    /// Returns the process and the number of a session of another process, with the backplane by which it is reached.
    pub(super) fn remote(&self) -> Option<(&str, u64, &Arc<dyn Backplane>)> {
        match &self.0 {
            SessionHost::Here(_) => None,
            SessionHost::Elsewhere(it) => Some((&it.process, it.info.id, &it.backplane)),
        }
    }

    /// Returns the session if it belongs to this process.
    pub fn local(&self) -> Option<&RpcSession> {
        match &self.0 {
            SessionHost::Here(session) => Some(session),
            SessionHost::Elsewhere(_) => None,
        }
    }

    /// Returns the name of the process that the session belongs to. `None` if it is this process.
    pub fn process(&self) -> Option<&str> {
        match &self.0 {
            SessionHost::Here(_) => None,
            SessionHost::Elsewhere(remote) => Some(&remote.process),
        }
    }

    /// Returns the number of the session in its process.
    pub fn id(&self) -> u64 {
        self.read(RpcSession::id, |it| it.id)
    }

    /// Returns whether the session may call every function and receives broadcasts.
    pub fn is_trusted(&self) -> bool {
        self.read(RpcSession::is_trusted, |it| it.is_trusted)
    }

    /// Returns the transport of the session.
    pub fn transport(&self) -> SessionTransport {
        self.read(RpcSession::transport, |it| it.transport)
    }

    /// Returns the origin of the page that the session belongs to. `None` if the client is a program.
    pub fn origin(&self) -> Option<&str> {
        self.read(RpcSession::origin, |it| it.origin.as_deref())
    }

    /// Returns the `User-Agent` of the client's HTTP request.
    pub fn user_agent(&self) -> Option<&str> {
        self.read(RpcSession::user_agent, |it| it.user_agent.as_deref())
    }

    /// Returns the address that the client connects from, if it is known.
    pub fn address(&self) -> Option<IpAddr> {
        self.read(RpcSession::address, |it| it.address)
    }

    /// Returns the [roles](RpcSession::roles) of the session.
    pub fn roles(&self) -> Vec<String> {
        self.read(RpcSession::roles, |it| it.roles.clone())
    }

    /// Returns the name of the [`Token`](crate::trust::Token) that the session has sent, if the token has one.
    pub fn token_name(&self) -> Option<String> {
        self.read(RpcSession::token_name, |it| it.token_name.clone())
    }

    /// Ends the session, as [`RpcSession::close`] does. Returns `false` if its process has no such session any more.
    ///
    /// # Errors
    ///
    /// If the process of the session could not be asked. With [`BackplaneError::NoResponder`], the process has ended, and the session
    /// with it.
    ///
    /// # Cancel safety
    ///
    /// If the future is dropped, the session may be closed or not.
    pub async fn close(
        &self,
        reason: impl Into<Cow<'static, str>>,
    ) -> Result<bool, BackplaneError> {
        let reason = reason.into();
        match &self.0 {
            SessionHost::Here(session) => {
                let was_open = !session.is_closed();
                session.close(reason);
                Ok(was_open)
            }
            SessionHost::Elsewhere(remote) => {
                let request = ProcessRequest::Close {
                    session: remote.info.id,
                    reason: reason.into_owned(),
                };
                Ok(matches!(remote.ask(&request).await?, RequestOutcome::Done))
            }
        }
    }

    /// Asks the process of a session of another one to revoke its token.
    pub(crate) async fn revoke_elsewhere(&self) -> std::io::Result<()> {
        let SessionHost::Elsewhere(remote) = &self.0 else {
            return Ok(());
        };
        let session = remote.info.id;
        let answer = remote.ask(&ProcessRequest::Revoke { session }).await;
        match answer.map_err(std::io::Error::other)? {
            RequestOutcome::Done | RequestOutcome::NoSession => Ok(()),
            RequestOutcome::Failed(message) => Err(std::io::Error::other(message)),
        }
    }
}

impl Remote {
    async fn ask(&self, request: &ProcessRequest) -> Result<RequestOutcome, BackplaneError> {
        let request = message(request);
        let subject = subject_of(&self.process);
        let answer = self.backplane.request(&subject, request, ANSWER_TIMEOUT);
        read(&answer.await?)
    }
}

impl From<RpcSession> for FleetSession {
    fn from(session: RpcSession) -> Self {
        Self(SessionHost::Here(session))
    }
}

impl From<&RpcSession> for FleetSession {
    fn from(session: &RpcSession) -> Self {
        Self(SessionHost::Here(session.clone()))
    }
}

impl From<&FleetSession> for FleetSession {
    fn from(session: &FleetSession) -> Self {
        session.clone()
    }
}
