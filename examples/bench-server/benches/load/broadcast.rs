//! Sends events to all clients, one after the other: the next one is requested when all clients have the last.

use std::io;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::Notify;
use tokio::task::JoinSet;

use super::calls::Exchange;
use super::socket::{Socket, Target};
use super::{Tally, broken};

/// The beginning of the only right event. Further members of the envelope may follow, which a client need not know.
const EVENT: &[u8] = br#"{"m":"bench:event","a":[{"kind":"update","seq":0}],"t":"q""#;

/// The events that all clients have received.
#[derive(Debug, Default)]
struct Heard {
    /// The number of clients that have not received the event yet.
    left: AtomicUsize,
    all: Notify,
    wrong: AtomicU64,
    first_wrong: Mutex<Option<String>>,
}

impl Heard {
    fn hear(&self, frame: &[u8]) {
        if !frame.starts_with(EVENT) {
            self.wrong.fetch_add(1, Ordering::Relaxed);
            let mut first = self
                .first_wrong
                .lock()
                .unwrap_or_else(PoisonError::into_inner);
            first.get_or_insert_with(|| super::shown(frame));
        }
        if self.left.fetch_sub(1, Ordering::Relaxed) == 1 {
            self.all.notify_one();
        }
    }
}

/// Notifies this many clients for this length of time. Returns how many events they received together, and how many
/// seconds each event took to reach all.
pub async fn run(
    target: &Target,
    clients: usize,
    length: Duration,
) -> io::Result<(Tally, Vec<f64>)> {
    let mut sockets = Socket::connect_all(target, clients, 4096).await?;
    for socket in &mut sockets {
        // A client is certainly connected once it was answered.
        Exchange::ping().call_once(socket).await?;
    }
    let mut first = sockets.pop().ok_or_else(|| broken("no clients"))?;
    let heard = Arc::new(Heard::default());
    // Dropping the tasks ends them.
    let mut listeners = JoinSet::new();
    for mut socket in sockets {
        let heard = Arc::clone(&heard);
        listeners.spawn(async move {
            loop {
                socket.next(|frame| heard.hear(frame)).await?;
            }
        });
    }
    let rounds = async {
        let _warm_up = fire(&mut first, clients, &heard, length / 5).await?;
        fire(&mut first, clients, &heard, length).await
    };
    let (mut tally, latencies) = tokio::select! {
        fired = rounds => fired?,
        Some(ended) = listeners.join_next() => {
            let ended: io::Result<()> = ended?;
            return Err(ended.err().unwrap_or_else(|| broken("a client has left")));
        }
    };
    tally.wrong += heard.wrong.load(Ordering::Relaxed);
    let mut first_wrong = heard
        .first_wrong
        .lock()
        .unwrap_or_else(PoisonError::into_inner);
    tally.first_wrong = first_wrong.take().or(tally.first_wrong);
    Ok((tally, latencies))
}

async fn fire(
    socket: &mut Socket,
    clients: usize,
    heard: &Heard,
    length: Duration,
) -> io::Result<(Tally, Vec<f64>)> {
    let mut tally = Tally::default();
    let mut latencies = Vec::new();
    let mut exchange = Exchange::fire(1);
    let begun = Instant::now();
    let mut number = 0;
    while number == 0 || begun.elapsed() < length {
        number += 1;
        heard.left.store(clients, Ordering::Relaxed);
        let asked = Instant::now();
        socket.put(exchange.request(number));
        for _ in 0..2 {
            // The client's own event and the reply may come in either order.
            socket
                .next(|frame| match exchange.number_in(frame) {
                    Some(replied) if replied == number => {}
                    Some(_) => tally.wrong(frame),
                    None => heard.hear(frame),
                })
                .await?;
        }
        heard.all.notified().await;
        latencies.push(asked.elapsed().as_secs_f64());
        tally.done += clients as u64;
    }
    tally.took = begun.elapsed();
    Ok((tally, latencies))
}
