//! Measures how cost grows: with connections, clients, functions, idle connections, the size of a reply, and busy
//! streams.
//!
//! `cargo bench -p bench-server --bench growth` prints a table for each curve; `-- --svg "$PWD/plots"` also draws
//! them, and `-- --test` is a smoke run. The shape of a curve matters: no cost may grow faster than the quantity it
//! depends on. Where the machine and the system have a share in the cost, a second curve shows a bare WebSocket
//! server ([`load::floor`]), measured in turn. Each point is the best of several runs, because other load on the
//! machine can only slow them.
//!
//! `-- --threads 2` gives both servers two threads, which share the cores with the load. `-- --layers 5` puts layers around each call, and
//! with the feature `inspector`, `-- --inspector closed` or `open` serves the inspector, and opens its tab of the traffic.

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
#[path = "../inspector/page.rs"]
mod page;
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
use crate::page::Page;

/// Measures how the cost of the bench server grows.
#[derive(Debug, Parser)]
struct Options {
    /// The curves to measure, with commas between them. Default: all.
    #[arg(long, value_delimiter = ',', value_enum)]
    curves: Vec<Which>,
    /// The number of measurements of each point.
    #[arg(long, default_value_t = 3)]
    rounds: usize,
    /// The length of each run, in seconds.
    #[arg(long, default_value_t = 0.5)]
    secs: f64,
    /// Draws each curve to a file in this folder.
    #[arg(long, value_name = "DIR")]
    svg: Option<PathBuf>,
    /// The number of threads of each server.
    #[arg(long, default_value_t = 1)]
    threads: usize,
    /// The number of layers around each call of the bench server.
    #[arg(long, default_value_t = 0)]
    layers: usize,
    /// The inspector of the bench server.
    #[arg(long, value_enum, default_value_t = Inspected::No)]
    inspector: Inspected,
    /// Measures few points once, to check that everything works.
    #[arg(long)]
    test: bool,
    /// Serves as a floor: this program starts itself with this option.
    #[arg(long, hide = true)]
    serve: Option<Floor>,
    /// An argument of cargo.
    #[arg(long, hide = true)]
    bench: bool,
}

/// A curve, by its name in the options.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Which {
    /// Calls per second by the number of connections that call.
    Connections,
    /// Calls per second on one connection by the number of idle connections.
    Idle,
    /// The time until an event has reached all clients, by their number.
    Broadcast,
    /// The time of a start by the number of functions.
    Registry,
    /// Memory by the number of idle connections.
    Memory,
    /// The time of a call by the size of its reply.
    Replies,
    /// The time of a call by the number of busy streams on its connection.
    Streams,
}

/// The inspector of the bench server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Inspected {
    /// There is none.
    No,
    /// Nobody uses it.
    Closed,
    /// A session asks for the traffic, as the page does.
    Open,
}

/// The extent of the measurements.
#[derive(Debug)]
struct Scale {
    is_smoke: bool,
    rounds: usize,
    length: Duration,
    /// The number of connections that a process may have.
    most_connections: usize,
    pinning: Pinning,
    threads: usize,
    layers: usize,
    inspector: Inspected,
}

impl Scale {
    /// Returns the points to measure. A smoke run measures the first two.
    fn points<'p>(&self, points: &'p [usize]) -> &'p [usize] {
        let few = if self.is_smoke { 2 } else { points.len() };
        &points[..few.min(points.len())]
    }

    /// Returns the points of a curve by connections, as far as the system allows them.
    fn connections(&self, points: &[usize]) -> Vec<usize> {
        let (allowed, left_out): (Vec<_>, Vec<_>) = self
            .points(points)
            .iter()
            .partition(|count| **count <= self.most_connections);
        if !left_out.is_empty() {
            let most = self.most_connections;
            println!(
                "Left out: {left_out:?}, because only {most} files may be open (`ulimit -n`)."
            );
        }
        allowed
    }

    /// Starts a bench server in a process of its own.
    fn server(&self, cores: Cores) -> io::Result<ServerProcess> {
        let mut command = bench_server();
        command.extend(["--threads".to_owned(), self.threads.to_string()]);
        command.extend(["--layers".to_owned(), self.layers.to_string()]);
        if self.inspector != Inspected::No {
            command.push("--inspector".to_owned());
        }
        ServerProcess::start(&command, self.pinning, self.cores(cores))
    }

    /// Starts a floor in a process of its own.
    fn floor(&self, cores: Cores) -> io::Result<ServerProcess> {
        let mut command = Floor::Tuned.command()?;
        command.extend(["--threads".to_owned(), self.threads.to_string()]);
        ServerProcess::start(&command, self.pinning, self.cores(cores))
    }

    fn cores(&self, cores: Cores) -> Cores {
        if self.threads > 1 { Cores::All } else { cores }
    }

    /// Opens the page of the inspector, if it is to be open.
    async fn page(&self, server: &ServerProcess) -> io::Result<Option<Page>> {
        match self.inspector {
            Inspected::Open => Page::open(server.target()).await.map(Some),
            Inspected::No | Inspected::Closed => Ok(None),
        }
    }
}

fn main() -> ExitCode {
    let options = Options::parse();
    let ended = match options.serve {
        Some(floor) => floor.run(options.threads),
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
        threads: options.threads,
        layers: options.layers,
        inspector: options.inspector,
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
            continue; // the reason was printed
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
