//! The thread that writes a recording, and the queue in front of it.

use std::fs::File;
use std::io::{self, BufWriter, Write as _};
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use tokio::sync::mpsc::error::TryRecvError;
use tokio::sync::{mpsc, oneshot};

use crate::mutex::Mutex;
use crate::peer::{Frame, FrameDirection, FrameSink};
use crate::recording::describe::{Describer, KnownFunctions};
use crate::recording::entry::{LineContent, RecordingLine};
use crate::recording::error::RecordError;
use crate::recording::recorder::Recorder;
use crate::recording::redact::Redaction;

/// The least number of bytes that a frame counts for in the queue, because a short frame may share the buffer that it was read into.
const LEAST_BYTES: usize = 512;

/// A recording that is being written. The thread ends when this is dropped.
#[derive(Debug)]
pub(crate) struct RecordingWriter {
    queue: mpsc::Sender<WriterItem>,
    max_bytes: usize,
    began: Instant,
    shared: Arc<WriterState>,
}

/// The part that the thread shares with the sessions.
#[derive(Debug, Default)]
struct WriterState {
    /// The bytes of the frames in the queue.
    queued_bytes: AtomicUsize,
    /// The frames that were dropped since the last one that was queued.
    dropped: AtomicU64,
    has_ended: AtomicBool,
    /// Secrets that the thread has not taken yet. The lock is held to push or take them.
    secrets: Mutex<Vec<String>>,
    functions: Mutex<Option<KnownFunctions>>,
    status: Mutex<RecordingStatus>,
}

/// The state of a recording that is being written.
///
/// ```
/// use devtools_runtime::DevTools;
///
/// /// Returns whether the recording has every frame, so that a tester can rely on it.
/// fn is_whole(devtools: &DevTools) -> bool {
///     let status = devtools.recording();
///     status.is_some_and(|status| status.dropped == 0 && status.ended.is_none())
/// }
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct RecordingStatus {
    /// The number of frames that were written.
    pub frames: u64,
    /// The number of frames that were dropped, because they came faster than they could be written.
    pub dropped: u64,
    /// The reason why the recording has ended, if it has ended before the program.
    pub ended: Option<String>,
}

enum WriterItem {
    Frame {
        at: Duration,
        session: u64,
        direction: FrameDirection,
        frame: Frame,
        /// The frames that were dropped before this one.
        dropped: u64,
    },
    /// A session has ended.
    Ended(u64),
    /// A request to flush. The sender is used when everything before it is written.
    Flush(oneshot::Sender<()>),
}

impl RecordingWriter {
    /// Opens the file and starts the thread.
    pub(crate) fn start(recorder: &Recorder) -> Result<Arc<Self>, RecordError> {
        let file = recorder.open()?;
        let (queue, items) = mpsc::channel(recorder.queue_frames.max(1));
        let shared = Arc::new(WriterState::default());
        let mut thread = WriterThread {
            path: recorder.path().to_owned(),
            file: BufWriter::with_capacity(1 << 16, file),
            bytes: 0,
            max_bytes: recorder.file_bytes,
            last: Duration::ZERO,
            describer: Describer::new(Redaction::new(recorder.fields.clone()), recorder.open_calls),
            shared: Arc::clone(&shared),
        };
        thread::Builder::new()
            .name("devtools-recorder".to_owned())
            .spawn(move || thread.run(items))
            .map_err(|source| RecordError::Write {
                path: recorder.path().to_owned(),
                source,
            })?;
        Ok(Arc::new(Self {
            queue,
            max_bytes: recorder.queue_bytes,
            began: Instant::now(),
            shared,
        }))
    }

    pub(crate) fn know(&self, functions: KnownFunctions) {
        *self.shared.functions.lock() = Some(functions);
    }

    pub(crate) fn status(&self) -> RecordingStatus {
        self.shared.status.lock().clone()
    }

