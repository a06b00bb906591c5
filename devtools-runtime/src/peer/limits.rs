//! The limits of a server, a client and their connections.

use std::time::Duration;

/// The limits of a server or client and of each of its connections.
///
/// They bound the memory that a peer can occupy by sending frames or by not reading them. Each limit says what happens when
/// it is reached.
///
/// ```
/// use devtools_runtime::Limits;
///
/// const LIMITS: Limits = Limits::new().calls_in_flight(64).queued_frames(256);
/// assert_eq!(LIMITS.calls_in_flight, 64);
/// assert_eq!(LIMITS.frame_bytes, 100 * 1024 * 1024); // the default
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use = "limits hold where a builder takes them"]
#[non_exhaustive]
pub struct Limits {
    /// The largest frame, in bytes. Default: 100 MiB, as the JavaScript server has it
    /// ([protocol 3.4](https://github.com/devtools-runtime/devtools-runtime/blob/main/docs/protocol.md#34-the-upgrade)).
    ///
    /// A larger frame that arrives closes its WebSocket with code 1009, because the protocol cannot skip a frame. Over SSE,
    /// its POST is answered with 413. Sending a larger frame fails with an error that names the limit. A server sends its
    /// limit to its clients, and this crate's client does not send a frame that is too large for the server.
    pub frame_bytes: usize,

    /// The number of sessions that a server may have at once. Default: 1,024.
    ///
    /// When it is reached, an untrusted session is closed to make room for a further one, as
    /// [`untrusted`](Self::untrusted) describes. If all sessions are trusted, a further one is refused with status 503. A
    /// session counts from the answer to its request until it ends. Clients in memory count too, but are never refused.
    pub sessions: usize,

    /// The number of HTTP connections that a server from [`DevTools::bind`](crate::DevTools::bind) may have at once, without
    /// those that have become a WebSocket. Default: 1,024, and at most a quarter of the process's file descriptors.
    ///
    /// When it is reached, or no file descriptor is left for a new connection, the server ends the oldest connection
    /// without a trusted session.
    pub connections: usize,

    /// The number of bytes of requests that have not arrived completely, over all connections of a context. Default: 256
    /// MiB. The first 64 KiB of each request do not count, and one request is read however large it is.
    ///
    /// When it is reached, a POST is answered with status 503, and a WebSocket is closed with code 1013. So clients that send large
    /// requests and do not finish them cannot occupy all memory, and small requests are read all the same.
    pub arriving_bytes: usize,

    /// The limits of untrusted sessions, for a server with a gate. Default: [`UntrustedLimits::default`].
    pub untrusted: UntrustedLimits,

    /// How long a client may take to send the head of a request to a server from
    /// [`DevTools::bind`](crate::DevTools::bind). Default: 30 seconds.
    ///
    /// After that the connection is closed. An application that mounts the service sets its own limit. For a client, this is
    /// how long each step of connecting may take before the attempt fails.
    pub handshake: Duration,

    /// The lowest rate, in bytes per second, at which a client must send the body of a request and read a response after
    /// [`handshake`](Self::handshake) is over. Default: 1,024.
    ///
    /// The rate is measured over each period of `handshake`. A slower body is refused with status 408. The connection of a slower
    /// reader is closed, except in an application that mounts the service. An event stream without new events is not slow.
    pub least_rate: u32,

    /// The number of calls of one connection that may run at once. Default: 1,024.
    ///
    /// When it is reached, further requests wait in memory, up to [`waiting_bytes`](Self::waiting_bytes). A caller can cancel the
    /// queries among them, and those that run.
    pub calls_in_flight: usize,

    /// The number of bytes of requests of one connection that may wait until earlier ones have ended or their replies are read.
    /// Each request takes 256 bytes on top of its length. Default: 16 MiB.
    ///
    /// When it is reached, nothing is read until there is room again. No request is lost: further ones wait in the socket, which
    /// slows the caller down (back-pressure).
    pub waiting_bytes: usize,

