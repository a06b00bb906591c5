//! The history of the chat, which all pages share.

use devtools_runtime::rpc_shared_state;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The shared state with the history of the chat.
#[rpc_shared_state(name = "streaming-chat:history")]
pub struct SharedHistory(History);

/// The history of the chat, oldest message first.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct History {
    /// The messages.
    pub messages: Vec<Message>,
}

/// A question or an answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Message {
    /// The unique id of the message. For an answer, it is also the id of its stream.
    pub id: String,
    /// The author.
    pub role: Role,
    /// The text. For a streaming answer it is empty, because the text comes over the channel.
    pub text: String,
    /// The state of the message.
    pub state: MessageState,
    /// The reason of a failure.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

/// The author of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// The person who asks.
    User,
    /// The model.
    Assistant,
}

/// The state of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum MessageState {
    /// The answer is running: subscribe to its stream.
    Streaming,
    /// The message is complete.
    Done,
    /// The answer was stopped, or it lost its last reader. The text is incomplete.
    Cancelled,
    /// The model failed. The text is incomplete.
    Failed,
}

impl History {
    /// Adds a question and its coming answer. Removes the oldest messages beyond `limit`.
    pub(crate) fn ask(&mut self, id: &str, question: String, limit: usize) {
        self.messages.push(Message {
            id: format!("{id}-question"),
            role: Role::User,
            text: question,
            state: MessageState::Done,
            error: None,
        });
        self.messages.push(Message {
            id: id.to_owned(),
            role: Role::Assistant,
            text: String::new(),
            state: MessageState::Streaming,
            error: None,
        });
        let mut surplus = self.messages.len().saturating_sub(limit);
        self.messages.retain(|message| {
            let goes = surplus > 0 && message.state != MessageState::Streaming;
            surplus -= usize::from(goes);
            !goes
        });
    }

    /// Writes the end of an answer, if the history still has the answer.
    pub(crate) fn end(
        &mut self,
        id: &str,
        text: String,
        state: MessageState,
        error: Option<String>,
    ) {
        if let Some(message) = self.messages.iter_mut().find(|message| message.id == id) {
            message.text = text;
            message.state = state;
            message.error = error;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{History, MessageState};

    #[test]
    fn the_oldest_messages_go_but_no_answer_that_is_being_given() {
        let mut history = History::default();
        for id in ["a", "b", "c"] {
            history.ask(id, id.to_owned(), 3);
        }
        let ids = |history: &History| -> Vec<String> {
            let ids = history.messages.iter().map(|message| message.id.clone());
            ids.collect()
        };
        assert_eq!(ids(&history), ["a", "b", "c"]);
        history.end("a", "A".to_owned(), MessageState::Done, None);
        history.ask("d", "d".to_owned(), 4);
        assert_eq!(ids(&history), ["b", "c", "d-question", "d"]);
        // The answer was removed from the history meanwhile.
        history.end("a", "again".to_owned(), MessageState::Done, None);
        assert_eq!(history.messages.len(), 4);
    }
}
