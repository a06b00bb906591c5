//! The other processes that read streams of this one.

use std::collections::HashMap;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use tokio::sync::Semaphore;
use tokio::time::Instant;
use tokio_util::task::AbortOnDropHandle;

use crate::function::PluginState;
use crate::host::backplane::{BackplaneError, Message};
use crate::host::context::{DevToolsContext, WeakContext};
use crate::host::fleet::request::{ProcessRequest, head, message, read, subject_of};
use crate::host::fleet::streams::request::{ReadAnswer, Reader, StreamRequest};
use crate::host::fleet::streams::trouble::Trouble;
use crate::mutex::Mutex;
use crate::streaming::{Batch, Leaving, ProcessReader};

/// How long a reader may ask for nothing before it is asked whether it still reads.
const LEASE: Duration = Duration::from_secs(5);

/// How long the answer to this question may take.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(2);

/// The number of requests that wait for chunks at once. Beyond it, a reader is told to ask again later.
const WAITING: usize = 256;

/// The other processes that read streams of this one.
#[derive(Debug)]
struct Readers {
    open: Mutex<HashMap<Reader, Arc<OpenReader>>>,
    waiting: Semaphore,
}

/// A reader, and the stream that it reads.
#[derive(Debug)]
struct OpenReader {
    reading: ProcessReader,
    channel: String,
    id: String,
    /// The time of its last request.
    heard: Mutex<Instant>,
    watch: OnceLock<AbortOnDropHandle<()>>,
}

impl Default for Readers {
    fn default() -> Self {
        Self {
            open: Mutex::default(),
            waiting: Semaphore::new(WAITING),
        }
    }
}

impl PluginState for Readers {}

/// Answers a request of another process.
pub(in crate::host::fleet) async fn answer(
    context: &DevToolsContext,
    request: StreamRequest,
) -> Message {
    let readers = context.own_state::<Readers>();
    match request {
        StreamRequest::Find { channel, id } => {
            message(&context.channels().find_stream(&channel, &id))
        }
        StreamRequest::Open {
            reader,
            channel,
            id,
            after,
            bytes,
        } => {
            let Some(reading) = context.channels().read_stream(&channel, &id, after) else {
                return message(&ReadAnswer::NoStream);
            };
            let open = Arc::new(OpenReader {
                reading,
                channel,
                id,
                heard: Mutex::new(Instant::now()),
                watch: OnceLock::new(),
            });
            let watch = watch(context.downgrade(), reader.clone(), Arc::downgrade(&open));
            let watch = AbortOnDropHandle::new(tokio::spawn(watch));
            // It is set once.
            let _ = open.watch.set(watch);
            let former = readers.open.lock().insert(reader, Arc::clone(&open));
            drop(former);
            chunks(open.reading.read(None, bytes, Duration::ZERO).await, false)
        }
        StreamRequest::Read {
            reader,
            after,
            bytes,
            milliseconds,
        } => {
            let Some(open) = readers.get(&reader) else {
                return message(&ReadAnswer::NotOpen);
            };
            *open.heard.lock() = Instant::now();
            let permit = readers.waiting.try_acquire();
            let wait = match &permit {
                Ok(_) => Duration::from_millis(milliseconds).min(LEASE),
                Err(_) => Duration::ZERO,
            };
            let batch = open.reading.read(Some(after), bytes, wait).await;
            *open.heard.lock() = Instant::now();
            chunks(batch, permit.is_err())
        }
        StreamRequest::Leave { reader, leaving } => {
            readers.end(&reader, leaving);
            message(&true)
        }
        StreamRequest::Moved {
            channel,
            id,
            client,
            after,
        } => {
            context.channels().moved(&channel, &id, client, after);
            message(&true)
        }
        StreamRequest::IsReading {
            channel,
            id,
            number,
        } => message(&context.channels().is_relaying(&channel, &id, number)),
    }
}

impl Readers {
    fn get(&self, reader: &Reader) -> Option<Arc<OpenReader>> {
        self.open.lock().get(reader).cloned()
    }

    fn end(&self, reader: &Reader, leaving: Leaving) {
        let ended = self.open.lock().remove(reader);
        if let Some(ended) = ended {
            ended.reading.leave(leaving);
        }
    }
}

/// Whenever a reader has made no request for the time of the lease, asks it whether it still reads. Removes it if it
/// does not.
async fn watch(context: WeakContext, reader: Reader, open: std::sync::Weak<OpenReader>) {
    let mut trouble = Trouble::default();
    loop {
        let Some((since, request)) = open.upgrade().map(|open| {
            let request = StreamRequest::IsReading {
                channel: open.channel.clone(),
                id: open.id.clone(),
                number: reader.number,
            };
            (*open.heard.lock(), request)
        }) else {
            return;
        };
        if since.elapsed() < LEASE {
            trouble = Trouble::default();
            tokio::time::sleep_until(since + LEASE).await;
            continue;
        }
        let Some(asked) = context.upgrade().map(|context| {
            let request = message(&ProcessRequest::Stream(request));
            let subject = subject_of(&reader.process);
            context
                .backplane()
                .request(&subject, request, ANSWER_TIMEOUT)
        }) else {
            return;
        };
        let answer = asked.await.and_then(|answer| read::<bool>(&answer));
        let is_reading = match answer {
            Ok(is_reading) => is_reading,
            Err(error) => match trouble.failed(error).await {
                Ok(()) => true,
                Err(error) => {
                    lost(&reader, &error);
                    false
                }
            },
        };
        let Some(context) = context.upgrade() else {
            return;
        };
        if !is_reading {
            context
                .own_state::<Readers>()
                .end(&reader, Leaving::Disconnected);
            return;
        }
    }
}

fn lost(reader: &Reader, error: &BackplaneError) {
    tracing::debug!(
        process = reader.process,
        error = error as &dyn std::error::Error,
        "a process that reads a stream is gone"
    );
}

/// Writes an answer with chunks.
fn chunks(batch: Option<Batch>, is_busy: bool) -> Message {
    let Some(batch) = batch else {
        return message(&ReadAnswer::NotOpen);
    };
    let ends = batch.end.is_some();
    let frames: Vec<_> = batch.frames.into_iter().chain(batch.end).collect();
    let sizes: Vec<usize> = frames.iter().map(crate::peer::Frame::len).collect();
    let mut body = Vec::with_capacity(sizes.iter().sum());
    for frame in &frames {
        body.extend_from_slice(frame.as_ref());
    }
    Message {
        head: head(&ReadAnswer::Chunks {
            sizes,
            ends,
            through: batch.through,
            last: batch.last,
            is_busy,
        }),
        body: body.into(),
    }
}
