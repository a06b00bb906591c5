//! The context that functions run in, with its registry, plugin state, sessions, trust, docks and views.

mod agents;
mod allowed;
mod arrival;
mod audience;
mod backplane;
mod broadcast;
mod builtin;
mod connection;
mod context;
mod context_settings;
mod descriptors;
mod docks;
mod fleet;
#[cfg(feature = "static-files")]
mod hosted_folder;
mod invoking;
mod layers;
mod local_calls;
mod messages;
mod mode;
mod open_session;
mod permit;
mod permits;
mod plugin;
mod protocol_functions;
mod register;
mod replacement;
mod rpc;
mod scope;
mod serving;
mod session;
mod sessions;
mod settings;
mod shared_state;
#[cfg(all(feature = "server", feature = "_traffic"))]
mod shown_call;
#[cfg(feature = "server")]
mod single_call;
mod state;
mod stats;
mod streaming;
mod trust;
mod utils;
mod views;

#[cfg(feature = "inspector")]
pub(crate) use self::agents::{
    invoke as invoke_tool, read as read_resource, resources as agent_resources,
    tools as agent_tools,
};
#[cfg(feature = "cli")]
pub(crate) use self::allowed::HostPattern;
pub(crate) use self::allowed::{NoHost, NoOrigin, OriginPattern, patterns};
#[cfg(any(feature = "client", feature = "server"))]
pub(crate) use self::arrival::Arrival;
pub(crate) use self::broadcast::{broadcast_at_once, broadcast_call, broadcast_event};
pub(crate) use self::builtin::register as register_builtin;
pub(crate) use self::context_settings::{ContextOptions, Settings};
#[cfg(feature = "server")]
pub(crate) use self::descriptors::share_of_descriptors;
#[cfg(feature = "server")]
pub(crate) use self::docks::below_root_path;
pub(crate) use self::docks::{holds_addresses, in_dump};
pub(crate) use self::fleet::{FleetMembership, join as join_fleet, work};
#[cfg(feature = "static-files")]
pub(crate) use self::hosted_folder::{HostedFolder, OpenedPath};
pub(crate) use self::local_calls::{invoke_local, invoke_set_up};
#[cfg(feature = "server")]
pub(crate) use self::permit::SessionPermit;
pub(crate) use self::plugin::BoxedPlugin;
pub(crate) use self::protocol_functions::add as add_protocol_function;
pub(crate) use self::protocol_functions::add_on_connection as add_function_on_connection;
#[cfg(feature = "inspector")]
pub(crate) use self::protocol_functions::try_add as try_add_protocol_function;
#[cfg(feature = "inspector")]
pub(crate) use self::protocol_functions::{Callers, try_add_remote as try_add_remote_function};
#[cfg(feature = "client")]
pub(crate) use self::replacement::ReplacementFunctions;
pub(crate) use self::serving::{Serving, ServingSettings};
#[cfg(feature = "server")]
pub(crate) use self::session::Credential;
pub(crate) use self::views::{Files, View};

#[cfg(feature = "server")]
pub(crate) use self::allowed::{in_url, split_port, without_root};
#[cfg(feature = "server")]
pub(crate) use self::single_call::{Failed, SingleCall, SingleResult};
#[cfg(feature = "server")]
pub(crate) use self::trust::fragment;

pub use self::agents::AgentHost;
pub use self::arrival::SessionTransport;
pub use self::audience::Audience;
pub use self::backplane::{
    Appended, Backplane, BackplaneError, InProcess, Later, LogReader, Message as BackplaneMessage,
    Registration, Replaced, Responder, StoreReader,
};
pub use self::broadcast::{BroadcastReply, Broadcasting};
pub use self::context::DevToolsContext;
pub use self::docks::{
    ActionDock, BadgeVariant, ClientScript, Command, CommandError, Commands, CustomRenderDock,
    DockEntry, DockError, DockView, Docks, GroupDock, IframeDock, JsonRenderDock, LauncherDock,
    LauncherStatus,
};
pub use self::fleet::{FleetSession, FleetWorker};
pub use self::invoking::Invoking;
pub use self::messages::{MessageHandle, Messages};
pub use self::mode::Mode;
pub use self::plugin::{DevToolsPlugin, SetupError};
pub use self::register::{FunctionChanges, RegisterError};
pub use self::rpc::RpcHost;
#[cfg(feature = "typescript")]
pub use self::rpc::UnknownFunction;
pub use self::scope::ScopedContext;
pub use self::session::RpcSession;
pub use self::shared_state::SharedStates;
pub use self::state::DuplicateState;
pub use self::stats::Stats;
pub use self::streaming::StreamingHost;
#[cfg(any(feature = "client", feature = "server"))]
pub(crate) use self::trust::ClientIdentity;
pub use self::trust::{Auth, AuthCode, Gate, Token};
pub use self::utils::Utils;
pub use self::views::{EmbeddedFile, StaticFiles, ViewError, Views};
