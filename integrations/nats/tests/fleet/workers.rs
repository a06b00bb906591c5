//! Workers run functions for the clients of a gateway.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use devtools_runtime::backplane::Backplane;
use devtools_runtime::{
    CallError, DevTools, DevToolsBuilder, DevToolsRpcClient, Limits, RemoteError, RpcSession,
    define_rpc_function, rpc_function,
};
use tests::wait::{eventually, in_time};
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;

for_each_backplane!(
    three:
    calls_are_shared_among_the_workers,
    functions_of_workers_are_described,
    a_busy_worker_is_passed_over,
    draining_loses_no_call,
    functions_with_other_types_are_refused,
);

/// A worker, and the task in which it works.
pub(crate) struct Worker {
    pub(crate) devtools: DevTools,
    working: JoinHandle<()>,
}

impl Worker {
    pub(crate) async fn stop(self) {
        self.devtools.shutdown().await;
        self.working.await.unwrap();
    }
}

pub(crate) async fn worker(
    backplane: impl Backplane,
    limits: Limits,
    functions: Vec<devtools_runtime::FunctionDefinition>,
) -> Worker {
    let builder = DevTools::builder().without_collected().limits(limits);
    start(builder, backplane, functions).await
}

/// Starts a worker with these functions.
pub(crate) async fn start(
    builder: DevToolsBuilder,
    backplane: impl Backplane,
    functions: Vec<devtools_runtime::FunctionDefinition>,
) -> Worker {
    let builder = functions
        .into_iter()
        .fold(builder, DevToolsBuilder::function);
    let builder = builder.backplane(backplane);
    let devtools = builder.build().await.unwrap();
    let working = tokio::spawn({
        let devtools = devtools.clone();
        async move { devtools.work().await }
    });
    Worker { devtools, working }
}

/// Returns a gateway that knows a function, and a client of it.
pub(crate) async fn gateway(
    backplane: impl Backplane,
    function: &str,
) -> (DevTools, DevToolsRpcClient) {
    impatient_gateway(backplane, function, Duration::from_secs(20)).await
}

/// Returns a gateway whose calls may take this time, and a client of it.
pub(crate) async fn impatient_gateway(
    backplane: impl Backplane,
    function: &str,
    timeout: Duration,
) -> (DevTools, DevToolsRpcClient) {
    let limits = Limits::new().handler_timeout(timeout);
    let builder = DevTools::builder().without_collected().limits(limits);
    let builder = builder.use_workers().backplane(backplane);
    let devtools = builder.build().await.unwrap();
    eventually(|| devtools.context().rpc().has(function)).await;
    // Both workers are known after another look.
    tokio::time::sleep(Duration::from_millis(700)).await;
    let client = devtools.client_with_roles(["editor"]);
    (devtools, client)
}

fn name_of(name: &'static str) -> devtools_runtime::FunctionDefinition {
    let function = define_rpc_function("work:get-name").query();
    function.handler(move |number: u32| format!("{name} {number}"))
}

async fn calls_are_shared_among_the_workers(
    one: impl Backplane,
    two: impl Backplane,
    three: impl Backplane,
) {
    let fail = define_rpc_function("work:fail").action();
    let fail =
        fail.try_handler(|| Err::<(), _>(RemoteError::coded("disk-full", "the disk is full")));
    let first = worker(one, Limits::new(), vec![name_of("one"), fail]).await;
    let second = worker(two, Limits::new(), vec![name_of("two")]).await;
    let (_gateway, client) = gateway(three, "work:fail").await;
    let mut answered = [0; 2];
    for number in 0..50_u32 {
        let name: String = in_time(client.call_dynamic("work:get-name", (number,)))
            .await
            .unwrap();
        let (name, rest) = name.split_once(' ').unwrap();
        assert_eq!(rest, number.to_string());
        answered[usize::from(name == "two")] += 1;
    }
    assert!(answered[0] > 0 && answered[1] > 0, "{answered:?}");
    let failed = in_time(client.call_dynamic::<()>("work:fail", ())).await;
    match failed {
        Err(CallError::Remote(error)) => {
            assert_eq!(error.code.as_deref(), Some("disk-full"));
            assert_eq!(error.message, "the disk is full");
        }
        other => panic!("{other:?}"),
    }
    let wrong = in_time(client.call_dynamic::<String>("work:get-name", ("text",))).await;
    let wrong = wrong.unwrap_err().to_string();
    assert!(wrong.contains("work:get-name"), "{wrong}");
    first.stop().await;
    second.stop().await;
}

