//! Streams between processes: one has them, others read them for clients whose connections break, and processes are killed.

use std::env;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use devtools_nats::Nats;
use devtools_runtime::client::Backoff;
use devtools_runtime::streaming::{ChannelOptions, ReaderOptions, StreamError, StreamReader};
use devtools_runtime::{Auth, DevTools, DevToolsRpcClient, RemoteError};
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

use crate::clients::program;
use crate::processes::{ADDRESS, Member};
use crate::server::NatsServer;
use tests::wait::{LIMIT, eventually, in_time};

const CHANNEL: &str = "relayed:numbers";

/// The number of chunks.
const CHUNKS: u32 = 100_000;

/// The number of times that the connection of the reader is cut.
const CUTS: u32 = 50;

/// Is run as a process of the tests below. For each line `id count` it starts a stream of so many chunks, or one that goes on until it is
/// cancelled, if `count` is 0.
#[tokio::test]
async fn a_producer() {
    let Ok(address) = env::var(ADDRESS) else {
        return; // No process of those tests.
    };
    let devtools = program(Nats::connect(address).await.unwrap()).await;
    let streaming = devtools.context().rpc().streaming();
    let options = ChannelOptions::new().replay(10_000);
    let numbers = streaming.create::<u32>(CHANNEL, options).unwrap();
    let mut input = BufReader::new(tokio::io::stdin()).lines();
    println!("ready");
    while let Some(line) = input.next_line().await.unwrap() {
        let (id, count) = line.split_once(' ').unwrap();
        let sink = numbers.start_with_id(id).unwrap();
        println!("started {id}");
        let count: u32 = count.parse().unwrap();
        let numbers = numbers.clone();
        tokio::spawn(async move {
            // Nothing is written before somebody reads, so that nothing is missing at the start.
            eventually(|| numbers.stats().subscribers > 0).await;
            for number in 0..count {
                sink.write(&number).await.unwrap();
            }
            if count > 0 {
                return sink.close();
            }
            for number in 0.. {
                tokio::select! {
                    reason = sink.cancelled() => {
                        println!("cancelled {reason:?}");
                        return;
                    }
                    () = tokio::time::sleep(Duration::from_millis(10)) => {}
                }
                sink.write(&number).await.unwrap();
            }
        });
    }
}

/// Is run as a process of the tests below: it serves clients.
#[tokio::test]
async fn a_gateway() {
    let Ok(address) = env::var(ADDRESS) else {
        return; // No process of those tests.
    };
    let nats = Nats::connect(address).await.unwrap();
    let builder = DevTools::builder().without_collected().auth(Auth::None);
    let devtools = builder.backplane(nats).build().await.unwrap();
    let server = devtools.bind(anywhere()).await.unwrap();
    println!("serves {}", server.local_addr());
    std::future::pending::<()>().await;
}

fn anywhere() -> SocketAddr {
    (Ipv4Addr::LOCALHOST, 0).into()
}

/// The processes of a test.
struct Fleet {
    producer: Member,
    gateways: Vec<Member>,
    addresses: Vec<SocketAddr>,
}

impl Fleet {
    async fn start(server: &NatsServer, gateways: usize) -> Self {
        let address = server.address();
        let mut producer = Member::start("relayed::a_producer", &address);
        producer.said("ready").await;
        let mut fleet = Self {
            producer,
            gateways: Vec::new(),
            addresses: Vec::new(),
        };
        for _ in 0..gateways {
            let mut gateway = Member::start("relayed::a_gateway", &address);
            let address = gateway.line_after("serves ").await;
            fleet.addresses.push(address.parse().unwrap());
            fleet.gateways.push(gateway);
        }
        fleet
    }

    async fn stream(&mut self, id: &str, count: u32) {
        self.producer.tell(&format!("{id} {count}")).await;
        self.producer.said(&format!("started {id}")).await;
    }
}

/// A load balancer: it passes the bytes of connections on to one of several servers, and cuts connections.
struct Balancer {
    address: SocketAddr,
    /// The index of the server of new connections.
    target: Arc<AtomicUsize>,
    cuts: watch::Sender<u32>,
    serving: tokio::task::JoinHandle<()>,
}

