//! Lists the functions of a running program. This function belongs to this crate, not to the ecosystem's protocol.

use crate::function::FunctionInfo;

functions! {
    /// Describes every function. It exists in dev mode only and, like other functions, requires trust.
    ListFunctions = "devtools-runtime:functions", Query, Server, Json,
    () -> Vec<FunctionInfo>;
}
