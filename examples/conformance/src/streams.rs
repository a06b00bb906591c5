//! Streams to clients, and uploads from them.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use devtools_runtime::streaming::{Cancellation, Channel, StreamError, StreamSink, UploadReader};
use devtools_runtime::{DevToolsContext, PluginState, SetupError, js, rpc_channel, rpc_function};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio::task::JoinSet;

use crate::latest::Latest;

/// Numbers, one after the other.
#[rpc_channel(replay = 256)]
pub(crate) struct Numbers(u32);

/// The uploads of clients.
#[rpc_channel]
pub(crate) struct Uploads(Value);

/// The channels, and the results of their streams.
#[derive(PluginState)]
pub(crate) struct Streams {
    numbers: Channel<u32>,
    uploads: Channel<Value>,
    cancellations: Arc<Mutex<Latest<Cancellation>>>,
    results: Mutex<Latest<Uploaded>>,
    /// The tasks that write and read streams.
    tasks: Mutex<JoinSet<()>>,
}

impl Streams {
    pub(crate) fn new(ctx: &DevToolsContext) -> Result<Self, SetupError> {
        // The server does not wait for a client that disconnects, because the tests check whether the producer
        // notices.
        let options = Numbers::options().linger(Duration::ZERO);
        Ok(Self {
            numbers: Numbers::create_with(ctx, options)?,
            uploads: Uploads::create(ctx)?,
            cancellations: Arc::default(),
            results: Mutex::default(),
            tasks: Mutex::default(),
        })
    }

    /// Runs a task that ends with this value. Removes tasks that have ended.
    fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        let mut tasks = lock(&self.tasks);
        while tasks.try_join_next().is_some() {}
        tasks.spawn(task);
    }
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Started {
    stream_id: String,
}

/// Streams numbers from 0, and fails where it is told to.
#[rpc_function(kind = "action", agent(stream = "conformance:numbers"))]
fn start_stream(streams: &Streams, count: u32, delay_ms: u32, fail_at: Option<u32>) -> Started {
    let sink = streams.numbers.start();
    let stream_id = sink.id().to_owned();
    lock(&streams.cancellations).insert(stream_id.clone(), sink.cancellation());
    let cancellations = Arc::clone(&streams.cancellations);
    let id = stream_id.clone();
    streams.spawn(async move {
        write(sink, count, delay_ms, fail_at).await;
        lock(&cancellations).end(&id);
    });
    Started { stream_id }
}

async fn write(sink: StreamSink<u32>, count: u32, delay_ms: u32, fail_at: Option<u32>) {
    let cancellation = sink.cancellation();
    for number in 0..count {
        if fail_at == Some(number) {
            let message = format!("failed at {number}");
            return sink.error(js::Error::with_name("StreamFailure", message));
        }
        if cancellation.is_cancelled() || sink.write(&number).await.is_err() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(delay_ms.into())).await;
    }
    sink.close();
}

/// The result of asking whether a stream's producer knows that it has no subscriber.
#[rpc_function]
fn stream_cancelled(streams: &Streams, stream_id: String) -> bool {
    let cancellations = lock(&streams.cancellations);
    let cancellation = cancellations.get(&stream_id);
    cancellation.is_some_and(Cancellation::is_cancelled)
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Opened {
    upload_id: String,
}

/// Opens an upload.
#[rpc_function(kind = "action")]
fn start_upload(ctx: &DevToolsContext, streams: &Streams) -> Opened {
    let upload = streams.uploads.open_inbound();
    let upload_id = upload.id().to_owned();
    lock(&streams.results).insert(upload_id.clone(), Uploaded::default());
    let read = read_upload(ctx.clone(), upload);
    streams.spawn(read);
    Opened { upload_id }
}

/// The result of an upload.
#[derive(Clone, Default, Serialize, Deserialize)]
struct Uploaded {
    chunks: Vec<Value>,
    done: bool,
    /// The name of the error.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    error: Option<String>,
}

/// Returns the state of an upload.
#[rpc_function]
fn upload_result(streams: &Streams, upload_id: String) -> Option<Uploaded> {
    lock(&streams.results).get(&upload_id).cloned()
}

async fn read_upload(ctx: DevToolsContext, mut upload: UploadReader<Value>) {
    loop {
        let chunk = upload.next().await;
        let Ok(streams) = ctx.state::<Streams>() else {
            return;
        };
        let mut results = lock(&streams.results);
        let Some(result) = results.get_mut(upload.id()) else {
            return;
        };
        match chunk {
            Some(Ok(chunk)) => result.chunks.push(chunk),
            Some(Err(error)) => {
                result.error = Some(match error {
                    StreamError::Failed(error) => error.name,
                    StreamError::UploadDisconnected => "UploadDisconnected".to_owned(),
                    other => other.to_string(),
                });
            }
            None => {
                result.done = true;
                results.end(upload.id());
                return;
            }
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