impl Balancer {
    async fn start(servers: Vec<SocketAddr>) -> Self {
        let listener = TcpListener::bind(anywhere()).await.unwrap();
        let address = listener.local_addr().unwrap();
        let target = Arc::<AtomicUsize>::default();
        let (cuts, cut) = watch::channel(0);
        let chosen = Arc::clone(&target);
        let serving = tokio::spawn(async move {
            let mut connections = tokio::task::JoinSet::new();
            loop {
                let (mut near, _) = listener.accept().await.unwrap();
                let server = servers[chosen.load(Ordering::SeqCst)];
                let mut cut = cut.clone();
                cut.mark_unchanged();
                connections.spawn(async move {
                    let Ok(mut far) = TcpStream::connect(server).await else {
                        return;
                    };
                    tokio::select! {
                        _ = tokio::io::copy_bidirectional(&mut near, &mut far) => {}
                        _ = cut.changed() => {}
                    }
                });
            }
        });
        Self {
            address,
            target,
            cuts,
            serving,
        }
    }

    /// Cuts the connections. New ones go to this server.
    fn cut(&self, server: usize) {
        self.target.store(server, Ordering::SeqCst);
        self.cuts.send_modify(|cuts| *cuts += 1);
    }

    async fn client(&self) -> DevToolsRpcClient {
        let soon = Backoff::new()
            .first(Duration::from_millis(5))
            .longest(Duration::from_millis(50));
        let url = format!("http://{}/__devtools/", self.address);
        let client = DevToolsRpcClient::builder(&url).reconnect(soon);
        client.connect().await.unwrap()
    }
}

impl Drop for Balancer {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

/// Numbers that follow from a seed.
struct Random(u64);

impl Random {
    fn new() -> Self {
        let seed = getrandom::u64().unwrap() | 1;
        println!("the seed is {seed}");
        Self(seed)
    }

    fn below(&mut self, limit: u32) -> u32 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        u32::try_from(self.0 >> 33).unwrap() % limit
    }
}

async fn failure(reader: &mut StreamReader<u32>) -> RemoteError {
    loop {
        match in_time(reader.next()).await {
            Some(Ok(_)) => {}
            Some(Err(StreamError::Failed(error))) => return error,
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn a_reader_whose_connections_break_gets_each_chunk_once() {
    let Some(server) = NatsServer::start("a reader whose connections break") else {
        return;
    };
    let mut fleet = Fleet::start(&server, 2).await;
    let mut server = Some(server);
    let mut random = Random::new();
    let mut cuts: Vec<u32> = (0..CUTS).map(|_| 1 + random.below(CHUNKS - 1)).collect();
    cuts.sort_unstable();
    let balancer = Balancer::start(fleet.addresses.clone()).await;
    let client = balancer.client().await;
    fleet.stream("all", CHUNKS).await;
    let few = ReaderOptions::new().queued_chunks(256);
    let mut reader = client
        .streaming()
        .subscribe_with::<u32>(CHANNEL, "all", few);
    let begun = Instant::now();
    let mut restarting = None;
    for expected in 0..CHUNKS {
        let number = tokio::time::timeout(LIMIT, reader.next()).await;
        let number = number.expect("a chunk is missing");
        assert_eq!(number.expect("the stream has ended").unwrap(), expected);
        while cuts.first() == Some(&expected) {
            cuts.remove(0);
            balancer.cut(random.below(2) as usize);
        }
        if expected == CHUNKS / 2 {
            // The server is away while the reader goes on.
            let mut server = server.take().unwrap();
            restarting = Some(tokio::task::spawn_blocking(move || {
                server.restart(Duration::from_millis(500));
                server
            }));
        }
    }
    let end = tokio::time::timeout(LIMIT, reader.next()).await.unwrap();
    assert!(end.is_none(), "{end:?}");
    assert!(cuts.is_empty());
    println!("it took {:?}", begun.elapsed());
    drop(restarting.unwrap().await.unwrap());
}

#[tokio::test]
async fn processes_that_are_killed_end_streams() {
    let Some(server) = NatsServer::start("processes that are killed") else {
        return;
    };
    let mut fleet = Fleet::start(&server, 1).await;
    let balancer = Balancer::start(fleet.addresses.clone()).await;
    let client = balancer.client().await;

    // The process of the only reader is killed.
    fleet.stream("first", 0).await;
    let mut reader = client.streaming().subscribe::<u32>(CHANNEL, "first");
    in_time(reader.next()).await.unwrap().unwrap();
    fleet.gateways.remove(0).kill().await;
    in_time(fleet.producer.said("cancelled Disconnected")).await;
    drop((reader, client, balancer));

    // The process of the producer is killed.
    let nats = server.options().connect().await.unwrap();
    let devtools = program(nats).await;
    let client = devtools.client();
    fleet.stream("second", 0).await;
    let mut reader = client.streaming().subscribe::<u32>(CHANNEL, "second");
    in_time(reader.next()).await.unwrap().unwrap();
    fleet.producer.kill().await;
    let error = failure(&mut reader).await;
    assert_eq!(error.name, "ProducerLost");
}
