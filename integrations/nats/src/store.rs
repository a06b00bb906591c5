//! Key-value stores, each of which is a bucket of JetStream: a stream that has the last message of each key.

use std::sync::Arc;

use async_nats::HeaderMap;
use async_nats::header::NATS_EXPECTED_LAST_SUBJECT_SEQUENCE;
use async_nats::jetstream::Message as Stored;
use async_nats::jetstream::context::{PublishError, PublishErrorKind};
use async_nats::jetstream::stream::{self, DiscardPolicy, LastRawMessageErrorKind};
use bytes::Bytes;
use data_encoding::BASE64URL_NOPAD;
use devtools_runtime::backplane::{BackplaneError, Message, Replaced, StoreReader};
use tokio::sync::watch;

use crate::connection::Connection;
use crate::follow::Receiver;
use crate::format;
use crate::names::Names;
use crate::options::NatsOptions;
use crate::room::no_room;
use crate::sweep::Marks;

/// The header that marks the removal of a key, as in all buckets of JetStream.
const OPERATION: &str = "KV-Operation";

/// The value of the header for a removed key.
const REMOVED: &str = "DEL";

/// Returns the configuration of the stream of a store.
pub(crate) fn stream_of(names: &Names, options: &NatsOptions, store: &str) -> stream::Config {
    stream::Config {
        name: names.bucket(store),
        description: Some("A store of devtools-runtime".to_owned()),
        subjects: vec![names.keys(store)],
        max_messages_per_subject: 1,
        max_bytes: i64::try_from(options.store_bytes).unwrap_or(i64::MAX),
        max_messages: -1,
        max_consumers: -1,
        discard: DiscardPolicy::New,
        allow_rollup: true,
        deny_delete: true,
        num_replicas: options.replicas,
        ..stream::Config::default()
    }
}

/// A store.
pub(crate) struct Store {
    pub(crate) connection: Connection,
    pub(crate) config: stream::Config,
    /// The part of the subjects in front of the keys.
    pub(crate) prefix: String,
    pub(crate) marks: Marks,
}

impl Store {
    /// Sets the value of a key, if it has the revision `expected`.
    pub(crate) async fn replace(
        &self,
        key: &str,
        expected: Option<u64>,
        value: Option<Message>,
    ) -> Result<Replaced, BackplaneError> {
        let subject = self.subject(key);
        let payload = value.as_ref().map(format::to_bytes);
        let limit = self.connection.client.server_info().max_payload;
        if let Some(size) = payload.as_ref().map(Bytes::len).filter(|it| *it > limit) {
            return Err(BackplaneError::TooLarge {
                size,
                limit,
                engine: "NATS",
            });
        }
        let is_removed = payload.is_none();
        let publish = || self.publish(&subject, expected.unwrap_or(0), payload.clone());
        let mut published = publish().await;
        if matches!(&published, Err(error) if error.kind() == PublishErrorKind::StreamNotFound) {
            // Nobody has used the store, or it was deleted.
            self.connection.stream(self.config.clone()).await?;
            published = publish().await;
        }
        let error = match published {
            Ok(revision) => {
                if is_removed {
                    let stream = self.config.name.clone();
                    self.marks.add(stream, subject, revision);
                }
                return Ok(Replaced::Done(revision));
            }
            Err(error) => error,
        };
        if error.kind() != PublishErrorKind::WrongLastSequence {
            return Err(failed(error));
        }
        if expected.is_some() {
            return Ok(Replaced::Conflict);
        }
        // The key may have been removed, which leaves a message.
        let Some(removal) = self.removal(&subject).await? else {
            return Ok(Replaced::Conflict);
        };
        match self.publish(&subject, removal, payload).await {
            Ok(revision) => Ok(Replaced::Done(revision)),
            Err(error) if error.kind() == PublishErrorKind::WrongLastSequence => {
                Ok(Replaced::Conflict)
            }
            Err(error) => Err(failed(error)),
        }
    }

