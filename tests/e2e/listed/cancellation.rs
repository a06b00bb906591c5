//! Cancelled calls: queries stop, actions run to their end.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use devtools_runtime::client::ClientTransport;
use devtools_runtime::{
    Auth, CallError, DevTools, DevToolsContext, DevToolsPlugin, DevToolsRpcClient, Limits,
    PluginState, Server, SetupError, rpc_function,
};
use tests::wait::{eventually, in_time};
use tokio::task::JoinSet;

/// In milliseconds: longer than a test waits for anything, so that no call ends by itself.
const HOURS: u64 = 10_000_000;

/// The ends of the calls.
#[derive(Default, PluginState)]
struct Tally {
    begun: AtomicUsize,
    dropped: AtomicUsize,
    ended: AtomicUsize,
}

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

#[rpc_function(name = "cancel:wait", kind = "query")]
async fn wait(tally: &Tally, ms: u64) -> u64 {
    let _counted = Counted::begin(tally);
    tokio::time::sleep(Duration::from_millis(ms)).await;
    tally.ended.fetch_add(1, Ordering::SeqCst);
    ms
}

#[rpc_function(name = "cancel:work", kind = "action")]
async fn work(tally: &Tally, ms: u64) {
    let _counted = Counted::begin(tally);
    tokio::time::sleep(Duration::from_millis(ms)).await;
    tally.ended.fetch_add(1, Ordering::SeqCst);
}

struct Plugin;

impl DevToolsPlugin for Plugin {
    fn name(&self) -> &'static str {
        "cancel"
    }

    async fn setup(&self, ctx: &DevToolsContext) -> Result<(), SetupError> {
        ctx.insert_state(Tally::default())?;
        Ok(())
    }
}

async fn program() -> (Server, [DevToolsRpcClient; 2]) {
    program_with(Limits::new()).await
}

async fn program_with(limits: Limits) -> (Server, [DevToolsRpcClient; 2]) {
    let builder = DevTools::builder()
        .limits(limits)
        .auth(Auth::None)
        .without_collected()
        .plugin(Plugin);
    let builder = builder
        .function(Wait::definition())
        .function(Work::definition());
    let server = builder.bind("127.0.0.1:0").await.unwrap();
    let rpc = DevToolsRpcClient::connect(&server.url()).await.unwrap();
    let in_memory = server.devtools().client();
    (server, [rpc, in_memory])
}

fn tally(server: &Server) -> &Tally {
    server.devtools().context().state().unwrap()
}

#[tokio::test]
async fn a_query_stops_when_its_future_is_dropped() {
    let (server, clients) = program().await;
    for (round, rpc) in clients.into_iter().enumerate() {
        let call = tokio::spawn(async move { Wait::call(&rpc, HOURS).await });
        eventually(|| tally(&server).begun.load(Ordering::SeqCst) == round + 1).await;
        call.abort();
        eventually(|| tally(&server).dropped.load(Ordering::SeqCst) == round + 1).await;
    }
    assert_eq!(tally(&server).ended.load(Ordering::SeqCst), 0);
}

/// The number of frames that the server has read.
fn read(server: &Server) -> u64 {
    server.devtools().context().rpc().stats().total.frames_read
}

#[tokio::test]
async fn calls_are_cancelled_whatever_runs_and_waits() {
    const CALLS: usize = 3000;
    const RUNNING: usize = 16;
    /// How many calls the client over server-sent events sends at once. The others wait in the client.
    const POSTS: usize = 64;

    let (server, [rpc, in_memory]) = program_with(Limits::new().calls_in_flight(RUNNING)).await;
    let sse = DevToolsRpcClient::builder(&server.url()).transport(ClientTransport::Sse);
    let sse = sse.limits(Limits::new().calls_in_flight(POSTS));
    let sse = sse.connect().await.unwrap();
    let count = |counter: &AtomicUsize| counter.load(Ordering::SeqCst);
    let Tally { begun, dropped, .. } = tally(&server);
    for (rpc, sent) in [(rpc, CALLS), (in_memory, CALLS), (sse, POSTS)] {
        let (before, read_before) = (count(dropped), read(&server));
        let mut calls = JoinSet::new();
        for _ in 0..CALLS {
            let rpc = rpc.clone();
            calls.spawn(async move { Wait::call(&rpc, HOURS).await });
        }
        eventually(|| read(&server) == read_before + sent as u64).await;
        assert_eq!(count(begun), before + RUNNING);
        calls.abort_all();
        assert_eq!(in_time(Wait::call(&rpc, 1_u64)).await.unwrap(), 1);
        // Some of those that wait may begin before their cancellation is read.
        eventually(|| count(begun) == count(dropped)).await;
    }
}

#[tokio::test]
async fn an_action_that_waits_runs_although_its_caller_has_left() {
    let (server, clients) = program_with(Limits::new().calls_in_flight(1)).await;
    for (round, rpc) in clients.into_iter().enumerate() {
        let before = read(&server);
        let call = |kind: usize| {
            let rpc = rpc.clone();
            tokio::spawn(async move {
                match kind {
                    0 => drop(Wait::call(&rpc, HOURS).await),
                    _ => drop(Work::call(&rpc, 0_u64).await),
                }
            })
        };
        let (first, second) = (call(0), call(1));
        eventually(|| read(&server) == before + 2).await;
        second.abort();
        eventually(|| read(&server) == before + 3).await;
        first.abort();
        eventually(|| tally(&server).ended.load(Ordering::SeqCst) == round + 1).await;
    }
}

#[tokio::test]
async fn a_query_stops_when_its_timeout_is_over() {
    let (server, [rpc, _]) = program().await;
    let hasty = rpc.with_timeout(Duration::from_millis(50));
    assert!(matches!(
        Wait::call(&hasty, HOURS).await,
        Err(CallError::Timeout(_))
    ));
    eventually(|| tally(&server).dropped.load(Ordering::SeqCst) == 1).await;
    assert_eq!(Wait::call(&rpc, 1_u64).await.unwrap(), 1);
}

#[tokio::test]
async fn queries_stop_when_their_client_leaves_and_actions_do_not() {
    let (server, [rpc, _]) = program().await;
    for _ in 0..10 {
        let rpc = rpc.clone();
        tokio::spawn(async move { Wait::call(&rpc, HOURS).await });
    }
    let other = rpc.clone();
    tokio::spawn(async move { Work::call(&other, 200_u64).await });
    eventually(|| tally(&server).begun.load(Ordering::SeqCst) == 11).await;
    rpc.close();
    eventually(|| tally(&server).dropped.load(Ordering::SeqCst) == 11).await;
    assert_eq!(tally(&server).ended.load(Ordering::SeqCst), 1, "the action");
}

#[tokio::test]
async fn a_dropped_action_runs_to_its_end() {
    let (server, [rpc, _]) = program().await;
    let call = tokio::spawn(async move { Work::call(&rpc, 100_u64).await });
    eventually(|| tally(&server).begun.load(Ordering::SeqCst) == 1).await;
    call.abort();
    eventually(|| tally(&server).ended.load(Ordering::SeqCst) == 1).await;
}
