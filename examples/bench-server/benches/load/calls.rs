//! Makes calls: each connection has a fixed number in flight, and each reply is followed by the next call.

use std::io;
use std::time::{Duration, Instant};

use tokio::task::JoinSet;

use super::socket::Socket;
use super::template::{NUMBER, Template};
use super::{Tally, broken};

/// The number of requests that are written at once at most, so that the server can begin while others are made, as
/// with independent callers.
const WRITTEN_AT_ONCE: usize = 8;

/// A request, with its only right reply.
#[derive(Debug, Clone)]
pub struct Exchange {
    request: Template,
    reply: Template,
}

impl Exchange {
    /// Creates calls of a function with these arguments and this result. [`NUMBER`] in them stands for the number of
    /// the call.
    pub fn new(function: &str, arguments: &str, result: &str) -> Self {
        Self {
            request: Template::new(&format!(
                r#"{{"m":"bench:{function}","a":[{arguments}],"t":"q","i":"{NUMBER}"}}"#
            )),
            reply: Template::new(&format!(r#"{{"t":"s","i":"{NUMBER}","r":{result}}}"#)),
        }
    }

    /// The smallest call. It returns its argument.
    pub fn ping() -> Self {
        let result = format!(r#"{{"id":"{NUMBER}","data":"pong"}}"#);
        Self::new("ping", &format!("\"{NUMBER}\""), &result)
    }

    /// A call that sends events to all clients.
    pub fn fire(events: u32) -> Self {
        Self::new("fire", &events.to_string(), &events.to_string())
    }

    /// Returns the request of the call with this number.
    pub fn request(&mut self, number: u64) -> &[u8] {
        self.request.with(number)
    }

    /// Returns the number of the call that this is the right reply to.
    pub fn number_in(&mut self, reply: &[u8]) -> Option<u64> {
        self.reply.number_in(reply)
    }

    /// Makes one call and checks its reply.
    pub async fn call_once(&mut self, socket: &mut Socket) -> io::Result<()> {
        socket.put(self.request(1));
        socket
            .next(|frame| match self.number_in(frame) {
                Some(1) => Ok(()),
                _ => Err(broken(super::shown(frame))),
            })
            .await?
    }
}

/// Makes calls on all these connections for this length of time, with this many in flight on each. A warm-up before
/// is not counted.
pub async fn run(
    sockets: &mut Vec<Socket>,
    exchange: &Exchange,
    in_flight: usize,
    length: Duration,
) -> io::Result<Tally> {
    let warm_up = run_once(sockets, exchange, in_flight, length / 5).await?;
    let mut tally = run_once(sockets, exchange, in_flight, length).await?;
    tally.wrong += warm_up.wrong;
    tally.first_wrong = warm_up.first_wrong.or(tally.first_wrong);
    Ok(tally)
}

/// [`run`] without a warm-up.
pub async fn run_once(
    sockets: &mut Vec<Socket>,
    exchange: &Exchange,
    in_flight: usize,
    length: Duration,
) -> io::Result<Tally> {
    let begun = Instant::now();
    let mut tasks = JoinSet::new();
    for mut socket in sockets.drain(..) {
        let exchange = exchange.clone();
        tasks.spawn(async move {
            let tally = call(&mut socket, exchange, in_flight, begun + length).await?;
            io::Result::Ok((socket, tally))
        });
    }
    let mut sum = Tally::default();
    while let Some(ended) = tasks.join_next().await {
        let (socket, tally) = ended??;
        sum.add(tally);
        sockets.push(socket);
    }
    sum.took = begun.elapsed();
    Ok(sum)
}

/// Makes calls on one connection until `until`, with this many in flight, and then waits for the last replies.
async fn call(
    socket: &mut Socket,
    mut exchange: Exchange,
    in_flight: usize,
    until: Instant,
) -> io::Result<Tally> {
    let mut tally = Tally::default();
    // Each call in flight has a slot: its number modulo the number of slots.
    let places = in_flight as u64;
    let mut under_way: Vec<u64> = (0..places).collect();
    for number in &under_way {
        socket.put(exchange.request(*number));
    }
    let mut open = in_flight;
    while open > 0 {
        socket.flush().await?;
        socket.fill().await?;
        let goes_on = Instant::now() < until;
        let mut unwritten = 0;
        loop {
            let taken = socket.take(|frame| {
                let number = exchange.number_in(frame);
                let place = number.and_then(|number| usize::try_from(number % places).ok());
                let expected = place.and_then(|place| under_way.get_mut(place));
                match expected {
                    Some(expected) if Some(*expected) == number => {
                        tally.done += 1;
                        *expected += places;
                        Some(*expected)
                    }
                    _ => {
                        tally.wrong(frame);
                        None
                    }
                }
            })?;
            let Some(next) = taken else { break };
            match next {
                Some(next) if goes_on => {
                    socket.put(exchange.request(next));
                    unwritten += 1;
                    if unwritten == WRITTEN_AT_ONCE {
                        socket.flush().await?;
                        unwritten = 0;
                    }
                }
                // The call of a wrong reply is given up.
                _ => open -= 1,
            }
            if open == 0 {
                break;
            }
        }
    }
    Ok(tally)
}
