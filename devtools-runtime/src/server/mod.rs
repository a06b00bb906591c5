//! Serving a context over HTTP and WebSocket, on one port.

mod body;
mod error;
mod files;
mod listen;
mod metadata;
mod origin;
mod service;
mod websocket;

pub use self::body::ResponseBody;
pub use self::error::ServeError;
pub use self::listen::Server;
pub use self::service::DevToolsService;
