//! The description of a session that another process receives.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use crate::host::arrival::SessionTransport;
use crate::host::session::RpcSession;

/// A session, as another process sees it. The token is left out.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct ProcessSession {
    pub(crate) id: u64,
    pub(crate) transport: SessionTransport,
    pub(crate) is_trusted: bool,
    pub(crate) origin: Option<String>,
    pub(crate) user_agent: Option<String>,
    pub(crate) address: Option<IpAddr>,
    pub(crate) roles: Vec<String>,
    pub(crate) token_name: Option<String>,
}

impl From<&RpcSession> for ProcessSession {
    fn from(session: &RpcSession) -> Self {
        Self {
            id: session.id(),
            transport: session.transport(),
            is_trusted: session.is_trusted(),
            origin: session.origin().map(str::to_owned),
            user_agent: session.user_agent().map(str::to_owned),
            address: session.address(),
            roles: session.roles(),
            token_name: session.token_name(),
        }
    }
}
