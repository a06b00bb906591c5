//! Measures what a call costs that a gateway passes to a worker.
//!
//! `cargo bench -p devtools-nats --bench workers` starts `nats-server`, a worker and a gateway as processes, and calls over a WebSocket:
//! one call after the other, and many at a time. Beside them it measures a function of the gateway itself, and a bare loop of requests and
//! replies over `async-nats`. The runs take turns, and each figure is the best of its runs, because other load on the machine can only
//! slow them. Only the ratios mean something.

#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "it prints measurements, and ends if one cannot be made"
)]

#[path = "../tests/fleet/server.rs"]
mod server;

use std::env;
use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use devtools_nats::Nats;
use devtools_runtime::{Auth, DevTools, DevToolsRpcClient, define_rpc_function};
use futures_util::StreamExt as _;

use crate::server::NatsServer;

/// The variable that makes this program a worker or a gateway.
const ROLE: &str = "DEVTOOLS_NATS_BENCH_ROLE";
/// The variable with the address of NATS.
const ADDRESS: &str = "DEVTOOLS_NATS_BENCH_ADDRESS";
/// The subject of the bare loop.
const BARE: &str = "bench.bare";
/// The calls that are under way at the same time in each run. One client may have 1,024 by default.
const AT_ONCE: [usize; 3] = [1, 256, 1000];

type Failure = Box<dyn std::error::Error + Send + Sync>;

/// A process that ends with this one.
struct Part {
    process: Child,
    /// The line that the process prints when it is ready: for a gateway, its URL.
    said: String,
}

impl Part {
    fn start(role: &str, address: &str) -> Self {
        let mut process = Command::new(env::current_exe().unwrap())
            .env(ROLE, role)
            .env(ADDRESS, address)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut said = String::new();
        let output = process.stdout.take().unwrap();
        BufReader::new(output).read_line(&mut said).unwrap();
        Self {
            process,
            said: said.trim().to_owned(),
        }
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }
}

/// A way of calling.
#[derive(Clone)]
enum Way {
    Client(DevToolsRpcClient, &'static str),
    Bare(async_nats::Client),
}

impl Way {
    async fn call(&self) {
        match self {
            Self::Client(client, function) => {
                let reply: u32 = client.call_dynamic(function, (7,)).await.unwrap();
                assert_eq!(reply, 7);
            }
            Self::Bare(client) => {
                let reply = client.request(BARE, "[7]".into()).await.unwrap();
                assert_eq!(&*reply.payload, b"[7]");
            }
        }
    }

    /// Calls for a while with `at_once` calls under way. Returns the calls per second.
    async fn run(&self, at_once: usize, time: Duration) -> f64 {
        let begun = Instant::now();
        let count = Arc::new(AtomicUsize::new(0));
        let callers: Vec<_> = (0..at_once)
            .map(|_| {
                let (way, count) = (self.clone(), Arc::clone(&count));
                tokio::spawn(async move {
                    while begun.elapsed() < time {
                        way.call().await;
                        count.fetch_add(1, Ordering::Relaxed);
                    }
                })
            })
            .collect();
        for caller in callers {
            caller.await.unwrap();
        }
        #[expect(clippy::cast_precision_loss, reason = "it is a rate")]
        let calls = count.load(Ordering::Relaxed) as f64;
        calls / begun.elapsed().as_secs_f64()
    }
}

async fn worker(address: String) -> Result<(), Failure> {
    let bare = async_nats::connect(&address).await?;
    let mut requests = bare.subscribe(BARE).await?;
    bare.flush().await?;
    let echo = define_rpc_function("bench:worker").handler(|number: u32| number);
    let builder = DevTools::builder().without_collected().function(echo);
    let devtools = builder
        .backplane(Nats::connect(address).await?)
        .build()
        .await?;
    println!("ready");
    let answer = async {
        while let Some(request) = requests.next().await {
            if let Some(reply) = request.reply {
                bare.publish(reply, request.payload).await.unwrap();
            }
        }
    };
    tokio::join!(answer, devtools.work());
    Ok(())
}

async fn gateway(address: String) -> Result<(), Failure> {
    let echo = define_rpc_function("bench:direct").handler(|number: u32| number);
    let builder = DevTools::builder().without_collected().function(echo);
    let builder = builder.auth(Auth::None).use_workers().quiet();
    let devtools = builder
        .backplane(Nats::connect(address).await?)
        .build()
        .await?;
    let server = devtools.bind("127.0.0.1:0").await?;
    while !devtools.context().rpc().has("bench:worker") {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    println!("{}", server.url());
    std::future::pending().await
}

async fn measure(address: String, gateway: &str, time: Duration, rounds: usize) {
    let client = DevToolsRpcClient::connect(gateway).await;
    let client = client.unwrap();
    let bare = Way::Bare(async_nats::connect(address).await.unwrap());
    let direct = Way::Client(client.clone(), "bench:direct");
    let worker = Way::Client(client, "bench:worker");
    let ways = [("bare", bare), ("direct", direct), ("worker", worker)];
    for at_once in AT_ONCE {
        let mut best = [0.0_f64; 3];
        for _ in 0..rounds {
            for ((_, way), best) in ways.iter().zip(&mut best) {
                *best = best.max(way.run(at_once, time).await);
            }
        }
        println!("{at_once} at once");
        for ((way, _), rate) in ways.iter().zip(best) {
            println!("  {way:8} {rate:10.0} calls/s, {:8.1} µs each", 1e6 / rate);
        }
        let [bare, direct, worker] = best;
        println!(
            "  a call of a worker costs {:.2} direct ones; its rate is {:.2} of the bare loop's",
            direct / worker,
            worker / bare
        );
    }
}

#[tokio::main]
async fn main() -> Result<(), Failure> {
    if let Ok(role) = env::var(ROLE) {
        let address = env::var(ADDRESS)?;
        return match role.as_str() {
            "worker" => worker(address).await,
            _ => gateway(address).await,
        };
    }
    let Some(server) = NatsServer::start("the measurement") else {
        return Ok(());
    };
    let is_test = env::args().any(|it| it == "--test");
    let (time, rounds) = if is_test { (50, 1) } else { (700, 5) };
    let address = server.address();
    let _worker = Part::start("worker", &address);
    let gateway = Part::start("gateway", &address);
    measure(address, &gateway.said, Duration::from_millis(time), rounds).await;
    Ok(())
}
