//! Many clients at once, and misbehaving clients: the other clients are not disturbed, and no memory or task is left behind.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, mpsc};
use std::time::Duration;

use devtools_runtime::{
    Auth, CallError, DevTools, DevToolsBuilder, DevToolsContext, DevToolsPlugin, DevToolsRpcClient,
    Limits, PluginState, RpcSession, Server, SetupError, rpc_function,
};
use futures_util::future::join_all;
use serde_json::{Value, json};
use tests::fixture::{Add, Message as Told};
use tests::wait::{eventually, in_time};
use tests::wire;
use tokio::sync::{Barrier, Semaphore, watch};
use tokio::task::JoinSet;
use tokio_tungstenite::MaybeTlsStream;
use tokio_tungstenite::tungstenite::Message;

// ---- functions ------------------------------------------------------------------------------

/// The ends of the calls, and the gate of those that wait.
#[derive(PluginState)]
struct Tally {
    begun: AtomicUsize,
    dropped: AtomicUsize,
    ended: AtomicUsize,
    /// Has a permit for each [`Work`] that may end.
    may_end: Semaphore,
    /// Lets go of the thread that [`Block`] holds.
    unblock: Mutex<Option<mpsc::Receiver<()>>>,
}

/// A call: counted when it begins, and when it is dropped, at its end or before.
struct Counted<'a>(&'a Tally);

impl<'a> Counted<'a> {
    fn begin(tally: &'a Tally) -> Self {
        tally.begun.fetch_add(1, Ordering::SeqCst);
        Self(tally)
    }
}

impl Drop for Counted<'_> {
    fn drop(&mut self) {
        self.0.dropped.fetch_add(1, Ordering::SeqCst);
    }
}

/// Which call this is, and who made it.
#[rpc_function(name = "load:at-once")]
fn at_once(session: &RpcSession, client: usize, call: usize) -> (u64, String) {
    (session.id(), format!("{client}/{call}"))
}

/// The same, after a while that is not the same for all.
#[rpc_function(name = "load:later", kind = "action")]
async fn later(session: &RpcSession, client: usize, call: usize) -> (u64, String) {
    tokio::time::sleep(Duration::from_millis((client + call * 7) as u64 % 11)).await;
    at_once(session, client, call)
}

#[rpc_function(name = "load:wait", kind = "query")]
async fn wait(tally: &Tally) {
    let _counted = Counted::begin(tally);
    std::future::pending::<()>().await;
}

#[rpc_function(name = "load:work", kind = "action")]
async fn work(tally: &Tally) -> usize {
    let _counted = Counted::begin(tally);
    tally.may_end.acquire().await.unwrap().forget();
    tally.ended.fetch_add(1, Ordering::SeqCst) + 1
}

#[rpc_function(name = "load:never-end", kind = "action")]
async fn never_end(tally: &Tally) {
    let _counted = Counted::begin(tally);
    std::future::pending::<()>().await;
}

/// Keeps its thread, and so cannot even be dropped.
#[rpc_function(name = "load:block", kind = "action")]
async fn block(tally: &Tally) {
    tokio::task::yield_now().await; // from here on in a task of its own
    let _counted = Counted::begin(tally);
    let unblocked = tally.unblock.lock().unwrap().take().unwrap();
    let _ = unblocked.recv();
}

// ---- a server, and bare sockets -------------------------------------------------------------

struct Plugin(Mutex<Option<mpsc::Receiver<()>>>);

impl DevToolsPlugin for Plugin {
    fn name(&self) -> &'static str {
        "load"
    }

    async fn setup(&self, ctx: &DevToolsContext) -> Result<(), SetupError> {
        ctx.insert_state(Tally {
            begun: AtomicUsize::new(0),
            dropped: AtomicUsize::new(0),
            ended: AtomicUsize::new(0),
            may_end: Semaphore::new(0),
            unblock: Mutex::new(self.0.lock().unwrap().take()),
        })?;
        Ok(())
    }
}

/// The functions of this file, and what unblocks [`Block`] when it is dropped.
fn devtools(limits: Limits) -> (DevToolsBuilder, mpsc::Sender<()>) {
    let (unblock, unblocked) = mpsc::channel();
    let builder = DevTools::builder()
        .auth(Auth::None)
        .limits(limits)
        .without_collected()
        .plugin(Plugin(Mutex::new(Some(unblocked))));
    let functions = [
        Add::definition(),
        AtOnce::definition(),
        Later::definition(),
        Wait::definition(),
        Work::definition(),
        NeverEnd::definition(),
        Block::definition(),
    ];
    let builder = functions
        .into_iter()
        .fold(builder, DevToolsBuilder::function);
    (builder, unblock)
}

