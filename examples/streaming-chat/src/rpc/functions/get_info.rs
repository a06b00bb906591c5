use devtools_runtime::{DevToolsContext, Mode, rpc_function};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::chat::Chat;

/// The facts about the chat that the page needs.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Info {
    /// Whether questions are answered.
    pub mode: Mode,
    /// The largest number of characters in a question.
    pub question_chars: usize,
}

/// Returns the facts that the page needs.
#[rpc_function(kind = "static")]
pub fn get_info(ctx: &DevToolsContext, chat: &Chat) -> Info {
    Info {
        mode: ctx.mode(),
        question_chars: chat.question_chars(),
    }
}
