//! Reading the streams of other processes for the sessions of this one.

use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use futures_util::future::join_all;
use tokio::sync::Semaphore;
use tokio::time::{Instant, timeout_at};

use crate::function::{BoxError, RemoteError};
use crate::host::backplane::{Backplane, BackplaneError, Later, Message};
use crate::host::fleet::request::{ProcessRequest, message, read, subject_of};
use crate::host::fleet::streams::request::{ReadAnswer, Reader, StreamRequest};
use crate::host::fleet::streams::trouble::Trouble;
use crate::peer::Frame;
use crate::streaming::{Batch, Leaving, OtherProcesses, RelayOptions, Relayed};

/// How long a stream is looked for.
const LOOKUP: Duration = Duration::from_secs(5);

/// The time between two rounds of questions, if a process did not answer.
const PAUSE: Duration = Duration::from_millis(200);

/// The number of streams that are looked for at the same time. Others wait.
const LOOKUPS: usize = 32;

/// The number of bytes of chunks in one answer. The last chunk may exceed it.
const BATCH_BYTES: usize = 256 * 1024;

/// The number of bytes of chunks in one answer, if the backplane accepts only smaller ones.
const FEW_BYTES: usize = 16 * 1024;

/// How long the other process waits for a chunk.
const WAIT: Duration = Duration::from_secs(1);

/// The additional time for an answer to arrive, after [`WAIT`].
const ON_THE_WAY: Duration = Duration::from_secs(2);

/// The time until the next request, if the other process does not wait for chunks.
const BUSY: Duration = Duration::from_millis(250);

/// The name of the error that ends a stream whose producer cannot be reached.
const PRODUCER_LOST: &str = "ProducerLost";

/// The streams of the other processes.
#[derive(Debug, Clone)]
pub(crate) struct StreamsElsewhere {
    backplane: Arc<dyn Backplane>,
    lookups: Arc<Semaphore>,
}

/// A process that has a stream, as this one reads it.
struct Source<'s> {
    backplane: &'s dyn Backplane,
    subject: String,
    reader: Reader,
}

impl StreamsElsewhere {
    pub(crate) fn new(backplane: &Arc<dyn Backplane>) -> Self {
        Self {
            backplane: Arc::clone(backplane),
            lookups: Arc::new(Semaphore::new(LOOKUPS)),
        }
    }

    /// Looks for the process that has a stream.
    async fn find(&self, channel: &str, id: &str) -> Option<(String, RelayOptions)> {
        let _permit = self.lookups.acquire().await.ok()?;
        let deadline = Instant::now() + LOOKUP;
        let request = message(&ProcessRequest::Stream(StreamRequest::Find {
            channel: channel.to_owned(),
            id: id.to_owned(),
        }));
        loop {
            let asked = timeout_at(deadline, self.ask_all(&request)).await;
            match asked {
                Ok(Ok(found)) => return found,
                // A process may have the stream and not be connected to the backplane again.
                Ok(Err(_)) if Instant::now() + PAUSE < deadline => {
                    tokio::time::sleep(PAUSE).await;
                }
                Ok(Err(_)) | Err(_) => return None,
            }
        }
    }

    /// Asks the other processes, and returns the first one that has the stream.
    ///
    /// # Errors
    ///
    /// If none has it, and one of them has not answered.
    async fn ask_all(
        &self,
        request: &Message,
    ) -> Result<Option<(String, RelayOptions)>, BackplaneError> {
        let members = self.backplane.members().await?;
        let mut asked: Vec<_> = members
            .into_iter()
            .map(|process| {
                let subject = subject_of(&process);
                let answer = self
                    .backplane
                    .request(&subject, request.clone(), ON_THE_WAY);
                (process, answer)
            })
            .collect();
        let mut failed = None;
        poll_fn(|context| {
            let mut found = None;
            asked.retain_mut(|(process, answer)| {
                let Poll::Ready(answer) = answer.as_mut().poll(context) else {
                    return true;
                };
                match answer.and_then(|it| read::<Option<RelayOptions>>(&it)) {
                    Ok(Some(options)) => found = Some((std::mem::take(process), options)),
                    Ok(None) => {}
                    Err(error) => failed = Some(error),
                }
                false
            });
            match (found, failed.take()) {
                (Some(found), _) => Poll::Ready(Ok(Some(found))),
                (None, Some(error)) if asked.is_empty() => Poll::Ready(Err(error)),
                (None, None) if asked.is_empty() => Poll::Ready(Ok(None)),
                (None, error) => {
                    failed = error;
                    Poll::Pending
                }
            }
        })
        .await
    }
}

impl OtherProcesses for StreamsElsewhere {
    fn is_alone(&self) -> bool {
        self.backplane.is_alone()
    }

    fn moved(
        &self,
        channel: &str,
        id: &str,
        reader: u32,
        after: u64,
    ) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        let backplane = Arc::clone(&self.backplane);
        let request = message(&ProcessRequest::Stream(StreamRequest::Moved {
            channel: channel.to_owned(),
            id: id.to_owned(),
            client: reader,
            after,
        }));
        Box::pin(async move {
            let told = async {
                let members = backplane.members().await?;
                let told = members.iter().map(|process| {
                    backplane.request(&subject_of(process), request.clone(), ON_THE_WAY)
                });
                join_all(told).await.into_iter().collect()
            };
            let told: Result<Vec<_>, BackplaneError> = told.await;
            if let Err(error) = told {
                tracing::debug!(
                    error = &error as &dyn std::error::Error,
                    "a process was not told that a reader has left it"
                );
            }
        })
    }

    fn relay(&self, relayed: Relayed) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        let elsewhere = self.clone();
        Box::pin(async move {
            let found = tokio::select! {
                _ = relayed.left() => return,
                found = elsewhere.find(relayed.channel(), relayed.id()) => found,
            };
            let Some((process, options)) = found else {
                return;
            };
            relayed.found(options);
            let source = Source {
                backplane: &*elsewhere.backplane,
                subject: subject_of(&process),
                reader: Reader {
                    process: elsewhere.backplane.process().to_owned(),
                    number: relayed.number(),
                },
            };
            let result = tokio::select! {
                leaving = relayed.left() => Err(leaving),
                ended = source.pass_on(&relayed) => Ok(ended),
            };
            let leaving = match result {
                Err(leaving) => leaving,
                Ok(Ok(())) => Leaving::Unsubscribed,
                Ok(Err(error)) => {
                    relayed.fail(&error);
                    Leaving::Disconnected
                }
            };
            source.leave(leaving).await;
        })
    }
}

