//! The real client of the ecosystem, and the served `client.js`.

use std::collections::HashMap;
use std::sync::Mutex;
use std::time::Duration;

use devtools_runtime::streaming::{
    Cancellation, Channel, ChannelOptions, StreamError, StreamSink, UploadReader,
};
use devtools_runtime::{
    Auth, DevTools, DevToolsContext, DevToolsPlugin, Encoding, PluginState, SetupError, js,
    rpc_function, rpc_functions,
};
use serde_json::Value;
use tests::wait::in_time;

/// The streams that the functions write to and read from.
#[derive(PluginState)]
struct Streams {
    channel: Channel<js::Value>,
    sinks: Mutex<HashMap<String, StreamSink<js::Value>>>,
    cancellations: Mutex<HashMap<String, Cancellation>>,
    uploads: Mutex<HashMap<String, UploadReader<js::Value>>>,
}

#[rpc_function(name = "streams:start", kind = "action")]
fn start(streams: &Streams) -> String {
    let sink = streams.channel.start();
    let id = sink.id().to_owned();
    let mut cancellations = streams.cancellations.lock().unwrap();
    cancellations.insert(id.clone(), sink.cancellation());
    streams.sinks.lock().unwrap().insert(id.clone(), sink);
    id
}

#[rpc_function(name = "streams:write", kind = "action", encoding = "structured-clone")]
fn write(streams: &Streams, id: String, chunk: js::Value) {
    let sinks = streams.sinks.lock().unwrap();
    sinks[&id].try_write(&chunk).unwrap();
}

#[rpc_function(name = "streams:end", kind = "action")]
fn end(streams: &Streams, id: String, failure: Option<String>) {
    let sink = streams.sinks.lock().unwrap().remove(&id).unwrap();
    match failure {
        Some(message) => sink.error(js::Error::with_name("StreamFailure", message)),
        None => sink.close(),
    }
}

#[rpc_function(name = "streams:subscribers")]
fn subscribers(streams: &Streams) -> u32 {
    streams.channel.stats().subscribers.try_into().unwrap()
}

/// The reason for which a stream was cancelled.
#[rpc_function(name = "streams:cancelled")]
fn cancelled(streams: &Streams, id: String) -> Option<String> {
    let cancellations = streams.cancellations.lock().unwrap();
    cancellations[&id].reason().map(|reason| reason.to_string())
}

#[rpc_function(name = "streams:open", kind = "action")]
fn open(streams: &Streams) -> String {
    let upload = streams.channel.open_inbound();
    let id = upload.id().to_owned();
    streams.uploads.lock().unwrap().insert(id.clone(), upload);
    id
}

/// Reads as many chunks of an upload; in place of one, the name of the error, or `end`.
#[rpc_function(name = "streams:read", kind = "action", encoding = "structured-clone")]
async fn read(ctx: &DevToolsContext, id: String, count: u32) -> Vec<js::Value> {
    let streams: &Streams = ctx.state().unwrap();
    let mut upload = streams.uploads.lock().unwrap().remove(&id).unwrap();
    let mut chunks = Vec::new();
    for _ in 0..count {
        chunks.push(match upload.next().await {
            Some(Ok(chunk)) => chunk,
            Some(Err(StreamError::Failed(error))) => js::Value::String(error.name),
            Some(Err(error)) => js::Value::String(format!("{error:?}")),
            None => js::Value::String("end".to_owned()),
        });
    }
    streams.uploads.lock().unwrap().insert(id, upload);
    chunks
}

#[rpc_function(name = "streams:refuse", kind = "action")]
fn refuse(streams: &Streams, id: String) {
    let upload = streams.uploads.lock().unwrap().remove(&id).unwrap();
    upload.cancel();
}

rpc_functions! {
    struct Functions { Start, Write, End, Subscribers, Cancelled, Open, Read, Refuse }
}

struct Channels(Encoding);

impl DevToolsPlugin for Channels {
    fn name(&self) -> &'static str {
        "streams"
    }

    async fn setup(&self, ctx: &DevToolsContext) -> Result<(), SetupError> {
        let options = ChannelOptions::new()
            .replay(3)
            .encoding(self.0)
            .linger(Duration::ZERO);
        ctx.insert_state(Streams {
            channel: ctx.rpc().streaming().create("streams:channel", options)?,
            sinks: Mutex::default(),
            cancellations: Mutex::default(),
            uploads: Mutex::default(),
        })?;
        Ok(())
    }
}

async fn run(encoding: Encoding) {
    let builder = DevTools::builder().auth(Auth::None).without_collected();
    let builder = builder.functions::<Functions>().plugin(Channels(encoding));
    let server = builder.bind("127.0.0.1:0").await.unwrap();
    tests::node::run("streams.mjs", &[&server.url()]).await;
}

#[tokio::test]
async fn the_rust_client_reads_from_a_javascript_server_and_uploads_to_it() {
    let Some(server) = tests::node::serve("devframe-server.mjs").await else {
        return;
    };
    let rpc = super::connect(&server.url).await;
    let id: String = rpc.call_dynamic("e2e:stream", (3,)).await.unwrap();
    let mut reader = rpc.streaming().subscribe::<u32>("e2e:numbers", &id);
    for number in 0..3 {
        assert_eq!(super::next(&mut reader).await, number);
    }
    rpc.call_dynamic::<Value>("e2e:close-stream", (&id,))
        .await
        .unwrap();
    assert!(super::all(&mut reader).await.1.is_none());

    // The client cancels a stream that the server has not ended yet.
    let id: String = rpc.call_dynamic("e2e:stream", (3,)).await.unwrap();
    let mut reader = rpc.streaming().subscribe::<u32>("e2e:numbers", &id);
    assert_eq!(super::next(&mut reader).await, 0);
    reader.cancel();
    let aborted: bool = rpc
        .call_dynamic("e2e:stream-aborted", (&id,))
        .await
        .unwrap();
    let again: bool = rpc
        .call_dynamic("e2e:stream-aborted", (&id,))
        .await
        .unwrap();
    // The first call may have left before it: chunks and what is said of them let calls pass.
    assert!(aborted || again);

    let upload: String = rpc.call_dynamic("e2e:open-upload", ()).await.unwrap();
    let mut sink = rpc.streaming().upload("e2e:numbers", &upload);
    for number in 0..100 {
        in_time(sink.write(&number)).await.unwrap();
    }
    sink.close().await.unwrap();
    let uploaded: Vec<u32> = rpc.call_dynamic("e2e:uploaded", (&upload,)).await.unwrap();
    assert_eq!(uploaded, (0..100).collect::<Vec<_>>());

    let upload: String = rpc.call_dynamic("e2e:open-upload", ()).await.unwrap();
    let sink = rpc.streaming().upload::<u32>("e2e:numbers", &upload);
    let error = js::Error::with_name("TypeError", "no");
    sink.error(error).await.unwrap();
    let uploaded: Vec<String> = rpc.call_dynamic("e2e:uploaded", (&upload,)).await.unwrap();
    assert_eq!(uploaded, ["TypeError"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_real_client_reads_and_uploads() {
    run(Encoding::StructuredClone).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_real_client_reads_json() {
    run(Encoding::Json).await;
}
