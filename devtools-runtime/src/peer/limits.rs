//! The bounds of a server and its connections.

use std::time::Duration;

/// The bounds that a server, or a client, and each of its connections keep.
///
/// Memory never grows with what a peer sends or fails to read: each bound says what happens beyond it.
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
    /// A larger one that comes in closes its WebSocket with code 1009, because the protocol has no way to
    /// skip it; over SSE its POST is answered with 413. A larger one that is to be sent is refused with an error that says so.
    /// A server tells its clients: this crate's own refuse what is too large for it before it is sent.
    pub frame_bytes: usize,

    /// How many sessions a server may have at once. Default: 1,024.
    ///
    /// Beyond it an untrusted one is closed for a further one, as [`untrusted`](Self::untrusted) says. If all are trusted a further
    /// one is refused, with status 503, until another one has ended. A session counts from the moment its request is answered. Clients in memory count too, and are never refused.
    pub sessions: usize,

    /// How many HTTP connections a server of its own ([`DevTools::bind`](crate::DevTools::bind)) has at once, but for those
    /// that have become a WebSocket. Default: 1,024, and at most a quarter of the file descriptors that the process may have.
    ///
    /// Beyond it, and when there is no descriptor for a connection that comes, the oldest one is ended that carries no
    /// trusted session.
    pub connections: usize,

    /// The bounds of a session before it is trusted, where there is a gate. Default: [`UntrustedLimits::default`].
    pub untrusted: UntrustedLimits,

    /// How long a client may take to send the head of a request to a server of its own
    /// ([`DevTools::bind`](crate::DevTools::bind)). Default: 30 seconds.
    ///
    /// Beyond it the connection is closed. Inside an application it is the application's business. For a client it
    /// is how long each step of connecting may take; beyond it the attempt has failed.
    pub handshake: Duration,

    /// At which rate the body of a request has to come at least, and a response to be taken, in bytes a second, once
    /// [`handshake`](Self::handshake) is over. Default: 1,024.
    ///
    /// A body that is slower is refused with status 408. The connection of a response is closed, unless the server is an
    /// application's own. An event stream is late only with what waits to be taken.
    pub least_rate: u32,

    /// How many calls of one connection may run at once. Default: 1,024.
    ///
    /// Beyond it as many more requests are held, of [`frame_bytes`](Self::frame_bytes) altogether, and then
    /// nothing is read until a call has ended. Nothing is lost: requests wait in the socket, and the caller
    /// feels it.
    pub calls_in_flight: usize,

    /// How many calls of functions with `blocking` may run at once in a context, each on a thread of its own. Default: 64.
    ///
    /// Beyond it they wait for a thread, in the order of their requests. One session has half of the threads at most:
    /// its further calls wait for its own, so that a session which asks for everything does not keep others waiting.
    /// What a program calls itself in its own process does not count.
    pub blocking_calls: usize,

    /// How many reads of hosted folders may run at once in a context, each on a thread of its own. Default: 32.
    ///
    /// Beyond it requests wait for a thread, in their order. Sign-ins and calls do not wait for these threads.
    pub file_reads: usize,

    /// How many actions and events may still run whose callers have left, over all connections. Default: 1,024.
    ///
    /// They run to their end. A session that would leave more than that behind keeps its place among
    /// [`sessions`](Self::sessions) until its own have ended, so that there are never more than this and those of as many
    /// sessions. A client does not connect again before it is within the bound.
    pub detached_calls: usize,

    /// How long a handler may take. Default: `None`, as long as it likes, as in JavaScript.
    ///
    /// Beyond it the handler is dropped where it waits, of whatever kind its function is, and the call is
    /// answered with an error that says so. One that does not wait, but computes or blocks its thread,
    /// cannot be dropped before it does.
    pub handler_timeout: Option<Duration>,

    /// How many frames may wait to be written to one connection. Default: 1,024.
    ///
    /// Calls and notifications then wait for room, in their order; what a broadcast does says
    /// [`when_full`](Self::when_full). Replies do not wait in this queue: how many there can be says
    /// [`calls_in_flight`](Self::calls_in_flight).
    pub queued_frames: usize,

    /// How many bytes may wait to be written to one connection. Default: 64 MiB, which is 64 KiB for each
    /// of [`queued_frames`](Self::queued_frames): more than a panel that reads leaves behind, even on a
    /// slow day. At most 4 GiB; more is taken as that.
    ///
    /// A frame takes as many as it has, and at least its share, `queued_bytes / queued_frames`: both
    /// bounds are kept at once, and beyond either the same happens. A frame that is larger than all of it
    /// waits until nothing else does, and then goes alone.
    pub queued_bytes: usize,

    /// What a broadcast of an event does with a session whose queue is full. Default:
    /// [`WhenFull::Close`].
    ///
    /// What the runtime tells of its own accord closes such a session always, because nobody is there to wait and the
    /// client would go on with a wrong picture: changes of shared states, activations of docks, revoked trust, and
    /// answers to messages about streams that do not exist and uploads that are not wanted. Calls and
    /// notifications wait, and calls by a broadcast fail with [`CallError::Congested`](crate::CallError::Congested).
    pub when_full: WhenFull,

    /// How many shared states the clients of a context may have made. Default: 1,024. The states of the program do not
    /// count, nor does one that the program has opened.
    ///
    /// Beyond it a further one takes the place of the oldest to which nobody subscribes and whose client has left. If
    /// there is none, a client's change of a state that does not exist is refused.
    pub states: usize,

    /// How many stored settings may be in memory that clients have named. Default: 1,024. The interface's own,
    /// `devframe:user-settings`, does not count.
    ///
    /// Beyond it a further one takes the place of the oldest to which nobody subscribes, which is stored first. If
    /// there is none, the setting is refused.
    pub settings: usize,

    /// How many of [`states`](Self::states) and [`settings`](Self::settings) together a session may have brought there.
    /// Default: 256. Further ones are refused, until the session has ended.
    pub session_states: usize,

    /// How many bytes a shared state may have that a client changes, written as structured clone. Default: 4 MiB.
    ///
    /// A change that would make it larger is refused, and the client is told what the value is. The program itself is
    /// bounded by [`frame_bytes`](Self::frame_bytes).
    pub state_bytes: usize,

    /// How many elements of arrays the patches of one change of a shared state may move. Default: 8,000,000.
    ///
    /// An element that is inserted or removed moves those between it and the nearer end of its array; at either end it
    /// moves none. Beyond it the change is refused, and the client is told what the value is. All else that patches
    /// cost is bounded by their own size and that of the state.
    pub patch_moves: usize,

    /// How many shared states a session may subscribe to. Default: 1,024. Further subscriptions are refused.
    pub state_subscriptions: usize,

    /// How often each side of a WebSocket asks the other for a sign of life. Default: 30 seconds, as the JavaScript
    /// server has it ([protocol 3.4](https://github.com/devtools-runtime/devtools-runtime/blob/main/docs/protocol.md#34-the-upgrade)).
    ///
    /// A side that gives none until the next time, neither a pong nor any message, is taken for dead,
    /// and its connection ends. A client connects again then. It asks at once after a call of it has timed out, and waits no
    /// longer than this, and 10 seconds at most.
    pub keep_alive: Duration,

    /// How many bytes of the shards of a static dump a client keeps in memory. Default: 64 MiB.
    ///
    /// Beyond it those that were asked for longest ago are forgotten, and are read again when they are wanted. One
    /// that is larger than all of it is not kept.
    pub shard_bytes: usize,

    /// How long a side that closes a connection waits until running calls have ended and their replies
    /// are delivered. Default: 2 seconds. What is not delivered by then is dropped.
    pub grace: Duration,
}

