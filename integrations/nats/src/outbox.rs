//! The entries that wait to be stored in a log.
//!
//! One message to NATS holds all entries that wait, and the next one is sent when it is stored. So the order is kept without waiting
//! for each entry. A message that was not acknowledged is sent again under the same id, by which NATS recognizes it.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_nats::HeaderMap;
use async_nats::header::NATS_MESSAGE_ID;
use async_nats::jetstream::context::{PublishError, PublishErrorKind};
use async_nats::jetstream::stream;
use bytes::{Bytes, BytesMut};
use devtools_runtime::backplane::{Appended, BackplaneError, Message};
use tokio::sync::{Notify, oneshot, watch};
use tokio::time::Instant;

use crate::connection::Connection;
use crate::format::{self, LENGTHS};
use crate::log::PROCESS;
use crate::room::no_room;

/// The room for headers in a message to NATS.
const HEADERS: usize = 1024;

/// The pause before a message is sent again. A new connection ends it early.
const RETRY: Duration = Duration::from_millis(200);

/// The sender's end of an outbox. Clones share it.
#[derive(Debug, Clone)]
pub(crate) struct Outbox(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    queue: Mutex<Queue>,
    added: Notify,
    /// The number of entries that are not stored yet.
    unstored: watch::Sender<usize>,
    queued_bytes: usize,
}

#[derive(Debug, Default)]
struct Queue {
    entries: VecDeque<Queued>,
    bytes: usize,
}

#[derive(Debug)]
struct Queued {
    entry: Message,
    since: Instant,
    stored: oneshot::Sender<Result<(), BackplaneError>>,
}

impl Outbox {
    pub(crate) fn new(queued_bytes: usize) -> Self {
        Self(Arc::new(Shared {
            queue: Mutex::default(),
            added: Notify::new(),
            unstored: watch::Sender::new(0),
            queued_bytes,
        }))
    }

    /// Queues an entry. `limit` is the size of the largest message that NATS takes.
    pub(crate) fn append(&self, entry: Message, limit: usize) -> Appended {
        let (size, limit) = (entry.len() + LENGTHS, limit.saturating_sub(HEADERS));
        if size > limit {
            return Appended::done(Err(BackplaneError::TooLarge {
                size,
                limit,
                engine: "NATS",
            }));
        }
        let (stored, is_stored) = oneshot::channel();
        {
            let mut queue = self.0.lock();
            if queue.bytes + size > self.0.queued_bytes {
                return Appended::done(Err(BackplaneError::Full {
                    limit: self.0.queued_bytes,
                    option: "queued_bytes",
                }));
            }
            queue.bytes += size;
            queue.entries.push_back(Queued {
                entry,
                since: Instant::now(),
                stored,
            });
            self.0.unstored.send_modify(|count| *count += 1);
        }
        self.0.added.notify_one();
        Appended::waiting(async { is_stored.await.unwrap_or(Err(BackplaneError::Left)) })
    }

    /// Waits until all entries are stored, or have failed.
    pub(crate) async fn flushed(&self) {
        let mut unstored = self.0.unstored.subscribe();
        // The sender lives as long as this outbox.
        let _ = unstored.wait_for(|count| *count == 0).await;
    }

