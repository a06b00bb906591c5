//! A setup fails with an error.

use devtools_runtime::{Setup, rpc_function};

struct Broken;

#[rpc_function(name = "my-plugin:find", setup)]
fn find() -> Result<Setup<fn(String) -> usize>, Broken> {
    Err(Broken)
}

fn main() {
    let _ = find();
}
