//! The real client of the ecosystem, and the served `client.js`.

use std::collections::HashMap;
use std::sync::Mutex;
use std::time::Duration;

use devtools_runtime::{
    Cancellation, Channel, ChannelOptions, DevToolsContext, DevToolsPlugin, Encoding, PluginState,
    SetupError, StreamError, StreamSink, UploadReader, js, rpc_function,
};

/// What the functions write to and read from.
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

/// Why nobody wants a stream any more.
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
    let builder = tests::fixture::devtools().plugin(Channels(encoding));
    let server = builder.bind("127.0.0.1:0").await.unwrap();
    tests::node::run("streams.mjs", &[&server.url()]).await;
}

// B9
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_real_client_reads_and_uploads() {
    run(Encoding::StructuredClone).await;
}

// B9
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_real_client_reads_json() {
    run(Encoding::Json).await;
}
