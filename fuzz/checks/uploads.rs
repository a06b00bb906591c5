//! The messages by which clients upload.

use std::collections::BTreeMap;
use std::pin::Pin;
use std::str::from_utf8;
use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use futures_core::Stream;
use tokio_util::sync::CancellationToken;

use super::Verdict;
use crate::function::RpcFunction;
use crate::peer::{AccessCell, ConnectionAccess, Limits, Peer};
use crate::protocol::streaming::{UploadChunk, UploadEnd};
use crate::streaming::{ChannelOptions, Channels, StreamError, StreamMessage, UploadReader};
use crate::wire::js::Value;
use crate::wire::{Envelope, FrameText, Payload};

/// How many chunks may wait.
const CHUNKS: usize = 8;

const CHANNEL: &str = "fuzz:channel";

const ID: &str = "upload";

/// The session that the upload belongs to, and another one.
const SESSIONS: [u64; 2] = [1, 2];

/// A model of an upload by simpler rules: chunks by their numbers.
#[derive(Default)]
struct Expected {
    chunks: BTreeMap<u64, Option<Value>>,
    owner: Option<u64>,
    ended: bool,
    /// The number of the last chunk before which there is no gap.
    last: u64,
}

impl Expected {
    fn chunk(&mut self, session: u64, message: &StreamMessage<'_>) {
        if *self.owner.get_or_insert(session) != session || self.ended {
            return;
        }
        match message.argument(0).read::<u64>() {
            // Of two that come early the second counts.
            Ok(number) if number > self.last => {
                let chunk = message.argument(1).read().ok();
                self.chunks.insert(number, chunk);
            }
            _ => {}
        }
        while self.chunks.contains_key(&(self.last.saturating_add(1))) {
            self.last += 1;
        }
    }
}

/// Messages of two sessions, a line each: those of the second begin with a space.
///
/// # Panics
///
/// If chunks are not delivered in the order of their numbers, if more chunks wait than the limit allows, or if an upload goes on
/// after its session has left.
pub fn uploads(lines: &[u8]) -> Verdict {
    let Ok(lines) = from_utf8(lines) else {
        return Verdict::Refused;
    };
    let limits = Arc::new(Limits::default());
    let access = || Arc::new(AccessCell::new(ConnectionAccess::Open));
    let sessions = SESSIONS.map(|id| (id, Peer::new(&limits, CancellationToken::new(), access())));
    let channels = Channels::new(limits.frame_bytes, None);
    let options = ChannelOptions::new().upload_chunks(CHUNKS);
    let channel = channels.create::<Value>(CHANNEL, options);
    let upload = channel.map(|channel| (channel.open_inbound_with_id(ID), channel));
    let Ok((Ok(mut upload), channel)) = upload else {
        unreachable!("there is a channel with an upload");
    };

    let mut expected = Expected::default();
    let mut messages = 0;
    for line in lines.lines() {
        let (line, (session, (peer, _))) = match line.strip_prefix(' ') {
            Some(line) => (line, &sessions[1]),
            None => (line, &sessions[0]),
        };
        let Some(is_read) = with_message(line, |name, message, size| match name {
            UploadChunk::NAME => {
                if message.key == (CHANNEL.to_owned(), ID.to_owned()) {
                    expected.chunk(*session, message);
                }
                channels.upload_chunk(*session, peer, message, size);
                true
            }
            UploadEnd::NAME => {
                channels.upload_end(*session, message);
                let is_owner = expected.owner.is_none_or(|owner| owner == *session);
                expected.ended |= is_owner && message.key == (CHANNEL.to_owned(), ID.to_owned());
                true
            }
            _ => false,
        }) else {
            continue;
        };
        messages += usize::from(is_read);
    }
    // The session of the upload leaves. If no session has begun it, the reader waits for none.
    for (session, _) in &sessions {
        channels.leave(*session);
    }
    assert_comes(&mut upload, &expected);
    drop(upload);
    assert_eq!(channel.stats().uploads, 0);
    if messages > 0 {
        Verdict::Read
    } else {
        Verdict::Refused
    }
}

/// Calls `make` with the message in a frame. `None` if there is none.
fn with_message<R>(
    frame: &str,
    make: impl FnOnce(&str, &StreamMessage<'_>, usize) -> R,
) -> Option<R> {
    let text = FrameText::open(frame).ok()?;
    let Ok(Envelope::Request(request)) = text.envelope() else {
        return None;
    };
    let arguments: Payload<'_> = request.arguments;
    let message = StreamMessage::read(arguments).ok()?;
    Some(make(&request.method, &message, arguments.len()))
}

fn assert_comes(upload: &mut UploadReader<Value>, expected: &Expected) {
    let mut context = Context::from_waker(Waker::noop());
    let mut left = expected.chunks.values();
    let mut count = 0;
    loop {
        match Pin::new(&mut *upload).poll_next(&mut context) {
            Poll::Ready(Some(Ok(chunk))) => {
                count += 1;
                // Some may be left out: those behind a gap, or without room.
                let comes = left.any(|expected| expected.as_ref() == Some(&chunk));
                assert!(comes, "{chunk:?} has not come, or not here");
            }
            Poll::Ready(Some(Err(StreamError::Decode(_)))) => count += 1,
            Poll::Ready(Some(Err(_))) => {}
            Poll::Ready(None) => break,
            Poll::Pending => {
                assert!(expected.owner.is_none() && !expected.ended, "it goes on");
                break;
            }
        }
    }
    assert!(count <= CHUNKS, "{count} chunks waited");
}
