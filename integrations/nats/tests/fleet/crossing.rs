//! Cancellation, deadlines, layers and spans cross from a gateway to a worker.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use devtools_runtime::backplane::Backplane;
use devtools_runtime::layers::{Propagation, set_propagation};
use devtools_runtime::{
    CallError, DevTools, DevToolsRpcClient, FunctionDefinition, Limits, define_rpc_function,
};
use tokio::sync::Semaphore;
use tracing::Instrument as _;
use tracing_subscriber::layer::SubscriberExt as _;

use crate::workers::{gateway, impatient_gateway, start, worker};
use tests::wait::{eventually, in_time};

for_each_backplane!(
    three:
    a_query_that_nobody_waits_for_ends_on_its_worker,
    a_deadline_ends_the_call_on_its_worker,
    layers_and_spans_cross,
);

/// The counts of one function's calls.
#[derive(Debug, Default)]
struct Counts {
    begun: AtomicU32,
    finished: AtomicU32,
    dropped: AtomicU32,
}

/// Counts a call as dropped, unless it has finished.
struct OneCall(Arc<Counts>);

impl Drop for OneCall {
    fn drop(&mut self) {
        self.0.dropped.fetch_add(1, Ordering::SeqCst);
    }
}

impl Counts {
    async fn reach(&self, count: fn(&Self) -> &AtomicU32, number: u32) {
        let reached = async {
            while count(self).load(Ordering::SeqCst) < number {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        in_time(reached).await;
    }
}

/// A query and an action that wait for a permit.
fn slow(permits: &Arc<Semaphore>) -> (Vec<FunctionDefinition>, [Arc<Counts>; 2]) {
    let counts = [Arc::<Counts>::default(), Arc::default()];
    let handler = |counts: &Arc<Counts>| {
        let (counts, permits) = (Arc::clone(counts), Arc::clone(permits));
        move || {
            let (counts, permits) = (Arc::clone(&counts), Arc::clone(&permits));
            async move {
                counts.begun.fetch_add(1, Ordering::SeqCst);
                let call = OneCall(Arc::clone(&counts));
                permits.acquire().await.unwrap().forget();
                counts.finished.fetch_add(1, Ordering::SeqCst);
                std::mem::forget(call);
            }
        }
    };
    let query = define_rpc_function("crossing:query").query();
    let action = define_rpc_function("crossing:action").action();
    let functions = vec![
        query.async_handler(handler(&counts[0])),
        action.async_handler(handler(&counts[1])),
    ];
    (functions, counts)
}

fn call(
    client: &DevToolsRpcClient,
    function: &'static str,
) -> tokio::task::JoinHandle<Result<(), CallError>> {
    let client = client.clone();
    tokio::spawn(async move { client.call_dynamic::<()>(function, ()).await })
}

async fn a_query_that_nobody_waits_for_ends_on_its_worker(
    one: impl Backplane,
    _two: impl Backplane,
    three: impl Backplane,
) {
    let permits = Arc::new(Semaphore::new(0));
    let (functions, [queries, actions]) = slow(&permits);
    let worker = worker(one, Limits::new(), functions).await;
    let (gateway, client) = gateway(three, "crossing:query").await;

    // The caller gives up.
    let (query, action) = (
        call(&client, "crossing:query"),
        call(&client, "crossing:action"),
    );
    queries.reach(|it| &it.begun, 1).await;
    actions.reach(|it| &it.begun, 1).await;
    query.abort();
    action.abort();
    queries.reach(|it| &it.dropped, 1).await;

    // The caller loses its connection.
    let (_query, _action) = (
        call(&client, "crossing:query"),
        call(&client, "crossing:action"),
    );
    queries.reach(|it| &it.begun, 2).await;
    actions.reach(|it| &it.begun, 2).await;
    gateway.context().rpc().sessions()[0].close("the test");
    queries.reach(|it| &it.dropped, 2).await;

    // The program itself gives up a call of one worker.
    let addressed = gateway.context().rpc().workers().remove(0);
    let query = tokio::spawn(async move {
        let called = addressed.call_dynamic::<()>("crossing:query", ());
        called.await
    });
    queries.reach(|it| &it.begun, 3).await;
    query.abort();
    queries.reach(|it| &it.dropped, 3).await;

    assert_eq!(actions.dropped.load(Ordering::SeqCst), 0);
    permits.add_permits(2);
    actions.reach(|it| &it.finished, 2).await;
    assert_eq!(queries.finished.load(Ordering::SeqCst), 0);
    worker.stop().await;
}

async fn a_deadline_ends_the_call_on_its_worker(
    one: impl Backplane,
    _two: impl Backplane,
    three: impl Backplane,
) {
    let (functions, counts) = slow(&Arc::new(Semaphore::new(0)));
    let worker = worker(one, Limits::new(), functions).await;
    let short = Duration::from_millis(200);
    let (_gateway, client) = impatient_gateway(three, "crossing:query", short).await;
    for function in ["crossing:query", "crossing:action"] {
        let error = in_time(call(&client, function)).await.unwrap().unwrap_err();
        let message = error.to_string().replace("200 ms", "200ms");
        assert!(message.contains("200ms"), "{error}");
    }
    for of_function in &counts {
        of_function.reach(|it| &it.dropped, 1).await;
        assert_eq!(of_function.begun.load(Ordering::SeqCst), 1);
    }
    worker.stop().await;
}

/// The `traceparent` of each span that has one.
static PARENTS: Mutex<Option<HashMap<u64, String>>> = Mutex::new(None);

/// Traces that are only the text of their caller.
fn propagate() {
    let propagation = Propagation {
        current: || {
            let span = tracing::Span::current().id()?.into_u64();
            PARENTS.lock().unwrap().as_ref()?.get(&span).cloned()
        },
        attach: |span, parent| {
            if let Some(span) = span.id() {
                let mut parents = PARENTS.lock().unwrap();
                let parents = parents.get_or_insert_default();
                parents.insert(span.into_u64(), parent.to_owned());
            }
        },
    };
    // Both tests of this process set it.
    let _ = set_propagation(propagation);
}

async fn layers_and_spans_cross(one: impl Backplane, _two: impl Backplane, three: impl Backplane) {
    propagate();
    let subscriber =
        tracing_subscriber::registry().with(tracing_subscriber::filter::LevelFilter::DEBUG);
    let _subscriber = crate::subscriber::of_this_thread(subscriber);
    let passed = Arc::new(AtomicU32::new(0));
    let layer = |passed: &Arc<AtomicU32>, number: u32| {
        let passed = Arc::clone(passed);
        move |call: devtools_runtime::layers::LayerCall, next: devtools_runtime::layers::Next| {
            passed.fetch_add(number, Ordering::SeqCst);
            next.run(call)
        }
    };
    // The function returns the trace that it runs in.
    let trace = define_rpc_function("crossing:get-trace");
    let trace = trace.handler(|| {
        let span = tracing::Span::current().id().unwrap().into_u64();
        PARENTS
            .lock()
            .unwrap()
            .as_ref()
            .unwrap()
            .get(&span)
            .cloned()
    });
    let builder = DevTools::builder().without_collected();
    let builder = builder.layer_for("crossing:", layer(&passed, 1));
    let worker = start(builder, one, vec![trace]).await;
    let builder = DevTools::builder().without_collected().use_workers();
    let builder = builder.layer_for("crossing:", layer(&passed, 100));
    let gateway = builder.backplane(three).build().await.unwrap();
    eventually(|| gateway.context().rpc().has("crossing:get-trace")).await;
    let client = gateway.client();
    let parent = format!("00-{:032x}-00f067aa0ba902b7-01", 7);
    let span = tracing::info_span!("the caller");
    let mine = span.id().unwrap().into_u64();
    PARENTS
        .lock()
        .unwrap()
        .get_or_insert_default()
        .insert(mine, parent.clone());
    let called = client.call_dynamic::<Option<String>>("crossing:get-trace", ());
    let trace = in_time(called.instrument(span)).await.unwrap();
    assert_eq!(trace, Some(parent));
    assert_eq!(passed.load(Ordering::SeqCst), 101, "both layers ran once");
    worker.stop().await;
}