    /// Returns the value of a key and its revision.
    pub(crate) async fn get(&self, key: &str) -> Result<Option<(Message, u64)>, BackplaneError> {
        let stream = self.connection.stream(self.config.clone()).await?;
        let subject = self.subject(key);
        let last = match stream.get_last_raw_message_by_subject(&subject).await {
            Ok(last) => last,
            Err(error) if error.kind() == LastRawMessageErrorKind::NoMessageFound => {
                return Ok(None);
            }
            Err(error) => return Err(BackplaneError::engine("read a value", error)),
        };
        if is_removal(Some(&last.headers)) {
            return Ok(None);
        }
        let value = format::take(&mut last.payload.clone())?;
        Ok(Some((value.unwrap_or_default(), last.sequence)))
    }

    pub(crate) fn subject(&self, key: &str) -> String {
        format!("{}{}", self.prefix, BASE64URL_NOPAD.encode(key.as_bytes()))
    }

    async fn publish(
        &self,
        subject: &str,
        expected: u64,
        payload: Option<Bytes>,
    ) -> Result<u64, PublishError> {
        let mut headers = HeaderMap::new();
        headers.insert(NATS_EXPECTED_LAST_SUBJECT_SEQUENCE, expected.to_string());
        if payload.is_none() {
            headers.insert(OPERATION, REMOVED);
        }
        let streams = &self.connection.streams;
        let payload = payload.unwrap_or_default();
        let sent = streams.publish_with_headers(subject.to_owned(), headers, payload);
        Ok(sent.await?.await?.sequence)
    }

    /// Returns the revision of the removal of a key, if that is its last message.
    async fn removal(&self, subject: &str) -> Result<Option<u64>, BackplaneError> {
        let stream = self.connection.stream(self.config.clone()).await?;
        let last = stream.get_last_raw_message_by_subject(subject).await;
        let last = last.map_err(|error| BackplaneError::engine("read a value", error))?;
        Ok(is_removal(Some(&last.headers)).then_some(last.sequence))
    }
}

fn failed(error: PublishError) -> BackplaneError {
    match no_room(&error) {
        Some(limit) => BackplaneError::StoreFull {
            engine: "NATS",
            limit,
        },
        None => BackplaneError::engine("set a value", error),
    }
}

/// The reader of a store, which receives the values of all keys.
pub(crate) struct Values {
    pub(crate) prefix: String,
    pub(crate) reader: Arc<dyn StoreReader>,
    /// Whether the values that the store had were received.
    pub(crate) is_complete: watch::Sender<bool>,
}

impl Receiver for Values {
    fn message(&mut self, message: Stored, revision: u64) {
        let key = message.subject.strip_prefix(&self.prefix);
        let key = key.and_then(|key| BASE64URL_NOPAD.decode(key.as_bytes()).ok());
        let Some(key) = key.and_then(|key| String::from_utf8(key).ok()) else {
            tracing::warn!(subject = %message.subject, "a value of another program is skipped");
            return;
        };
        if is_removal(message.headers.as_ref()) {
            self.reader.changed(&key, None, revision);
            return;
        }
        match format::take(&mut message.payload.clone()) {
            Ok(Some(value)) => self.reader.changed(&key, Some(value), revision),
            Ok(None) => self
                .reader
                .changed(&key, Some(Message::default()), revision),
            Err(error) => tracing::warn!(
                error = &error as &dyn std::error::Error,
                key,
                "a value is skipped"
            ),
        }
    }

    /// Does nothing, because values that were replaced leave gaps.
    fn gap(&mut self, _: u64) {}

    fn made_again(&mut self) {
        tracing::warn!("a store has lost its values; the processes store theirs again");
        self.reader.reset();
    }

    fn caught_up(&mut self) {
        self.is_complete.send_replace(true);
    }
}

fn is_removal(headers: Option<&HeaderMap>) -> bool {
    let operation = headers.and_then(|headers| headers.get(OPERATION));
    operation.is_some_and(|it| matches!(it.as_str(), REMOVED | "PURGE"))
}
