//! The functions that the page calls.

mod functions;

use devtools_runtime::rpc_functions;

pub use self::functions::{Ask, GetInfo, Info, Stop, ask, get_info, stop};

rpc_functions! {
    /// All functions of the chat.
    pub struct StreamingChatFunctions { Ask, GetInfo, Stop }
}
