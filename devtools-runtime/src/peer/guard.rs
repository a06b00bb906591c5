//! The limits of the messages that arrive over a WebSocket.
//!
//! tungstenite limits the size of messages, but the limit cannot change later, and it knows of one connection only. An untrusted
//! client has a lower limit than a trusted one, and all connections together have a limit too. So this stream beneath
//! tungstenite parses the frame headers as well, and ends the connection before memory is allocated for a large frame.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use crate::peer::access::{AccessCell, ConnectionAccess};
use crate::peer::arriving::{ArrivingRequest, OverArriving};

/// A byte stream that limits the messages in it.
pub(crate) struct GuardedStream<S> {
    stream: S,
    access: Arc<AccessCell>,
    /// The largest message of an untrusted client, in bytes.
    limit: usize,
    /// The bytes of the message that has not arrived completely.
    arriving: ArrivingRequest,
    /// `None` after a refusal. Bytes that are read later are not messages any more, and are not checked.
    frames: Option<Frames>,
    /// The error of the bytes that arrived before the first read.
    refused: Option<FrameRefused>,
}

/// The position of the next byte within the frames of a WebSocket.
#[derive(Debug, Default)]
struct Frames {
    header: [u8; LONGEST_HEADER],
    /// The number of bytes of the header that have arrived.
    known: usize,
    /// The number of bytes of the payload that have not arrived yet.
    payload: u64,
    /// The length of the frames of the current message that have begun. A message may consist of several frames.
    message: u64,
    /// Whether the latest frame of a message is the last one of it.
    is_last: bool,
    /// Whether the current frame is a control frame, which may come within a message.
    is_control: bool,
}

/// The header of a frame.
struct FrameHeader {
    /// The byte with the kind of the frame.
    first: u8,
    /// The length of the payload.
    length: u64,
    /// The length of the header.
    size: usize,
}

impl FrameHeader {
    /// Returns the header at the beginning of `bytes`, if it is complete.
    fn parse(bytes: &[u8]) -> Option<Self> {
        let (first, second) = (*bytes.first()?, *bytes.get(1)?);
        let mask = if second & 0x80 == 0 { 0 } else { 4 };
        let (length, extended) = match second & 0x7f {
            126 => (
                u64::from(u16::from_be_bytes(bytes.get(2..4)?.try_into().ok()?)),
                2,
            ),
            127 => (u64::from_be_bytes(bytes.get(2..10)?.try_into().ok()?), 8),
            short => (u64::from(short), 0),
        };
        let size = 2 + extended + mask;
        (bytes.len() >= size).then_some(Self {
            first,
            length,
            size,
        })
    }
}

/// The size of the longest header in bytes: two bytes, a length of eight and a mask of four.
const LONGEST_HEADER: usize = 14;

/// The reason why a message is not read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum FrameRefused {
    /// It is over the limit of untrusted clients.
    #[error("a frame of {size} bytes is over the limit `untrusted.frame_bytes` of {limit}")]
    Untrusted { size: usize, limit: usize },
    /// There is no room for it beside the messages of other connections.
    #[error("{0}")]
    Arriving(OverArriving),
}

impl<S> GuardedStream<S> {
    /// Guards a stream whose client may send messages of `limit` bytes until `access` is open. `arriving` counts the bytes of
    /// each message until it has arrived.
    pub(crate) fn new(
        stream: S,
        access: Arc<AccessCell>,
        limit: usize,
        arriving: ArrivingRequest,
    ) -> Self {
        Self {
            stream,
            access,
            limit,
            arriving,
            frames: Some(Frames::default()),
            refused: None,
        }
    }

    /// Checks bytes that arrived before the stream was guarded, and returns them. If they exceed a limit, it returns none
    /// of them, and the first read fails.
    pub(crate) fn admit(&mut self, read_already: Vec<u8>) -> Vec<u8> {
        match self.look_at(&read_already) {
            Ok(()) => read_already,
            Err(refused) => {
                self.refused = Some(refused);
                Vec::new()
            }
        }
    }

