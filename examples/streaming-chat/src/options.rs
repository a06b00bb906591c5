//! How fast the chat is, and how much of it there may be.

use std::time::Duration;

/// How fast the chat is, and how much of it there may be.
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
    /// The defaults, which each method names.
    pub const fn new() -> Self {
        Self {
            delay: Duration::from_millis(40),
            messages: 100,
            question_chars: 2000,
            answer_tokens: 400,
            answers: 4,
        }
    }

    /// How long the model takes for a token. Default: 40 milliseconds.
    pub const fn delay(mut self, delay: Duration) -> Self {
        self.delay = delay;
        self
    }

    /// How many messages the history has. Default: 100. Beyond it the oldest goes, but no answer that is still
    /// being given.
    pub const fn messages(mut self, messages: usize) -> Self {
        self.messages = messages;
        self
    }

    /// How many characters a question may have. Default: 2,000. A longer one is refused.
    pub const fn question_chars(mut self, chars: usize) -> Self {
        self.question_chars = chars;
        self
    }

    /// How many tokens an answer may have, all of which are kept for pages that come late. Default: 400. A longer one
    /// ends there.
    pub const fn answer_tokens(mut self, tokens: usize) -> Self {
        self.answer_tokens = tokens;
        self
    }

    /// How many questions are answered at once. Default: 4. A further one is refused.
    pub const fn answers(mut self, answers: usize) -> Self {
        self.answers = answers;
        self
    }
}
