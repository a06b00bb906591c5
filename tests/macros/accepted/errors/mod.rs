//! Errors: `#[derive(RpcError)]`.

pub mod forms;
pub mod hygiene;
pub mod renamed_crate;
