//! The runtime is somewhere else.
mod toolkit {
    pub mod rpc {
        pub use devtools_runtime::*;
    }
}

mod devtools_runtime_is_not_named {
    use crate::errors::renamed_crate::toolkit::rpc::RpcError;

    #[derive(Debug, thiserror::Error, RpcError)]
    #[rpc_error(crate = crate::errors::renamed_crate::toolkit::rpc)]
    pub enum ReadError {
        #[error("no file at `{0}`")]
        NotFound(String),
    }
}

#[test]
fn accepted() {
    use toolkit::rpc::RpcError as _;
    let error = devtools_runtime_is_not_named::ReadError::NotFound("x".to_owned());
    assert_eq!(error.code(), "not-found");
}
