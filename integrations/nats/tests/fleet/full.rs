//! A process that runs as many requests as it may answers the others.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use devtools_runtime::{CallError, DevTools, FunctionDefinition, Limits, define_rpc_function};
use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;

use crate::clients::{GetName, program};
use crate::server::NatsServer;
use crate::workers::{gateway, impatient_gateway, worker};
use tests::wait::in_time;

/// Counts the calls that run.
struct Running(Arc<AtomicU32>);

impl Running {
    fn begin(count: &Arc<AtomicU32>) -> Self {
        count.fetch_add(1, Ordering::SeqCst);
        Self(Arc::clone(count))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

async fn reach(count: &AtomicU32, number: u32) {
    in_time(async {
        while count.load(Ordering::SeqCst) != number {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    })
    .await;
}

/// A query that does not end. It counts its calls.
fn wait(running: &Arc<AtomicU32>) -> FunctionDefinition {
    let counted = Arc::clone(running);
    let wait = define_rpc_function("full:wait").query();
    wait.async_handler(move || {
        let running = Running::begin(&counted);
        async move {
            std::future::pending::<()>().await;
            drop(running);
        }
    })
}

#[tokio::test]
async fn a_full_worker_says_so_and_is_offered_listed_and_cancelled() {
    let Some(server) = NatsServer::start("a full worker") else {
        return;
    };
    let link = async || server.options().requests(2).connect().await.unwrap();
    let running = Arc::new(AtomicU32::new(0));
    let limits = Limits::new().calls_in_flight(2);
    let worker = worker(link().await, limits, vec![wait(&running)]).await;
    let _client_of_the_worker = worker.devtools.client();
    let (_first, client) = gateway(link().await, "full:wait").await;
    let calls: Vec<_> = (0..2)
        .map(|_| {
            let client = client.clone();
            tokio::spawn(async move { client.call_dynamic::<()>("full:wait", ()).await })
        })
        .collect();
    reach(&running, 2).await;

    // A gateway that begins now finds the function, and learns that the worker is full.
    let timeout = Duration::from_millis(500);
    let (second, impatient) = impatient_gateway(link().await, "full:wait", timeout).await;
    in_time(async {
        loop {
            let refused = impatient.call_dynamic::<()>("full:wait", ()).await;
            match refused {
                Err(CallError::Remote(error)) => match error.code.as_deref() {
                    Some("workers-busy") => break,
                    // The deadline has passed while the worker was asked once more.
                    Some("worker-timeout") => {}
                    _ => panic!("{error:?}"),
                },
                other => panic!("{other:?}"),
            }
        }
    })
    .await;
    let sessions = in_time(second.context().rpc().fleet_sessions()).await;
    assert_eq!(sessions.unwrap().len(), 3);
    assert_eq!(running.load(Ordering::SeqCst), 2);

    for call in calls {
        call.abort();
    }
    reach(&running, 0).await;
    worker.stop().await;
}

#[tokio::test]
async fn calls_that_are_dropped_at_the_same_time_are_all_cancelled() {
    const CALLS: u32 = 5_000;
    let Some(server) = NatsServer::start("many cancellations") else {
        return;
    };
    let link = async || server.options().connect().await.unwrap();
    let running = Arc::new(AtomicU32::new(0));
    // They do not end by themselves while the test runs.
    let timeout = Duration::from_secs(600);
    let limits = Limits::new().calls_in_flight(CALLS as usize);
    let limits = limits.handler_timeout(timeout);
    let worker = worker(link().await, limits, vec![wait(&running)]).await;
    let (gateway, _client) = impatient_gateway(link().await, "full:wait", timeout).await;
    let workers = gateway.context().rpc().workers();
    let mut calls: FuturesUnordered<_> = (0..CALLS)
        .map(|_| workers[0].call_dynamic::<()>("full:wait", ()))
        .collect();
    tokio::select! {
        ended = calls.next() => panic!("{ended:?}"),
        () = reach(&running, CALLS) => {}
    }
    drop(calls);
    reach(&running, 0).await;
    worker.stop().await;
}

#[tokio::test]
async fn other_requests_do_not_wait_behind_clients_that_are_called() {
    let Some(server) = NatsServer::start("clients that do not answer") else {
        return;
    };
    let link = async || server.options().requests(1).connect().await.unwrap();
    let one: DevTools = program(link().await).await;
    let two = program(link().await).await;
    let client = two.client();
    let asked = Arc::new(AtomicU32::new(0));
    let counted = Arc::clone(&asked);
    client.register::<GetName>(move || {
        counted.fetch_add(1, Ordering::SeqCst);
        std::future::pending::<String>()
    });
    let context = one.context().clone();
    let broadcast = tokio::spawn(async move { GetName::broadcast(&context).await });
    reach(&asked, 1).await;
    for _ in 0..3 {
        let sessions = in_time(one.context().rpc().fleet_sessions()).await;
        assert_eq!(sessions.unwrap().len(), 1);
    }
    broadcast.abort();
}
