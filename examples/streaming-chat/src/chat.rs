//! The chat: who is being answered, and how an answer ends.

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

/// What the history of a dump begins with: it has nobody to ask.
const EXAMPLE: &str = "What can you do?";

/// The tokens of answers, one stream for each.
#[rpc_channel]
pub struct Tokens(String);

/// The chat of one context.
#[derive(Debug, PluginState)]
pub struct Chat {
    options: ChatOptions,
    tokens: Channel<String>,
    history: SharedState<History>,
    running: Arc<Running>,
    /// Those who answer. They end with the chat.
    tasks: Mutex<JoinSet<()>>,
}

/// The answers that are being given, and how to stop each.
type Running = Mutex<HashMap<String, CancellationToken>>;

/// Why a question is not answered.
#[derive(Debug, thiserror::Error, RpcError)]
pub enum ChatError {
    /// It has no text.
    #[error("there is no question")]
    Empty,
    /// It is over the limit.
    #[error("a question may have {limit} characters")]
    TooLong {
        /// How many it may have.
        limit: usize,
    },
    /// Others are being answered.
    #[error("{limit} questions are being answered: wait for one, or stop it")]
    Busy {
        /// How many there may be.
        limit: usize,
    },
    /// The history does not take it.
    #[error("the question could not be put into the history")]
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
        // A whole answer is kept for whoever comes late, and has room before whoever is slow: nobody waits for
        // another page.
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

    /// The most characters that a question may have.
    pub fn question_chars(&self) -> usize {
        self.options.question_chars
    }

    /// Begins to answer, and gives the id of the answer: in the history, and of its stream.
    ///
    /// # Errors
    ///
    /// If the question is empty or too long, or too many are being answered.
    ///
    /// # Panics
    ///
    /// Outside a tokio runtime.
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
        while tasks.try_join_next().is_some() {} // what has ended is not kept
        tasks.spawn(give(self.options, question, sink, entry));
        Ok(id)
    }

    /// Stops an answer, for everybody who reads it; `false` if it has ended.
    ///
    /// A page that merely cancels its subscription stops an answer only if it was the last to read it.
    pub fn stop(&self, id: &str) -> bool {
        let running = lock(&self.running);
        let stop = running.get(id);
        stop.inspect(|stop| stop.cancel()).is_some()
    }

    /// Takes one of the places that there are.
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

/// An answer that is being given. Dropping it puts its end into the history, whatever that is.
struct Entry {
    id: String,
    stop: CancellationToken,
    /// As far as it has come.
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
            tracing::warn!(%error, answer = self.id, "the end of an answer is not in the history");
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
    // The history has the text before the stream ends: nobody sees neither.
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

/// Takes the time that a token takes.
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