    fn look_at(&mut self, bytes: &[u8]) -> Result<(), FrameRefused> {
        let Some(frames) = &mut self.frames else {
            return Ok(());
        };
        let largest = frames.look_at(bytes);
        if largest > self.limit as u64 && self.access.get() != ConnectionAccess::Open {
            return Err(FrameRefused::Untrusted {
                size: as_usize(largest),
                limit: self.limit,
            });
        }
        let arriving = self.arriving.set(as_usize(frames.arriving()));
        arriving.map_err(FrameRefused::Arriving)
    }

    /// Returns the error of a read.
    fn refuse(&mut self, refused: FrameRefused) -> Poll<io::Result<()>> {
        self.frames = None;
        Poll::Ready(Err(io::Error::new(io::ErrorKind::InvalidData, refused)))
    }
}

impl Frames {
    /// Follows the frames through these bytes. Returns the length of the longest message or frame that has begun in them.
    fn look_at(&mut self, mut bytes: &[u8]) -> u64 {
        let mut largest = 0;
        loop {
            let skipped = bytes.len().min(as_usize(self.payload));
            bytes = &bytes[skipped..];
            self.payload -= skipped as u64;
            if self.payload == 0 && self.is_last && !self.is_control {
                self.message = 0;
            }
            if self.known == 0 {
                if let Some(header) = FrameHeader::parse(bytes) {
                    bytes = &bytes[header.size..];
                    largest = largest.max(self.begin(header));
                    continue;
                }
            }
            // The header arrives in pieces.
            let Some((byte, rest)) = bytes.split_first() else {
                return largest;
            };
            bytes = rest;
            self.header[self.known] = *byte;
            self.known += 1;
            if let Some(header) = FrameHeader::parse(&self.header[..self.known]) {
                largest = largest.max(self.begin(header));
            }
        }
    }

    /// Starts the payload, and returns the length of the message so far.
    fn begin(&mut self, FrameHeader { first, length, .. }: FrameHeader) -> u64 {
        let (is_last, opcode) = (first & 0x80 != 0, first & 0x0f);
        self.known = 0;
        self.payload = length;
        self.is_control = opcode >= 8;
        if self.is_control {
            return length;
        }
        self.is_last = is_last;
        let before = if opcode == 0 { self.message } else { 0 };
        self.message = before.saturating_add(length);
        self.message
    }

    /// Returns the number of bytes that have arrived of a message that is not complete.
    fn arriving(&self) -> u64 {
        let missing = if self.is_control { 0 } else { self.payload };
        self.message.saturating_sub(missing)
    }
}

fn as_usize(length: u64) -> usize {
    usize::try_from(length).unwrap_or(usize::MAX)
}

