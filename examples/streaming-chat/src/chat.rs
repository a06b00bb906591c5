//! The chat: the running answers, and how an answer ends.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use devtools_runtime::state::{MutateError, SharedState};
use devtools_runtime::streaming::{Channel, StreamSink};
use devtools_runtime::{
    DevToolsContext, Mode, PluginState, RemoteError, RpcError, SetupError, rpc_channel,
};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::history::{History, MessageState, SharedHistory};
use crate::model::answer;
use crate::options::ChatOptions;

/// The question at the beginning of a dump's history, because nobody can ask in a dump.
const EXAMPLE: &str = "What can you do?";

/// The channel of the answers' tokens, with one stream for each answer.
#[rpc_channel]
pub struct Tokens(String);

/// The chat of one context.
#[derive(Debug, PluginState)]
pub struct Chat {
    options: ChatOptions,
    tokens: Channel<String>,
    history: SharedState<History>,
    running: Arc<Running>,
    /// The tasks that answer. They end with the chat.
    tasks: Mutex<JoinSet<()>>,
}

/// The running answers, each with the token that stops it.
type Running = Mutex<HashMap<String, CancellationToken>>;

/// The error of asking a question.
#[derive(Debug, thiserror::Error, RpcError)]
pub enum ChatError {
    /// The question is empty.
    #[error("the question is empty")]
    Empty,
    /// The question is too long.
    #[error("a question may have at most {limit} characters")]
    TooLong {
        /// The largest number of characters.
        limit: usize,
    },
    /// Too many questions are being answered.
    #[error("{limit} questions are being answered: wait for one, or stop it")]
    Busy {
        /// The largest number of running answers.
        limit: usize,
    },
    /// The history could not store the question.
    #[error("could not add the question to the history")]
    Unnoted(#[source] MutateError),
}

impl Chat {
    pub(crate) fn new(ctx: &DevToolsContext, options: ChatOptions) -> Result<Self, SetupError> {
        let mut history = History::default();
        if ctx.mode() == Mode::Build {
            history.ask("example", EXAMPLE.to_owned(), options.messages);
            let text = answer(EXAMPLE).filter_map(Result::ok).collect();
            history.end("example", text, MessageState::Done, None);
        }
        // A whole answer is stored for late subscribers, and fits in the queue of a slow one, so no page waits for
        // another.
        let channel = Tokens::options()
            .replay(options.answer_tokens)
            .queued_chunks(options.answer_tokens.max(1));
        Ok(Self {
            options,
            tokens: Tokens::create_with(ctx, channel)?,
            history: SharedHistory::create(ctx, history)?,
            running: Arc::default(),
            tasks: Mutex::default(),
        })
    }

    /// Returns the largest number of characters in a question.
    pub fn question_chars(&self) -> usize {
        self.options.question_chars
    }

    /// Begins to answer, and returns the id of the answer, which is also the id of its stream.
    ///
    /// # Errors
    ///
    /// If the question is empty or too long, or too many questions are being answered.
    ///
    /// # Panics
    ///
    /// If called outside a tokio runtime.
    pub fn ask(&self, question: &str) -> Result<String, ChatError> {
        let question = question.trim();
        if question.is_empty() {
            return Err(ChatError::Empty);
        }
        let limit = self.options.question_chars;
        if question.chars().count() > limit {
            return Err(ChatError::TooLong { limit });
        }
        let (sink, entry) = self.begin()?;
        let id = entry.id.clone();
        self.history
            .mutate(|history| history.ask(&id, question.to_owned(), self.options.messages))
            .map_err(ChatError::Unnoted)?;
        let question = question.to_owned();
        let mut tasks = lock(&self.tasks);
        while tasks.try_join_next().is_some() {} // forget the tasks that have ended
        tasks.spawn(give(self.options, question, sink, entry));
        Ok(id)
    }

    /// Stops an answer for all its readers. Returns `false` if it has ended.
    ///
    /// A page that only cancels its subscription stops an answer if it was the last reader.
    pub fn stop(&self, id: &str) -> bool {
        let running = lock(&self.running);
        let stop = running.get(id);
        stop.inspect(|stop| stop.cancel()).is_some()
    }

    /// Reserves one of the slots for answers.
    fn begin(&self) -> Result<(StreamSink<String>, Entry), ChatError> {
        let mut running = lock(&self.running);
        let limit = self.options.answers;
        if running.len() >= limit {
            return Err(ChatError::Busy { limit });
        }
        let sink = self.tokens.start();
        let entry = Entry {
            id: sink.id().to_owned(),
            stop: CancellationToken::new(),
            text: String::new(),
            end: (MessageState::Failed, Some("it was interrupted".to_owned())),
            history: self.history.clone(),
            running: Arc::clone(&self.running),
        };
        running.insert(entry.id.clone(), entry.stop.clone());
        Ok((sink, entry))
    }
}

/// A running answer. Dropping it writes its end to the history, whatever that is.
struct Entry {
    id: String,
    stop: CancellationToken,
    /// The text so far.
    text: String,
    end: (MessageState, Option<String>),
    history: SharedState<History>,
    running: Arc<Running>,
}

impl Drop for Entry {
    fn drop(&mut self) {
        lock(&self.running).remove(&self.id);
        let text = std::mem::take(&mut self.text);
        let (state, error) = (self.end.0, self.end.1.take());
        let ended = self
            .history
            .mutate(|history| history.end(&self.id, text, state, error));
        if let Err(error) = ended {
            tracing::warn!(%error, answer = self.id, "could not write the end of an answer to the history");
        }
    }
}

/// Gives an answer, from its first token to its end.
async fn give(options: ChatOptions, question: String, sink: StreamSink<String>, mut entry: Entry) {
    let result = write(options, &question, &sink, &mut entry).await;
    entry.end = match &result {
        Ok(state) => (*state, None),
        Err(error) => (MessageState::Failed, Some(error.message.clone())),
    };
    // The history gets the text before the stream ends, so every page has one of the two.
    drop(entry);
    match result {
        Ok(_) => sink.close(),
        Err(error) => sink.error(error),
    }
}

async fn write(
    options: ChatOptions,
    question: &str,
    sink: &StreamSink<String>,
    entry: &mut Entry,
) -> Result<MessageState, RemoteError> {
    for token in answer(question).take(options.answer_tokens) {
        let token = token?;
        let step = async {
            think(options.delay).await;
            sink.write(&token).await
        };
        tokio::select! {
            biased;
            () = entry.stop.cancelled() => return Ok(MessageState::Cancelled),
            _reason = sink.cancelled() => return Ok(MessageState::Cancelled),
            written = step => written.map_err(|error| RemoteError::from(error.to_string()))?,
        }
        entry.text.push_str(&token);
    }
    Ok(MessageState::Done)
}

/// Waits for the time of one token.
async fn think(delay: Duration) {
    if delay.is_zero() {
        tokio::task::yield_now().await;
    } else {
        tokio::time::sleep(delay).await;
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
