//! The processes that are connected: each has one message in a stream, which NATS deletes when it is not renewed.

use async_nats::jetstream::context::PublishErrorKind;
use async_nats::jetstream::stream::{self, Stream};
use bytes::Bytes;
use devtools_runtime::backplane::BackplaneError;
use futures_util::TryStreamExt as _;

use crate::connection::{ANSWER_TIMEOUT, Connection};
use crate::names::Names;
use crate::options::NatsOptions;

/// The processes, and this one among them.
#[derive(Debug, Clone)]
pub(crate) struct Members {
    connection: Connection,
    config: stream::Config,
    stream: Stream,
    names: Names,
    process: String,
}

impl Members {
    /// Opens the stream of the processes, and announces this one.
    pub(crate) async fn join(
        connection: &Connection,
        names: &Names,
        options: &NatsOptions,
        process: &str,
    ) -> Result<Self, BackplaneError> {
        let config = stream::Config {
            name: names.processes(),
            description: Some("The processes of devtools-runtime".to_owned()),
            subjects: vec![names.process("*")],
            max_age: options.process_age,
            duplicate_window: options.process_age,
            max_messages_per_subject: 1,
            max_messages: -1,
            max_bytes: -1,
            max_consumers: -1,
            num_replicas: options.replicas,
            ..stream::Config::default()
        };
        let members = Self {
            connection: connection.clone(),
            stream: connection.stream(config.clone()).await?,
            config,
            names: names.clone(),
            process: process.to_owned(),
        };
        // Boxed, because the future that connects would be large.
        Box::pin(members.announce()).await?;
        Ok(members)
    }

    /// Announces this process again and again, until the task is aborted.
    pub(crate) async fn renew(self, options: NatsOptions) {
        let mut connected = self.connection.connected.clone();
        loop {
            // The server may have forgotten this process when it is back.
            tokio::select! {
                () = tokio::time::sleep(options.process_age / 3) => {}
                Ok(()) = connected.changed() => {}
            }
            if let Err(error) = self.announce().await {
                tracing::debug!(
                    error = &error as &dyn std::error::Error,
                    "this process could not be announced; it is tried again"
                );
            }
        }
    }

    async fn announce(&self) -> Result<(), BackplaneError> {
        let announce = async || {
            let subject = self.names.process(&self.process);
            let streams = &self.connection.streams;
            streams.publish(subject, Bytes::new()).await?.await
        };
        let mut announced = announce().await;
        if matches!(&announced, Err(error) if error.kind() == PublishErrorKind::StreamNotFound) {
            // The server has lost its files.
            self.connection.stream(self.config.clone()).await?;
            announced = announce().await;
        }
        announced
            .map(drop)
            .map_err(|error| BackplaneError::engine("announce this process", error))
    }

    /// Returns the names of the other processes.
    pub(crate) async fn others(&self) -> Result<Vec<String>, BackplaneError> {
        let task = "list the processes";
        let listed = async {
            let subjects = self
                .stream
                .info_with_subjects(self.names.process("*"))
                .await;
            let subjects = subjects.map_err(|error| BackplaneError::engine(task, error))?;
            let subjects: Result<Vec<_>, _> = subjects.try_collect().await;
            subjects.map_err(|error| BackplaneError::engine(task, error))
        };
        let in_time = tokio::time::timeout(ANSWER_TIMEOUT, listed).await;
        let subjects = in_time.map_err(|_| BackplaneError::Timeout(ANSWER_TIMEOUT))??;
        let names = subjects.iter().filter_map(|(subject, _)| {
            let name = subject.rsplit('.').next()?;
            (name != self.process).then(|| name.to_owned())
        });
        Ok(names.collect())
    }

    /// Takes this process out.
    pub(crate) async fn leave(&self) -> Result<(), BackplaneError> {
        let subject = self.names.process(&self.process);
        let purged = self.stream.purge().filter(subject).await;
        purged
            .map(drop)
            .map_err(|error| BackplaneError::engine("leave the other processes", error))
    }
}
