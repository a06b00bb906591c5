//! The body of a large file, which is read while the client receives it.

use std::fs::File;
use std::io::{self, Read as _};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};

use crate::blocking::ThreadPool;
use crate::server::body::ResponseBody;
use crate::server::files::tree::FilePart;

/// The number of bytes that are read at once.
pub(super) const CHUNK: u64 = 64 * 1024;

/// Returns the body for a part of a file.
pub(super) fn of(payload: FilePart, threads: &Arc<ThreadPool>) -> ResponseBody {
    match payload {
        FilePart::Bytes(bytes) => ResponseBody::full(bytes),
        FilePart::File(file, remaining) => ResponseBody::new(FileBody {
            threads: Arc::clone(threads),
            state: ReadState::Idle(file),
            remaining,
        }),
    }
}

/// The body of a file that is read in chunks. A thread is busy only while it reads a chunk, however slow the client is.
struct FileBody {
    threads: Arc<ThreadPool>,
    state: ReadState,
    /// The number of bytes that are still to be sent.
    remaining: u64,
}

enum ReadState {
    Idle(File),
    Reading(FileRead),
    Ended,
}

type FileRead = Pin<Box<dyn Future<Output = io::Result<(File, Bytes)>> + Send>>;

impl Body for FileBody {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        loop {
            match std::mem::replace(&mut self.state, ReadState::Ended) {
                ReadState::Idle(_) if self.remaining == 0 => return Poll::Ready(None),
                ReadState::Ended => return Poll::Ready(None),
                ReadState::Idle(file) => {
                    let (threads, len) = (Arc::clone(&self.threads), self.remaining.min(CHUNK));
                    let reading = async move {
                        let read = threads.run(move || read(file, len)).await;
                        read.map_err(io::Error::other)?
                    };
                    self.state = ReadState::Reading(Box::pin(reading));
                }
                ReadState::Reading(mut reading) => {
                    let Poll::Ready(read) = reading.as_mut().poll(context) else {
                        self.state = ReadState::Reading(reading);
                        return Poll::Pending;
                    };
                    let (file, bytes) = read?;
                    self.remaining -= bytes.len() as u64;
                    self.state = ReadState::Idle(file);
                    return Poll::Ready(Some(Ok(Frame::data(bytes))));
                }
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.remaining == 0
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.remaining)
    }
}

/// Reads the next `len` bytes of a file.
fn read(mut file: File, len: u64) -> io::Result<(File, Bytes)> {
    let mut bytes = Vec::new();
    (&mut file).take(len).read_to_end(&mut bytes)?;
    if bytes.len() as u64 == len {
        Ok((file, bytes.into()))
    } else {
        // The file has become shorter, and the client was promised its former length.
        Err(io::ErrorKind::UnexpectedEof.into())
    }
}