    /// The number of calls of `blocking` functions that may run at once in a context, each on a thread of its own. Default:
    /// 64.
    ///
    /// When it is reached, calls wait for a thread in the order of their requests. One session has at most half of the
    /// threads, so that it cannot block the others. Calls that the program makes itself do not count.
    pub blocking_calls: usize,

    /// The number of reads of hosted folders that may run at once in a context, each on a thread of its own. Default: 32.
    ///
    /// When it is reached, requests wait for a thread in their order. Sign-ins and calls do not wait for these threads.
    pub file_reads: usize,

    /// The number of actions and events that may still run after their callers have disconnected, over all connections.
    /// Default: 1,024.
    ///
    /// They run to their end. While there are more than that, a session that ends keeps its slot of
    /// [`sessions`](Self::sessions) until its own actions and events have ended, which bounds their number. A client does not
    /// reconnect while it is over the limit.
    pub detached_calls: usize,

    /// How long a handler may take. Default: `None`, which means no limit, as in JavaScript.
    ///
    /// After that the handler's future is dropped, whatever the kind of its function, and the call is answered with an error
    /// that names the limit. A handler that computes or blocks its thread cannot be dropped before it awaits.
    pub handler_timeout: Option<Duration>,

    /// The number of frames that may wait to be written to one connection. Default: 1,024.
    ///
    /// When it is reached, calls and notifications wait for room in their order, and
    /// [`when_full`](Self::when_full) decides what a broadcast does. Replies do not wait in this queue;
    /// [`calls_in_flight`](Self::calls_in_flight) limits their number.
    pub queued_frames: usize,

    /// The number of bytes that may wait to be written to one connection. Default: 64 MiB, which is 64 KiB for each of
    /// [`queued_frames`](Self::queued_frames) and more than a panel that reads leaves waiting. A value above 4 GiB counts
    /// as 4 GiB.
    ///
    /// A frame takes its length, and at least `queued_bytes / queued_frames`, so that one count enforces both limits. A frame
    /// that is larger than the whole limit waits until the queue is empty and then goes alone.
    pub queued_bytes: usize,

    /// The policy for a broadcast event and a session whose queue is full. Default:
    /// [`WhenFull::Close`].
    ///
    /// Messages of the runtime itself always close such a session, because they have no caller that could wait and the
    /// client would be out of step without them: changes of shared states, activations of docks, revoked trust, and
    /// answers to messages about unknown streams and refused uploads. Calls and
    /// notifications wait for room. Broadcast calls fail with [`CallError::Congested`](crate::CallError::Congested).
    pub when_full: WhenFull,

    /// The number of shared states that clients of a context may have created. Default: 1,024. States that the program has
    /// created or opened do not count.
    ///
    /// When it is reached, a further state replaces the oldest one without subscribers whose client has disconnected. If
    /// there is none, creating the state is refused.
    pub states: usize,

    /// The number of stored settings that clients may have opened. Default: 1,024. The interface's own settings,
    /// `devframe:user-settings`, do not count.
    ///
    /// When it is reached, the oldest setting without subscribers is stored and removed from memory. If there is none, the
    /// further setting is refused.
    pub settings: usize,

    /// The number of [`states`](Self::states) and [`settings`](Self::settings) together that one session may create or open.
    /// Default: 256. Further ones are refused until the session ends.
    pub session_states: usize,

    /// The number of [messages](crate::docks::Messages) of a context. Default: 1,000. Beyond it, the oldest is removed.
    pub messages: usize,

    /// The largest message that a client may add, in bytes of JSON. Default: 64 KiB. A larger one is refused.
    pub message_bytes: usize,

    /// The largest description of the tools that one page offers to agents, in bytes of JSON. Default: 64 KiB. A page that offers more
    /// gets an error, and keeps the tools that it offered before.
    pub page_tool_bytes: usize,