async fn serve(limits: Limits) -> Server {
    devtools(limits).0.bind("127.0.0.1:0").await.unwrap()
}

/// How many calls have begun, were dropped, and came to their own end.
fn counts_of(devtools: &DevTools) -> impl Fn() -> [usize; 3] + use<> {
    let context = devtools.context().clone();
    move || {
        let tally: &Tally = context.state().unwrap();
        [&tally.begun, &tally.dropped, &tally.ended].map(|count| count.load(Ordering::SeqCst))
    }
}

fn sessions(devtools: &DevTools) -> BTreeSet<u64> {
    let sessions = devtools.context().rpc().sessions();
    sessions.iter().map(RpcSession::id).collect()
}

/// So long that nothing ends because its time is over.
const FOR_EVER: Duration = Duration::from_secs(24 * 3600);

/// A bare WebSocket, without a client.
struct Wire(wire::Wire);

impl Wire {
    async fn open(server: &Server) -> Self {
        Self(wire::Wire::open(server).await)
    }

    async fn call(&mut self, method: &str, id: &str) {
        let frame = json!({ "m": method, "a": [], "t": "q", "i": id });
        self.0.send(&frame.to_string()).await;
    }

    /// The number that the next event begins with; `None` once the server has closed.
    async fn event(&mut self) -> Option<usize> {
        match self.0.next().await {
            Some(Message::Text(text)) => {
                let event: Value = serde_json::from_str(&text).unwrap();
                let message = event["a"][0].as_str().unwrap();
                Some(message.split_once(' ').unwrap().0.parse().unwrap())
            }
            Some(Message::Close(_)) | None => None,
            other => panic!("no event but {other:?}"),
        }
    }

    /// Ends the connection with a reset: no close frame, nothing in order.
    fn destroy(self) {
        let MaybeTlsStream::Plain(stream) = self.0.0.get_ref() else {
            panic!("not a plain socket");
        };
        stream.set_zero_linger().unwrap();
    }
}

