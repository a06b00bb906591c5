//! Measures how the rates of a fleet grow with its processes: 1, 2, 4 and 8 on this machine.
//!
//! `cargo bench -p devtools-nats --bench processes` starts `nats-server` and the processes, and prints a table. With `-- --svg FOLDER` it
//! draws it as `processes.svg`. Before it, it prints what a client costs in one process, with NATS and without. Three things are measured:
//!
//! - an event to 400 clients, which are spread over the processes: how often a client receives one;
//! - calls of workers that wait 5 ms in each call and run 8 calls at once, through one gateway;
//! - changes of one shared state by all processes at once, each of which waits until its changes are stored.

#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::cast_precision_loss,
    reason = "it prints measurements, and ends if one cannot be made"
)]

#[path = "../../../examples/bench-server/benches/growth/curve.rs"]
#[allow(dead_code, unreachable_pub, reason = "another bench has it too")]
mod curve;
#[path = "../../../examples/bench-server/benches/growth/plot.rs"]
#[allow(unreachable_pub, reason = "another bench has it too")]
mod plot;
#[path = "../tests/fleet/server.rs"]
mod server;
#[path = "../../../examples/bench-server/benches/growth/unit.rs"]
#[allow(dead_code, unreachable_pub, reason = "another bench has it too")]
mod unit;

