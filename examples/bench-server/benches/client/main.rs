//! Measures the cost of the Rust client: calls through `DevToolsRpcClient`, beside the same calls made by hand.
//!
//! `cargo bench -p bench-server --bench client` runs it; `-- --test` is a smoke run. Both sides call the bench
//! server, in turn and within seconds. "By hand" is the load of the other benches: requests are written into one
//! buffer from a template, and replies are compared byte by byte, without tasks, futures or JSON.

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
mod typed;

use std::io;
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;

use crate::load::calls::{self, Exchange};
use crate::load::process::{Cores, Pinning, ServerProcess, bench_server};
use crate::load::socket::Socket;
use crate::load::{Tally, median};

/// Measures the Rust client beside calls made by hand.
#[derive(Debug, Parser)]
struct Options {
    /// The number of measurements of each.
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    /// The length of each run, in seconds.
    #[arg(long, default_value_t = 0.6)]
    secs: f64,
    /// One short round, to check that everything works.
    #[arg(long)]
    test: bool,
    /// An argument of cargo.
    #[arg(long, hide = true)]
    bench: bool,
}

/// The size of the read buffer by hand, in bytes.
const ROOM: usize = 16 * 1024;

/// The numbers of calls in flight.
const IN_FLIGHT: [usize; 3] = [1, 16, 64];

fn main() -> ExitCode {
    match measure(&Options::parse()) {
        Ok(0) => ExitCode::SUCCESS,
        Ok(wrong) => {
            eprintln!("client: {wrong} replies were wrong");
            ExitCode::FAILURE
        }
        Err(error) => {
            eprintln!("client: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Measures, and prints the table. Returns the number of wrong replies.
fn measure(options: &Options) -> io::Result<u64> {
    let pinning = Pinning::find();
    let (rounds, length) = if options.test {
        (1, Duration::from_millis(50))
    } else {
        let length = Duration::from_secs_f64(options.secs);
        (options.rounds.max(1), length)
    };
    println!("| calls under way | by hand | Rust client | client × by hand (least–most) |");
    println!("|---|---|---|---|");
    let mut wrong = 0;
    for in_flight in IN_FLIGHT {
        let (mut by_hand, mut typed, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..rounds {
            let server = ServerProcess::start(&bench_server(), pinning, Cores::Apart)?;
            let runs = [run_by_hand(&server, in_flight, length)?, {
                load::runtime()?.block_on(typed::run(&server, in_flight, length))?
            }];
            wrong += runs.iter().map(|tally| tally.wrong).sum::<u64>();
            let [hand, client] = runs.map(|tally| tally.rate());
            by_hand.push(hand);
            typed.push(client);
            ratios.push(client / hand);
        }
        let least = ratios.iter().copied().fold(f64::INFINITY, f64::min);
        let most = ratios.iter().copied().fold(0.0, f64::max);
        let [by_hand, typed, ratio] =
            [by_hand, typed, ratios].map(|values| median(values).unwrap_or(f64::NAN));
        println!(
            "| {in_flight} | {by_hand:.0}/s | {typed:.0}/s | {ratio:.2} ({least:.2}–{most:.2}) |"
        );
    }
    Ok(wrong)
}

fn run_by_hand(server: &ServerProcess, in_flight: usize, length: Duration) -> io::Result<Tally> {
    load::runtime()?.block_on(async {
        let mut sockets = vec![Socket::connect(server.target(), ROOM).await?];
        calls::run(&mut sockets, &Exchange::ping(), in_flight, length).await
    })
}
