//! Writes the events of the connection to the log.

use std::sync::{Mutex, PoisonError};

use async_nats::Event;
use tokio::sync::watch;

/// The receiver of the events of a connection.
#[derive(Debug)]
pub(crate) struct Events {
    connected: watch::Sender<u64>,
    /// The last problem that was logged. Each attempt to connect may have the same one.
    problem: Mutex<String>,
}

impl Events {
    /// Creates a receiver that counts the connections in `connected`.
    pub(crate) fn new(connected: watch::Sender<u64>) -> Self {
        Self {
            connected,
            problem: Mutex::default(),
        }
    }

    /// Logs an event, and counts the connections.
    pub(crate) fn receive(&self, event: &Event) {
        match event {
            Event::Connected => {
                self.problem().clear();
                self.connected.send_modify(|count| *count += 1);
                tracing::info!("connected to NATS");
            }
            Event::Disconnected => {
                tracing::warn!("the connection to NATS is lost; it is made again");
            }
            Event::SlowConsumer(subscription) => {
                tracing::warn!(
                    subscription,
                    "this process reads too slowly, so NATS has dropped messages for it"
                );
            }
            // For example, a password is not valid any more, or this program may not use a subject.
            Event::ServerError(_) | Event::ClientError(_) => {
                let problem = event.to_string();
                let mut last = self.problem();
                if *last != problem {
                    tracing::warn!(problem, "NATS");
                    *last = problem;
                }
            }
            other => tracing::debug!(event = %other, "NATS"),
        }
    }

    fn problem(&self) -> std::sync::MutexGuard<'_, String> {
        self.problem.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
