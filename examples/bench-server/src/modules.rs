//! Replies of about 4 KB and 0.8 MB: built once, and serialized at each call.

use std::sync::{Arc, LazyLock};

use devtools_runtime::rpc_function;
use serde::{Deserialize, Serialize};

/// The result of [`list`].
static LIST: LazyLock<Arc<[Module]>> = LazyLock::new(|| make(100));

/// The result of [`modules`].
static MODULES: LazyLock<Arc<[Module]>> = LazyLock::new(|| make(20_000));

#[derive(Debug, Serialize, Deserialize)]
struct Module {
    id: String,
    size: u32,
}

fn make(count: u32) -> Arc<[Module]> {
    let module = |number| Module {
        id: format!("/src/mod-{number:06}.ts"),
        size: 1000 + number,
    };
    (0..count).map(module).collect()
}

/// A hundred modules.
#[rpc_function(name = "bench:list")]
fn list() -> Arc<[Module]> {
    Arc::clone(&LIST)
}

/// Twenty thousand modules.
#[rpc_function(name = "bench:modules")]
fn modules() -> Arc<[Module]> {
    Arc::clone(&MODULES)
}