async fn functions_of_workers_are_described(
    one: impl Backplane,
    _two: impl Backplane,
    three: impl Backplane,
) {
    let whoami = define_rpc_function("work:who-am-i").description("Says who calls.");
    let whoami = whoami.handler(|number: Option<u32>| number);
    let worker = worker(one, Limits::new(), vec![whoami]).await;
    let (gateway, _client) = gateway(three, "work:who-am-i").await;
    let of = |devtools: &DevTools| {
        let all = devtools.context().rpc().describe();
        all.into_iter()
            .find(|it| it.name == "work:who-am-i")
            .unwrap()
    };
    assert_eq!(of(&gateway), of(&worker.devtools));
    assert_eq!(of(&gateway).parameters.len(), 1);
    worker.stop().await;
}

/// A function that waits for a permit, and counts how often it was begun.
fn slow(begun: &Arc<AtomicU32>, permits: &Arc<Semaphore>) -> devtools_runtime::FunctionDefinition {
    let (begun, permits) = (Arc::clone(begun), Arc::clone(permits));
    let function = define_rpc_function("work:wait").action();
    function.async_handler(move || {
        let (begun, permits) = (Arc::clone(&begun), Arc::clone(&permits));
        async move {
            begun.fetch_add(1, Ordering::SeqCst);
            permits.acquire().await.unwrap().forget();
        }
    })
}

async fn a_busy_worker_is_passed_over(
    one: impl Backplane,
    two: impl Backplane,
    three: impl Backplane,
) {
    let permits = Arc::new(Semaphore::new(0));
    let begun = [Arc::default(), Arc::default()];
    let limits = Limits::new().calls_in_flight(2);
    let first = worker(one, limits, vec![slow(&begun[0], &permits)]).await;
    let second = worker(two, limits, vec![slow(&begun[1], &permits)]).await;
    let (_gateway, client) = gateway(three, "work:wait").await;
    let calls: Vec<_> = (0..6)
        .map(|_| {
            let client = client.clone();
            tokio::spawn(async move { client.call_dynamic::<()>("work:wait", ()).await })
        })
        .collect();
    let count = || {
        begun
            .iter()
            .map(|it| it.load(Ordering::SeqCst))
            .collect::<Vec<_>>()
    };
    in_time(async {
        while count().iter().sum::<u32>() < 4 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    })
    .await;
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert_eq!(count(), [2, 2], "a worker takes two, and two calls wait");
    permits.add_permits(6);
    for call in calls {
        in_time(call).await.unwrap().unwrap();
    }
    assert_eq!(count().iter().sum::<u32>(), 6);
    first.stop().await;
    second.stop().await;
}

async fn draining_loses_no_call(one: impl Backplane, two: impl Backplane, three: impl Backplane) {
    let count = Arc::new(AtomicU32::new(0));
    let function = |count: &Arc<AtomicU32>| {
        let count = Arc::clone(count);
        let function = define_rpc_function("work:count").action();
        function.async_handler(move || {
            let count = Arc::clone(&count);
            async move {
                tokio::time::sleep(Duration::from_millis(5)).await;
                count.fetch_add(1, Ordering::SeqCst) + 1
            }
        })
    };
    let first = worker(one, Limits::new(), vec![function(&count)]).await;
    let second = worker(two, Limits::new(), vec![function(&count)]).await;
    let (_gateway, client) = gateway(three, "work:count").await;
    let mut calls = Vec::new();
    let mut stopping = Some(first);
    for number in 0..200 {
        if number == 100 {
            let first = stopping.take().unwrap();
            tokio::spawn(first.stop());
        }
        let client = client.clone();
        calls.push(tokio::spawn(async move {
            client.call_dynamic::<u32>("work:count", ()).await
        }));
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    for call in calls {
        in_time(call).await.unwrap().unwrap();
    }
    assert_eq!(count.load(Ordering::SeqCst), 200, "each call ran once");
    second.stop().await;
}

/// Returns the roles of the caller.
#[rpc_function(name = "work:get-roles")]
fn get_roles(session: &RpcSession) -> Vec<String> {
    session.roles()
}

async fn functions_with_other_types_are_refused(
    one: impl Backplane,
    two: impl Backplane,
    three: impl Backplane,
) {
    let first = worker(one, Limits::new(), vec![name_of("one")]).await;
    let (gateway, client) = gateway(three, "work:get-name").await;
    let other = define_rpc_function("work:get-name").query();
    let other = other.handler(|_: u32, _: u32| "another function".to_owned());
    let second = worker(two, Limits::new(), vec![other, GetRoles::definition()]).await;
    eventually(|| gateway.context().rpc().has("work:get-roles")).await;
    for number in 0..20_u32 {
        let name: String = in_time(client.call_dynamic("work:get-name", (number,)))
            .await
            .unwrap();
        assert_eq!(name, format!("one {number}"));
    }
    let roles: Vec<String> = in_time(client.call_dynamic("work:get-roles", ()))
        .await
        .unwrap();
    assert_eq!(roles, ["editor"]);
    first.stop().await;
    second.stop().await;
}