    /// Takes entries for one message of at most `limit` bytes.
    async fn take(&self, limit: usize) -> Vec<Queued> {
        loop {
            let taken = {
                let mut queue = self.0.lock();
                let mut size = 0;
                let fits = |it: &&Queued| {
                    size += it.entry.len() + LENGTHS;
                    size <= limit
                };
                let mut count = queue.entries.iter().take_while(fits).count();
                if count == 0 && !queue.entries.is_empty() {
                    count = 1; // The limit of the server has become smaller. It refuses the message.
                }
                let taken: Vec<_> = queue.entries.drain(..count).collect();
                let bytes = taken.iter().map(|it| it.entry.len() + LENGTHS);
                queue.bytes -= bytes.sum::<usize>();
                taken
            };
            if !taken.is_empty() {
                return taken;
            }
            self.0.added.notified().await;
        }
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The part of an outbox that sends.
pub(crate) struct Sender {
    pub(crate) outbox: Outbox,
    pub(crate) connection: Connection,
    pub(crate) config: stream::Config,
    pub(crate) subject: String,
    pub(crate) process: String,
    pub(crate) append_timeout: Duration,
}

impl Sender {
    /// Sends the entries until the task is aborted.
    pub(crate) async fn run(self) {
        let mut number = 0_u64;
        loop {
            let limit = self.connection.client.server_info().max_payload;
            let queued = self.outbox.take(limit.saturating_sub(HEADERS)).await;
            let mut payload = BytesMut::new();
            for it in &queued {
                format::write(&it.entry, &mut payload);
            }
            number += 1;
            let since = queued.first().map_or_else(Instant::now, |it| it.since);
            let id = format!("{}-{number}", self.process);
            let stored = self.store(&id, payload.freeze(), since).await;
            let count = queued.len();
            for it in queued {
                // The receiver may be gone.
                let _ = it
                    .stored
                    .send(stored.as_ref().map_err(Failure::to_error).copied());
            }
            self.outbox
                .0
                .unstored
                .send_modify(|unstored| *unstored -= count);
        }
    }

    /// Sends a message until it is stored, or until `append_timeout` has passed since `since`.
    async fn store(&self, id: &str, payload: Bytes, since: Instant) -> Result<(), Failure> {
        let deadline = since + self.append_timeout;
        let mut connected = self.connection.connected.clone();
        loop {
            connected.mark_unchanged();
            let error =
                match tokio::time::timeout_at(deadline, self.send(id, payload.clone())).await {
                    Ok(Ok(())) => return Ok(()),
                    Ok(Err(error)) => error,
                    Err(_) => return Err(Failure::Timeout(self.append_timeout)),
                };
            tracing::debug!(
                error = &error as &dyn std::error::Error,
                "an entry is not stored yet"
            );
            match error.kind() {
                PublishErrorKind::StreamNotFound => {
                    // The stream was deleted, or the server is starting.
                    let _ = self.connection.stream(self.config.clone()).await;
                }
                PublishErrorKind::TimedOut
                | PublishErrorKind::BrokenPipe
                | PublishErrorKind::MaxAckPending => {}
                _ => {
                    return Err(match no_room(&error) {
                        Some(limit) => Failure::Full(limit),
                        None => Failure::Refused(Arc::new(error)),
                    });
                }
            }
            if Instant::now() >= deadline {
                return Err(Failure::Timeout(self.append_timeout));
            }
            tokio::select! {
                Ok(()) = connected.changed() => {}
                () = tokio::time::sleep(RETRY) => {}
            }
        }
    }

    async fn send(&self, id: &str, payload: Bytes) -> Result<(), PublishError> {
        let mut headers = HeaderMap::new();
        headers.insert(NATS_MESSAGE_ID, id);
        headers.insert(PROCESS, self.process.as_str());
        let subject = self.subject.clone();
        let streams = &self.connection.streams;
        let sent = streams.publish_with_headers(subject, headers, payload);
        sent.await?.await?;
        Ok(())
    }
}

/// The reason for which the entries of a message may not be stored.
enum Failure {
    Timeout(Duration),
    Full(String),
    Refused(Arc<PublishError>),
}

impl Failure {
    fn to_error(&self) -> BackplaneError {
        match self {
            Self::Timeout(time) => BackplaneError::Timeout(*time),
            Self::Full(limit) => BackplaneError::StoreFull {
                engine: "NATS",
                limit: limit.clone(),
            },
            Self::Refused(error) => BackplaneError::engine(
                "store an entry: JetStream has refused it",
                Arc::clone(error),
            ),
        }
    }
}
