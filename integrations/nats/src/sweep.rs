//! The marks that removed keys leave in a bucket, which are deleted after a while.

use std::time::Duration;

use tokio::sync::mpsc;
use tokio::time::Instant;

use crate::connection::Connection;

/// The number of marks that may wait to be deleted. Further ones stay in the bucket.
const WAITING: usize = 4096;

/// The mark of a removed key.
#[derive(Debug)]
pub(crate) struct Mark {
    pub(crate) stream: String,
    pub(crate) subject: String,
    pub(crate) sequence: u64,
    removed: Instant,
}

/// The sender of the marks of removed keys. Clones share the queue.
#[derive(Debug, Clone)]
pub(crate) struct Marks(mpsc::Sender<Mark>);

impl Marks {
    /// Returns a sender, and the receiver for [`sweep`].
    pub(crate) fn new() -> (Self, mpsc::Receiver<Mark>) {
        let (sender, receiver) = mpsc::channel(WAITING);
        (Self(sender), receiver)
    }

    pub(crate) fn add(&self, stream: String, subject: String, sequence: u64) {
        let removed = Instant::now();
        let mark = Mark {
            stream,
            subject,
            sequence,
            removed,
        };
        if self.0.try_send(mark).is_err() {
            tracing::debug!("the mark of a removed key stays: too many wait to be deleted");
        }
    }
}

/// Deletes the marks, each after the time `age`, until the task is aborted.
pub(crate) async fn sweep(connection: Connection, mut marks: mpsc::Receiver<Mark>, age: Duration) {
    while let Some(mark) = marks.recv().await {
        tokio::time::sleep_until(mark.removed + age).await;
        if let Err(error) = delete(&connection, &mark).await {
            tracing::debug!(
                error,
                subject = mark.subject,
                "the mark of a removed key stays"
            );
        }
    }
}

/// Deletes a mark. A newer value of the key stays.
async fn delete(connection: &Connection, mark: &Mark) -> Result<(), async_nats::Error> {
    let stream = connection.streams.get_stream(&mark.stream).await?;
    let purge = stream.purge().filter(&mark.subject);
    purge.sequence(mark.sequence + 1).await?;
    Ok(())
}
