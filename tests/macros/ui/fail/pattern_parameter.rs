//! A parameter has a name: callers in TypeScript see it.

use devtools_runtime::rpc_function;

#[derive(serde::Serialize, serde::Deserialize)]
struct Range {
    start: u64,
    end: u64,
}

#[rpc_function(name = "my-plugin:measure")]
async fn measure(Range { start, end }: Range) -> u64 {
    end - start
}

#[rpc_function(name = "my-plugin:ping")]
async fn ping(_: u64) {}

fn main() {
    drop(measure(Range { start: 0, end: 1 }));
    drop(ping(1));
}
