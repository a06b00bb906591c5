use devtools_runtime::{DevToolsContext, Mode, rpc_function};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::chat::Chat;

/// What the page has to know of the chat.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Info {
    /// Whether questions are answered.
    pub mode: Mode,
    /// How many characters a question may have.
    pub question_chars: usize,
}

/// Says what the page has to know.
#[rpc_function(kind = "static")]
pub fn get_info(ctx: &DevToolsContext, chat: &Chat) -> Info {
    Info {
        mode: ctx.mode(),
        question_chars: chat.question_chars(),
    }
}
