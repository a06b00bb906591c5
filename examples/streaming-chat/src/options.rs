//! The options of the chat: its speed and its limits.

use std::time::Duration;

/// The options of the chat: its speed and its limits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use = "options do nothing until a chat is made with them"]
pub struct ChatOptions {
    pub(crate) delay: Duration,
    pub(crate) messages: usize,
    pub(crate) question_chars: usize,
    pub(crate) answer_tokens: usize,
    pub(crate) answers: usize,
}

impl Default for ChatOptions {
    fn default() -> Self {
        Self::new()
    }
}

impl ChatOptions {
    /// Creates options with the defaults.
    pub const fn new() -> Self {
        Self {
            delay: Duration::from_millis(40),
            messages: 100,
            question_chars: 2000,
            answer_tokens: 400,
            answers: 4,
        }
    }

    /// Sets the time that the model takes for a token. Default: 40 milliseconds.
    pub const fn delay(mut self, delay: Duration) -> Self {
        self.delay = delay;
        self
    }

    /// Sets the largest number of messages in the history. Default: 100. Beyond it the oldest message is removed,
    /// except for a running answer.
    pub const fn messages(mut self, messages: usize) -> Self {
        self.messages = messages;
        self
    }

    /// Sets the largest number of characters in a question. Default: 2,000. Longer questions are refused.
    pub const fn question_chars(mut self, chars: usize) -> Self {
        self.question_chars = chars;
        self
    }

    /// Sets the largest number of tokens in an answer. All of them are stored for late subscribers. Default: 400. A
    /// longer answer ends there.
    pub const fn answer_tokens(mut self, tokens: usize) -> Self {
        self.answer_tokens = tokens;
        self
    }

    /// Sets how many questions are answered at once. Default: 4. Further questions are refused.
    pub const fn answers(mut self, answers: usize) -> Self {
        self.answers = answers;
        self
    }
}
