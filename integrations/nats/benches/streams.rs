//! Measures how fast the chunks of a stream reach a client of another process.
//!
//! `cargo bench -p devtools-nats --bench streams` starts `nats-server`, the process of the streams and a gateway, and reads streams over a
//! WebSocket: directly, and through the gateway. The runs take turns, and each figure is the best of its runs, because other load on the
//! machine can only slow them. Only the ratios mean something.

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
use std::time::Instant;

use devtools_nats::Nats;
use devtools_runtime::streaming::ChannelOptions;
use devtools_runtime::{Auth, DevTools, DevToolsRpcClient, define_rpc_function};

use crate::server::NatsServer;

/// The variable that makes this program a part of the measurement.
const ROLE: &str = "DEVTOOLS_NATS_BENCH_ROLE";
/// The variable with the address of NATS.
const ADDRESS: &str = "DEVTOOLS_NATS_BENCH_ADDRESS";
const CHANNEL: &str = "bench:texts";

type Failure = Box<dyn std::error::Error + Send + Sync>;

/// A process that ends with this one.
struct Part {
    process: Child,
    url: String,
}

impl Part {
    fn start(role: &str, address: &str) -> Self {
        let mut process = Command::new(env::current_exe().unwrap())
            .env(ROLE, role)
            .env(ADDRESS, address)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut url = String::new();
        let output = process.stdout.take().unwrap();
        BufReader::new(output).read_line(&mut url).unwrap();
        let url = url.trim().to_owned();
        Self { process, url }
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }
}

/// Serves clients, and has the streams if it is their process.
async fn part(role: &str, address: String) -> Result<(), Failure> {
    let builder = DevTools::builder().without_collected().auth(Auth::None);
    let nats = Nats::connect(address).await?;
    let devtools = builder.quiet().backplane(nats).build().await?;
    if role == "producer" {
        let streaming = devtools.context().rpc().streaming();
        let texts = streaming.create::<String>(CHANNEL, ChannelOptions::new())?;
        let start = define_rpc_function("bench:start").action();
        let start = start.async_handler(move |chunks: usize, bytes: usize| {
            let texts = texts.clone();
            async move {
                let sink = texts.start();
                let id = sink.id().to_owned();
                tokio::spawn(async move {
                    while texts.stats().subscribers == 0 {
                        tokio::task::yield_now().await;
                    }
                    let text = "x".repeat(bytes);
                    for _ in 0..chunks {
                        sink.write(&text).await.unwrap();
                    }
                    sink.close();
                });
                id
            }
        });
        devtools.context().rpc().register(start)?;
    }
    let server = devtools.bind("127.0.0.1:0").await?;
    println!("{}", server.url());
    std::future::pending().await
}

/// Reads a stream, and returns the chunks per second.
async fn read(
    producer: &DevToolsRpcClient,
    client: &DevToolsRpcClient,
    chunks: u32,
    bytes: u32,
) -> f64 {
    let id: String = producer
        .call_dynamic("bench:start", (chunks, bytes))
        .await
        .unwrap();
    let mut reader = client.streaming().subscribe::<String>(CHANNEL, &id);
    let begun = Instant::now();
    let mut count = 0;
    while let Some(chunk) = reader.next().await {
        chunk.unwrap();
        count += 1;
    }
    assert_eq!(count, chunks);
    f64::from(chunks) / begun.elapsed().as_secs_f64()
}

#[tokio::main]
async fn main() -> Result<(), Failure> {
    if let Ok(role) = env::var(ROLE) {
        return part(&role, env::var(ADDRESS)?).await;
    }
    let Some(server) = NatsServer::start("the measurement") else {
        return Ok(());
    };
    let is_test = env::args().any(|it| it == "--test");
    let (chunks, rounds) = if is_test { (1000, 1) } else { (200_000, 5) };
    let address = server.address();
    let producer = Part::start("producer", &address);
    let gateway = Part::start("gateway", &address);
    let direct = DevToolsRpcClient::connect(&producer.url).await?;
    let relayed = DevToolsRpcClient::connect(&gateway.url).await?;
    for bytes in [20, 1000] {
        let chunks = if bytes > 100 { chunks / 4 } else { chunks };
        let mut best = [0.0_f64; 2];
        for _ in 0..rounds {
            for (client, best) in [&direct, &relayed].into_iter().zip(&mut best) {
                *best = best.max(read(&direct, client, chunks, bytes).await);
            }
        }
        let [near, far] = best;
        println!(
            "chunks of {bytes} bytes: {near:.0}/s directly, {far:.0}/s through another process, ratio {:.2}",
            far / near
        );
    }
    Ok(())
}
