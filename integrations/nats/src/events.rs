//! The events of the connection, in the log.

use async_nats::Event;
use tokio::sync::watch;

/// Logs an event of the connection, and counts the connections.
pub(crate) fn on_event(event: &Event, connected: &watch::Sender<u64>) {
    match event {
        Event::Connected => {
            connected.send_modify(|count| *count += 1);
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
        other => tracing::debug!(event = %other, "NATS"),
    }
}
