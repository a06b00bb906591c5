//! A chunk of a stream: written into the stream's log, and all the way to a reader in memory.

use std::hint::black_box;
use std::time::Instant;

use criterion::{Criterion, Throughput};
use devtools_runtime::streaming::ChannelOptions;
use devtools_runtime::{Auth, DevTools};

use crate::runtime;

pub fn bench(criterion: &mut Criterion) {
    let runtime = runtime();
    let _inside = runtime.enter();
    let devtools = runtime
        .block_on(DevTools::builder().auth(Auth::None).build())
        .unwrap();
    let streaming = devtools.context().rpc().streaming();
    let options = ChannelOptions::new().replay(256); // so that chunks are written although nobody reads them
    let chunks = streaming.create::<String>("bench:chunks", options).unwrap();
    let chunk = "token-00000000".to_owned();
    let mut group = criterion.benchmark_group("stream-chunk");
    group.throughput(Throughput::Elements(1));

    let unread = chunks.start();
    group.bench_function("write", |bencher| {
        bencher.iter(|| unread.try_write(black_box(&chunk)).unwrap());
    });

    let read = chunks.start();
    let rpc = devtools.client();
    let mut reader = rpc
        .streaming()
        .subscribe::<String>("bench:chunks", read.id());
    runtime.block_on(async {
        // Once this has come the subscription is there.
        read.write(&chunk).await.unwrap();
        reader.next().await.unwrap().unwrap();
    });
    group.bench_function("write-and-read", |bencher| {
        bencher.iter_custom(|iterations| {
            runtime.block_on(async {
                let begun = Instant::now();
                let write = async {
                    for _ in 0..iterations {
                        read.write(black_box(&chunk)).await.unwrap();
                    }
                };
                let read = async {
                    for _ in 0..iterations {
                        black_box(reader.next().await.unwrap().unwrap());
                    }
                };
                tokio::join!(write, read);
                begun.elapsed()
            })
        });
    });
    group.finish();
    drop((unread, read, reader, rpc));
    runtime.block_on(devtools.shutdown());
}