    /// Queues a frame. Returns `false` if the queue has no room.
    fn queue(&self, session: u64, direction: FrameDirection, frame: &Frame) -> bool {
        let size = frame.len().max(LEAST_BYTES);
        let before = self.shared.queued_bytes.fetch_add(size, Ordering::Relaxed);
        let fits = before + size <= self.max_bytes;
        if let (true, Ok(place)) = (fits, self.queue.try_reserve()) {
            place.send(WriterItem::Frame {
                at: self.began.elapsed(),
                session,
                direction,
                frame: frame.to_keep(),
                dropped: self.shared.dropped.swap(0, Ordering::Relaxed),
            });
            return true;
        }
        self.shared.queued_bytes.fetch_sub(size, Ordering::Relaxed);
        false
    }
}

impl FrameSink for RecordingWriter {
    fn receive(&self, session: u64, direction: FrameDirection, frame: &Frame) {
        if self.shared.has_ended.load(Ordering::Relaxed) {
            return;
        }
        if !self.queue(session, direction, frame) {
            self.shared.dropped.fetch_add(1, Ordering::Relaxed);
        }
    }

    fn learn_secret(&self, secret: &str) {
        self.shared.secrets.lock().push(secret.to_owned());
    }

    fn session_ended(&self, session: u64) {
        // A full queue drops this item, as it drops frames. The open calls of the session are then stored until newer
        // calls replace them.
        let _ = self.queue.try_send(WriterItem::Ended(session));
    }

    fn flushed(&self) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        let queue = self.queue.clone();
        Box::pin(async move {
            let (done, written) = oneshot::channel();
            // Without a thread, nothing is left to be written.
            if queue.send(WriterItem::Flush(done)).await.is_ok() {
                drop(written.await);
            }
        })
    }
}

/// The state of the thread.
struct WriterThread {
    path: PathBuf,
    file: BufWriter<File>,
    /// The bytes that were written.
    bytes: u64,
    max_bytes: u64,
    /// The time of the last line.
    last: Duration,
    describer: Describer,
    shared: Arc<WriterState>,
}

/// The reason why the thread ends before the program.
enum RecordingEnd {
    Failed(io::Error),
    /// The file is as large as it may become.
    Full,
}

impl From<io::Error> for RecordingEnd {
    fn from(error: io::Error) -> Self {
        Self::Failed(error)
    }
}

impl WriterThread {
    fn run(&mut self, items: mpsc::Receiver<WriterItem>) {
        let ended = self.write_all(items);
        self.shared.has_ended.store(true, Ordering::Relaxed);
        let reason = match ended {
            Ok(()) => return,
            Err(RecordingEnd::Full) => {
                let reason = format!(
                    "the file has {} bytes: the limit `file_bytes`",
                    self.max_bytes
                );
                let line = self.entry(LineContent::Ended(reason.clone()));
                if let Err(RecordingEnd::Failed(error)) =
                    line.and_then(|()| Ok(self.file.flush()?))
                {
                    tracing::debug!(%error, "the last line of a recording was not written");
                }
                reason
            }
            Err(RecordingEnd::Failed(error)) => error.to_string(),
        };
        let path = self.path.display();
        tracing::warn!(%path, reason, "the recording has ended; the program goes on without it");
        self.shared.status.lock().ended = Some(reason);
    }

    /// Writes everything that comes, until the program ends. The file is flushed whenever the queue is empty.
    fn write_all(&mut self, mut items: mpsc::Receiver<WriterItem>) -> Result<(), RecordingEnd> {
        loop {
            let item = match items.try_recv() {
                Ok(item) => Some(item),
                Err(TryRecvError::Disconnected) => None,
                Err(TryRecvError::Empty) => {
                    self.file.flush()?;
                    items.blocking_recv()
                }
            };
            let Some(item) = item else { break };
            match item {
                WriterItem::Frame {
                    at,
                    session,
                    direction,
                    frame,
                    dropped,
                } => {
                    let size = frame.len().max(LEAST_BYTES);
                    self.shared.queued_bytes.fetch_sub(size, Ordering::Relaxed);
                    self.dropped(dropped)?;
                    self.last = at;
                    self.frame(session, direction, &frame)?;
                }
                WriterItem::Ended(session) => self.describer.forget(session),
                WriterItem::Flush(done) => {
                    let dropped = self.shared.dropped.swap(0, Ordering::Relaxed);
                    self.dropped(dropped)?;
                    self.file.flush()?;
                    // The receiver may be gone.
                    let _ = done.send(());
                }
            }
        }
        let dropped = self.shared.dropped.swap(0, Ordering::Relaxed);
        self.dropped(dropped)?;
        Ok(self.file.flush()?)
    }

