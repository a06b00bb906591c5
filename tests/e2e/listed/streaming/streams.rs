//! Streams and their subscribers, in a Rust client.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use devtools_runtime::streaming::{
    CancelReason, ChannelError, ChannelOptions, StartError, StreamError,
};
use devtools_runtime::{
    Auth, DevTools, DevToolsRpcClient, Encoding, Gate, RemoteError, RpcError, js, rpc_channel,
    rpc_function,
};
use futures_util::{StreamExt as _, stream};
use serde::{Deserialize, Serialize};
use tests::wait::{eventually, in_time};

use super::{all, channel, clients, connect, failure, next, serve, subscribe, subscribed};

#[tokio::test]
async fn chunks_arrive_in_order_and_then_the_end() {
    let (server, channel, _) = channel::<u32>(ChannelOptions::new().replay(10)).await;
    for rpc in clients(&server).await {
        let sink = channel.start();
        let mut reader = subscribe::<u32>(&rpc, sink.id());
        for number in 0..5 {
            sink.write(&number).await.unwrap();
        }
        sink.close();
        assert_eq!(all(&mut reader).await.0, [0, 1, 2, 3, 4]);
        assert!(in_time(reader.next()).await.is_none());
    }
}

#[tokio::test]
async fn a_stream_is_piped_until_it_ends_or_fails() {
    let (_server, channel, rpc) = channel::<String>(ChannelOptions::new().replay(10)).await;
    let id = channel.pipe_from(stream::iter(["a", "b"]).map(str::to_owned));
    let (chunks, error) = all(&mut subscribe::<String>(&rpc, &id)).await;
    assert_eq!((chunks.len(), error.is_none()), (2, true));

    let results = [
        Ok("a".to_owned()),
        Err(js::Error::with_name("DiskError", "full")),
    ];
    channel
        .pipe_from_with_id("failing", stream::iter(results))
        .unwrap();
    let (chunks, error) = all(&mut subscribe::<String>(&rpc, "failing")).await;
    assert_eq!(chunks, ["a"]);
    assert_eq!(failure(error), ("DiskError".into(), "full".into()));
}

#[derive(Debug, thiserror::Error, RpcError)]
enum ModelError {
    #[error("out of {what}")]
    Exhausted { what: String },
}

#[tokio::test]
async fn a_failed_stream_fails_for_everybody_also_later() {
    let (server, channel, rpc) = channel::<u32>(ChannelOptions::new().replay(10)).await;
    let sink = channel.start_with_id("failing").unwrap();
    let mut live = subscribe::<u32>(&rpc, "failing");
    sink.write(&1).await.unwrap();
    assert_eq!(next(&mut live).await, 1);
    sink.error(ModelError::Exhausted {
        what: "tokens".into(),
    });
    let late = connect(&server.url()).await;
    for mut reader in [live, subscribe::<u32>(&late, "failing")] {
        let (_, error) = all(&mut reader).await;
        let Some(StreamError::Failed(error)) = error else {
            panic!("{error:?}")
        };
        assert_eq!(error.message, "out of tokens");
        assert_eq!(error.code.as_deref(), Some("exhausted"));
    }

    drop(channel.start_with_id("dropped").unwrap());
    let (_, error) = all(&mut subscribe::<u32>(&rpc, "dropped")).await;
    assert_eq!(failure(error).0, "StreamDropped");
}

#[tokio::test]
async fn late_subscribers_get_what_is_kept() {
    let (_server, channel, rpc) = channel::<u32>(ChannelOptions::new().replay(3)).await;
    let sink = channel.start();
    for number in 1..=10 {
        sink.write(&number).await.unwrap();
    }
    let mut reader = subscribe::<u32>(&rpc, sink.id());
    for number in [8, 9, 10] {
        assert_eq!(next(&mut reader).await, number);
    }
    sink.write(&11).await.unwrap();
    let id = sink.id().to_owned();
    sink.close();
    assert_eq!(all(&mut reader).await.0, [11]);
    assert_eq!(all(&mut subscribe::<u32>(&rpc, &id)).await.0, [9, 10, 11]);
    assert_eq!((channel.stats().open, channel.stats().retained), (0, 1));

    let by_bytes = ChannelOptions::new().replay(1000).replay_bytes(10_000);
    let (_server, channel, rpc) = super::channel::<String>(by_bytes).await;
    let sink = channel.start();
    for _ in 0..100 {
        sink.write(&"x".repeat(1000)).await.unwrap();
    }
    assert!(channel.stats().bytes <= 10_000);
    let mut reader = subscribe::<String>(&rpc, sink.id());
    sink.close();
    assert_eq!(all(&mut reader).await.0.len(), 9);
}

