#![doc = include_str!("docs/front.md")]
#![cfg_attr(docsrs, feature(doc_cfg))]
#![cfg_attr(
    not(all(feature = "server", feature = "client")),
    allow(dead_code, reason = "the halves of a connection that nobody opens")
)]

extern crate self as devtools_runtime;

mod blocking;
mod debug_impl;
mod devtools;
mod files;
mod function;
mod growing_list;
mod host;
mod listeners;
mod macros;
mod mutex;
mod panel;
mod peer;
mod protocol;
#[cfg(feature = "recording")]
mod recording;
mod setters;
mod wire;

use self::debug_impl::debug_impl;
use self::setters::{default_is_new, setters};

#[doc(hidden)]
#[path = "private.rs"]
pub mod __private;
#[cfg(feature = "cli")]
pub mod cli;
#[cfg(feature = "client")]
pub mod client;
pub mod dump;
#[cfg(feature = "inspector")]
pub mod inspector;
pub mod layers;
#[cfg(feature = "server")]
pub mod server;
pub mod state;
pub mod streaming;
#[cfg(feature = "client")]
pub mod testing;
#[cfg(feature = "typescript")]
pub mod typescript;
pub mod vite;

/// Types that structured clone knows and JSON does not: `Map`, `Set`, `Date`, `BigInt` and others.
pub mod js {
    pub use crate::wire::js::*;
}

pub mod backplane {
    #![doc = include_str!("docs/modules/backplane.md")]

    pub use crate::host::{
        Appended, Backplane, BackplaneError, BackplaneMessage as Message, FleetSession,
        FleetWorker, InProcess, Later, LogReader, Registration, Replaced, Responder, StoreReader,
    };
}

pub mod context {
    #![doc = include_str!("docs/modules/context.md")]

    #[cfg(feature = "server")]
    pub use crate::devtools::{DuplicateRoute, Route, RouteRequest};
    pub use crate::function::{Delivery, MissingState};
    pub use crate::host::{
        AgentHost, Audience, BroadcastReply, Broadcasting, DevToolsContext, DevToolsPlugin,
        DuplicateState, EmbeddedFile, FunctionChanges, Mode, RegisterError, RpcHost, RpcSession,
        ScopedContext, SessionTransport, SetupError, SharedStates, StaticFiles, Stats,
        StreamingHost, Utils, ViewError, Views,
    };
    pub use crate::peer::SessionStats;
    pub use crate::protocol::agent::PageTool;
}

pub mod docks {
    #![doc = include_str!("docs/modules/docks.md")]

    pub use crate::host::{
        ActionDock, BadgeVariant, ClientScript, Command, CommandError, Commands, CustomRenderDock,
        DockEntry, DockError, DockView, Docks, GroupDock, IframeDock, JsonRenderDock, LauncherDock,
        LauncherStatus, MessageHandle, Messages,
    };
    pub use crate::protocol::docks::DockActivation;
    pub use crate::protocol::message::{
        FilePosition, Message, MessageAction, MessageLevel, MessageOrigin, MessageStatus,
    };
}

pub mod functions {
    #![doc = include_str!("docs/modules/functions.md")]

    pub use crate::function::{
        AgentInfo, AgentOptions, AgentSafety, Apply, ArgumentError, AsyncHandlerOf, CallError,
        ClientHandler, DuplicateFunction, FunctionDefinition, FunctionInfo, FunctionKind,
        FunctionList, FunctionOptions, HandlerOf, HandlerSignature, Implementation, Inject,
        InjectIntoSetup, NamedArgumentsError, NotifyError, Parameter, ParameterInfo, RemoteError,
        RpcArgument, RpcArguments, RpcError, RpcErrorField, RpcFunction, RpcFunctionBuilder,
        RpcOutput, Setup, Side, SourceLocation, by_position, define_rpc_function,
    };
    pub use crate::host::Invoking;
    pub use crate::peer::{Caller, Calling, CallingOptional, Notifying, WithFunctions};
    pub use crate::wire::Encoding;
}

pub mod trust {
    #![doc = include_str!("docs/modules/trust.md")]

    pub use crate::host::{Auth, AuthCode, Gate, Token};
}

// The programs of the README are run as tests, and are not a page of this documentation.
#[cfg(all(doctest, feature = "client"))]
#[doc = include_str!("../README.md")]
mod readme {}

#[doc = include_str!("docs/macros/plugin_state.md")]
pub use devtools_macros::PluginState;

#[doc = include_str!("docs/macros/rpc_error.md")]
pub use devtools_macros::RpcError;

#[doc = include_str!("docs/macros/rpc_channel.md")]
pub use devtools_macros::rpc_channel;

#[doc = include_str!("docs/macros/rpc_function.md")]
pub use devtools_macros::rpc_function;

#[doc = include_str!("docs/macros/rpc_shared_state.md")]
pub use devtools_macros::rpc_shared_state;

#[cfg(feature = "client")]
pub use self::client::DevToolsRpcClient;
#[cfg(feature = "server")]
pub use self::devtools::{BindError, ServeError, Server};
pub use self::devtools::{BuildError, DevTools, DevToolsBuilder};
pub use self::dump::Dump;
pub use self::function::{
    CallError, FunctionDefinition, FunctionKind, FunctionList, NotifyError, PluginState,
    RemoteError, RpcError, RpcFunction, Setup, Side, define_rpc_function,
};
pub use self::host::{
    Auth, DevToolsContext, DevToolsPlugin, DockEntry, EmbeddedFile, Gate, Mode, RpcSession,
    SetupError,
};
pub use self::peer::{Limits, UntrustedLimits, WhenFull};
pub use self::wire::Encoding;
// The trait beside the macro, in the namespace of types: `use devtools_runtime::call;` brings both into scope.
#[cfg(feature = "client")]
#[doc(hidden)]
pub use self::client::ConnectWithFunctions as call;
