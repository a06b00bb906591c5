//! Streams of one process that clients of another one read.

use std::time::Duration;

use devtools_runtime::DevTools;
use devtools_runtime::backplane::{Backplane, InProcess};
use devtools_runtime::streaming::{
    Backpressure, CancelReason, Channel, ChannelOptions, ReaderOptions, StreamError, StreamReader,
    StreamSink, UploadError, WriteError,
};

use crate::clients::program;
use crate::server::NatsServer;
use tests::wait::in_time;

for_each_backplane!(
    three:
    a_stream_is_read_in_other_processes,
    the_last_subscriber_in_any_process_cancels,
    an_error_ends_the_stream_in_all_processes,
    a_stream_that_no_process_has,
    a_producer_that_is_lost_ends_its_streams,
    a_reader_that_is_lost_cancels,
    chunks_that_are_dropped_are_a_gap,
    the_producer_waits_for_readers_of_other_processes,
    a_reader_that_is_too_slow_is_closed,
    an_upload_belongs_to_one_process,
);

const CHANNEL: &str = "fleet:numbers";

fn channel(devtools: &DevTools, options: ChannelOptions) -> Channel<u32> {
    let streaming = devtools.context().rpc().streaming();
    streaming.create(CHANNEL, options).unwrap()
}

/// Waits until the streams have this many subscribers.
async fn subscribers(channel: &Channel<u32>, count: usize) {
    in_time(async {
        while channel.stats().subscribers != count {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    })
    .await;
}

async fn write(sink: &StreamSink<u32>, numbers: std::ops::Range<u32>) {
    for number in numbers {
        sink.write(&number).await.unwrap();
    }
}

async fn expect(reader: &mut StreamReader<u32>, numbers: std::ops::Range<u32>) {
    for number in numbers {
        let next = in_time(reader.next()).await;
        assert_eq!(next.expect("the stream has ended").unwrap(), number);
    }
}

async fn expect_end(reader: &mut StreamReader<u32>) {
    let end = in_time(reader.next()).await;
    assert!(end.is_none(), "{end:?}");
}

/// Returns the error that ends a stream.
async fn expect_error(reader: &mut StreamReader<u32>) -> devtools_runtime::RemoteError {
    match in_time(reader.next()).await {
        Some(Err(StreamError::Failed(error))) => error,
        other => panic!("{other:?}"),
    }
}

async fn a_stream_is_read_in_other_processes(
    one: impl Backplane,
    two: impl Backplane,
    three: impl Backplane,
) {
    let (one, two, three) = (program(one).await, program(two).await, program(three).await);
    let numbers = channel(&one, ChannelOptions::new().replay(5));
    let sink = numbers.start_with_id("first").unwrap();
    write(&sink, 0..10).await;

    // A stream of the same name in a process of its own is another one.
    let near = two.client();
    let mut early = near.streaming().subscribe::<u32>(CHANNEL, "first");
    expect(&mut early, 5..10).await;
    write(&sink, 10..20).await;
    expect(&mut early, 10..20).await;
    // It has a relay, whose chunks are stored for those that come later.
    let other = two.client();
    let mut late = other.streaming().subscribe::<u32>(CHANNEL, "first");
    expect(&mut late, 15..20).await;
    assert_eq!(numbers.stats().subscribers, 1);

    let far = three.client();
    let mut last = far.streaming().subscribe::<u32>(CHANNEL, "first");
    expect(&mut last, 15..20).await;
    assert_eq!(numbers.stats().subscribers, 2);
    write(&sink, 20..2000).await;
    sink.close();
    for reader in [&mut early, &mut late, &mut last] {
        expect(reader, 20..2000).await;
        expect_end(reader).await;
    }
    let mut ended = far.streaming().subscribe::<u32>(CHANNEL, "first");
    expect(&mut ended, 1995..2000).await;
    expect_end(&mut ended).await;
}

async fn the_last_subscriber_in_any_process_cancels(
    one: impl Backplane,
    two: impl Backplane,
    three: impl Backplane,
) {
    let (one, two, three) = (program(one).await, program(two).await, program(three).await);
    let numbers = channel(&one, ChannelOptions::new());
    let clients = [one.client(), two.client(), three.client(), two.client()];
    for last in 0..3 {
        let sink = numbers.start();
        let mut readers: Vec<_> = clients
            .iter()
            .map(|client| client.streaming().subscribe::<u32>(CHANNEL, sink.id()))
            .collect();
        subscribers(&numbers, 3).await;
        write(&sink, 0..3).await;
        for reader in &mut readers {
            expect(reader, 0..3).await;
        }
        let last = readers.remove(last);
        drop(readers);
        subscribers(&numbers, 1).await;
        assert_eq!(sink.cancellation().reason(), None);
        drop(last);
        assert_eq!(in_time(sink.cancelled()).await, CancelReason::Client);
        assert_eq!(numbers.stats().subscribers, 0);
    }
}

async fn an_error_ends_the_stream_in_all_processes(
    one: impl Backplane,
    two: impl Backplane,
    _three: impl Backplane,
) {
    let (one, two) = (program(one).await, program(two).await);
    let numbers = channel(&one, ChannelOptions::new().replay(10));
    let sink = numbers.start_with_id("failing").unwrap();
    let client = two.client();
    let mut reader = client.streaming().subscribe::<u32>(CHANNEL, "failing");
    write(&sink, 0..3).await;
    expect(&mut reader, 0..3).await;
    sink.error("the disk is full");
    assert_eq!(expect_error(&mut reader).await.message, "the disk is full");
    let mut late = client.streaming().subscribe::<u32>(CHANNEL, "failing");
    expect(&mut late, 0..3).await;
    assert_eq!(expect_error(&mut late).await.message, "the disk is full");
}

async fn a_stream_that_no_process_has(
    one: impl Backplane,
    two: impl Backplane,
    three: impl Backplane,
) {
    let (_one, two) = (program(one).await, program(two).await);
    let _three = program(three).await;
    let client = two.client();
    // More than are looked for at once.
    let mut readers: Vec<_> = (0..300)
        .map(|id| {
            client
                .streaming()
                .subscribe::<u32>(CHANNEL, &id.to_string())
        })
        .collect();
    for reader in &mut readers {
        assert_eq!(expect_error(reader).await.name, "UnknownStream");
    }
}

async fn a_producer_that_is_lost_ends_its_streams(
    one: impl Backplane,
    two: impl Backplane,
    _three: impl Backplane,
) {
    let (one, two) = (program(one).await, program(two).await);
    let numbers = channel(&one, ChannelOptions::new().replay(10));
    let sink = numbers.start();
    let client = two.client();
    let mut reader = client.streaming().subscribe::<u32>(CHANNEL, sink.id());
    write(&sink, 0..3).await;
    expect(&mut reader, 0..3).await;
    drop(one);
    let error = expect_error(&mut reader).await;
    assert_eq!(error.name, "ProducerLost");
    assert!(error.message.contains("no process answers"), "{error}");
    drop(sink);
}

async fn a_reader_that_is_lost_cancels(
    one: impl Backplane,
    two: impl Backplane,
    _three: impl Backplane,
) {
    let (one, two) = (program(one).await, program(two).await);
    // The process waits for the client to come back, and is lost meanwhile.
    let options = ChannelOptions::new()
        .replay(10)
        .linger(Duration::from_secs(5));
    let numbers = channel(&one, options);
    let sink = numbers.start();
    let client = two.client();
    let mut reader = client.streaming().subscribe::<u32>(CHANNEL, sink.id());
    write(&sink, 0..3).await;
    expect(&mut reader, 0..3).await;
    drop((two, client, reader));
    assert_eq!(in_time(sink.cancelled()).await, CancelReason::Disconnected);
}

async fn chunks_that_are_dropped_are_a_gap(
    one: impl Backplane,
    two: impl Backplane,
    _three: impl Backplane,
) {
    let (one, two) = (program(one).await, program(two).await);
    let options = ChannelOptions::new()
        .queued_chunks(10)
        .backpressure(Backpressure::DropOldest);
    let numbers = channel(&one, options);
    let sink = numbers.start();
    let client = two.client();
    let mut reader = client.streaming().subscribe::<u32>(CHANNEL, sink.id());
    subscribers(&numbers, 1).await;
    // Nothing else runs meanwhile, so nobody asks for chunks.
    for number in 0..1000 {
        sink.try_write(&number).unwrap();
    }
    sink.close();
    let (mut next, mut received, mut missing) = (0, 0, 0);
    while let Some(chunk) = in_time(reader.next()).await {
        match chunk {
            Ok(number) => {
                assert_eq!(number, next);
                next += 1;
                received += 1;
            }
            Err(StreamError::Gap { missed }) => {
                next += u32::try_from(missed).unwrap();
                missing += missed;
            }
            Err(error) => panic!("{error}"),
        }
    }
    assert_eq!((received, missing), (10, 990));
    assert_eq!(numbers.stats().dropped_chunks, 990);
}

async fn the_producer_waits_for_readers_of_other_processes(
    one: impl Backplane,
    two: impl Backplane,
    _three: impl Backplane,
) {
    let (one, two) = (program(one).await, program(two).await);
    let numbers = channel(&one, ChannelOptions::new().queued_chunks(16));
    let sink = numbers.start();
    let client = two.client();
    let few = ReaderOptions::new().queued_chunks(4);
    let mut reader = client
        .streaming()
        .subscribe_with::<u32>(CHANNEL, sink.id(), few);
    subscribers(&numbers, 1).await;
    let mut written = 0_u32;
    loop {
        match sink.try_write(&written) {
            Ok(()) => written += 1,
            Err(WriteError::Full) => {
                // Full for a moment, or because nobody takes anything.
                let full = tokio::time::timeout(Duration::from_secs(1), sink.write(&written));
                match full.await {
                    Ok(result) => result.unwrap(),
                    Err(_) => break,
                }
                written += 1;
            }
            Err(error) => panic!("{error}"),
        }
    }
    // Those that wait in the client, here, on the way and there.
    assert!((4 + 16..=4 + 3 * 16 + 2).contains(&written), "{written}");
    let writing = tokio::spawn(async move {
        write(&sink, written..5000).await;
        sink.close();
    });
    expect(&mut reader, 0..5000).await;
    expect_end(&mut reader).await;
    in_time(writing).await.unwrap();
}

async fn a_reader_that_is_too_slow_is_closed(
    one: impl Backplane,
    two: impl Backplane,
    _three: impl Backplane,
) {
    let (one, two) = (program(one).await, program(two).await);
    let options = ChannelOptions::new()
        .queued_chunks(16)
        .patience(Duration::from_millis(500));
    let numbers = channel(&one, options);
    let sink = numbers.start();
    let (slow, fast) = (two.client(), two.client());
    let few = ReaderOptions::new().queued_chunks(4);
    let mut slow = slow
        .streaming()
        .subscribe_with::<u32>(CHANNEL, sink.id(), few);
    let mut fast = fast.streaming().subscribe::<u32>(CHANNEL, sink.id());
    subscribers(&numbers, 1).await;
    let writing = tokio::spawn(async move {
        write(&sink, 0..500).await;
        sink.close();
    });
    expect(&mut fast, 0..500).await;
    expect_end(&mut fast).await;
    in_time(writing).await.unwrap();
    loop {
        match in_time(slow.next()).await {
            Some(Ok(_)) => {}
            Some(Err(StreamError::Failed(error))) => {
                assert_eq!(error.name, "SlowSubscriber");
                break;
            }
            other => panic!("{other:?}"),
        }
    }
}

async fn an_upload_belongs_to_one_process(
    one: impl Backplane,
    two: impl Backplane,
    _three: impl Backplane,
) {
    let (one, two) = (program(one).await, program(two).await);
    let numbers = channel(&one, ChannelOptions::new());
    let upload = numbers.open_inbound();
    let client = two.client();
    let mut sink = client.streaming().upload::<u32>(CHANNEL, upload.id());
    match in_time(sink.write(&1)).await {
        Err(UploadError::Unknown(id)) => assert_eq!(id, upload.id()),
        other => panic!("{other:?}"),
    }
}

/// Sends a chunk of this many bytes to a client of another process, between two small ones. Returns the sizes of those that arrive,
/// and the error.
async fn large(one: impl Backplane, two: impl Backplane, bytes: usize) -> (Vec<usize>, String) {
    let (one, two) = (program(one).await, program(two).await);
    let streaming = one.context().rpc().streaming();
    let texts = streaming.create::<String>("fleet:texts", ChannelOptions::new().replay(10));
    let texts = texts.unwrap();
    let sink = texts.start();
    for size in [1, bytes, 1] {
        sink.write(&"x".repeat(size)).await.unwrap();
    }
    let client = two.client();
    let mut reader = client
        .streaming()
        .subscribe::<String>("fleet:texts", sink.id());
    sink.close();
    let mut sizes = Vec::new();
    loop {
        match in_time(reader.next()).await {
            Some(Ok(text)) => sizes.push(text.len()),
            Some(Err(error)) => return (sizes, error.to_string()),
            None => return (sizes, String::new()),
        }
    }
}

#[tokio::test]
async fn a_large_chunk_is_sent_alone() {
    let Some(server) = NatsServer::start("a large chunk") else {
        return;
    };
    let connect = || async { server.options().connect().await.unwrap() };
    // The limit of the server is 1 MiB.
    let bytes = 1024 * 1024 - 1000;
    let received = large(connect().await, connect().await, bytes).await;
    assert_eq!(received, (vec![1, bytes, 1], String::new()));
}

#[tokio::test]
async fn a_chunk_that_the_engine_does_not_accept_ends_the_stream() {
    let bytes = 2 * 1024 * 1024;
    let bus = InProcess::new();
    let received = large(bus.link(), bus, bytes).await;
    assert_eq!(received, (vec![1, bytes, 1], String::new()));

    let Some(server) = NatsServer::start("a chunk that is too large") else {
        return;
    };
    let connect = || async { server.options().connect().await.unwrap() };
    let (sizes, error) = large(connect().await, connect().await, bytes).await;
    assert_eq!(sizes, [1]);
    assert!(
        error.contains("larger than the 1048576 bytes of `max_payload` of NATS"),
        "{error}"
    );
}
