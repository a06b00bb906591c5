//! A type that is left open, and not known to travel.
use std::fmt::{Debug, Display};

use devtools_runtime::RpcError;

#[derive(Debug, thiserror::Error, RpcError)]
#[error("{0} is not valid")]
struct Invalid<T: Debug + Display + Send + Sync + 'static>(T);

fn main() {
    drop(Invalid(1));
}
