//! Replies of any size.

use devtools_runtime::rpc_function;

/// A text of as many bytes.
#[rpc_function(name = "bench:text")]
fn text(bytes: usize) -> String {
    "x".repeat(bytes)
}
