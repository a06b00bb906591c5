//! What the page calls.

mod functions;

use devtools_runtime::rpc_functions;

pub use self::functions::{Ask, GetInfo, Info, Stop, ask, get_info, stop};

rpc_functions! {
    /// Everything the chat serves.
    pub struct StreamingChatFunctions { Ask, GetInfo, Stop }
}