/// The decoded answer to a request about a stream.
enum StreamAnswer {
    Chunks {
        batch: Batch,
        is_busy: bool,
    },
    /// This process is not a reader of the stream, or not any more.
    NotOpen,
    NoStream,
}

impl Source<'_> {
    /// Passes the chunks on until the end of the stream.
    async fn pass_on(&self, relayed: &Relayed) -> Result<(), RemoteError> {
        let mut trouble = Trouble::default();
        let mut most = BATCH_BYTES;
        let mut bytes = most;
        let mut is_open = false;
        loop {
            let after = relayed.ask();
            let reader = self.reader.clone();
            let (request, wait) = if is_open {
                let milliseconds = u64::try_from(WAIT.as_millis()).unwrap_or(u64::MAX);
                let request = StreamRequest::Read {
                    reader,
                    after,
                    bytes,
                    milliseconds,
                };
                (request, WAIT)
            } else {
                let request = StreamRequest::Open {
                    reader,
                    channel: relayed.channel().to_owned(),
                    id: relayed.id().to_owned(),
                    after,
                    bytes,
                };
                (request, Duration::ZERO)
            };
            let answer = self.ask(request, wait + ON_THE_WAY).await;
            match answer.and_then(|answer| answered(&answer)) {
                Ok(StreamAnswer::Chunks { batch, is_busy }) => {
                    trouble = Trouble::default();
                    is_open = true;
                    bytes = most;
                    let is_empty = batch.frames.is_empty();
                    if !relayed.append(batch).await? {
                        return Ok(());
                    }
                    if is_busy && is_empty {
                        tokio::time::sleep(BUSY).await;
                    }
                }
                Ok(StreamAnswer::NotOpen) => is_open = false,
                Ok(StreamAnswer::NoStream) => {
                    return Err(lost(&"its process does not have it any more"));
                }
                // The answer may be too large. Then fewer chunks may fit, or a single one.
                Err(BackplaneError::Unanswered { .. }) if bytes > 0 => {
                    bytes = if bytes > FEW_BYTES { FEW_BYTES } else { 0 };
                    most = most.min(FEW_BYTES);
                }
                Err(BackplaneError::Unanswered { source, .. }) => {
                    let message = format!("a chunk cannot be passed on to this process: {source}");
                    return Err(RemoteError::new(message));
                }
                Err(error) => trouble.failed(error).await.map_err(|error| lost(&error))?,
            }
        }
    }

    /// Tells the process that this one reads no more. If that fails, the process will ask whether this one still reads.
    async fn leave(&self, leaving: Leaving) {
        let reader = self.reader.clone();
        let asked = self.ask(StreamRequest::Leave { reader, leaving }, ON_THE_WAY);
        if let Err(error) = asked.await {
            tracing::debug!(
                error = &error as &dyn std::error::Error,
                "a process was not told that its stream is not read any more"
            );
        }
    }

    fn ask(&self, request: StreamRequest, timeout: Duration) -> Later<Message> {
        self.backplane.request(
            &self.subject,
            message(&ProcessRequest::Stream(request)),
            timeout,
        )
    }
}

/// Reads an answer. The frames are not copied.
fn answered(answer: &Message) -> Result<StreamAnswer, BackplaneError> {
    let unreadable = |reason: &str| BackplaneError::Unreadable(BoxError::from(reason));
    let (sizes, ends, through, last, is_busy) = match read(answer)? {
        ReadAnswer::Chunks {
            sizes,
            ends,
            through,
            last,
            is_busy,
        } => (sizes, ends, through, last, is_busy),
        ReadAnswer::NotOpen => return Ok(StreamAnswer::NotOpen),
        ReadAnswer::NoStream => return Ok(StreamAnswer::NoStream),
    };
    let mut position = 0_usize;
    let mut frames = Vec::with_capacity(sizes.len());
    for size in sizes {
        let end = position.checked_add(size);
        let end = end.filter(|end| *end <= answer.body.len());
        let end = end.ok_or_else(|| unreadable("a chunk is cut off"))?;
        let frame = Frame::from_utf8(answer.body.slice(position..end));
        frames.push(frame.ok_or_else(|| unreadable("a chunk is no text"))?);
        position = end;
    }
    let end = if ends { frames.pop() } else { None };
    if through < frames.len() as u64 {
        return Err(unreadable("chunks have no numbers"));
    }
    let batch = Batch {
        frames,
        through,
        last,
        end,
    };
    Ok(StreamAnswer::Chunks { batch, is_busy })
}

/// Makes the error that ends a stream whose producer cannot be reached.
fn lost(reason: &dyn std::fmt::Display) -> RemoteError {
    let problem = format!("the process that produces the stream is lost: {reason}");
    RemoteError::named(PRODUCER_LOST, problem)
}
