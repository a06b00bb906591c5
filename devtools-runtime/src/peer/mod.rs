//! One bidirectional endpoint over a stream and sink of text frames.
//!
//! The protocol is symmetrical: both ends of a connection call functions and both answer. So there is
//! one endpoint, in two halves. [`Peer`] is the endpoint: it sends calls and events, from any task.
//! [`Driver`] is the future that owns the connection: it reads, dispatches, and writes. A server is
//! many drivers over one registry, a client is one.

mod access;
mod alive;
#[cfg(feature = "server")]
mod arriving;
mod broadcast;
mod cache;
mod call_set;
mod caller;
mod calling;
mod calls;
mod cancel;
mod close;
mod counters;
mod detached;
mod dispatcher;
mod driver;
mod endpoint;
mod exchange;
mod frame;
mod frame_block;
mod functions;
mod gather;
#[cfg(feature = "server")]
mod guard;
#[cfg(feature = "_http")]
mod half_open;
mod held_requests;
#[cfg(feature = "recording")]
mod interposed;
#[cfg(feature = "_http")]
mod keep_alive;
mod lane;
mod limits;
mod listed;
#[cfg(feature = "client")]
mod memory;
mod outbound;
mod pending;
mod reply;
mod running;
mod signal;
#[cfg(feature = "_traffic")]
#[cfg_attr(
    not(feature = "recording"),
    allow(dead_code, reason = "only a recorder receives all frames")
)]
mod tap;
mod thrown;
#[cfg(feature = "_traffic")]
#[cfg_attr(
    not(feature = "inspector"),
    allow(dead_code, reason = "only the inspector reads the record")
)]
mod traffic;
mod transport;
mod turn;
#[cfg(feature = "_http")]
mod websocket;
mod when_full;

pub(crate) use self::access::{AccessCell, ConnectionAccess};
#[cfg(feature = "client")]
pub(crate) use self::alive::ALIVE;
#[cfg(feature = "server")]
pub(crate) use self::arriving::{ArrivingBytes, ArrivingRequest, OverArriving};
pub(crate) use self::broadcast::BroadcastCall;
#[cfg(feature = "client")]
pub(crate) use self::cache::ResultCache;
#[cfg(feature = "client")]
pub(crate) use self::cancel::CANCEL;
pub(crate) use self::close::CloseReason;
pub(crate) use self::counters::Counters;
pub(crate) use self::detached::DetachedCalls;
pub(crate) use self::dispatcher::Dispatcher;
pub(crate) use self::driver::Driver;
pub(crate) use self::endpoint::{PeerQueue, event};
pub(crate) use self::exchange::Enqueue;
#[cfg(feature = "client")]
pub(crate) use self::exchange::Exchange;
pub(crate) use self::frame::{Frame, TransportError};
pub(crate) use self::frame_block::FrameBlock;
pub(crate) use self::functions::{Functions, OnUnknownCall};
#[cfg(feature = "recording")]
pub(crate) use self::interposed::{Interpose, Interposed, Interposer};
pub(crate) use self::lane::{FrameBatch, FrameSource, SingleFrame};
#[cfg(feature = "client")]
pub(crate) use self::memory::memory_pair;
pub(crate) use self::reply::Reply;
#[cfg(feature = "server")]
pub(crate) use self::reply::shortened;
#[cfg(feature = "client")]
pub(crate) use self::reply::{refused_as_too_large, unknown_function};
pub(crate) use self::running::runs_to_end;
pub(crate) use self::signal::Signal;
#[cfg(feature = "recording")]
pub(crate) use self::tap::FrameSink;
#[cfg(feature = "_traffic")]
pub(crate) use self::tap::FrameTap;
pub(crate) use self::thrown::remote_error;
#[cfg(feature = "_traffic")]
pub(crate) use self::traffic::FrameDirection;
#[cfg(feature = "inspector")]
pub(crate) use self::traffic::{RecentFrames, RecordedFrame, TrafficLog, TrafficTap};
pub(crate) use self::transport::Transport;
#[cfg(any(feature = "client", feature = "server"))]
pub(crate) use self::transport::TransportPoll;
#[cfg(feature = "_http")]
pub(crate) use self::websocket::WebSocketTransport;
#[cfg(any(feature = "server", feature = "client"))]
pub(crate) use self::websocket::accept_key;
#[cfg(feature = "client")]
pub(crate) use self::websocket::request_key;
pub(crate) use self::when_full::SendOutcome;

pub use self::caller::Caller;
pub use self::calling::{Calling, CallingOptional, Notifying};
pub use self::counters::SessionStats;
pub use self::endpoint::Peer;
#[cfg(feature = "server")]
pub(crate) use self::guard::GuardedStream;
pub use self::limits::{Limits, UntrustedLimits, WhenFull};
pub use self::listed::{
    BoundFunction, BoundFunctionOf, ListedCaller, Named, Pass, Through, WithFunctions, through,
};
