//! Streams and uploads.

use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use tokio::sync::mpsc;

use super::client;
use crate::function::FunctionKind;
use crate::recording::ReplayOptions;
use crate::recording::tests::{Place, builder, replaying};
use crate::streaming::ChannelOptions;
use crate::wire::js;
use crate::{DevToolsRpcClient, define_rpc_function};

#[tokio::test]
async fn an_upload_of_bytes_is_replayed_with_its_calls() {
    async fn send(rpc: &DevToolsRpcClient) -> Value {
        let id: String = rpc.call_dynamic("rec:open", ()).await.unwrap();
        let mut upload = rpc.streaming().upload::<js::Bytes>("rec:files", &id);
        for part in [&[0_u8, 255][..], b"abc"] {
            upload.write(&js::Bytes::from(part)).await.unwrap();
        }
        upload.close().await.unwrap();
        rpc.call_dynamic("rec:received", ()).await.unwrap()
    }

    let place = Place::new();
    let devtools = builder().record(place.recorder()).build().await.unwrap();
    let context = devtools.context();
    let files = context
        .rpc()
        .streaming()
        .create::<js::Bytes>("rec:files", <_>::default());
    let files = Arc::new(files.unwrap());
    let (done, received) = mpsc::channel(1);
    let received = Arc::new(tokio::sync::Mutex::new(received));
    let open = define_rpc_function("rec:open")
        .kind(FunctionKind::Action)
        .handler(move || {
            let mut reader = files.open_inbound();
            let id = reader.id().to_owned();
            let done = done.clone();
            tokio::spawn(async move {
                let mut bytes = 0;
                while let Some(Ok(part)) = reader.next().await {
                    bytes += part.len();
                }
                let _ = done.send(bytes).await;
            });
            id
        });
    let result = define_rpc_function("rec:received").async_handler(move || {
        let received = Arc::clone(&received);
        async move { received.lock().await.recv().await }
    });
    context.rpc().register(open).unwrap();
    context.rpc().register(result).unwrap();
    assert_eq!(send(&devtools.client()).await, 5);
    devtools.shutdown().await;
    assert!(
        place.text().contains(r#"{"$bytes":{"Uint8Array":"AP8="}}"#),
        "{}",
        place.text()
    );

    let replaying = replaying(&place.recording(), ReplayOptions::new()).await;
    assert_eq!(send(&replaying.client()).await, 5);
}

#[tokio::test]
async fn ten_thousand_chunks_come_at_once_to_a_client_that_reads_slowly() {
    let mut lines = vec![
        r#"{"at":0,"from":"client","event":"devframe:streaming:subscribe","args":["rec:n","s",{"room":{"items":1,"bytes":1},"reader":1}]}"#.to_owned(),
    ];
    for seq in 1..=10_000 {
        lines.push(format!(r#"{{"at":1,"from":"server","event":"devframe:streaming:chunk","args":["rec:n","s",{seq},{seq}]}}"#));
    }
    lines.push(
        r#"{"at":2,"from":"server","event":"devframe:streaming:end","args":["rec:n","s"]}"#
            .to_owned(),
    );
    let lines: Vec<_> = lines.iter().map(String::as_str).collect();
    let (_devtools, rpc) = client(&lines, ReplayOptions::new().at_once()).await;
    let mut chunks = rpc.streaming().subscribe::<u32>("rec:n", "s");
    let mut sum = 0_u64;
    let mut errors = 0;
    while let Some(chunk) = chunks.next().await {
        match chunk {
            Ok(chunk) => sum += u64::from(chunk),
            Err(_) => errors += 1,
        }
    }
    assert!(sum > 0 && errors <= 1, "{sum}, {errors}");
}

#[tokio::test]
async fn a_stream_that_was_left_midway_is_replayed_to_one_that_reads_on() {
    use futures_util::StreamExt as _;

    let place = Place::new();
    let devtools = builder().record(place.recorder()).build().await.unwrap();
    let channel = devtools
        .context()
        .rpc()
        .streaming()
        .create::<u32>("rec:numbers", ChannelOptions::new().replay(8))
        .unwrap();
    let numbers = futures_util::stream::iter(0..5).chain(futures_util::stream::pending());
    let id = channel.pipe_from(numbers);
    let rpc = devtools.client();
    let mut reader = rpc.streaming().subscribe::<u32>("rec:numbers", &id);
    for number in 0..3 {
        let chunk = reader.next().await;
        assert_eq!(chunk.unwrap().unwrap(), number);
    }
    drop(reader);
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
    devtools.shutdown().await;

    let options = ReplayOptions::new()
        .at_once()
        .patience(Duration::from_millis(50));
    let replaying = replaying(&place.recording(), options).await;
    let rpc = replaying.client();
    let mut reader = rpc.streaming().subscribe::<u32>("rec:numbers", &id);
    for number in 0..3 {
        let chunk = tokio::time::timeout(Duration::from_secs(20), reader.next()).await;
        assert_eq!(chunk.unwrap().unwrap().unwrap(), number);
    }
}
