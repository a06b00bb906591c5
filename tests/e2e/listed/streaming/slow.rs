//! Subscribers that do not keep up.

use std::task::{Context, Waker};
use std::time::Duration;

use devtools_runtime::streaming::{
    Backpressure, Channel, ChannelOptions, ReaderOptions, StreamError, StreamReader, StreamSink,
    WriteError,
};
use devtools_runtime::{DevToolsRpcClient, Server, rpc_function};
use tests::wait::in_time;

use super::{all, channel, connect, failure, next, subscribed};

/// Answers at once.
#[rpc_function(name = "slow:ping")]
async fn ping() -> u8 {
    1
}

/// A stream with a reader that takes four chunks and no more, and one that takes all.
struct Unequal {
    server: Server,
    channel: Channel<u64>,
    sink: StreamSink<u64>,
    slow: StreamReader<u64>,
    fast: StreamReader<u64>,
    clients: [DevToolsRpcClient; 2],
}

async fn unequal(options: ChannelOptions) -> Unequal {
    let (server, channel, rpc) = channel::<u64>(options.queued_chunks(8)).await;
    server
        .devtools()
        .context()
        .rpc()
        .register(Ping::definition())
        .unwrap();
    let other = connect(&server.url()).await;
    let sink = channel.start();
    let little = ReaderOptions::new().queued_chunks(4);
    let slow = rpc
        .streaming()
        .subscribe_with("test:channel", sink.id(), little);
    let fast = other.streaming().subscribe("test:channel", sink.id());
    subscribed(&channel, 2).await;
    Unequal {
        server,
        channel,
        sink,
        slow,
        fast,
        clients: [rpc, other],
    }
}

/// Writes, with the fast reader reading, what fits: the slow one has four chunks, and eight wait for it.
async fn fill(unequal: &mut Unequal) {
    for number in 0..12 {
        in_time(unequal.sink.write(&number)).await.unwrap();
        assert_eq!(next(&mut unequal.fast).await, number);
        // The four that the slow one takes are on their way.
        Ping::call(&unequal.clients[0]).await.unwrap();
    }
}

#[tokio::test]
async fn the_producer_waits_for_the_slowest() {
    let mut it = unequal(ChannelOptions::new()).await;
    fill(&mut it).await;
    assert!(matches!(it.sink.try_write(&12), Err(WriteError::Full)));
    let mut write = Box::pin(it.sink.write(&12));
    let mut context = Context::from_waker(Waker::noop());
    assert!(write.as_mut().poll(&mut context).is_pending());
    // Its connection serves other calls meanwhile.
    assert_eq!(Ping::call(&it.clients[0]).await.unwrap(), 1);
    let (written, ()) = in_time(async {
        let read = async {
            for number in 0..10 {
                assert_eq!(next(&mut it.slow).await, number);
            }
        };
        tokio::join!(write, read)
    })
    .await;
    written.unwrap();
    it.sink.close();
    assert_eq!(all(&mut it.slow).await.0, [10, 11, 12]);
    assert_eq!(all(&mut it.fast).await.0, [12]);
    assert_eq!(it.channel.stats().dropped_chunks, 0);
    drop(it.server);
}

#[tokio::test]
async fn the_producer_has_patience_but_not_for_ever() {
    let mut it = unequal(ChannelOptions::new().patience(Duration::from_millis(20))).await;
    fill(&mut it).await;
    in_time(it.sink.write(&12)).await.unwrap();
    assert_eq!(next(&mut it.fast).await, 12);
    let (chunks, error) = all(&mut it.slow).await;
    assert_eq!(chunks, [0, 1, 2, 3]);
    assert_eq!(failure(error).0, "SlowSubscriber");
    assert_eq!(it.channel.stats().closed_subscribers, 1);
}

#[tokio::test]
async fn the_oldest_are_dropped_and_counted() {
    let options = ChannelOptions::new().backpressure(Backpressure::DropOldest);
    let mut it = unequal(options).await;
    fill(&mut it).await;
    for number in 12..100 {
        it.sink.try_write(&number).unwrap();
        assert_eq!(next(&mut it.fast).await, number);
    }
    assert_eq!(it.channel.stats().dropped_chunks, 88);
    it.sink.close();
    let mut seen = Vec::new();
    while let Some(item) = in_time(it.slow.next()).await {
        match item {
            Ok(chunk) => seen.push(chunk),
            Err(StreamError::Gap { missed }) => assert_eq!((missed, seen.len()), (88, 4)),
            Err(error) => panic!("{error:?}"),
        }
    }
    assert_eq!(seen, [0, 1, 2, 3, 92, 93, 94, 95, 96, 97, 98, 99]);
    assert!(all(&mut it.fast).await.1.is_none());
}

#[tokio::test]
async fn a_slow_subscriber_is_closed() {
    let options = ChannelOptions::new().backpressure(Backpressure::CloseSubscriber);
    let mut it = unequal(options).await;
    fill(&mut it).await;
    assert_eq!(it.channel.stats().closed_subscribers, 0);
    for number in 12..20 {
        it.sink.try_write(&number).unwrap();
        assert_eq!(next(&mut it.fast).await, number);
    }
    let (chunks, error) = all(&mut it.slow).await;
    assert_eq!(chunks, [0, 1, 2, 3]);
    assert_eq!(failure(error).0, "SlowSubscriber");
    let stats = it.channel.stats();
    assert_eq!((stats.closed_subscribers, stats.subscribers), (1, 1));
    // It was not the last one.
    assert!(!it.sink.cancellation().is_cancelled());
    drop(it.fast);
    in_time(it.sink.cancelled()).await;
}

#[tokio::test]
async fn bytes_are_bounded_too() {
    for policy in [Backpressure::DropOldest, Backpressure::CloseSubscriber] {
        let options = ChannelOptions::new()
            .queued_bytes(100_000)
            .backpressure(policy);
        let (_server, channel, rpc) = channel::<String>(options).await;
        let sink = channel.start();
        let little = ReaderOptions::new().queued_chunks(2);
        let streaming = rpc.streaming();
        let mut reader = streaming.subscribe_with::<String>("test:channel", sink.id(), little);
        subscribed(&channel, 1).await;
        let chunk = "x".repeat(10_000);
        for _ in 0..1000 {
            sink.try_write(&chunk).unwrap();
            assert!(channel.stats().bytes <= 150_000, "{:?}", channel.stats());
        }
        sink.close();
        while in_time(reader.next()).await.is_some() {}
    }
}

/// Other calls of a connection do not wait behind a stream.
#[tokio::test]
async fn a_stream_leaves_room_for_calls() {
    let (server, channel, rpc) = channel::<String>(ChannelOptions::new().replay(10_000)).await;
    let context = server.devtools().context();
    context.rpc().register(Ping::definition()).unwrap();
    let sink = channel.start();
    let chunk = "x".repeat(1000);
    for _ in 0..10_000 {
        sink.write(&chunk).await.unwrap();
    }
    let reader = super::subscribe::<String>(&rpc, sink.id());
    for _ in 0..100 {
        assert_eq!(in_time(Ping::call(&rpc)).await.unwrap(), 1);
    }
    drop(reader);
}
