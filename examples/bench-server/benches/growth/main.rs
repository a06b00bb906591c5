//! How cost grows: with connections, clients, functions, idle connections, the size of a reply, and busy streams.
//!
//! `cargo bench -p bench-server --bench growth` prints a table for each curve, and with `-- --svg "$PWD/plots"` it also draws
//! them. `-- --test` is a smoke run. What counts is how a curve runs: nothing here may grow faster than what it grows with.
//! Where machine and system have a share in that, there is a second curve: that of a bare WebSocket server
//! ([`load::floor`]), measured in turn. Each point is the best of some runs, as what else the machine does can only
//! slow them.

#![allow(
    unreachable_pub,
    reason = "modules of a program, some of them of two programs"
)]
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "it prints measurements"
)]

mod curve;
mod curves;
#[path = "../load/mod.rs"]
mod load;
mod plot;
mod unit;

use std::fs;
use std::io;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::{Parser, ValueEnum};

use crate::curve::Curve;
use crate::curves::{broadcast, connections, memory, registry, replies, streams};
use crate::load::floor::Floor;
use crate::load::process::{Cores, Pinning, ServerProcess, bench_server};

/// Measures how the cost of the bench server grows.
#[derive(Debug, Parser)]
struct Options {
    /// Which curves, with commas between them. Default: all.
    #[arg(long, value_delimiter = ',', value_enum)]
    curves: Vec<Which>,
    /// How often each point is measured.
    #[arg(long, default_value_t = 3)]
    rounds: usize,
    /// How long each run takes, in seconds.
    #[arg(long, default_value_t = 0.5)]
    secs: f64,
    /// Draws each curve into a file of this folder.
    #[arg(long, value_name = "DIR")]
    svg: Option<PathBuf>,
    /// Few points, once, to see that all works.
    #[arg(long)]
    test: bool,
    /// Serves as a floor: what this program starts itself as.
    #[arg(long, hide = true)]
    serve: Option<Floor>,
    /// Given by cargo.
    #[arg(long, hide = true)]
    bench: bool,
}

/// A curve, by the name it has in the options.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Which {
    /// Calls a second, against connections that all call.
    Connections,
    /// Calls a second on one connection, against connections that are idle but for this one.
    Idle,
    /// How long an event takes to reach all clients, against clients.
    Broadcast,
    /// How long a start takes, against functions.
    Registry,
    /// Memory, against idle connections.
    Memory,
    /// How long a call takes, against the size of its reply.
    Replies,
    /// How long a call takes, against busy streams on its connection.
    Streams,
}

/// How much is measured.
#[derive(Debug)]
struct Scale {
    is_smoke: bool,
    rounds: usize,
    length: Duration,
    /// How many connections a process may have.
    most_connections: usize,
    pinning: Pinning,
}

impl Scale {
    /// The points that are measured: of a smoke run, the first two.
    fn points<'p>(&self, points: &'p [usize]) -> &'p [usize] {
        let few = if self.is_smoke { 2 } else { points.len() };
        &points[..few.min(points.len())]
    }

    /// The points of a curve against connections: those that the system allows.
    fn connections(&self, points: &[usize]) -> Vec<usize> {
        let (allowed, left_out): (Vec<_>, Vec<_>) = self
            .points(points)
            .iter()
            .partition(|count| **count <= self.most_connections);
        if !left_out.is_empty() {
            let most = self.most_connections;
            println!("Left out: {left_out:?}, as only {most} files may be open (`ulimit -n`).");
        }
        allowed
    }

    /// A server of its own: what is measured.
    fn server(&self, cores: Cores) -> io::Result<ServerProcess> {
        ServerProcess::start(&bench_server(), self.pinning, cores)
    }

    /// Another one, which does as little as it can.
    fn floor(&self, cores: Cores) -> io::Result<ServerProcess> {
        ServerProcess::start(&Floor::Tuned.command()?, self.pinning, cores)
    }
}

fn main() -> ExitCode {
    let options = Options::parse();
    let ended = match options.serve {
        Some(floor) => floor.run(),
        None => measure(&options),
    };
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("growth: {error}");
            ExitCode::FAILURE
        }
    }
}

fn measure(options: &Options) -> io::Result<()> {
    let scale = Scale {
        is_smoke: options.test,
        rounds: if options.test {
            1
        } else {
            options.rounds.max(1)
        },
        length: if options.test {
            Duration::from_millis(20)
        } else {
            Duration::from_secs_f64(options.secs)
        },
        most_connections: load::limits::raise(),
        pinning: Pinning::find(),
    };
    let which = match &options.curves[..] {
        [] => Which::value_variants(),
        some => some,
    };
    if let Some(folder) = &options.svg {
        fs::create_dir_all(folder)?;
    }
    for which in which {
        eprintln!("{which:?}");
        let curve = measure_one(*which, &scale)?;
        if curve.series.iter().any(|series| series.points.is_empty()) {
            continue; // it has said why
        }
        println!("{curve}");
        if let Some(folder) = &options.svg {
            fs::write(
                folder.join(format!("{}.svg", curve.name)),
                plot::svg(&curve),
            )?;
        }
    }
    if !scale.pinning.works() {
        println!("Not pinned to cores: there is no `taskset`, or only one core.");
    }
    Ok(())
}

fn measure_one(which: Which, scale: &Scale) -> io::Result<Curve> {
    let runtime = load::runtime()?;
    match which {
        Which::Connections => runtime.block_on(connections::measure_calling(scale)),
        Which::Idle => runtime.block_on(connections::measure_idle(scale)),
        Which::Broadcast => runtime.block_on(broadcast::measure(scale)),
        Which::Registry => runtime.block_on(registry::measure(scale)),
        Which::Memory => runtime.block_on(memory::measure(scale)),
        Which::Replies => runtime.block_on(replies::measure(scale)),
        Which::Streams => runtime.block_on(streams::measure(scale)),
    }
}
