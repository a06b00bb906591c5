//! What a call costs: dispatch alone, and the round trip over a WebSocket beside a bare echo.
//!
//! `cargo bench -p devtools-runtime --bench calls`. Times depend on the machine; what counts is the
//! ratio to the floor, which is printed at the end.

#![allow(
    missing_docs,
    reason = "criterion's macros make public functions without docs"
)]
#![allow(clippy::unwrap_used, reason = "a bench that cannot run should say so")]
#![allow(
    clippy::cast_precision_loss,
    clippy::print_stdout,
    reason = "it prints measurements"
)]

use std::collections::BTreeMap;
use std::hint::black_box;
use std::net::SocketAddr;
use std::sync::Mutex;
use std::thread;
use std::time::{Duration, Instant};

use criterion::{Criterion, Throughput, criterion_group};
use devtools_runtime::__private::DispatchBench;
use devtools_runtime::{Auth, DevTools, rpc_function};
use futures_util::{SinkExt, StreamExt};
use serde::{Deserialize, Serialize};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Runtime;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{Message, Utf8Bytes};

/// A request as the JavaScript client writes it.
const REQUEST: &str =
    r#"{"m":"bench:ping","a":["A7TwOnz5JK"],"t":"q","i":"A7TwOnz5JK-gqrjnOf4WP"}"#;

/// The same in structured clone.
const REQUEST_CLONE: &str = r#"s:[[2,[[1,2],[3,4],[6,7],[8,9]]],[0,"m"],[0,"bench:ping"],[0,"a"],[1,[5]],[0,"A7TwOnz5JK"],[0,"t"],[0,"q"],[0,"i"],[0,"A7TwOnz5JK-gqrjnOf4WP"]]"#;

/// How many calls are under way at once in the pipelined bench.
const IN_FLIGHT: usize = 64;

#[derive(Serialize, Deserialize)]
struct Pong {
    id: String,
    data: String,
}

#[rpc_function(name = "bench:ping")]
#[expect(clippy::unused_async, reason = "what is measured is the future")]
async fn ping(id: String) -> Pong {
    Pong {
        id,
        data: "pong".to_owned(),
    }
}

#[rpc_function(name = "bench:ping-sync")]
fn ping_sync(id: String) -> Pong {
    Pong {
        id,
        data: "pong".to_owned(),
    }
}

fn runtime() -> Runtime {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap()
}

fn dispatch(criterion: &mut Criterion) {
    let devtools = runtime()
        .block_on(DevTools::builder().auth(Auth::None).build())
        .unwrap();
    let mut bench = DispatchBench::new(&devtools);
    let mut group = criterion.benchmark_group("dispatch");
    let sync = REQUEST.replace("bench:ping", "bench:ping-sync");
    let unknown = REQUEST.replace("bench:ping", "bench:nope");
    for (name, frame) in [
        ("async", REQUEST),
        ("sync", sync.as_str()),
        ("structured-clone", REQUEST_CLONE),
        ("unknown", unknown.as_str()),
    ] {
        assert!(bench.dispatch(frame).is_some());
        group.bench_function(name, |bencher| {
            bencher.iter(|| bench.dispatch(black_box(frame)));
        });
    }
    group.finish();
}

/// A server on a thread of its own.
fn on_a_thread(serve: impl AsyncFnOnce(TcpListener) + Send + 'static) -> SocketAddr {
    let (sender, address) = std::sync::mpsc::channel();
    thread::spawn(move || {
        runtime().block_on(async move {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            sender.send(listener.local_addr().unwrap()).unwrap();
            serve(listener).await;
        });
    });
    address.recv().unwrap()
}

