//! Following a stream of JetStream from a place on, over losses of the connection.

use std::time::Duration;

use async_nats::Error;
use async_nats::jetstream::Message;
use async_nats::jetstream::consumer::{AckPolicy, DeliverPolicy, pull};
use async_nats::jetstream::stream::{self, Stream};
use devtools_runtime::backplane::BackplaneError;
use futures_util::StreamExt as _;

use crate::connection::Connection;

/// The pause after a failure. A new connection ends it early.
const RETRY: Duration = Duration::from_millis(500);

/// The interval at which the server reports that it is alive while there are no messages.
const HEARTBEAT: Duration = Duration::from_secs(2);

/// The time for which the server stores the place of a reader that has vanished.
const INACTIVE: Duration = Duration::from_secs(30);

/// The number of messages that a reader asks for at once.
const AT_ONCE: usize = 256;

/// The receiver of the messages of a stream.
pub(crate) trait Receiver: Send + 'static {
    /// Receives a message and its sequence number.
    fn message(&mut self, message: Message, sequence: u64);

    /// Notes that this number of messages is missing in the stream, between the last message and the next one.
    fn gap(&mut self, messages: u64);

    /// Notes that the stream was deleted and made again, so all of its messages are new.
    fn made_again(&mut self);

    /// Notes that all messages that the stream has now were received.
    fn caught_up(&mut self) {}
}

/// A receiver of a stream and its place.
pub(crate) struct Follower<R> {
    connection: Connection,
    config: stream::Config,
    receiver: R,
    /// The sequence number of the next message.
    next: u64,
}

impl<R: Receiver> Follower<R> {
    /// Makes a follower whose place is the end of the stream.
    pub(crate) async fn from_the_end(
        connection: Connection,
        config: stream::Config,
        receiver: R,
    ) -> Result<Self, BackplaneError> {
        let stream = connection.stream(config.clone()).await?;
        let next = stream.cached_info().state.last_sequence + 1;
        Ok(Self {
            connection,
            config,
            receiver,
            next,
        })
    }

    /// Makes a follower whose place is the beginning of the stream.
    pub(crate) async fn from_the_begin(
        connection: Connection,
        config: stream::Config,
        receiver: R,
    ) -> Result<Self, BackplaneError> {
        connection.stream(config.clone()).await?;
        Ok(Self {
            connection,
            config,
            receiver,
            next: 1,
        })
    }

    /// Passes the messages to the receiver until the task is aborted.
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
                tracing::debug!(error, stream = self.config.name, "reading a stream failed");
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
            self.next = 1;
            self.receiver.made_again();
        }
        if state.last_sequence < self.next || state.messages == 0 {
            self.receiver.caught_up();
        }
        let consumer = self.consumer(&stream).await?;
        let mut messages = consumer
            .stream()
            .max_messages_per_batch(AT_ONCE)
            .expires(INACTIVE)
            .heartbeat(HEARTBEAT)
            .messages()
            .await?;
        while let Some(message) = messages.next().await {
            let message = message?;
            let info = message.info()?;
            let (sequence, pending) = (info.stream_sequence, info.pending);
            if sequence >= self.next {
                if sequence > self.next {
                    self.receiver.gap(sequence - self.next);
                }
                self.next = sequence + 1;
                self.receiver.message(message, sequence);
            }
            if pending == 0 {
                self.receiver.caught_up();
            }
        }
        Ok(())
    }

    async fn consumer(
        &self,
        stream: &Stream,
    ) -> Result<async_nats::jetstream::consumer::PullConsumer, Error> {
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
        Ok(consumer.await?)
    }
}