    /// The largest shared state after a client's change, in bytes of structured clone. Default: 4 MiB.
    ///
    /// A larger change is refused, and the client receives the current value. Changes of the program are limited by
    /// [`frame_bytes`](Self::frame_bytes).
    pub state_bytes: usize,

    /// The number of array elements that the patches of one change of a shared state may move. Default: 8,000,000.
    ///
    /// Inserting or removing an element moves the elements between it and the nearer end of its array. A change over the
    /// limit is refused, and the client receives the current value. All other costs of patches are bounded by their size
    /// and the size of the state.
    pub patch_moves: usize,

    /// The number of shared states that a session may subscribe to. Default: 1,024. Further subscriptions are refused.
    pub state_subscriptions: usize,

    /// The interval between the pings of each side of a WebSocket. Default: 30 seconds, as in the JavaScript
    /// server ([protocol 3.4](https://github.com/devtools-runtime/devtools-runtime/blob/main/docs/protocol.md#34-the-upgrade)).
    ///
    /// If neither a pong nor a message arrives until the next ping, the connection ends, and a client reconnects. After a
    /// call has timed out, a client checks the connection at once and waits for this time, but at most 10 seconds.
    pub keep_alive: Duration,

    /// The number of bytes of a static dump's files that a client caches in memory. Default: 64 MiB.
    ///
    /// When it is reached, the least recently used files are removed from the cache. A file that is larger than the limit is
    /// not cached.
    pub shard_bytes: usize,

    /// How long a side that closes a connection waits for running calls to end and for their replies to be sent. Default: 2
    /// seconds. Replies that are not sent by then are dropped.
    pub grace: Duration,
}

/// The limits of an untrusted session. They are low, because every client may connect, but sufficient to sign in.
///
/// ```
/// use devtools_runtime::{Limits, UntrustedLimits};
///
/// let limits = Limits::new().untrusted(UntrustedLimits::new().sessions(16));
/// assert_eq!(limits.untrusted.sessions, 16);
/// assert_eq!(limits.untrusted.frame_bytes, 64 * 1024);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use = "limits hold where a builder takes them"]
#[non_exhaustive]
pub struct UntrustedLimits {
    /// The largest frame, in bytes. Default: 64 KiB. A larger frame is treated like one over [`Limits::frame_bytes`], which
    /// applies too.
    pub frame_bytes: usize,

    /// The number of bytes of requests that may wait in one session until earlier requests are answered. Default: 256 KiB.
    /// [`Limits::waiting_bytes`] applies too.
    ///
    /// When it is reached, nothing is read until there is room again. So the server does not read from a client that does not
    /// read its replies.
    pub waiting_bytes: usize,

    /// The number of calls of one session that may run at once. Default: 16. When it is reached, further requests wait, up to
    /// [`waiting_bytes`](Self::waiting_bytes).
    pub calls_in_flight: usize,

    /// The number of [`sessions`](Limits::sessions) that may be untrusted at once. Default: 512, and at most a quarter of the
    /// process's file descriptors.
    ///
    /// When it is reached, or all sessions are taken, an untrusted session is closed to make room: the oldest one that has
    /// not asked for a code, or else the oldest one.
    pub sessions: usize,

    /// The number of untrusted sessions from one address. Default: 256. When it is reached, one session of that address is
    /// closed to make room. There is no such limit for clients whose address is unknown
    /// ([`RpcSession::address`](crate::RpcSession::address)).
    pub sessions_per_address: usize,

    /// How long a session may stay untrusted. Default: 30 minutes, because users have to find the code. After that the
    /// session is closed.
    pub sign_in: Duration,
}

impl UntrustedLimits {
    /// Returns the default limits.
    pub const fn new() -> Self {
        Self {
            frame_bytes: 64 * 1024,
            waiting_bytes: 256 * 1024,
            calls_in_flight: 16,
            sessions: 512,
            sessions_per_address: 256,
            sign_in: Duration::from_secs(30 * 60),
        }
    }

