//! Measures the cost of the inspector for other clients: a server without it, one whose inspector nobody uses, and one whose tab of the
//! traffic is open.
//!
//! `cargo bench -p bench-server --bench inspector` runs it; `-- --test` is a smoke run, and `-- --serve` is for measurements of the page in a
//! browser (`tests/node/inspector-cost.mjs`). "Open" is a session that asks for the traffic as
//! the page does, four times a second. Each server has a thread of its own. In a round all of them do the same, one after the other: as many calls as
//! possible, and then 10,000 calls a second. The table has the processor time of the server's thread, which other load on the machine
//! changes less than the time of the clock.

#![allow(
    unreachable_pub,
    reason = "modules of a program, some of them of three programs"
)]
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "it prints measurements"
)]

#[path = "../load/mod.rs"]
mod load;
mod page;
mod server;

use std::io;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use clap::Parser;
use devtools_runtime::inspector::Inspector;

use crate::load::calls::{self, Exchange};
use crate::load::socket::Socket;
use crate::load::{broken, median};
use crate::page::Page;
use crate::server::ServerThread;

/// Measures the cost of the inspector for other clients.
#[derive(Debug, Parser)]
struct Options {
    /// The number of measurements of each.
    #[arg(long, default_value_t = 15)]
    rounds: usize,
    /// The length of each run, in seconds.
    #[arg(long, default_value_t = 0.5)]
    secs: f64,
    /// One short round, to check that everything works.
    #[arg(long)]
    test: bool,
    /// Serves, makes 10,000 calls a second itself, and prints the address of the inspector, for measurements of the page.
    #[arg(long)]
    serve: bool,
    /// An argument of cargo.
    #[arg(long, hide = true)]
    bench: bool,
}

/// The size of the read buffer by hand, in bytes.
const ROOM: usize = 16 * 1024;

/// The number of calls in flight when as many calls as possible are made.
const IN_FLIGHT: usize = 64;

/// The number of calls that are made at once, every millisecond, for 10,000 calls a second.
const EACH_MILLISECOND: u64 = 10;

fn main() -> ExitCode {
    let options = Options::parse();
    let ended = load::runtime().and_then(|runtime| {
        runtime.block_on(async {
            if options.serve {
                serve().await
            } else {
                measure(&options).await
            }
        })
    });
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("inspector: {error}");
            ExitCode::FAILURE
        }
    }
}

/// A server, with what was measured of it in each round.
struct Variant {
    name: &'static str,
    server: ServerThread,
    sockets: Vec<Socket>,
    is_open: bool,
    /// Calls a second, if as many as possible are made.
    rates: Vec<f64>,
    /// Nanoseconds of the server's thread for a call meanwhile.
    each: Vec<f64>,
    /// The share of its time that the server's thread works with 10,000 calls a second.
    shares: Vec<f64>,
}

impl Variant {
    async fn start(
        name: &'static str,
        inspector: impl Into<Inspector>,
        is_open: bool,
    ) -> io::Result<Self> {
        let server = ServerThread::start(inspector.into())?;
        let sockets = Socket::connect_all(server.target(), 1, ROOM).await?;
        Ok(Self {
            name,
            server,
            sockets,
            is_open,
            rates: Vec::new(),
            each: Vec::new(),
            shares: Vec::new(),
        })
    }

    /// Makes the calls of one round.
    async fn measure(&mut self, length: Duration) -> io::Result<()> {
        let page = if self.is_open {
            Some(Page::open(self.server.target()).await?)
        } else {
            None
        };
        calls::run_once(&mut self.sockets, &Exchange::ping(), IN_FLIGHT, length / 5).await?;

        let before = self.server.processor_time().await?;
        let tally =
            calls::run_once(&mut self.sockets, &Exchange::ping(), IN_FLIGHT, length).await?;
        let used = self.server.processor_time().await?.saturating_sub(before);
        if tally.wrong > 0 {
            return Err(broken(tally.first_wrong.unwrap_or_default()));
        }
        self.rates.push(tally.rate());
        self.each
            .push(used.as_secs_f64() * 1e9 * tally.rate().recip() / tally.took.as_secs_f64());

        let before = self.server.processor_time().await?;
        let took = self.call_steadily(length).await?;
        let used = self.server.processor_time().await?.saturating_sub(before);
        self.shares.push(used.as_secs_f64() / took.as_secs_f64());
        if let Some(page) = page {
            page.close().await?;
        }
        Ok(())
    }

    /// Makes 10,000 calls a second. Returns how long it took.
    async fn call_steadily(&mut self, length: Duration) -> io::Result<Duration> {
        let mut exchange = Exchange::ping();
        let mut ticks = tokio::time::interval(Duration::from_millis(1));
        let socket = self.sockets.first_mut();
        let socket = socket.ok_or_else(|| broken("no connection"))?;
        let begun = Instant::now();
        let mut number = 0;
        while begun.elapsed() < length {
            ticks.tick().await;
            for _ in 0..EACH_MILLISECOND {
                socket.put(exchange.request(number));
                number += 1;
            }
            for _ in 0..EACH_MILLISECOND {
                let answered = socket.next(|frame| exchange.number_in(frame)).await?;
                if answered.is_none() {
                    return Err(broken("a wrong reply"));
                }
            }
        }
        Ok(begun.elapsed())
    }
}

/// Serves, and makes calls until the process is ended.
async fn serve() -> io::Result<()> {
    let mut variant = Variant::start("open", true, false).await?;
    println!("{}__inspector/", variant.server.target().mount());
    loop {
        variant.call_steadily(Duration::from_secs(60)).await?;
    }
}

/// Measures, and prints the table.
async fn measure(options: &Options) -> io::Result<()> {
    let (rounds, length) = if options.test {
        (1, Duration::from_millis(50))
    } else {
        let length = Duration::from_secs_f64(options.secs);
        (options.rounds.max(1), length)
    };
    let mut variants = [
        Variant::start("without", false, false).await?,
        Variant::start("closed", true, false).await?,
        Variant::start("open", true, true).await?,
    ];
    for round in 0..rounds {
        let count = variants.len();
        for turn in 0..count {
            // The order changes, so that no variant always follows the same one.
            variants[(turn + round) % count].measure(length).await?;
        }
    }
    println!(
        "| inspector | calls/s | time of the server for a call | × without | at 10,000 calls/s the server works | × without |"
    );
    println!("|---|---|---|---|---|---|");
    let [without, ..] = &variants;
    for variant in &variants {
        let middle = |values: &[f64]| median(values.to_vec()).unwrap_or(f64::NAN);
        println!(
            "| {} | {:.0} | {:.0} ns | {:.3} | {:.1} % of the time | {:.3} |",
            variant.name,
            middle(&variant.rates),
            middle(&variant.each),
            ratio(&variant.each, &without.each),
            100.0 * middle(&variant.shares),
            ratio(&variant.shares, &without.shares),
        );
    }
    Ok(())
}

/// Returns the median of the ratios within a round.
fn ratio(values: &[f64], others: &[f64]) -> f64 {
    let ratios = values
        .iter()
        .zip(others)
        .map(|(value, other)| value / other);
    median(ratios.collect()).unwrap_or(f64::NAN)
}
