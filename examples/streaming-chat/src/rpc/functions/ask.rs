use devtools_runtime::rpc_function;

use crate::chat::{Chat, ChatError};

/// Asks the model, and gives the id of the answer: in the history, and of its stream.
///
/// # Errors
///
/// As [`Chat::ask`].
#[rpc_function(kind = "action")]
pub async fn ask(chat: &Chat, question: String) -> Result<String, ChatError> {
    chat.ask(&question)
}