/// The floor: whatever comes in goes out again.
async fn echo(listener: TcpListener) {
    loop {
        let (stream, _) = listener.accept().await.unwrap();
        stream.set_nodelay(true).unwrap();
        let config = WebSocketConfig::default().read_buffer_size(4096);
        tokio::spawn(async move {
            let socket = tokio_tungstenite::accept_async_with_config(stream, Some(config)).await;
            let Ok(mut socket) = socket else { return };
            while let Some(Ok(message)) = socket.next().await {
                if message.is_text() && socket.send(message).await.is_err() {
                    return;
                }
            }
        });
    }
}

/// What is measured.
async fn devtools(listener: TcpListener) {
    let address = listener.local_addr().unwrap();
    drop(listener);
    let server = DevTools::builder()
        .auth(Auth::None)
        .bind(address)
        .await
        .unwrap();
    server.run().await;
}

struct Client(WebSocketStream<TcpStream>);

impl Client {
    async fn connect(address: SocketAddr) -> Self {
        let url = format!("ws://{address}/__devtools/__ws");
        loop {
            let Ok(stream) = TcpStream::connect(address).await else {
                tokio::time::sleep(Duration::from_millis(10)).await;
                continue;
            };
            stream.set_nodelay(true).unwrap();
            return Self(
                tokio_tungstenite::client_async(&url, stream)
                    .await
                    .unwrap()
                    .0,
            );
        }
    }

    async fn call(&mut self) {
        self.0
            .send(Message::Text(Utf8Bytes::from_static(REQUEST)))
            .await
            .unwrap();
        black_box(self.0.next().await.unwrap().unwrap());
    }

    async fn call_many(&mut self) {
        for _ in 0..IN_FLIGHT {
            self.0
                .feed(Message::Text(Utf8Bytes::from_static(REQUEST)))
                .await
                .unwrap();
        }
        self.0.flush().await.unwrap();
        for _ in 0..IN_FLIGHT {
            black_box(self.0.next().await.unwrap().unwrap());
        }
    }
}

/// Nanoseconds per call, by bench and server; kept for the ratios.
static MEASURED: Mutex<BTreeMap<(&str, &str), Vec<f64>>> = Mutex::new(BTreeMap::new());

fn round_trip(criterion: &mut Criterion) {
    let runtime = runtime();
    let servers = [
        ("echo", on_a_thread(echo)),
        ("devtools", on_a_thread(devtools)),
    ];
    for (bench, calls) in [("one at a time", 1), ("64 in flight", IN_FLIGHT)] {
        let mut group = criterion.benchmark_group(format!("round trip, {bench}"));
        group.throughput(Throughput::Elements(calls as u64));
        for (name, address) in servers {
            let mut client = runtime.block_on(Client::connect(address));
            group.bench_function(name, |bencher| {
                bencher.iter_custom(|iterations| {
                    let took = runtime.block_on(async {
                        let start = Instant::now();
                        for _ in 0..iterations {
                            match calls {
                                1 => client.call().await,
                                _ => client.call_many().await,
                            }
                        }
                        start.elapsed()
                    });
                    let per_call = took.as_secs_f64() * 1e9 / (iterations as f64 * calls as f64);
                    MEASURED
                        .lock()
                        .unwrap()
                        .entry((bench, name))
                        .or_default()
                        .push(per_call);
                    took
                });
            });
        }
        group.finish();
    }
}

fn print_ratios() {
    let measured = MEASURED.lock().unwrap();
    for bench in ["one at a time", "64 in flight"] {
        let median = |server| {
            let mut times = measured.get(&(bench, server))?.clone();
            times.sort_unstable_by(f64::total_cmp);
            times.get(times.len() / 2).copied()
        };
        if let (Some(floor), Some(ours)) = (median("echo"), median("devtools")) {
            let ratio = floor / ours;
            println!(
                "round trip, {bench}: echo {floor:.0} ns, devtools {ours:.0} ns: {ratio:.2} × the floor"
            );
        }
    }
}

criterion_group!(benches, dispatch, round_trip);

fn main() {
    benches();
    print_ratios();
    Criterion::default().configure_from_args().final_summary();
}
