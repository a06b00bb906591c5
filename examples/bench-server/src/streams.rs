//! Streams to any subscriber.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use devtools_runtime::streaming::{Channel, ChannelError, StreamSink, WriteError};
use devtools_runtime::{DevToolsContext, PluginState, RpcError, rpc_channel, rpc_function};
use serde::{Deserialize, Serialize};

/// The channel of the chunks that [`stream_run`] writes.
#[rpc_channel(name = "bench:chunks")]
struct Chunks(String);

/// The streams that wait for [`stream_run`].
#[derive(Debug, PluginState)]
pub(crate) struct Streams {
    chunks: Channel<String>,
    open: Mutex<HashMap<String, StreamSink<String>>>,
}

impl Streams {
    /// Creates an empty list of streams.
    pub(crate) fn new(ctx: &DevToolsContext) -> Result<Self, ChannelError> {
        Ok(Self {
            chunks: Chunks::create(ctx)?,
            open: Mutex::default(),
        })
    }
}

#[derive(Debug, thiserror::Error, Serialize, Deserialize, RpcError)]
enum RunError {
    #[error("there is no stream `{id}`")]
    Unknown { id: String },
    #[error("the stream ended: {reason}")]
    Ended { reason: String },
}

impl From<WriteError> for RunError {
    fn from(error: WriteError) -> Self {
        Self::Ended {
            reason: error.to_string(),
        }
    }
}

/// Begins a stream and returns its id.
#[rpc_function(name = "bench:stream-open", kind = "action")]
fn stream_open(streams: &Streams) -> String {
    let sink = streams.chunks.start();
    let id = sink.id().to_owned();
    let mut open = streams.open.lock().unwrap_or_else(PoisonError::into_inner);
    open.insert(id.clone(), sink);
    id
}

/// Writes `n` chunks to a stream, as fast as they are read, ends it, and answers.
#[rpc_function(name = "bench:stream-run", kind = "action")]
async fn stream_run(streams: &Streams, id: String, n: u32) -> Result<u32, RunError> {
    let sink = {
        let mut open = streams.open.lock().unwrap_or_else(PoisonError::into_inner);
        open.remove(&id)
    };
    let sink = sink.ok_or(RunError::Unknown { id })?;
    for number in 0..n {
        sink.write(&format!("token-{number:08}")).await?;
    }
    sink.close();
    Ok(n)
}
