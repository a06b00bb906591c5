//! The functions that the page of the inspector calls. They belong to this crate, not to the ecosystem's protocol, and only the page of the same
//! version calls them.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::host::{Mode, SessionTransport, Stats};
use crate::peer::SessionStats;
use crate::protocol::functions;
use crate::streaming::DescribedChannel;
use crate::wire::Encoding;

functions! {
    /// Describes the program: its pages, docks, commands, states and channels.
    Program = "devtools-runtime:inspector:program", Query, Server, Json,
    () -> ProgramInfo;

    /// Returns a text that changes when something is added to or removed from the lists of the program.
    Revision = "devtools-runtime:inspector:revision", Query, Server, Json,
    () -> String;

    /// Lists the open sessions with their counters.
    Sessions = "devtools-runtime:inspector:sessions", Query, Server, Json,
    () -> SessionList;

    /// Closes a session. Returns `false` if it is not open.
    CloseSession = "devtools-runtime:inspector:close-session", Action, Server, Json,
    (id: u64) -> bool;

    /// Withdraws the trust of a session and of the other sessions with its token. Returns `false` if it is not open.
    RevokeSession = "devtools-runtime:inspector:revoke-session", Action, Server, Json,
    (id: u64) -> bool;

    /// Returns the frames from the number `since` on, and records frames for some seconds more.
    Traffic = "devtools-runtime:inspector:traffic", Query, Server, Json,
    (since: u64) -> TrafficPage;

    /// Ends the recording of frames, unless another session reads them.
    LeaveTraffic = "devtools-runtime:inspector:leave-traffic", Event, Server, Json,
    () -> ();

    /// Opens the source of a function in the editor. Returns the path of the file.
    OpenSource = "devtools-runtime:inspector:open-source", Action, Server, Json,
    (name: String) -> String;

    /// Returns the text of a frame, or `None` if it is not recorded any more.
    FrameContent = "devtools-runtime:inspector:frame", Query, Server, Json,
    (number: u64) -> Option<String>;
}

/// The description of a program.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ProgramInfo {
    /// The name of the executable file.
    pub(crate) name: String,
    /// The version of this crate.
    pub(crate) runtime_version: String,
    pub(crate) mode: Mode,
    pub(crate) cwd: String,
    pub(crate) workspace_root: String,
    /// Whether functions have schemas: the feature `typescript`.
    pub(crate) has_schemas: bool,
    /// The name of the editor that source files are opened in.
    pub(crate) editor: Option<String>,
    /// The base paths of the views.
    pub(crate) views: Vec<String>,
    pub(crate) docks: Vec<Value>,
    pub(crate) commands: Vec<Value>,
    /// The keys of the shared states.
    pub(crate) states: Vec<String>,
    pub(crate) channels: Vec<DescribedChannel>,
}

/// The open sessions, and the counters of all sessions.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct SessionList {
    pub(crate) sessions: Vec<InspectedSession>,
    pub(crate) stats: Stats,
}

/// The description of a session.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct InspectedSession {
    pub(crate) id: u64,
    /// Whether it is the session that asks.
    pub(crate) is_own: bool,
    pub(crate) transport: SessionTransport,
    pub(crate) origin: Option<String>,
    pub(crate) address: Option<String>,
    pub(crate) user_agent: Option<String>,
    pub(crate) trusted: bool,
    pub(crate) roles: Vec<String>,
    pub(crate) token_name: Option<String>,
    pub(crate) stats: SessionStats,
}

/// A part of the record of frames.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct TrafficPage {
    /// The number to ask from next.
    pub(crate) next: u64,
    /// The frames that were recorded and are not in this page.
    pub(crate) skipped: u64,
    /// The time of the server, in milliseconds since it began.
    pub(crate) now: f64,
    /// The session that asks.
    pub(crate) own: u64,
    pub(crate) frames: Vec<FrameInfo>,
}

/// The description of a frame.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct FrameInfo {
    pub(crate) number: u64,
    /// In milliseconds since the server began.
    pub(crate) at: f64,
    pub(crate) session: u64,
    /// Whether the server has read the frame. Otherwise it has written it.
    pub(crate) incoming: bool,
    pub(crate) kind: FrameKind,
    /// The name of the function that is called.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) name: Option<String>,
    /// The id that a reply shares with its call.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) id: Option<String>,
    pub(crate) encoding: Encoding,
    pub(crate) bytes: usize,
}

/// The kind of a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum FrameKind {
    /// A call, which expects a reply.
    Call,
    /// A call without a reply.
    Event,
    /// The reply of a call that succeeded.
    Reply,
    /// The reply of a call that failed.
    Failure,
    /// A frame that is not a valid envelope.
    Unreadable,
}
