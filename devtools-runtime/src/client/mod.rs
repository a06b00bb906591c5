//! The Rust client: one peer, and how it finds its server.

mod connect;
mod discovery;
mod handle;
mod http;
mod websocket;

pub use self::connect::ConnectError;
pub use self::handle::DevToolsRpcClient;
