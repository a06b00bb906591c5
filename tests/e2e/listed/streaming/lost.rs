//! Connections that are lost while a stream is read.

use std::net::SocketAddr;
use std::time::Duration;

use devtools_runtime::client::ConnectionStatus;
use devtools_runtime::streaming::{
    Backpressure, CancelReason, Channel, ChannelOptions, ReaderOptions, StreamError, StreamReader,
};
use devtools_runtime::{Auth, DevTools, DevToolsRpcClient};
use tests::wait::in_time;

use super::proxy::Proxy;
use super::{SOON, all, channel, connect, next, serve, subscribe, subscribed};

const CHUNKS: u64 = 100_000;
const CUTS: usize = 200;

/// Numbers that look random, and are the same each time.
struct Dice(u64);

impl Dice {
    fn between(&mut self, low: u64, high: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        low + (self.0 >> 33) % (high - low)
    }
}

async fn is(rpc: &DevToolsRpcClient, wanted: ConnectionStatus) {
    let mut status = rpc.status();
    let _ = in_time(status.wait_for(|status| *status == wanted))
        .await
        .unwrap();
}

/// Reads numbers from 0, and cuts the connection now and then. Returns how often, and the gaps there were.
async fn read_and_cut(
    rpc: &DevToolsRpcClient,
    proxy: &Proxy,
    mut reader: StreamReader<u64>,
) -> (usize, Vec<u64>) {
    let mut dice = Dice(7);
    let mut expected = 0;
    let mut next_cut = 0;
    let (mut cuts, mut gaps) = (0, Vec::new());
    while let Some(item) = in_time(reader.next()).await {
        match item {
            Ok(chunk) => {
                assert_eq!(chunk, expected, "lost or repeated");
                expected += 1;
            }
            Err(StreamError::Gap { missed }) => {
                gaps.push(missed);
                expected += missed;
            }
            Err(error) => panic!("{error:?}"),
        }
        // Only a connection that there is can be cut.
        if expected >= next_cut && *rpc.status().borrow() == ConnectionStatus::Connected {
            next_cut = expected + dice.between(100, 700);
            proxy.cut();
            cuts += 1;
            // Not always at once, so that chunks come meanwhile.
            if dice.between(0, 2) == 0 {
                tokio::task::yield_now().await;
            }
        }
    }
    assert_eq!(expected, CHUNKS);
    (cuts, gaps)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_hundred_cuts_lose_and_repeat_nothing() {
    let (server, channel, _) = channel::<u64>(ChannelOptions::new().replay(1)).await;
    let proxy = Proxy::to(server.local_addr()).await;
    let rpc = connect(&proxy.url(&server.url())).await;
    let sink = channel.start();
    let options = ReaderOptions::new().queued_chunks(64);
    let streaming = rpc.streaming();
    let reader = streaming.subscribe_with("test:channel", sink.id(), options);
    subscribed(&channel, 1).await;
    let writing = tokio::spawn(async move {
        for chunk in 0..CHUNKS {
            sink.write(&chunk).await.unwrap();
        }
        sink.close();
    });
    let (cuts, gaps) = read_and_cut(&rpc, &proxy, reader).await;
    in_time(writing).await.unwrap();
    println!("{cuts} cuts");
    assert!(cuts >= CUTS, "{cuts}");
    assert!(gaps.is_empty(), "{gaps:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn beyond_the_window_what_is_missing_is_counted() {
    let options = ChannelOptions::new()
        .replay(32)
        .backpressure(Backpressure::DropOldest);
    let (server, channel, _) = channel::<u64>(options).await;
    let proxy = Proxy::to(server.local_addr()).await;
    let rpc = connect(&proxy.url(&server.url())).await;
    let sink = channel.start();
    let mut reader = subscribe::<u64>(&rpc, sink.id());
    sink.write(&1).await.unwrap();
    assert_eq!(next(&mut reader).await, 1);
    proxy.shut(true);
    proxy.cut();
    subscribed(&channel, 0).await;
    for number in 2..=100 {
        sink.write(&number).await.unwrap();
    }
    proxy.shut(false);
    let missed = in_time(reader.next()).await.unwrap().unwrap_err();
    assert!(
        matches!(missed, StreamError::Gap { missed: 67 }),
        "{missed:?}"
    );
    sink.close();
    assert_eq!(all(&mut reader).await.0, (69..=100).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_stream_waits_for_its_last_reader_but_not_for_ever() {
    let options = ChannelOptions::new()
        .replay(9)
        .linger(Duration::from_millis(50));
    let (server, channel, _) = channel::<u64>(options).await;
    let proxy = Proxy::to(server.local_addr()).await;
    let sink = channel.start();
    let builder = DevToolsRpcClient::builder(&proxy.url(&server.url())).without_reconnect();
    let rpc = in_time(builder.connect()).await.unwrap();
    let _reader = subscribe::<u64>(&rpc, sink.id());
    subscribed(&channel, 1).await;
    proxy.cut();
    assert_eq!(in_time(sink.cancelled()).await, CancelReason::Disconnected);
}

#[tokio::test]
async fn a_reader_that_comes_back_to_a_server_that_was_restarted_is_told() {
    let serve_at = async |address: SocketAddr| {
        let builder = DevTools::builder().auth(Auth::None).without_collected();
        let server = builder.bind(address).await.unwrap();
        let rpc = server.devtools().context().rpc();
        let options = ChannelOptions::new().replay(10);
        let channel: Channel<u64> = rpc.streaming().create("test:channel", options).unwrap();
        let sink = channel.start_with_id("log").unwrap();
        (server, sink)
    };
    let (server, sink) = serve_at(([127, 0, 0, 1], 0).into()).await;
    let address = server.local_addr();
    let builder = DevToolsRpcClient::builder(&server.url()).reconnect(SOON);
    let rpc = in_time(builder.connect()).await.unwrap();
    let (mut log, mut gone) = (
        subscribe::<u64>(&rpc, "log"),
        subscribe::<u64>(&rpc, "gone"),
    );
    let (_, error) = all(&mut gone).await;
    assert_eq!(super::failure(error).0, "UnknownStream");
    for number in 0..5 {
        sink.write(&number).await.unwrap();
        assert_eq!(next(&mut log).await, number);
    }
    drop(sink);
    let (_, error) = all(&mut log).await;
    assert_eq!(super::failure(error).0, "StreamDropped");

    server.shutdown().await;
    let (server, sink) = serve_at(address).await;
    is(&rpc, ConnectionStatus::Connected).await;
    let mut log = subscribe::<u64>(&rpc, "log");
    for number in 0..5 {
        sink.write(&number).await.unwrap();
        assert_eq!(next(&mut log).await, number);
    }
    server.shutdown().await;
    let (_server, sink) = serve_at(address).await;
    sink.write(&100).await.unwrap();
    let error = in_time(log.next()).await.unwrap().unwrap_err();
    assert!(matches!(error, StreamError::Restarted), "{error:?}");
    assert_eq!(next(&mut log).await, 100);
}

#[tokio::test]
async fn a_server_outlives_its_readers() {
    let server = serve().await;
    let rpc = server.devtools().context().rpc();
    let options = ChannelOptions::new().replay(1);
    let channel: Channel<u64> = rpc.streaming().create("test:channel", options).unwrap();
    let sink = channel.start();
    for _ in 0..20 {
        let rpc = connect(&server.url()).await;
        let mut reader = subscribe::<u64>(&rpc, sink.id());
        sink.write(&1).await.unwrap();
        next(&mut reader).await;
    }
    subscribed(&channel, 0).await;
}
