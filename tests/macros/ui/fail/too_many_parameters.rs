//! Eight parameters from the wire are enough; references do not count.

use devtools_runtime::{DevToolsContext, rpc_function};

#[rpc_function(name = "my-plugin:plot")]
async fn plot(
    _ctx: &DevToolsContext,
    a: u8,
    b: u8,
    c: u8,
    d: u8,
    e: u8,
    f: u8,
    g: u8,
    h: u8,
    i: u8,
    j: u8,
) -> u8 {
    a + b + c + d + e + f + g + h + i + j
}

fn main() {
    drop(Plot::NAME);
}
