//! From the text of a request to the text of its reply, without a connection.

use std::hint::black_box;

use criterion::Criterion;
use devtools_runtime::__private::bench::DispatchBench;
use devtools_runtime::{Auth, DevTools, rpc_function};
use serde::{Deserialize, Serialize};

use crate::{REQUEST, REQUEST_CLONE, runtime};

#[derive(Serialize, Deserialize)]
struct Pong {
    id: String,
    data: String,
}

#[rpc_function(name = "bench:ping")]
#[expect(clippy::unused_async, reason = "what is measured is the future")]
async fn ping(id: String) -> Pong {
    Pong {
        id,
        data: "pong".to_owned(),
    }
}

#[rpc_function(name = "bench:ping-sync")]
fn ping_sync(id: String) -> Pong {
    Pong {
        id,
        data: "pong".to_owned(),
    }
}

pub fn bench(criterion: &mut Criterion) {
    let devtools = runtime()
        .block_on(DevTools::builder().auth(Auth::None).build())
        .unwrap();
    let mut bench = DispatchBench::new(&devtools);
    let mut group = criterion.benchmark_group("dispatch");
    let sync = REQUEST.replace("bench:ping", "bench:ping-sync");
    let unknown = REQUEST.replace("bench:ping", "bench:nope");
    for (name, frame) in [
        ("async", REQUEST),
        ("sync", sync.as_str()),
        ("structured-clone", REQUEST_CLONE),
        ("unknown", unknown.as_str()),
    ] {
        assert!(bench.dispatch(frame).is_some());
        group.bench_function(name, |bencher| {
            bencher.iter(|| bench.dispatch(black_box(frame)));
        });
    }
    group.finish();
}
