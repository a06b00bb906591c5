#![doc = include_str!("../README.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]

extern crate self as devtools_runtime;

mod devtools;
mod function;
mod host;
mod peer;
mod wire;

#[cfg(feature = "client")]
mod client;
#[cfg(feature = "server")]
mod server;

#[doc(hidden)]
#[path = "private.rs"]
pub mod __private;

/// Types that structured clone knows and JSON does not: `Map`, `Set`, `Date`, `BigInt` and others.
pub mod js {
    pub use crate::wire::js::*;
}

pub use devtools_macros::{PluginState, rpc_function};

pub use self::devtools::{Auth, BuildError, DevTools, DevToolsBuilder};
pub use self::function::{
    ArgumentError, CallError, ClientHandler, DuplicateFunction, FunctionDefinition, FunctionKind,
    Implementation, Inject, MissingState, NotifyError, Parameter, Place, PluginState, RemoteError,
    RpcArgument, RpcArguments, RpcFunction, RpcOutput, Side,
};
pub use self::host::{
    DevToolsContext, DevToolsPlugin, DuplicateState, EmbeddedFile, Mode, RpcHost, RpcSession,
    SessionTransport, SetupError, StaticFiles, ViewError, Views,
};
pub use self::peer::{Caller, Limits};
pub use self::wire::Encoding;

#[cfg(feature = "client")]
pub use self::client::{ConnectError, DevToolsRpcClient};
#[cfg(feature = "server")]
pub use self::server::{DevToolsService, ResponseBody, ServeError, Server};