#[tokio::test]
async fn a_closed_stream_is_kept_for_a_while() {
    let devtools = DevTools::builder()
        .without_collected()
        .build()
        .await
        .unwrap();
    let streaming = devtools.context().rpc().streaming();
    let options = ChannelOptions::new()
        .retention(Duration::MAX)
        .retained_streams(2);
    let channel = streaming.create::<u32>("test:kept", options).unwrap();
    for id in ["a", "b", "c"] {
        channel.start_with_id(id).unwrap().close();
    }
    assert_eq!(channel.ids(), ["b", "c"]);
    assert!(matches!(
        channel.start_with_id("b").unwrap_err(),
        StartError::IdTaken(id) if id == "b"
    ));
    let options = ChannelOptions::new().retention(Duration::from_millis(5));
    let channel = streaming.create::<u32>("test:short", options).unwrap();
    channel.start_with_id("a").unwrap().close();
    eventually(|| channel.ids().is_empty()).await;

    let at_once = streaming.create::<u32>("test:not-kept", ChannelOptions::new());
    let at_once = at_once.unwrap();
    at_once.start_with_id("a").unwrap().close();
    assert!(at_once.ids().is_empty());
}

#[derive(Debug)]
struct Counted<'a>(&'a AtomicUsize);

impl Serialize for Counted<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.fetch_add(1, Ordering::Relaxed);
        serializer.serialize_u8(7)
    }
}

#[tokio::test]
async fn a_chunk_is_serialized_once_or_not_at_all() {
    static SERIALIZED: AtomicUsize = AtomicUsize::new(0);
    let server = serve().await;
    let context = server.devtools().context();
    let channel = context
        .rpc()
        .streaming()
        .create::<Counted<'static>>("test:channel", ChannelOptions::new())
        .unwrap();
    let sink = channel.start();
    sink.write(&Counted(&SERIALIZED)).await.unwrap();
    assert_eq!(SERIALIZED.load(Ordering::Relaxed), 0);
    let clients = [connect(&server.url()).await, connect(&server.url()).await];
    let mut readers = clients
        .each_ref()
        .map(|rpc| subscribe::<u8>(rpc, sink.id()));
    subscribed(&channel, 2).await;
    sink.write(&Counted(&SERIALIZED)).await.unwrap();
    for reader in &mut readers {
        assert_eq!(next(reader).await, 7);
    }
    assert_eq!(SERIALIZED.load(Ordering::Relaxed), 1);
}

#[tokio::test]
async fn the_last_subscriber_that_leaves_cancels_the_producer() {
    let (server, channel, rpc) = channel::<u32>(ChannelOptions::new()).await;
    let sink = channel.start();
    let other = connect(&server.url()).await;
    let (first, second) = (
        subscribe::<u32>(&rpc, sink.id()),
        subscribe::<u32>(&other, sink.id()),
    );
    subscribed(&channel, 2).await;
    first.cancel();
    subscribed(&channel, 1).await;
    assert!(!sink.cancellation().is_cancelled());
    drop(second);
    assert_eq!(in_time(sink.cancelled()).await, CancelReason::Client);

    let sink = channel.start();
    let _reader = subscribe::<u32>(&rpc, sink.id());
    subscribed(&channel, 1).await;
    rpc.close();
    assert_eq!(in_time(sink.cancelled()).await, CancelReason::Disconnected);

    // Those who come nevertheless get what is written.
    let mut reader = subscribe::<u32>(&other, sink.id());
    subscribed(&channel, 1).await;
    sink.write(&5).await.unwrap();
    assert_eq!(next(&mut reader).await, 5);
}

