//! The workloads.

use std::fmt::Write as _;
use std::io;
use std::time::Duration;

use clap::ValueEnum;

use crate::load::calls::{self, Exchange};
use crate::load::process::{Cores, ServerProcess};
use crate::load::socket::Socket;
use crate::load::{Tally, broadcast, broken, memory};
use crate::stream;

/// The time without progress after which a frame counts as lost. No machine is that slow.
const PATIENCE: Duration = Duration::from_secs(300);

/// A workload, by its name in the options.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Workload {
    /// Small calls, one at a time.
    W1,
    /// Small calls, 64 in flight on one connection.
    W2a,
    /// Small calls, 16 in flight on each of 16 connections.
    W2b,
    /// Replies of 4 KB, 16 in flight.
    W3,
    /// Replies of 0.8 MB, one at a time.
    W4,
    /// Events to 100 clients.
    W5s,
    /// Events to 1,000 clients.
    W5l,
    /// Memory of idle connections.
    W6,
    /// A stream of 100,000 chunks.
    W7,
}

/// The extent of the workloads.
#[derive(Debug)]
pub struct Scale {
    length: Duration,
    few_clients: usize,
    many_clients: usize,
    chunks: u64,
}

/// The result of one run.
#[derive(Debug)]
pub struct Measured {
    /// The rate per second. For memory: KiB per connection.
    pub value: f64,
    /// The number of wrong frames, and the first of them.
    pub wrong: u64,
    pub first_wrong: Option<String>,
}

impl Scale {
    /// Creates the full extent, with runs of this length.
    pub fn full(length: Duration) -> Self {
        Self {
            length,
            few_clients: 100,
            many_clients: 1000,
            chunks: 100_000,
        }
    }

    /// Creates the smallest extent that shows that everything works.
    pub fn smoke() -> Self {
        Self {
            length: Duration::from_millis(20),
            few_clients: 3,
            many_clients: 20,
            chunks: 5000,
        }
    }
}

impl Workload {
    pub const ALL: &[Self] = &[
        Self::W1,
        Self::W2a,
        Self::W2b,
        Self::W3,
        Self::W4,
        Self::W5s,
        Self::W5l,
        Self::W7,
        Self::W6,
    ];

    /// Returns the title in the table.
    pub fn title(self, scale: &Scale) -> String {
        let Scale {
            few_clients,
            many_clients,
            chunks,
            ..
        } = scale;
        match self {
            Self::W1 => "w1: small calls, one at a time".to_owned(),
            Self::W2a => "w2a: small calls, 64 in flight on one connection".to_owned(),
            Self::W2b => "w2b: small calls, 16 in flight on each of 16 connections".to_owned(),
            Self::W3 => "w3: replies of 4 KB, 16 in flight".to_owned(),
            Self::W4 => "w4: replies of 0.8 MB, one at a time".to_owned(),
            Self::W5s => format!("w5s: events to {few_clients} clients, one after the other"),
            Self::W5l => format!("w5l: events to {many_clients} clients, one after the other"),
            Self::W6 => format!("w6: {many_clients} idle connections, memory of each"),
            Self::W7 => format!("w7: a stream of {chunks} chunks"),
        }
    }

    /// Returns the unit of the figures.
    pub fn unit(self) -> &'static str {
        match self {
            Self::W5s | Self::W5l => "events/s",
            Self::W6 => "KiB",
            Self::W7 => "chunks/s",
            _ => "calls/s",
        }
    }

    /// Returns the number of connections that it needs.
    pub fn connections(self, scale: &Scale) -> usize {
        match self {
            Self::W2b => 16,
            Self::W5s => scale.few_clients,
            Self::W5l | Self::W6 => scale.many_clients,
            _ => 1,
        }
    }

    pub fn cores(self) -> Cores {
        match self {
            Self::W1 => Cores::Together,
            _ => Cores::Apart,
        }
    }

    /// Runs it once. Returns `None` if the system does not report the measured quantity.
    pub async fn run(self, server: &ServerProcess, scale: &Scale) -> io::Result<Option<Measured>> {
        tokio::time::timeout(PATIENCE + scale.length, self.measure(server, scale))
            .await
            .map_err(|_| broken("a frame was lost"))?
    }

    async fn measure(self, server: &ServerProcess, scale: &Scale) -> io::Result<Option<Measured>> {
        let tally = match self {
            Self::W1 => self.calls(server, scale, Exchange::ping(), 1).await,
            Self::W2a => self.calls(server, scale, Exchange::ping(), 64).await,
            Self::W2b => self.calls(server, scale, Exchange::ping(), 16).await,
            Self::W3 => self.calls(server, scale, modules("list", 100), 16).await,
            Self::W4 => {
                self.calls(server, scale, modules("modules", 20_000), 1)
                    .await
            }
            Self::W5s | Self::W5l => {
                let clients = self.connections(scale);
                broadcast::run(server.target(), clients, scale.length)
                    .await
                    .map(|(tally, _)| tally)
            }
            Self::W7 => stream::run(server.target(), scale.chunks).await,
            Self::W6 => {
                let connections = self.connections(scale);
                let memory = memory::run(server, connections).await?;
                #[expect(clippy::cast_precision_loss, reason = "for people to read")]
                return Ok(memory.map(|memory| Measured {
                    value: memory as f64 / connections as f64,
                    wrong: 0,
                    first_wrong: None,
                }));
            }
        };
        tally.map(|tally| Some(Measured::of(tally)))
    }

    async fn calls(
        self,
        server: &ServerProcess,
        scale: &Scale,
        exchange: Exchange,
        in_flight: usize,
    ) -> io::Result<Tally> {
        let connections = self.connections(scale);
        let mut sockets = Socket::connect_all(server.target(), connections, 256 * 1024).await?;
        calls::run(&mut sockets, &exchange, in_flight, scale.length).await
    }
}

impl Measured {
    fn of(tally: Tally) -> Self {
        Self {
            value: tally.rate(),
            wrong: tally.wrong,
            first_wrong: tally.first_wrong,
        }
    }
}

/// Creates calls of a function that returns this many modules.
fn modules(function: &str, count: u32) -> Exchange {
    let mut text = String::from("[");
    for number in 0..count {
        let separator = if number == 0 { "" } else { "," };
        let size = 1000 + number;
        // Writing to a string does not fail.
        let _ = write!(
            text,
            r#"{separator}{{"id":"/src/mod-{number:06}.ts","size":{size}}}"#
        );
    }
    text.push(']');
    Exchange::new(function, "", &text)
}