impl<S: AsyncRead + Unpin> AsyncRead for GuardedStream<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.frames.is_none() {
            return Pin::new(&mut self.stream).poll_read(context, buffer);
        }
        if let Some(refused) = self.refused.take() {
            return self.refuse(refused);
        }
        let before = buffer.filled().len();
        ready!(Pin::new(&mut self.stream).poll_read(context, buffer))?;
        match self.look_at(&buffer.filled()[before..]) {
            Ok(()) => Poll::Ready(Ok(())),
            Err(refused) => {
                buffer.set_filled(before);
                self.refuse(refused)
            }
        }
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for GuardedStream<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(context, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    use super::{Frames, GuardedStream};
    use crate::peer::arriving::{ArrivingBytes, ArrivingRequest};
    use crate::peer::{AccessCell, ConnectionAccess};

    /// As many bytes as there are.
    fn unlimited() -> ArrivingRequest {
        Arc::<ArrivingBytes>::default().begin(usize::MAX)
    }

    /// Returns a masked frame with this first byte.
    fn frame(first: u8, length: usize) -> Vec<u8> {
        let mut bytes = vec![first];
        match (u8::try_from(length), u16::try_from(length)) {
            (Ok(length @ 0..=125), _) => bytes.push(0x80 | length),
            (_, Ok(length)) => {
                bytes.push(0xfe);
                bytes.extend(length.to_be_bytes());
            }
            _ => {
                bytes.push(0xff);
                bytes.extend((length as u64).to_be_bytes());
            }
        }
        bytes.extend([1, 2, 3, 4]);
        // The payload looks like headers.
        bytes.extend(std::iter::repeat_n(0xff, length));
        bytes
    }

    #[test]
    fn frames_are_followed_however_they_come() {
        let mut bytes = Vec::new();
        for length in [0, 1, 125, 126, 1000, 65_535, 65_536, 3] {
            bytes.extend(frame(0x81, length));
        }
        for size in [1, 2, 3, 7, 4096, bytes.len()] {
            let mut frames = Frames::default();
            let largest = bytes.chunks(size).map(|piece| frames.look_at(piece)).max();
            assert_eq!(largest, Some(65_536), "{size}");
            assert_eq!((frames.known, frames.payload), (0, 0), "{size}");
        }
    }

    #[test]
    fn a_message_is_as_long_as_all_its_frames() {
        let mut frames = Frames::default();
        assert_eq!(frames.look_at(&frame(0x01, 100)), 100);
        assert_eq!(frames.look_at(&frame(0x89, 5)), 5, "a ping in between");
        assert_eq!(frames.look_at(&frame(0x00, 100)), 200);
        assert_eq!(frames.look_at(&frame(0x80, 100)), 300);
        assert_eq!(frames.look_at(&frame(0x81, 100)), 100, "the next one");
        let mut huge = vec![0x81, 0xff];
        huge.extend(u64::MAX.to_be_bytes());
        huge.extend([0; 4]);
        assert_eq!(frames.look_at(&huge), u64::MAX);
    }

    #[test]
    fn what_has_arrived_of_a_message_counts_until_it_is_complete() {
        let mut frames = Frames::default();
        let mut arriving = |bytes: &[u8]| {
            frames.look_at(bytes);
            frames.arriving()
        };
        let message = frame(0x81, 1000);
        assert_eq!(arriving(&message[..5]), 0, "the header is not complete");
        assert_eq!(arriving(&message[5..408]), 400);
        assert_eq!(arriving(&message[408..]), 0);
        // In two frames, with a ping between them.
        assert_eq!(arriving(&frame(0x01, 100)), 100);
        assert_eq!(arriving(&frame(0x89, 50)[..20]), 100);
        assert_eq!(arriving(&frame(0x89, 50)[20..]), 100);
        assert_eq!(arriving(&frame(0x80, 100)[..56]), 150);
        assert_eq!(arriving(&frame(0x80, 100)[56..]), 0);
        assert_eq!(arriving(&frame(0x89, 50)[..20]), 0);
    }

    #[tokio::test]
    async fn only_an_untrusted_client_is_limited() {
        for (trusted_after, read) in [(0, 2), (1, 2), (2, 1)] {
            let (mut far, near) = tokio::io::duplex(4096);
            let access = Arc::new(AccessCell::new(ConnectionAccess::Unauthorized));
            if trusted_after == 0 {
                access.set(ConnectionAccess::Open);
            }
            let mut near = GuardedStream::new(near, Arc::clone(&access), 100, unlimited());
            let mut reads = 0;
            for (index, length) in [10, 1000].into_iter().enumerate() {
                let bytes = frame(0x81, length);
                far.write_all(&bytes).await.unwrap();
                let mut buffer = vec![0; bytes.len()];
                match near.read_exact(&mut buffer).await {
                    Ok(_) => reads += 1,
                    Err(error) => assert!(error.to_string().contains("1000 bytes"), "{error}"),
                }
                if index + 1 == trusted_after {
                    access.set(ConnectionAccess::Open);
                }
            }
            assert_eq!(reads, read, "{trusted_after}");
        }
    }

    #[tokio::test]
    async fn bytes_from_before_are_limited_and_bytes_after_a_refusal_are_not_checked() {
        let (mut far, near) = tokio::io::duplex(4096);
        let access = Arc::new(AccessCell::new(ConnectionAccess::Unauthorized));
        let mut near = GuardedStream::new(near, access, 100, unlimited());
        assert_eq!(near.admit(frame(0x81, 10)), frame(0x81, 10));
        assert!(near.admit(frame(0x81, 1000)).is_empty());
        let error = near.read_u8().await.unwrap_err();
        assert!(error.to_string().contains("1000 bytes"), "{error}");
        far.write_all(&frame(0x81, 1000)).await.unwrap();
        let mut rest = vec![0; frame(0x81, 1000).len()];
        near.read_exact(&mut rest).await.unwrap();
    }
}
