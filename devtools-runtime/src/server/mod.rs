#![doc = include_str!("../docs/modules/server.md")]

// Serving a context over HTTP, WebSocket and server-sent events, on one port.

mod access;
mod bearer;
mod body;
mod call;
mod connections;
mod content_type;
mod encryption;
mod error;
mod files;
mod front_page;
mod headers;
mod incoming;
mod index;
mod listen;
mod metadata;
mod mount;
mod named_body;
mod paced;
mod response;
mod routes;
mod service;
mod sse;
#[cfg(feature = "tls")]
mod tls;
mod websocket;

#[cfg(feature = "_fuzz")]
pub(crate) use self::access::Addresses;
pub(crate) use self::encryption::Encryption;
pub(crate) use self::error::ListenError;
#[cfg(feature = "_fuzz")]
pub(crate) use self::incoming::BodyLimits;
pub(crate) use self::listen::Listening;
pub(crate) use self::routes::{Admitted, RouteEntry, Routes};
#[cfg(feature = "_fuzz")]
pub(crate) use self::sse::{HeldPosts, call_id, read as read_post};

pub use self::body::{RequestBody, ResponseBody};
pub use self::service::DevToolsService;
#[cfg(feature = "tls")]
pub use self::tls::{TlsIdentity, TlsIdentityError};
