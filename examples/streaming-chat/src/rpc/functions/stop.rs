use devtools_runtime::rpc_function;

use crate::chat::Chat;

/// Stops an answer for all its readers. Returns `false` if it has ended.
#[rpc_function(kind = "action")]
pub fn stop(chat: &Chat, id: String) -> bool {
    chat.stop(&id)
}
