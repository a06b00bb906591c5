//! An unsafe function asks something of its callers, and these are other programs.

use devtools_runtime::rpc_function;

#[rpc_function(name = "my-plugin:peek")]
unsafe fn peek(address: usize) -> u8 {
    unsafe { *(address as *const u8) }
}

fn main() {
    let _ = unsafe { peek(0) };
}
