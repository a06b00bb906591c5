//! What was said, as all pages see it.

use devtools_runtime::rpc_shared_state;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What was said, in every page that is open.
#[rpc_shared_state(name = "streaming-chat:history")]
pub struct SharedHistory(History);

/// What was said, oldest first.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
pub struct History {
    /// The messages.
    pub messages: Vec<Message>,
}

/// A question or an answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Message {
    /// Of its own. That of an answer is also the id of its stream.
    pub id: String,
    /// Who says it.
    pub role: Role,
    /// The text. That of an answer is empty while it is streaming, and comes over the channel.
    pub text: String,
    /// What has become of it.
    pub state: MessageState,
    /// Why it failed, if it did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}

/// Who says something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Whoever asks.
    User,
    /// The model.
    Assistant,
}

/// What has become of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum MessageState {
    /// It is being given: subscribe to its stream.
    Streaming,
    /// It is complete.
    Done,
    /// Somebody stopped it, or nobody was left to read it. The text is what there was by then.
    Cancelled,
    /// The model failed. The text is what there was by then.
    Failed,
}

impl History {
    /// Adds a question and the answer that is to come, and forgets the oldest messages beyond `limit`.
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

    /// Puts the end of an answer down, if it is still there.
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
        // It was forgotten meanwhile.
        history.end("a", "again".to_owned(), MessageState::Done, None);
        assert_eq!(history.messages.len(), 4);
    }
}
