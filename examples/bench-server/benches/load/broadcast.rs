//! Events to all clients, one after the other: the next one is asked for when all have the last.

use std::io;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::Notify;
use tokio::task::JoinSet;

use super::calls::Exchange;
use super::socket::{Socket, Target};
use super::{Tally, broken};

/// How the only event begins that is right. What follows are members of the envelope that a client need not know.
const EVENT: &[u8] = br#"{"m":"bench:event","a":[{"kind":"update","seq":0}],"t":"q""#;

/// What was heard, by all clients.
#[derive(Debug, Default)]
struct Heard {
    /// How many have yet to hear the event.
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

/// Has as many clients told, for as long. How many events they heard together; and how long each took to reach all, in
/// seconds.
pub async fn run(
    target: &Target,
    clients: usize,
    length: Duration,
) -> io::Result<(Tally, Vec<f64>)> {
    let mut sockets = Socket::connect_all(target, clients, 4096).await?;
    for socket in &mut sockets {
        // A client has surely been there once it was answered.
        Exchange::ping().call_once(socket).await?;
    }
    let mut first = sockets.pop().ok_or_else(|| broken("no clients"))?;
    let heard = Arc::new(Heard::default());
    // Dropping them ends them.
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
            // Its own event and the reply, in either order.
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
