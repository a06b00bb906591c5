//! Cancelled calls: queries stop, actions run to their end.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use devtools_runtime::{
    Auth, CallError, DevTools, DevToolsContext, DevToolsPlugin, DevToolsRpcClient, PluginState,
    Server, SetupError, rpc_function,
};
use tests::wait::eventually;

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
    let builder = DevTools::builder()
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
