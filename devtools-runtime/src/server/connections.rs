//! The open HTTP connections of a server, which keep their number within the limit.

use std::collections::BTreeMap;
use std::sync::Arc;

use tokio_util::sync::CancellationToken;

use crate::mutex::Mutex;
use crate::peer::{AccessCell, ConnectionAccess};

/// The open connections that were not upgraded to a WebSocket, in the order in which they were accepted.
#[derive(Debug)]
pub(crate) struct Connections {
    limit: usize,
    /// The lock is held for map operations only.
    open: Mutex<OpenConnections>,
}

#[derive(Debug, Default)]
struct OpenConnections {
    next: u64,
    connections: BTreeMap<u64, Arc<ServedConnection>>,
}

/// An HTTP connection. Its requests carry it in their extensions.
#[derive(Debug, Default)]
pub(crate) struct ServedConnection {
    /// Ends the connection at once.
    ends: CancellationToken,
    /// The session that its latest request belongs to.
    access: Mutex<Option<Arc<AccessCell>>>,
}

/// An open connection. Dropping it removes the connection from the list.
#[derive(Debug)]
pub(crate) struct OpenConnection {
    connections: Arc<Connections>,
    number: u64,
    connection: Arc<ServedConnection>,
}

impl Connections {
    pub(crate) fn new(limit: usize) -> Self {
        Self {
            limit,
            open: Mutex::default(),
        }
    }

    /// Adds a connection. If there are too many, this ends the oldest one that carries no trusted session.
    pub(crate) fn open(self: &Arc<Self>) -> OpenConnection {
        let connection = Arc::<ServedConnection>::default();
        let mut open = self.open.lock();
        let number = open.next;
        open.next += 1;
        open.connections.insert(number, Arc::clone(&connection));
        let surplus = open.connections.len().saturating_sub(self.limit);
        let ended = open.end_oldest(surplus);
        drop(open);
        if ended > 0 {
            tracing::debug!(
                limit = self.limit,
                "ended the oldest untrusted connection: the limit `connections` is reached"
            );
        }
        OpenConnection {
            connections: Arc::clone(self),
            number,
            connection,
        }
    }

    /// Ends up to `count` of the oldest connections without a trusted session. Returns how many it ended.
    pub(crate) fn end_oldest(&self, count: usize) -> usize {
        self.open.lock().end_oldest(count)
    }
}

impl OpenConnections {
    fn end_oldest(&mut self, count: usize) -> usize {
        let untrusted = |(_, it): &(&u64, &Arc<ServedConnection>)| !it.is_trusted();
        let oldest = self.connections.iter().filter(untrusted).take(count);
        let oldest: Vec<u64> = oldest.map(|(number, _)| *number).collect();
        for number in &oldest {
            if let Some(connection) = self.connections.remove(number) {
                connection.ends.cancel();
            }
        }
        oldest.len()
    }
}

impl ServedConnection {
    /// Records the session that a request of this connection belongs to.
    pub(crate) fn belongs_to(&self, access: &Arc<AccessCell>) {
        *self.access.lock() = Some(Arc::clone(access));
    }

    fn is_trusted(&self) -> bool {
        let access = self.access.lock();
        access
            .as_ref()
            .is_some_and(|it| it.get() == ConnectionAccess::Open)
    }
}

impl OpenConnection {
    /// Resolves when the connection must end.
    pub(crate) async fn ended(&self) {
        self.connection.ends.cancelled().await;
    }

    /// Returns the connection for the extensions of its requests.
    pub(crate) fn shared(&self) -> Arc<ServedConnection> {
        Arc::clone(&self.connection)
    }
}

impl Drop for OpenConnection {
    fn drop(&mut self) {
        self.connections
            .open
            .lock()
            .connections
            .remove(&self.number);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::Connections;
    use crate::peer::{AccessCell, ConnectionAccess};

    #[tokio::test]
    async fn the_oldest_goes_unless_it_is_trusted() {
        let connections = Arc::new(Connections::new(3));
        let (trusted, oldest, next) = (connections.open(), connections.open(), connections.open());
        let access = Arc::new(AccessCell::new(ConnectionAccess::Open));
        trusted.shared().belongs_to(&access);
        let last = connections.open();
        oldest.ended().await;
        assert!(!next.connection.ends.is_cancelled());
        drop(next);
        drop(connections.open());
        assert!(!last.connection.ends.is_cancelled(), "there was room");
        assert_eq!(connections.end_oldest(9), 1);
        last.ended().await;
        assert!(!trusted.connection.ends.is_cancelled());
        access.set(ConnectionAccess::Unauthorized);
        assert_eq!(connections.end_oldest(9), 1);
    }
}
