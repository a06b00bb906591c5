#![doc = include_str!("../docs/modules/client.md")]

// The Rust client: discovery, transports, trust, and the task that reconnects.

mod connect;
mod dial;
mod discovery;
mod functions;
mod global;
mod handle;
mod http;
mod link;
mod open_static;
mod options;
mod site;
mod sse;
mod status;
mod trust;
mod websocket;

use self::handle::NoScope;
use self::link::Link;
use self::options::Options;
#[cfg(test)]
pub(crate) use self::site::Site;

#[cfg(feature = "_fuzz")]
pub(crate) use self::discovery::{ConnectionMeta, metadata_url, sse_url, websocket_url};
#[cfg(feature = "_fuzz")]
pub(crate) use self::sse::read_events;

pub use self::connect::ConnectError;
pub use self::functions::ConnectWithFunctions;
pub use self::global::{client_context, set_client_context};
pub use self::handle::DevToolsRpcClient;
pub use self::options::{ClientTransport, DevToolsRpcClientBuilder};
pub use self::status::{Backoff, ConnectionStatus};
