//! Measures the memory of a connection that was used once and is idle.

use std::io;
use std::time::Duration;

use super::calls::Exchange;
use super::process::ServerProcess;
use super::socket::Socket;

/// The time that a server gets to come to rest before its memory is measured.
const REST: Duration = Duration::from_millis(500);

/// Returns the memory in KiB that a fresh server needs for this many connections. `None` if the system does not
/// report it.
pub async fn run(server: &ServerProcess, connections: usize) -> io::Result<Option<u64>> {
    let mut first = Socket::connect(server.target(), 4096).await?;
    Exchange::ping().call_once(&mut first).await?;
    tokio::time::sleep(REST).await;
    let before = server.resident_kib();
    let mut sockets = Socket::connect_all(server.target(), connections, 1024).await?;
    for socket in &mut sockets {
        Exchange::ping().call_once(socket).await?;
    }
    tokio::time::sleep(REST).await;
    let after = server.resident_kib();
    Ok(before
        .zip(after)
        .map(|(before, after)| after.saturating_sub(before)))
}
