//! The runtime is somewhere else.
mod toolkit {
    pub mod rpc {
        pub use devtools_runtime::*;
    }
}

mod devtools_runtime_is_not_named {
    use crate::toolkit::rpc::RpcError;

    #[derive(Debug, thiserror::Error, RpcError)]
    #[rpc_error(crate = crate::toolkit::rpc)]
    pub enum ReadError {
        #[error("no file at `{0}`")]
        NotFound(String),
    }
}

fn main() {
    use toolkit::rpc::RpcError as _;
    let error = devtools_runtime_is_not_named::ReadError::NotFound("x".to_owned());
    assert_eq!(error.code(), "not-found");
}
