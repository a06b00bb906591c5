use devtools_runtime::rpc_function;

use crate::chat::{Chat, ChatError};

/// Asks the model. Returns the id of the answer, which is also the id of its stream.
///
/// # Errors
///
/// As [`Chat::ask`].
#[rpc_function(kind = "action")]
pub async fn ask(chat: &Chat, question: String) -> Result<String, ChatError> {
    chat.ask(&question)
}