// ---- many at once ---------------------------------------------------------------------------

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_hundred_clients_call_at_once_and_each_gets_its_own_answers() {
    const CLIENTS: usize = 200;
    const CALLS: usize = 50;

    let server = serve(Limits::default()).await;
    let ready = Arc::new(Barrier::new(CLIENTS));
    let mut clients = JoinSet::new();
    for client in 0..CLIENTS {
        let (url, ready) = (server.url(), Arc::clone(&ready));
        clients.spawn(async move {
            let rpc = DevToolsRpcClient::connect(&url).await.unwrap();
            let calls = (0..CALLS).map(|call| {
                let rpc = rpc.clone();
                async move {
                    if call % 2 == 0 {
                        AtOnce::call(&rpc, client, call).await.unwrap()
                    } else {
                        Later::call(&rpc, client, call).await.unwrap()
                    }
                }
            });
            let calls: Vec<_> = calls.collect();
            ready.wait().await;
            let answers = join_all(calls).await;
            let session = answers[0].0;
            for (call, answer) in answers.into_iter().enumerate() {
                assert_eq!(answer, (session, format!("{client}/{call}")));
            }
            (session, rpc)
        });
    }
    let answered = in_time(clients.join_all()).await;
    let callers: BTreeSet<u64> = answered.iter().map(|(session, _)| *session).collect();
    assert_eq!(callers.len(), CLIENTS);
    assert_eq!(callers, sessions(server.devtools()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hundred_sockets_destroyed_mid_call_leave_nothing_behind() {
    const SOCKETS: usize = 100;

    let tasks = || {
        tokio::runtime::Handle::current()
            .metrics()
            .num_alive_tasks()
    };
    let tasks_before = tasks();
    let limits = Limits::new().grace(FOR_EVER).keep_alive(FOR_EVER);
    let server = serve(limits).await;
    let devtools = server.devtools().clone();
    let counts = counts_of(&devtools);

    let other = DevToolsRpcClient::builder(&server.url()).without_reconnect();
    let other = other.connect().await.unwrap();
    let answered = Arc::new(AtomicU64::new(0));
    let calling = tokio::spawn({
        let (other, answered) = (other.clone(), Arc::clone(&answered));
        async move {
            loop {
                let n = i64::try_from(answered.load(Ordering::SeqCst)).unwrap();
                assert_eq!(Add::call(&other, n, 1).await.unwrap(), n + 1);
                answered.fetch_add(1, Ordering::SeqCst);
            }
        }
    });
    let goes_on = async || {
        let enough = answered.load(Ordering::SeqCst) + 100;
        eventually(|| answered.load(Ordering::SeqCst) >= enough || calling.is_finished()).await;
        assert!(!calling.is_finished(), "a call of another client failed");
    };
    goes_on().await;
    let sessions_before = sessions(&devtools);

    let mut sockets = Vec::new();
    for _ in 0..SOCKETS {
        let mut socket = Wire::open(&server).await;
        socket.call("load:wait", "query").await;
        socket.call("load:work", "action").await;
        sockets.push(socket);
    }
    eventually(|| counts() == [2 * SOCKETS, 0, 0]).await;
    goes_on().await;
    sockets.into_iter().for_each(Wire::destroy);

    // The queries are dropped, the actions are not.
    eventually(|| counts() == [2 * SOCKETS, SOCKETS, 0]).await;
    eventually(|| sessions(&devtools) == sessions_before).await;
    goes_on().await;
    assert_eq!(counts(), [2 * SOCKETS, SOCKETS, 0]);
    let state: &Tally = devtools.context().state().unwrap();
    state.may_end.add_permits(SOCKETS);
    eventually(|| counts() == [2 * SOCKETS, 2 * SOCKETS, SOCKETS]).await;
    goes_on().await;

    calling.abort();
    in_time(server.shutdown()).await;
    in_time(other.closed()).await;
    eventually(|| tasks() == tasks_before).await;
}

// ---- calls that do not end ------------------------------------------------------------------

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_server_that_shuts_down_is_not_held_up_by_calls_that_do_not_end() {
    let limits = Limits::new().grace(Duration::from_secs(1));
    let (builder, unblock) = devtools(limits);
    let server = builder.bind("127.0.0.1:0").await.unwrap();
    let devtools = server.devtools().clone();
    let counts = counts_of(&devtools);
    let connect = async || DevToolsRpcClient::connect(&server.url()).await.unwrap();

    let (stuck, blocked, owed) = (connect().await, connect().await, connect().await);
    let in_memory = devtools.client();
    // Each in a task, so that it is sent without being waited for.
    let mut fail = JoinSet::new();
    let mut succeed = JoinSet::new();
    for rpc in [stuck.clone(), in_memory.clone()] {
        fail.spawn(async move { NeverEnd::call(&rpc).await });
    }
    let rpc = blocked.clone();
    fail.spawn(async move { Block::call(&rpc).await });
    let rpc = stuck.clone();
    fail.spawn(async move { Wait::call(&rpc).await });
    // Beside calls that do not end, and alone.
    for rpc in [stuck, in_memory, blocked, owed] {
        succeed.spawn(async move { Work::call(&rpc).await });
    }
    eventually(|| counts() == [8, 0, 0]).await;
    let sessions = devtools.context().rpc().sessions();
    assert_eq!(sessions.len(), 4);

    let shutdown = tokio::spawn(server.shutdown());
    for session in sessions {
        in_time(session.closed()).await;
    }
    let state: &Tally = devtools.context().state().unwrap();
    state.may_end.add_permits(4);
    let replies: BTreeSet<usize> = in_time(succeed.join_all())
        .await
        .into_iter()
        .map(|reply| reply.expect("the reply was owed"))
        .collect();
    assert_eq!(replies, BTreeSet::from([1, 2, 3, 4]));
    in_time(shutdown).await.unwrap();
    for outcome in in_time(fail.join_all()).await {
        assert!(
            matches!(outcome, Err(CallError::Disconnected(_))),
            "{outcome:?}"
        );
    }
    // Of those that did not end, the query is dropped. The actions are left to the program's end.
    eventually(|| counts() == [8, 5, 4]).await;
    drop(unblock);
}

// ---- clients that do not keep up ------------------------------------------------------------

const EVENTS: usize = 10_000;

/// Of each event, in bytes.
const PAYLOAD: usize = 16 * 1024;

const QUEUED_FRAMES: usize = 64;

/// How many events the WebSocket library may have in hand: what it collects before it writes, and one more.
const IN_HAND: usize = 128 * 1024 / PAYLOAD + 1;

/// A program, and two clients of it, in the order they connected.
async fn two_clients() -> (Server, Wire, Wire) {
    let limits = Limits::new()
        .queued_frames(QUEUED_FRAMES)
        .keep_alive(FOR_EVER);
    let server = serve(limits).await;
    let first = Wire::open(&server).await;
    eventually(|| sessions(server.devtools()).len() == 1).await;
    let second = Wire::open(&server).await;
    eventually(|| sessions(server.devtools()).len() == 2).await;
    (server, first, second)
}

/// Broadcasts everything, as fast as the first client takes it, which gets it all and in order.
///
/// Returns how many events were queued for the second one before it was closed.
async fn broadcast(server: &Server, mut first: Wire, progress: watch::Sender<usize>) -> usize {
    let context = server.devtools().context();
    // A broadcast waits for nobody, so it is paced here.
    let room = Arc::new(Semaphore::new(QUEUED_FRAMES / 2));
    let reading = tokio::spawn({
        let room = Arc::clone(&room);
        async move {
            for event in 0..EVENTS {
                assert_eq!(first.event().await, Some(event));
                progress.send_replace(event + 1);
                room.add_permits(1);
            }
        }
    });
    let padding = "x".repeat(PAYLOAD);
    let memory_before = resident_bytes();
    let mut queued_for_second = 0;
    for event in 0..EVENTS {
        in_time(room.acquire()).await.unwrap().forget();
        let message = format!("{event} {padding}");
        match Told::broadcast(context, message).await.unwrap() {
            2 => {
                assert_eq!(queued_for_second, event, "no event was left out before");
                queued_for_second += 1;
            }
            reached => assert_eq!(reached, 1),
        }
        if event % 100 == 0 {
            // Half of what was sent would be there if anything kept it; other tests run beside this one.
            let grown = resident_bytes().saturating_sub(memory_before);
            assert!(grown < EVENTS * PAYLOAD / 2, "{grown} bytes more");
        }
    }
    in_time(reading).await.unwrap();
    assert!(queued_for_second < EVENTS, "it was closed");
    queued_for_second
}

/// How much memory the process has; 0 where that cannot be told.
fn resident_bytes() -> usize {
    let statm = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    let pages = statm.split(' ').nth(1).and_then(|pages| pages.parse().ok());
    pages.map_or(0, |pages: usize| pages * 4096)
}

/// Reads what is still on its way to a client that was closed, and compares it with what was queued.
async fn rest(mut client: Wire, mut arrived: usize, queued: usize) {
    while let Some(event) = client.event().await {
        assert_eq!(event, arrived, "in order, and none left out");
        arrived += 1;
    }
    // Frames that never left the process were in the queue.
    let dropped = queued - arrived;
    assert!(dropped <= QUEUED_FRAMES + IN_HAND, "{dropped} dropped");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_that_never_reads_is_closed_and_costs_no_memory() {
    let (server, reads, deaf) = two_clients().await;
    let (progress, _) = watch::channel(0);
    let queued = broadcast(&server, reads, progress).await;
    eventually(|| sessions(server.devtools()).is_empty()).await;
    rest(deaf, 0, queued).await;
    in_time(server.shutdown()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_that_reads_too_slowly_is_closed_and_costs_no_memory() {
    /// How many events the other client has got when this one takes its next one.
    const SLOWER: usize = 20;

    let (server, reads, mut slow) = two_clients().await;
    let (progress, mut others) = watch::channel(0);
    let reading = tokio::spawn(async move {
        let mut arrived = 0;
        while arrived < EVENTS / SLOWER {
            let turn = (arrived + 1) * SLOWER;
            in_time(others.wait_for(|others| *others >= turn))
                .await
                .unwrap();
            let Some(event) = slow.event().await else {
                break; // closed, and everything read
            };
            assert_eq!(event, arrived);
            arrived += 1;
        }
        (slow, arrived)
    });
    let queued = broadcast(&server, reads, progress).await;
    let (slow, arrived) = in_time(reading).await.unwrap();
    eventually(|| sessions(server.devtools()).is_empty()).await;
    rest(slow, arrived, queued).await;
    in_time(server.shutdown()).await;
}
