//! Writing and reading structured-clone text: a small value, and one of about 4 KB.

use std::collections::BTreeMap;
use std::hint::black_box;

use criterion::measurement::WallTime;
use criterion::{BenchmarkGroup, Criterion, Throughput};
use devtools_runtime::__private::bench;
use devtools_runtime::js;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize)]
struct Module {
    id: String,
    size: u32,
}

/// A value that only structured clone can carry.
#[derive(Serialize, Deserialize)]
struct Typed {
    at: js::Date,
    sizes: BTreeMap<String, u32>,
    bytes: js::Bytes,
}

fn modules(count: u32) -> Vec<Module> {
    let module = |number| Module {
        id: format!("/src/mod-{number:06}.ts"),
        size: 1000 + number,
    };
    (0..count).map(module).collect()
}

pub fn bench(criterion: &mut Criterion) {
    let typed = Typed {
        at: js::Date::from_millis(1_700_000_000_000).unwrap(),
        sizes: modules(8)
            .into_iter()
            .map(|module| (module.id, module.size))
            .collect(),
        bytes: js::Bytes::from(vec![7; 64]),
    };
    let mut group = criterion.benchmark_group("structured-clone");
    both_ways(&mut group, "1-object", &modules(1));
    both_ways(&mut group, "100-objects", &modules(100));
    both_ways(&mut group, "typed", &typed);
    group.finish();
}

fn both_ways<T: Serialize + DeserializeOwned>(
    group: &mut BenchmarkGroup<'_, WallTime>,
    name: &str,
    value: &T,
) {
    let text = bench::encode(value).unwrap();
    group.throughput(Throughput::Bytes(text.len() as u64));
    group.bench_function(format!("encode/{name}"), |bencher| {
        bencher.iter(|| bench::encode(black_box(value)));
    });
    assert!(bench::decode::<T>(&text).is_ok());
    group.bench_function(format!("decode/{name}"), |bencher| {
        bencher.iter(|| bench::decode::<T>(black_box(&text)));
    });
}
