//! The hash of arguments, by which a static dump finds the answer to a call.

use std::hint::black_box;

use criterion::{Criterion, Throughput};
use devtools_runtime::__private::bench;

pub fn bench(criterion: &mut Criterion) {
    let options = r#"[{"include":["src/**","lib/**"],"depth":3,"dynamic":false,"root":"/src"}]"#;
    let ids: Vec<String> = (0..100)
        .map(|number| format!("\"/src/mod-{number:06}.ts\""))
        .collect();
    let ids = format!("[[{}]]", ids.join(","));
    let mut group = criterion.benchmark_group("argument-hash");
    for (name, arguments) in [
        ("none", "[]"),
        ("a-string", r#"["/src/main.ts"]"#),
        ("an-object", options),
        ("100-strings", &ids),
    ] {
        assert_eq!(bench::hash(arguments).unwrap().len(), 43);
        group.throughput(Throughput::Bytes(arguments.len() as u64));
        group.bench_function(name, |bencher| {
            bencher.iter(|| bench::hash(black_box(arguments)));
        });
    }
    group.finish();
}