#[tokio::test]
async fn a_piped_stream_stops_when_nobody_wants_it() {
    let (_server, channel, rpc) = channel::<u32>(ChannelOptions::new()).await;
    let dropped = alone::DropFlag::default();
    let flag = dropped.clone();
    let endless = stream::pending::<u32>().map(move |number| {
        let _ = &flag;
        number
    });
    let id = channel.pipe_from(endless);
    let reader = subscribe::<u32>(&rpc, &id);
    subscribed(&channel, 1).await;
    drop(reader);
    eventually(|| dropped.is_alone()).await;
    assert!(channel.ids().is_empty());
}

/// One that always has more does not keep others from running, this test among them.
#[tokio::test]
async fn an_endless_stream_lets_others_run() {
    let (_server, channel, rpc) = channel::<u64>(ChannelOptions::new()).await;
    let id = channel.pipe_from(stream::iter(0..));
    let mut reader = subscribe::<u64>(&rpc, &id);
    let first = next(&mut reader).await;
    for number in first + 1..first + 5000 {
        assert_eq!(next(&mut reader).await, number);
    }
    drop(reader);
    eventually(|| channel.ids().is_empty()).await;
}

mod alone {
    use std::sync::Arc;

    /// Tells whether its clones are gone.
    #[derive(Debug, Clone, Default)]
    pub(super) struct DropFlag(Arc<()>);

    impl DropFlag {
        pub(super) fn is_alone(&self) -> bool {
            Arc::strong_count(&self.0) == 1
        }
    }
}

#[tokio::test]
async fn names_and_ids_are_taken_once() {
    let (server, channel, rpc) = channel::<u32>(ChannelOptions::new().replay(1)).await;
    let streaming = server.devtools().context().rpc().streaming();
    let taken = streaming.create::<u32>("test:channel", ChannelOptions::new());
    let error = taken.unwrap_err();
    assert_eq!(
        error.to_string(),
        "a channel named `test:channel` exists already: use that one, or choose another name"
    );
    for bad in ["", "a\u{1f}b", "Bad", "bad", "test:Bad"] {
        let error = streaming.create::<u32>(bad, ChannelOptions::new());
        assert_eq!(error.unwrap_err(), ChannelError::BadName(bad.to_owned()));
    }
    let sink = channel.start_with_id("one").unwrap();
    assert!(channel.start_with_id("one").is_err());
    assert_eq!(streaming.names(), ["test:channel"]);

    let mut first = subscribe::<u32>(&rpc, "one");
    let mut second = subscribe::<u32>(&rpc, "one");
    let (_, error) = all(&mut second).await;
    assert!(matches!(error, Some(StreamError::AlreadySubscribed)));
    drop(second); // which is not the one that is subscribed
    sink.write(&1).await.unwrap();
    assert_eq!(next(&mut first).await, 1);
    // Given up, it can be subscribed to again.
    drop(first);
    assert_eq!(next(&mut subscribe::<u32>(&rpc, "one")).await, 1);
}

#[tokio::test]
async fn a_stream_that_is_not_there_is_said_to_be_unknown() {
    let (_server, _channel, rpc) = channel::<u32>(ChannelOptions::new()).await;
    let (_, error) = all(&mut subscribe::<u32>(&rpc, "nope")).await;
    assert_eq!(failure(error).0, "UnknownStream");
}

#[tokio::test]
async fn a_chunk_of_another_type_is_an_error_among_others() {
    let (_server, channel, rpc) = channel::<js::Value>(ChannelOptions::new().replay(9)).await;
    let sink = channel.start();
    for value in [
        js::Value::Number(1.0),
        js::Value::String("x".into()),
        js::Value::Number(2.0),
    ] {
        sink.write(&value).await.unwrap();
    }
    let mut reader = subscribe::<u32>(&rpc, sink.id());
    sink.close();
    assert_eq!(next(&mut reader).await, 1);
    let error = in_time(reader.next()).await.unwrap().unwrap_err();
    assert!(matches!(error, StreamError::Decode(_)), "{error:?}");
    assert_eq!(all(&mut reader).await.0, [2]);
}

