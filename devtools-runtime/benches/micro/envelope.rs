//! Reading an envelope: its fields, with the arguments left as text.

use std::hint::black_box;

use criterion::{Criterion, Throughput};
use devtools_runtime::__private::bench;

use crate::{REQUEST, REQUEST_CLONE};

pub fn bench(criterion: &mut Criterion) {
    let reply = r#"{"t":"s","i":"A7TwOnz5JK-gqrjnOf4WP","r":{"id":"A7TwOnz5JK","data":"pong"}}"#;
    // Arguments are walked over, however long they are.
    let large = format!(
        r#"{{"m":"bench:put","a":["{}"],"t":"q","i":"1"}}"#,
        "x".repeat(4096)
    );
    let mut group = criterion.benchmark_group("envelope");
    for (name, frame) in [
        ("request", REQUEST),
        ("request-structured-clone", REQUEST_CLONE),
        ("reply", reply),
        ("request-4-kib", &large),
    ] {
        assert!(bench::read_envelope(frame));
        group.throughput(Throughput::Bytes(frame.len() as u64));
        group.bench_function(name, |bencher| {
            bencher.iter(|| bench::read_envelope(black_box(frame)));
        });
    }
    group.finish();
}