    crate::setters! {
        frame_bytes: usize,
        waiting_bytes: usize,
        calls_in_flight: usize,
        sessions: usize,
        sessions_per_address: usize,
        sign_in: Duration,
    }
}

crate::default_is_new!(UntrustedLimits);

/// The policy for a broadcast event and a session whose queue is full, because its client does not read fast enough.
///
/// The other sessions receive the event at once in either case.
///
/// ```
/// use devtools_runtime::{DevTools, Limits, WhenFull};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// // A broadcast waits for slow panels, and none of them is closed.
/// let limits = Limits::new().queued_frames(64).when_full(WhenFull::Wait);
/// let devtools = DevTools::builder().limits(limits).build().await?;
/// # let _ = devtools;
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum WhenFull {
    /// Closes that session, because it would miss events without knowing it. Its client notices the end and can reconnect.
    /// The broadcast does not wait.
    #[default]
    Close,
    /// Waits for room. The broadcast resolves when every session has queued the event or has ended, so it is as slow as the
    /// slowest session.
    ///
    /// Messages of the runtime itself have no caller that could wait, so they are sent as with [`Close`](Self::Close).
    Wait,
}

impl Limits {
    /// The number of arrays, objects, maps and sets that may be nested in each other in a value: 128.
    ///
    /// The limit applies to parameters, results, chunks and shared states, to reading and writing, in both codecs, on
    /// servers and clients. The frame around a value is not counted. Reading or writing a deeper value fails with an error
    /// that names this limit. It is not an option, because every side must be able to read the values that another side
    /// writes. It is low enough for the 2 MiB stack of a worker thread in a debug build. Send deeper structures as a list
    /// whose elements refer to each other by index.
    pub const DEPTH: usize = crate::wire::MAX_DEPTH;
}

impl Limits {
    /// Returns the default limits.
    pub const fn new() -> Self {
        Self {
            frame_bytes: 100 * 1024 * 1024,
            sessions: 1024,
            connections: 1024,
            arriving_bytes: 256 * 1024 * 1024,
            untrusted: UntrustedLimits::new(),
            handshake: Duration::from_secs(30),
            least_rate: 1024,
            calls_in_flight: 1024,
            waiting_bytes: 16 * 1024 * 1024,
            blocking_calls: 64,
            file_reads: 32,
            detached_calls: 1024,
            handler_timeout: None,
            queued_frames: 1024,
            queued_bytes: 64 * 1024 * 1024,
            when_full: WhenFull::Close,
            states: 1024,
            settings: 1024,
            session_states: 256,
            messages: 1000,
            message_bytes: 64 * 1024,
            page_tool_bytes: 64 * 1024,
            state_bytes: 4 * 1024 * 1024,
            patch_moves: 8_000_000,
            state_subscriptions: 1024,
            keep_alive: Duration::from_secs(30),
            shard_bytes: 64 * 1024 * 1024,
            grace: Duration::from_secs(2),
        }
    }

    crate::setters! {
        frame_bytes: usize,
        sessions: usize,
        connections: usize,
        arriving_bytes: usize,
        untrusted: UntrustedLimits,
        handshake: Duration,
        least_rate: u32,
        calls_in_flight: usize,
        waiting_bytes: usize,
        blocking_calls: usize,
        file_reads: usize,
        detached_calls: usize,
        handler_timeout: Duration => Some,
        queued_frames: usize,
        queued_bytes: usize,
        when_full: WhenFull,
        states: usize,
        settings: usize,
        session_states: usize,
        messages: usize,
        message_bytes: usize,
        page_tool_bytes: usize,
        state_bytes: usize,
        patch_moves: usize,
        state_subscriptions: usize,
        keep_alive: Duration,
        shard_bytes: usize,
        grace: Duration,
    }
}

crate::default_is_new!(Limits);
