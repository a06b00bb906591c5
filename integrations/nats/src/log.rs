//! Logs, each of which is a stream of JetStream.

use std::sync::Arc;
use std::time::Duration;

use async_nats::Error;
use async_nats::jetstream::consumer::{AckPolicy, DeliverPolicy, pull};
use async_nats::jetstream::stream;
use devtools_runtime::backplane::{BackplaneError, LogReader};
use futures_util::StreamExt as _;

use crate::connection::Connection;
use crate::format;
use crate::names::Names;
use crate::options::NatsOptions;

/// The header with the name of the process that has appended a message.
pub(crate) const PROCESS: &str = "Devtools-Process";

/// How long NATS recognizes a message that is sent again.
const DUPLICATES: Duration = Duration::from_secs(120);

/// How long to wait after a failure, if there is no new connection meanwhile.
const RETRY: Duration = Duration::from_millis(500);

/// How often the server says that there is nothing new.
const HEARTBEAT: Duration = Duration::from_secs(2);

/// How long the server keeps the place of a reader that has vanished.
const INACTIVE: Duration = Duration::from_secs(30);

/// The number of messages that a reader asks for at once.
const AT_ONCE: usize = 256;

/// Returns the configuration of the stream of a log.
pub(crate) fn stream_of(names: &Names, options: &NatsOptions, log: &str) -> stream::Config {
    stream::Config {
        name: names.stream(log),
        description: Some("A log of devtools-runtime".to_owned()),
        subjects: vec![names.log(log)],
        max_age: options.event_age,
        max_bytes: i64::try_from(options.event_bytes).unwrap_or(i64::MAX),
        max_messages: -1,
        max_consumers: -1,
        num_replicas: options.replicas,
        duplicate_window: DUPLICATES,
        ..stream::Config::default()
    }
}

/// A reader of a log and its place.
pub(crate) struct Follower {
    connection: Connection,
    config: stream::Config,
    process: String,
    reader: Arc<dyn LogReader>,
    /// The sequence number of the next message.
    next: u64,
}

impl Follower {
    /// Makes a follower whose place is the end of the log.
    pub(crate) async fn new(
        connection: Connection,
        config: stream::Config,
        process: String,
        reader: Arc<dyn LogReader>,
    ) -> Result<Self, BackplaneError> {
        let stream = connection.stream(config.clone()).await?;
        let next = stream.cached_info().state.last_sequence + 1;
        Ok(Self {
            connection,
            config,
            process,
            reader,
            next,
        })
    }

    /// Passes the entries to the reader until the task is aborted.
    pub(crate) async fn run(mut self) {
        let mut connected = self.connection.connected.clone();
        loop {
            connected.mark_unchanged();
            let ended = tokio::select! {
                // A new connection comes after a restart of the server, which may have forgotten this reader.
                Ok(()) = connected.changed() => continue,
                ended = self.read() => ended,
            };
            if let Err(error) = ended {
                tracing::debug!(error, stream = self.config.name, "reading a log failed");
            }
            tokio::select! {
                Ok(()) = connected.changed() => {}
                () = tokio::time::sleep(RETRY) => {}
            }
        }
    }

    /// Reads from the place on, until something fails.
    async fn read(&mut self) -> Result<(), Error> {
        let stream = self.connection.stream(self.config.clone()).await?;
        let state = &stream.cached_info().state;
        if state.last_sequence + 1 < self.next {
            // The stream was deleted and made again, so all of its messages are new.
            tracing::warn!(
                stream = self.config.name,
                "a log was deleted: entries may be lost"
            );
            self.next = 1;
        }
        let consumer = stream.create_consumer(pull::Config {
            deliver_policy: DeliverPolicy::ByStartSequence {
                start_sequence: self.next,
            },
            ack_policy: AckPolicy::None,
            inactive_threshold: INACTIVE,
            memory_storage: true,
            num_replicas: 1,
            ..pull::Config::default()
        });
        let mut messages = consumer
            .await?
            .stream()
            .max_messages_per_batch(AT_ONCE)
            .expires(INACTIVE)
            .heartbeat(HEARTBEAT)
            .messages()
            .await?;
        while let Some(message) = messages.next().await {
            let message = message?;
            let sequence = message.info()?.stream_sequence;
            if sequence < self.next {
                continue;
            }
            if sequence > self.next {
                self.reader.missed(sequence - self.next);
            }
            self.next = sequence + 1;
            let headers = message.headers.as_ref();
            let process = headers.and_then(|headers| headers.get(PROCESS));
            if process.is_some_and(|it| it.as_str() == self.process) {
                continue;
            }
            self.pass(message.payload.clone());
        }
        Ok(())
    }

    fn pass(&self, mut entries: bytes::Bytes) {
        loop {
            match format::take(&mut entries) {
                Ok(Some(entry)) => self.reader.entry(entry),
                Ok(None) => return,
                Err(error) => {
                    tracing::warn!(
                        error = &error as &dyn std::error::Error,
                        stream = self.config.name,
                        "an entry is skipped"
                    );
                    return;
                }
            }
        }
    }
}
