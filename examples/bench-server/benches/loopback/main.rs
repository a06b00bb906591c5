//! Measures the overhead over a bare WebSocket: the bench server and two floors, under the same load, over loopback.
//!
//! `cargo bench -p bench-server` measures everything; `-- --workloads w1,w5l --rounds 9` some workloads more often;
//! `-- --test` is a smoke run. Each server is a process of its own, started anew for each run. In a round all of them
//! do the same, within seconds. The table has the medians of the ratios within a round, so that other load on the
//! machine affects all servers alike.

#![allow(
    unreachable_pub,
    reason = "modules of a program, some of them of two programs"
)]
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "it prints measurements"
)]

#[path = "../load/mod.rs"]
mod load;
mod stream;
mod table;
mod workload;

use std::io;
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;

use crate::load::floor::Floor;
use crate::load::process::{Pinning, ServerProcess, bench_server};
use crate::table::{Row, Table};
use crate::workload::{Measured, Scale, Workload};

/// Measures the bench server beside two bare WebSocket servers.
#[derive(Debug, Parser)]
struct Options {
    /// The workloads, with commas between them. Default: all.
    #[arg(long, value_delimiter = ',', value_enum)]
    workloads: Vec<Workload>,
    /// The number of measurements of each.
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    /// The length of each run, in seconds.
    #[arg(long, default_value_t = 0.6)]
    secs: f64,
    /// One short round, to check that everything works.
    #[arg(long)]
    test: bool,
    /// Serves as a floor: this program starts itself with this option.
    #[arg(long, hide = true)]
    serve: Option<Floor>,
    /// An argument of cargo.
    #[arg(long, hide = true)]
    bench: bool,
}

/// The measured servers, in the order of the table's columns.
const SERVERS: [&str; 3] = ["bare", "tuned", "bench-server"];

fn main() -> ExitCode {
    let options = Options::parse();
    let ended = match options.serve {
        Some(floor) => floor.run(1).map(|()| true),
        None => measure(&options),
    };
    match ended {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("loopback: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Measures, and prints the table. Returns `true` if all frames were right.
fn measure(options: &Options) -> io::Result<bool> {
    let open_files = load::limits::raise();
    let pinning = Pinning::find();
    let scale = if options.test {
        Scale::smoke()
    } else {
        Scale::full(Duration::from_secs_f64(options.secs))
    };
    let rounds = if options.test {
        1
    } else {
        options.rounds.max(1)
    };
    let workloads = match &options.workloads[..] {
        [] => Workload::ALL,
        some => some,
    };
    let commands = [
        Floor::Bare.command()?,
        Floor::Tuned.command()?,
        bench_server(),
    ];
    let mut table = Table::default();
    for workload in workloads {
        if workload.connections(&scale) > open_files {
            println!(
                "{workload:?}: left out, because only {open_files} files may be open (`ulimit -n`)"
            );
            continue;
        }
        let mut row = Row::new(*workload, &scale);
        for round in 0..rounds {
            let mut measured = [None, None, None];
            for turn in 0..SERVERS.len() {
                // The order changes, so that no server always follows the same one.
                let server = (turn + round) % SERVERS.len();
                eprintln!("{workload:?}, round {}: {}", round + 1, SERVERS[server]);
                measured[server] = run(&commands[server], *workload, &scale, pinning)?;
            }
            if let [Some(bare), Some(tuned), Some(ours)] = measured {
                row.add([bare, tuned, ours]);
            }
        }
        table.add(row);
    }
    println!("{table}");
    if !pinning.works() {
        println!("Not pinned to cores: there is no `taskset`, or only one core.");
    }
    Ok(table.is_right())
}

/// Runs a workload against a server of its own. Returns `None` if the system does not report the measured quantity.
fn run(
    command: &[String],
    workload: Workload,
    scale: &Scale,
    pinning: Pinning,
) -> io::Result<Option<Measured>> {
    let server = ServerProcess::start(command, pinning, workload.cores())?;
    load::runtime()?.block_on(workload.run(&server, scale))
}
