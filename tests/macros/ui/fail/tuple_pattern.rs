//! A pattern that takes a parameter apart has no name for callers.

use devtools_runtime::rpc_function;

#[rpc_function(name = "my-plugin:measure")]
async fn measure((start, end): (u64, u64), [first, ..]: [u8; 2]) -> u64 {
    end - start + u64::from(first)
}

#[rpc_function(name = "my-plugin:keep")]
async fn keep(ref id: String, whole @ _: u8) -> usize {
    id.len() + usize::from(whole)
}

fn main() {
    drop(measure((0, 1), [0, 1]));
    drop(keep(String::new(), 0));
}
