//! An event to many clients: written once, and handed to the queue of each.
//!
//! Only that is timed. What is queued reaches the clients, which are in memory, before the next event.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use criterion::{Criterion, Throughput};
use devtools_runtime::{Auth, DevTools, DevToolsRpcClient, Limits, rpc_function};
use serde::{Deserialize, Serialize};

use crate::runtime;

#[derive(Clone, Serialize, Deserialize)]
struct Update {
    kind: String,
    seq: u32,
}

#[rpc_function(name = "bench:event", kind = "event", side = "client")]
async fn changed(update: Update);

/// A client that counts what it hears.
fn client(devtools: &DevTools, heard: &Arc<AtomicUsize>) -> DevToolsRpcClient {
    let rpc = devtools.client();
    let heard = Arc::clone(heard);
    rpc.register::<Changed>(move |_: Update| {
        heard.fetch_add(1, Ordering::Relaxed);
        async {}
    });
    rpc
}

pub fn bench(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("broadcast");
    for clients in [1, 100, 1000] {
        let runtime = runtime();
        let _inside = runtime.enter();
        let limits = Limits::new().sessions(clients);
        let builder = DevTools::builder().auth(Auth::None).limits(limits);
        let devtools = runtime.block_on(builder.build()).unwrap();
        let heard = Arc::new(AtomicUsize::new(0));
        let connected: Vec<_> = (0..clients).map(|_| client(&devtools, &heard)).collect();
        runtime.block_on(async {
            while devtools.context().rpc().sessions().len() < clients {
                tokio::task::yield_now().await;
            }
        });
        group.throughput(Throughput::Elements(clients as u64));
        group.bench_function(format!("{clients}-clients"), |bencher| {
            bencher.iter_custom(|iterations| {
                runtime.block_on(async {
                    let mut took = Duration::ZERO;
                    for _ in 0..iterations {
                        let update = Update {
                            kind: "update".to_owned(),
                            seq: 1,
                        };
                        heard.store(0, Ordering::Relaxed);
                        let begun = Instant::now();
                        let reached = Changed::broadcast(devtools.context(), update).await;
                        took += begun.elapsed();
                        assert_eq!(reached.unwrap(), clients);
                        while heard.load(Ordering::Relaxed) < clients {
                            tokio::task::yield_now().await;
                        }
                    }
                    took
                })
            });
        });
        drop(connected);
        runtime.block_on(devtools.shutdown());
    }
    group.finish();
}
