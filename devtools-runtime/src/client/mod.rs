#![doc = include_str!("../docs/modules/client.md")]

// The Rust client: discovery, transports, trust, and the task that reconnects.

mod alive;
mod backoff;
mod builder;
mod connect;
mod dial;
mod direct;
mod discovery;
mod error;
mod functions;
mod global;
mod handle;
mod http;
mod link;
mod no_scope;
mod open_static;
mod options;
mod site;
mod sse;
mod status;
#[cfg(feature = "tls")]
mod tls;
#[cfg(not(feature = "tls"))]
#[path = "no_tls.rs"]
mod tls;
mod token;
mod trust;
mod websocket;

#[cfg(test)]
pub(crate) use self::dial::Dialer;
#[cfg(test)]
pub(crate) use self::site::StaticSite;

#[cfg(feature = "_fuzz")]
pub(crate) use self::discovery::{ConnectionMeta, metadata_url, sse_url, websocket_url};
#[cfg(feature = "_fuzz")]
pub(crate) use self::sse::read_events;

pub use self::backoff::Backoff;
pub use self::builder::DevToolsRpcClientBuilder;
pub use self::error::{ConnectError, TlsError};
pub use self::functions::ConnectWithFunctions;
pub use self::global::{client_context, set_client_context};
pub use self::handle::DevToolsRpcClient;
pub use self::options::ClientTransport;
pub use self::status::ConnectionStatus;
