//! A union.
use devtools_runtime::RpcError;

#[derive(RpcError)]
union ReadError {
    code: u32,
    flags: f32,
}

fn main() {
    let _ = ReadError { code: 1 };
}
