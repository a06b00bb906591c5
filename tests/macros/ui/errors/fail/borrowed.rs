//! An error that borrows.
use devtools_runtime::RpcError;

#[derive(Debug, thiserror::Error, RpcError)]
enum ParseError<'a> {
    #[error("unexpected {0}")]
    Unexpected(&'a str),
}

fn main() {
    drop(ParseError::Unexpected("end"));
}