#[tokio::test]
async fn structured_clone_keeps_types() {
    let options = ChannelOptions::new()
        .replay(1)
        .encoding(Encoding::StructuredClone);
    let (_server, channel, rpc) = channel::<js::Date>(options).await;
    let sink = channel.start();
    let date = js::Date::from_millis(3).unwrap();
    sink.write(&date).await.unwrap();
    assert_eq!(
        next(&mut subscribe::<js::Date>(&rpc, sink.id())).await,
        date
    );
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Token {
    text: String,
}

/// Answers, token by token.
#[rpc_channel(name = "streams:answers", replay = 100)]
struct Answers(Token);

#[tokio::test]
async fn a_declared_channel_is_typed_on_both_sides() {
    let server = serve().await;
    let channel = Answers::create(server.devtools().context()).unwrap();
    let rpc = connect(&server.url()).await;
    assert_eq!(
        (channel.name(), Answers::NAME),
        ("streams:answers", "streams:answers")
    );
    let sink = channel.start();
    let token = Token { text: "hi".into() };
    sink.write(&token).await.unwrap();
    assert_eq!(next(&mut Answers::subscribe(&rpc, sink.id())).await, token);

    let mut upload = channel.open_inbound();
    let mut uploading = Answers::upload(&rpc, upload.id());
    uploading.write(&Token { text: "up".into() }).await.unwrap();
    let chunk = in_time(upload.next()).await.unwrap().unwrap();
    assert_eq!(chunk.text, "up");
}

/// Subscribes nobody.
#[rpc_function(name = "streams:ping")]
async fn ping() {}

#[tokio::test]
async fn who_is_not_trusted_gets_nothing() {
    let gate = Gate::new().memory().token("secret");
    let builder = DevTools::builder()
        .auth(Auth::from(gate))
        .without_collected();
    let server = builder
        .function(Ping::definition())
        .bind("127.0.0.1:0")
        .await
        .unwrap();
    let rpc = server.devtools().context().rpc();
    let options = ChannelOptions::new().linger(Duration::ZERO);
    let channel = rpc
        .streaming()
        .create::<u32>("test:channel", options)
        .unwrap();
    let sink = channel.start();
    let builder = DevToolsRpcClient::builder(&server.url()).token("secret");
    let client = in_time(builder.without_reconnect().connect())
        .await
        .unwrap();
    let mut reader = subscribe::<u32>(&client, sink.id());
    subscribed(&channel, 1).await;
    sink.write(&1).await.unwrap();
    assert_eq!(next(&mut reader).await, 1);

    let session = rpc.sessions().remove(0);
    rpc.revoke(&session).await.unwrap();
    sink.write(&2).await.unwrap();
    assert_eq!(in_time(sink.cancelled()).await, CancelReason::Disconnected);
    let (chunks, error) = all(&mut reader).await;
    assert!(chunks.is_empty());
    assert!(matches!(error, Some(StreamError::Disconnected)));
}

#[tokio::test]
async fn readers_end_with_their_client() {
    let (server, channel, _) = channel::<u32>(ChannelOptions::new()).await;
    let sink = channel.start();
    let builder = DevToolsRpcClient::builder(&server.url()).without_reconnect();
    let rpc = in_time(builder.connect()).await.unwrap();
    let mut reader = subscribe::<u32>(&rpc, sink.id());
    rpc.close();
    let (_, error) = all(&mut reader).await;
    assert!(matches!(error, Some(StreamError::Disconnected)));
    let (_, error) = all(&mut subscribe::<u32>(&rpc, sink.id())).await;
    assert!(matches!(error, Some(StreamError::Disconnected)));

    let in_memory = server.devtools().client();
    let mut reader = subscribe::<u32>(&in_memory, sink.id());
    drop(in_memory);
    let (_, error) = all(&mut reader).await;
    assert!(matches!(error, Some(StreamError::Disconnected)));
}

#[test]
fn errors_of_streams_come_from_texts_and_javascript_errors() {
    let named = RemoteError::from(js::Error::with_name("TypeError", "no"));
    assert_eq!((&*named.name, &*named.message), ("TypeError", "no"));
    assert_eq!(RemoteError::from("no"), RemoteError::new("no"));
    assert_eq!(RemoteError::from("no".to_owned()).name, "Error");
}
