//! Logs, each of which is a stream of JetStream.

use std::sync::Arc;
use std::time::Duration;

use async_nats::jetstream::{Message, stream};
use devtools_runtime::backplane::LogReader;

use crate::follow::Receiver;
use crate::format;
use crate::names::Names;
use crate::options::NatsOptions;

/// The header with the name of the process that has appended a message.
pub(crate) const PROCESS: &str = "Devtools-Process";

/// The time for which NATS recognizes a message that is sent again.
const DUPLICATES: Duration = Duration::from_secs(120);

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

/// The reader of a log, which receives the messages of other processes.
pub(crate) struct Entries {
    pub(crate) stream: String,
    pub(crate) process: String,
    pub(crate) reader: Arc<dyn LogReader>,
}

impl Receiver for Entries {
    fn message(&mut self, message: Message, _: u64) {
        let headers = message.headers.as_ref();
        let process = headers.and_then(|headers| headers.get(PROCESS));
        if process.is_some_and(|it| it.as_str() == self.process) {
            return;
        }
        let mut entries = message.payload.clone();
        loop {
            match format::take(&mut entries) {
                Ok(Some(entry)) => self.reader.entry(entry),
                Ok(None) => return,
                Err(error) => {
                    tracing::warn!(
                        error = &error as &dyn std::error::Error,
                        stream = self.stream,
                        "an entry is skipped"
                    );
                    return;
                }
            }
        }
    }

    fn gap(&mut self, messages: u64) {
        self.reader.missed(messages);
    }

    fn made_again(&mut self) {
        tracing::warn!(
            stream = self.stream,
            "a log was deleted: entries may be lost"
        );
    }
}
