//! Serving a context over HTTP, WebSocket and server-sent events, on one port.

mod body;
mod error;
mod files;
mod listen;
mod metadata;
mod origin;
mod service;
mod sse;
mod websocket;

pub(crate) use self::sse::SseSessions;

pub use self::body::ResponseBody;
pub use self::error::ServeError;
pub use self::listen::Server;
pub use self::service::DevToolsService;