/// The bounds of a session before it is trusted: enough to sign in, and little, because anybody may connect.
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
    /// The largest frame, in bytes. Default: 64 KiB. Beyond it the same happens as beyond
    /// [`Limits::frame_bytes`], which bounds it as well.
    pub frame_bytes: usize,

    /// How many bytes of requests may wait in one session until earlier ones are answered. Default: 256 KiB.
    ///
    /// Beyond it nothing is read until there is room again, so that a client that reads no replies is not read either.
    pub waiting_bytes: usize,

    /// How many calls of one session may run at once. Default: 16. Beyond it as many more requests wait, of
    /// [`waiting_bytes`](Self::waiting_bytes) altogether, and then nothing is read.
    pub calls_in_flight: usize,

    /// How many of the [`sessions`](Limits::sessions) may be untrusted at once. Default: 512, and at most a quarter of the file
    /// descriptors that the process may have.
    ///
    /// Beyond it, and when all of them are taken, an untrusted session is closed for the one that comes: the oldest of
    /// those that have not asked for a code, or else the oldest.
    pub sessions: usize,

    /// How many of them may come from one address. Default: 256. Beyond it one of that address is closed. Where the address
    /// is not known ([`RpcSession::address`](crate::RpcSession::address)) there is no such limit.
    pub sessions_per_address: usize,

    /// How long a session may stay untrusted from its beginning. Default: 30 minutes, since people have to find the code.
    /// Beyond it the session is closed.
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

impl Default for UntrustedLimits {
    fn default() -> Self {
        Self::new()
    }
}

/// What a broadcast of an event does with a session that has no room for it: that does not read, or not fast
/// enough.
///
/// The others get the event at once either way.
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
    /// Closes that session, since it would miss events without knowing. Its client notices, and can start
    /// over. The broadcast waits for nobody.
    #[default]
    Close,
    /// Waits for room: the broadcast resolves once every session has the event or has ended. Whoever
    /// broadcasts is then as slow as the slowest session.
    ///
    /// What the runtime tells clients of its own accord, with nobody there to wait, is sent as with
    /// [`Close`](Self::Close).
    Wait,
}

impl Limits {
    /// How many arrays, objects, maps and sets may be nested in each other in a value: 128.
    ///
    /// It holds for parameters, results, chunks and shared states, for what is read and what is written, in either codec and
    /// on servers and clients alike. What a frame puts around a value is not counted. Beyond it a call fails with an error
    /// that names this limit, and so does whatever else reads or writes such a value. It is no option, because a value that
    /// one side writes is to be read by every other, and is chosen so that reading in a debug build fits the 2 MiB stack of
    /// a worker thread. A value that is nested deeper by nature is better sent as a list whose elements refer to each other.
    pub const DEPTH: usize = crate::wire::MAX_DEPTH;
}

impl Limits {
    /// Returns the default limits.
    pub const fn new() -> Self {
        Self {
            frame_bytes: 100 * 1024 * 1024,
            sessions: 1024,
            connections: 1024,
            untrusted: UntrustedLimits::new(),
            handshake: Duration::from_secs(30),
            least_rate: 1024,
            calls_in_flight: 1024,
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
        untrusted: UntrustedLimits,
        handshake: Duration,
        least_rate: u32,
        calls_in_flight: usize,
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
        state_bytes: usize,
        patch_moves: usize,
        state_subscriptions: usize,
        keep_alive: Duration,
        shard_bytes: usize,
        grace: Duration,
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self::new()
    }
}
