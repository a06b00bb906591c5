//! The types that the handler takes and returns must travel.

use devtools_runtime::{Setup, rpc_function};

struct Query(String);

#[rpc_function(name = "my-plugin:find", setup)]
fn find() -> Setup<fn(Query) -> usize> {
    Setup::handler(|query: Query| query.0.len())
}

fn main() {
    let _ = find();
}