use std::collections::BTreeMap;
use std::env;
use std::io::{BufRead as _, BufReader, Lines, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use devtools_nats::Nats;
use devtools_runtime::{
    DevTools, DevToolsBuilder, DevToolsRpcClient, Limits, define_rpc_function, rpc_function,
};
use tokio::sync::Notify;

use crate::curve::{Axis, Curve, Series};
use crate::server::NatsServer;
use crate::unit::Unit;

/// The variable that makes this program one of the processes.
const ROLE: &str = "DEVTOOLS_NATS_BENCH_ROLE";
/// The variable with the address of NATS.
const ADDRESS: &str = "DEVTOOLS_NATS_BENCH_ADDRESS";

const PROCESSES: [usize; 4] = [1, 2, 4, 8];
/// The clients of all processes together.
const CLIENTS: usize = 400;
/// The calls of workers that are under way.
const CALLS: usize = 256;

type Failure = Box<dyn std::error::Error + Send + Sync>;

/// An event to all clients.
#[rpc_function(name = "bench:event", kind = "event", side = "client")]
async fn event(number: u32);

/// A process that ends with this one.
struct Part {
    process: Child,
    input: ChildStdin,
    output: Lines<BufReader<ChildStdout>>,
}

impl Part {
    fn start(role: &str, address: &str) -> Self {
        let mut process = Command::new(env::current_exe().unwrap())
            .env(ROLE, role)
            .env(ADDRESS, address)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        Self {
            input: process.stdin.take().unwrap(),
            output: BufReader::new(process.stdout.take().unwrap()).lines(),
            process,
        }
    }

    fn start_all(role: &str, address: &str, count: usize) -> Vec<Self> {
        let mut parts: Vec<_> = (0..count).map(|_| Self::start(role, address)).collect();
        for part in &mut parts {
            assert_eq!(part.line(), "ready");
        }
        parts
    }

    fn tell(&mut self, line: &str) {
        writeln!(self.input, "{line}").unwrap();
    }

    fn line(&mut self) -> String {
        self.output.next().unwrap().unwrap()
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }
}

/// Reads a line that the measuring process has sent.
fn told() -> String {
    let mut line = String::new();
    std::io::stdin().read_line(&mut line).unwrap();
    line.trim().to_owned()
}

/// The clients of a process.
struct Clients {
    _clients: Vec<DevToolsRpcClient>,
    /// Is told when all of them have received so many events again.
    all_have_it: Arc<Notify>,
}

impl Clients {
    fn of(devtools: &DevTools, count: usize, events: usize) -> Self {
        let received = Arc::new(AtomicUsize::new(0));
        let all_have_it = Arc::new(Notify::new());
        let clients: Vec<_> = (0..count).map(|_| devtools.client()).collect();
        for client in &clients {
            let (received, all) = (Arc::clone(&received), Arc::clone(&all_have_it));
            client.register::<Event>(move |_number: u32| {
                if (received.fetch_add(1, Ordering::Relaxed) + 1) % (count * events) == 0 {
                    all.notify_one();
                }
                async {}
            });
        }
        Self {
            _clients: clients,
            all_have_it,
        }
    }
}

/// A process with clients, which counts the events that they receive.
async fn listener(address: String) -> Result<(), Failure> {
    let devtools = DevTools::builder().without_collected();
    let devtools = devtools
        .backplane(Nats::connect(address).await?)
        .build()
        .await?;
    println!("ready");
    let count: usize = tokio::task::spawn_blocking(told).await?.parse()?;
    let events: usize = tokio::task::spawn_blocking(told).await?.parse()?;
    let clients = Clients::of(&devtools, count, events);
    println!("listening");
    clients.all_have_it.notified().await;
    println!("received");
    std::future::pending().await
}

/// A process that runs calls of 5 ms, 8 at once.
async fn worker(address: String) -> Result<(), Failure> {
    let wait = define_rpc_function("bench:wait").action();
    let wait = wait.async_handler(|| async { tokio::time::sleep(Duration::from_millis(5)).await });
    let builder = DevTools::builder().without_collected().function(wait);
    let builder = builder.limits(Limits::new().calls_in_flight(8));
    let devtools = builder
        .backplane(Nats::connect(address).await?)
        .build()
        .await?;
    println!("ready");
    devtools.work().await;
    Ok(())
}

/// A process that changes its own part of a shared state for a while.
async fn writer(address: String) -> Result<(), Failure> {
    let devtools = DevTools::builder().without_collected();
    let devtools = devtools
        .backplane(Nats::connect(address).await?)
        .build()
        .await?;
    let rpc = devtools.context().rpc();
    let state = rpc.shared_state("bench:counts", BTreeMap::<String, u32>::new())?;
    rpc.shared_states().stored().await?;
    println!("ready");
    let time: u64 = tokio::task::spawn_blocking(told).await?.parse()?;
    let name = std::process::id().to_string();
    let (begun, mut changes) = (Instant::now(), 0_usize);
    while begun.elapsed() < Duration::from_millis(time) {
        for _ in 0..16 {
            state.mutate(|counts| *counts.entry(name.clone()).or_default() += 1)?;
            changes += 1;
        }
        rpc.shared_states().stored().await?;
    }
    println!("{}", changes as f64 / begun.elapsed().as_secs_f64());
    std::future::pending().await
}

/// Returns the seconds until all clients of one process have an event that it sends: the median of some.
async fn until_all_have_it(devtools: DevToolsBuilder, clients: usize, events: u32) -> f64 {
    let devtools = devtools.without_collected().build().await.unwrap();
    let clients = Clients::of(&devtools, clients, 1);
    let mut times: Vec<_> = Vec::new();
    for number in 0..events {
        let begun = Instant::now();
        Event::broadcast(devtools.context(), number).await.unwrap();
        clients.all_have_it.notified().await;
        times.push(begun.elapsed().as_secs_f64());
    }
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}

/// Prints what one more client of a process costs, with NATS and without.
async fn clients(is_test: bool) -> Option<()> {
    let server = NatsServer::start("the measurement")?;
    let events = if is_test { 10 } else { 1000 };
    println!("| | 1 client has an event | {CLIENTS} clients have it | for each further client |");
    println!("|---|---|---|---|");
    for name in ["without NATS", "with NATS"] {
        let mut times = [0.0; 2];
        for (time, clients) in times.iter_mut().zip([1, CLIENTS]) {
            let mut builder = DevTools::builder();
            if name == "with NATS" {
                builder = builder.backplane(Nats::connect(server.address()).await.unwrap());
            }
            *time = until_all_have_it(builder, clients, events).await * 1e6;
        }
        let [one, all] = times;
        let each = (all - one) / (CLIENTS - 1) as f64;
        println!("| {name} | {one:.0} µs | {all:.0} µs | {each:.2} µs |");
    }
    println!();
    Some(())
}

/// Returns how many events the clients of all processes receive in a second.
async fn events(address: &str, processes: usize, events: usize) -> f64 {
    let mut parts = Part::start_all("listener", address, processes);
    for part in &mut parts {
        part.tell(&(CLIENTS / processes).to_string());
        part.tell(&events.to_string());
        assert_eq!(part.line(), "listening");
    }
    let devtools = DevTools::builder().without_collected();
    let devtools = devtools.backplane(Nats::connect(address).await.unwrap());
    let devtools = devtools.build().await.unwrap();
    let begun = Instant::now();
    for number in 0..u32::try_from(events).unwrap() {
        Event::broadcast(devtools.context(), number).await.unwrap();
    }
    let received = tokio::task::spawn_blocking(move || {
        for part in &mut parts {
            assert_eq!(part.line(), "received");
        }
    });
    received.await.unwrap();
    (CLIENTS * events) as f64 / begun.elapsed().as_secs_f64()
}

/// Returns how many calls the workers run in a second.
async fn calls(address: &str, workers: usize, time: Duration) -> f64 {
    let _workers = Part::start_all("worker", address, workers);
    let devtools = DevTools::builder().without_collected().use_workers();
    let devtools = devtools.backplane(Nats::connect(address).await.unwrap());
    let devtools = devtools.build().await.unwrap();
    // All workers are found within a second.
    tokio::time::sleep(Duration::from_secs(2)).await;
    let client = devtools.client();
    let count = Arc::new(AtomicUsize::new(0));
    let begun = Instant::now();
    let callers: Vec<_> = (0..CALLS)
        .map(|_| {
            let (client, count) = (client.clone(), Arc::clone(&count));
            tokio::spawn(async move {
                while begun.elapsed() < time {
                    let reply: Result<(), _> = client.call_dynamic("bench:wait", ()).await;
                    reply.unwrap();
                    count.fetch_add(1, Ordering::Relaxed);
                }
            })
        })
        .collect();
    for caller in callers {
        caller.await.unwrap();
    }
    count.load(Ordering::Relaxed) as f64 / begun.elapsed().as_secs_f64()
}

/// Returns how many changes of one state all processes store in a second.
fn changes(address: &str, processes: usize, time: Duration) -> f64 {
    let mut parts = Part::start_all("writer", address, processes);
    for part in &mut parts {
        part.tell(&time.as_millis().to_string());
    }
    let rates = parts.iter_mut().map(Part::line);
    rates.map(|rate| rate.parse::<f64>().unwrap()).sum()
}

async fn measure(is_test: bool) -> Option<Curve> {
    let (count, time) = if is_test { (20, 100) } else { (1000, 3000) };
    let time = Duration::from_millis(time);
    let processes: &[usize] = if is_test { &PROCESSES[..2] } else { &PROCESSES };
    let mut series = vec![
        Series::new("events received"),
        Series::new("calls of workers"),
        Series::new("state changes"),
    ];
    println!("| processes | events received/s | calls/s | changes/s |");
    println!("|---|---|---|---|");
    for &processes in processes {
        // Each measurement has a server of its own, so that none begins with the streams of another.
        let mut rates = [0.0; 3];
        for (index, rate) in rates.iter_mut().enumerate() {
            let server = NatsServer::start("the measurement")?;
            let address = server.address();
            *rate = match index {
                0 => events(&address, processes, count).await,
                1 => calls(&address, processes, time).await,
                _ => changes(&address, processes, time),
            };
        }
        println!(
            "| {processes} | {:.0} | {:.0} | {:.0} |",
            rates[0], rates[1], rates[2]
        );
        for (series, rate) in series.iter_mut().zip(rates) {
            series.points.push((processes as f64, rate));
        }
    }
    Some(Curve {
        name: "processes",
        title: "The rates of a fleet on one machine",
        x: Axis {
            label: "processes",
            unit: Unit::Count,
        },
        y: Axis {
            label: "per second",
            unit: Unit::PerSecond,
        },
        expected: 0.0,
        series,
    })
}

#[tokio::main]
async fn main() -> Result<(), Failure> {
    if let Ok(role) = env::var(ROLE) {
        let address = env::var(ADDRESS)?;
        return match role.as_str() {
            "listener" => listener(address).await,
            "worker" => worker(address).await,
            _ => writer(address).await,
        };
    }
    let mut arguments = env::args();
    let is_test = arguments.any(|it| it == "--test");
    if clients(is_test).await.is_none() {
        return Ok(());
    }
    let Some(curve) = measure(is_test).await else {
        return Ok(());
    };
    let folder = env::args().skip_while(|it| it != "--svg").nth(1);
    if let Some(folder) = folder {
        let file = Path::new(&folder).join(format!("{}.svg", curve.name));
        std::fs::write(file, plot::svg(&curve))?;
    }
    Ok(())
}
