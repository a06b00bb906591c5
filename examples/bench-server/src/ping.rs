//! The smallest call.

use devtools_runtime::rpc_function;
use serde::{Deserialize, Serialize};

#[derive(Debug, Serialize, Deserialize)]
struct Pong {
    id: String,
    data: String,
}

/// Returns its argument.
#[rpc_function(name = "bench:ping")]
fn ping(id: String) -> Pong {
    Pong {
        id,
        data: "pong".to_owned(),
    }
}
