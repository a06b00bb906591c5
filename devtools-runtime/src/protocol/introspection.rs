//! Looking at the functions of a program that runs. This is of this crate alone, not of the protocol.

use crate::function::FunctionInfo;

function! {
    /// What is known of every function: in dev mode, and like any other function for trusted sessions only.
    ListFunctions = "devtools-runtime:functions", Query, Server, Json,
    () -> Vec<FunctionInfo>
}
