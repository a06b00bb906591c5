//! Lists of functions, and calls by name: `rpc_functions!` and `call!`.

pub mod contexts;
pub mod declarations;
pub mod hygiene;
pub mod merged;
pub mod one_list;
pub mod paths;
pub mod private_functions;