    fn dropped(&mut self, frames: u64) -> Result<(), RecordingEnd> {
        if frames == 0 {
            return Ok(());
        }
        self.shared.status.lock().dropped += frames;
        self.entry(LineContent::Dropped(frames))
    }

    fn frame(
        &mut self,
        session: u64,
        direction: FrameDirection,
        frame: &Frame,
    ) -> Result<(), RecordingEnd> {
        for secret in std::mem::take(&mut *self.shared.secrets.lock()) {
            self.describer.redaction.learn(&secret);
        }
        if let Some(functions) = self.shared.functions.lock().take() {
            self.describer.know(functions);
        }
        let described = self.describer.describe(session, direction, frame.as_str());
        let Some(described) = described else {
            return Ok(());
        };
        self.entry(LineContent::Frame(described))?;
        self.shared.status.lock().frames += 1;
        Ok(())
    }

    fn entry(&mut self, content: LineContent) -> Result<(), RecordingEnd> {
        let is_last = matches!(content, LineContent::Ended(_));
        let entry = RecordingLine {
            at: self.last,
            content,
        };
        let mut line = match entry.line() {
            Ok(line) => line,
            // This does not happen to values from the wire, which have fewer levels than a line may have.
            Err(error) => {
                tracing::warn!(%error, "a frame could not be recorded");
                return Ok(());
            }
        };
        line.push('\n');
        let bytes = self.bytes + line.len() as u64;
        if bytes > self.max_bytes && !is_last {
            return Err(RecordingEnd::Full);
        }
        self.file.write_all(line.as_bytes())?;
        self.bytes = bytes;
        Ok(())
    }
}

#[cfg(test)]
#[cfg(target_os = "linux")]
mod tests {
    use std::fs::OpenOptions;
    use std::sync::Arc;
    use std::time::Duration;

    use super::{RecordingWriter, WriterState, WriterThread};
    use crate::peer::{Frame, FrameDirection, FrameSink as _};
    use crate::recording::describe::Describer;
    use crate::recording::redact::Redaction;

    #[test]
    fn a_full_disk_ends_the_recording_and_nobody_waits_for_it() {
        let full = OpenOptions::new().write(true).open("/dev/full").unwrap();
        let (queue, items) = tokio::sync::mpsc::channel(4);
        let shared = Arc::new(WriterState::default());
        let mut thread = WriterThread {
            path: "/dev/full".into(),
            file: std::io::BufWriter::new(full),
            bytes: 0,
            max_bytes: u64::MAX,
            last: Duration::ZERO,
            describer: Describer::new(Redaction::default(), 1),
            shared: Arc::clone(&shared),
        };
        let writer = RecordingWriter {
            queue,
            max_bytes: usize::MAX,
            began: std::time::Instant::now(),
            shared,
        };
        let frame = Frame::from(r#"{"m":"a:b","a":[],"t":"q"}"#.to_owned());
        writer.receive(1, FrameDirection::Read, &frame);
        let running = std::thread::spawn(move || thread.run(items));
        let runtime = tokio::runtime::Builder::new_current_thread().build();
        runtime.unwrap().block_on(writer.flushed());
        running.join().unwrap();
        let ended = writer.status().ended.unwrap();
        assert!(ended.contains("No space left"), "{ended}");
        // Nothing is queued for a thread that has ended.
        for _ in 0..10 {
            writer.receive(1, FrameDirection::Read, &frame);
        }
        assert_eq!(writer.status().dropped, 0);
    }
}
