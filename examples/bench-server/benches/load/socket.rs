//! A cheap WebSocket client: frames are made by hand, and it has no task of its own.

use std::io;
use std::net::SocketAddr;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::broken;

/// The mask of a client's frames.
const MASK: [u8; 4] = [0x37, 0xfa, 0x21, 0x3d];

const TEXT: u8 = 1;
const CLOSE: u8 = 8;
const PING: u8 = 9;
const PONG: u8 = 10;

/// Stands in place of a length that follows in two or in eight bytes.
const LEN_IN_TWO: u8 = 126;
const LEN_IN_EIGHT: u8 = 127;
/// The bit beside a length that marks a masked payload.
const MASKED: u8 = 0x80;

/// The address of a server.
#[derive(Debug, Clone)]
pub struct Target {
    address: SocketAddr,
    path: String,
}

impl Target {
    /// Parses the WebSocket of the mount at an `http://` URL.
    pub fn of_mount(url: &str) -> Option<Self> {
        let (address, path) = url.strip_prefix("http://")?.split_once('/')?;
        Some(Self {
            address: address.parse().ok()?,
            path: format!("/{path}__ws"),
        })
    }

    /// Returns the URL of the mount.
    pub fn mount(&self) -> String {
        let path = self.path.trim_end_matches("__ws");
        format!("http://{}{path}", self.address)
    }
}

/// A connection.
#[derive(Debug)]
pub struct Socket {
    stream: TcpStream,
    /// The unread bytes are from `start` to `end`.
    input: Vec<u8>,
    start: usize,
    end: usize,
    output: Vec<u8>,
}

/// The head of a frame.
struct Head {
    /// Whether this frame is a whole message.
    is_last: bool,
    opcode: u8,
    /// The length of the head in bytes.
    len: usize,
    /// The length of the payload in bytes.
    payload: usize,
}

impl Socket {
    /// Connects with a read buffer of this size. It grows for a larger frame.
    pub async fn connect(target: &Target, room: usize) -> io::Result<Self> {
        let stream = TcpStream::connect(target.address).await?;
        stream.set_nodelay(true)?;
        let mut socket = Self {
            stream,
            input: vec![0; room],
            start: 0,
            end: 0,
            output: Vec::new(),
        };
        let request = format!(
            "GET {} HTTP/1.1\r\nHost: {}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
             Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
            target.path, target.address
        );
        socket.stream.write_all(request.as_bytes()).await?;
        let head = loop {
            socket.fill().await?;
            let read = &socket.input[..socket.end];
            if let Some(end) = read.windows(4).position(|four| four == b"\r\n\r\n") {
                break end + 4;
            }
        };
        if !socket.input.starts_with(b"HTTP/1.1 101") {
            return Err(broken(super::shown(&socket.input[..head])));
        }
        socket.start = head;
        Ok(socket)
    }

    /// Opens this many connections, one after the other.
    pub async fn connect_all(target: &Target, count: usize, room: usize) -> io::Result<Vec<Self>> {
        let mut sockets = Vec::with_capacity(count);
        for _ in 0..count {
            sockets.push(Self::connect(target, room).await?);
        }
        Ok(sockets)
    }

    /// Appends a text frame to the write buffer.
    pub fn put(&mut self, text: &[u8]) {
        self.put_frame(TEXT, text);
    }

    fn put_frame(&mut self, opcode: u8, payload: &[u8]) {
        let len = payload.len() as u64;
        self.output.push(0x80 | opcode);
        match u16::try_from(len) {
            Ok(short @ ..126) => self.output.push(MASKED | short.to_be_bytes()[1]),
            Ok(len) => {
                self.output.push(MASKED | LEN_IN_TWO);
                self.output.extend_from_slice(&len.to_be_bytes());
            }
            Err(_) => {
                self.output.push(MASKED | LEN_IN_EIGHT);
                self.output.extend_from_slice(&len.to_be_bytes());
            }
        }
        self.output.extend_from_slice(&MASK);
        let masked = self.output.len();
        self.output.extend_from_slice(payload);
        for four in self.output[masked..].chunks_mut(4) {
            for (byte, mask) in four.iter_mut().zip(MASK) {
                *byte ^= mask;
            }
        }
    }

    /// Writes the write buffer.
    pub async fn flush(&mut self) -> io::Result<()> {
        if !self.output.is_empty() {
            self.stream.write_all(&self.output).await?;
            self.output.clear();
        }
        Ok(())
    }

    /// Reads once, as much as is there.
    pub async fn fill(&mut self) -> io::Result<()> {
        let unread = self.start..self.end;
        let whole = head(&self.input[unread.clone()]).map_or(0, |head| head.len + head.payload);
        if unread.is_empty() {
            (self.start, self.end) = (0, 0);
        } else if self.end == self.input.len() || self.start + whole > self.input.len() {
            self.input.copy_within(unread.clone(), 0);
            (self.start, self.end) = (0, unread.len());
        }
        let wanted = whole.max(self.end + 1);
        if wanted > self.input.len() {
            self.input.resize(wanted.next_power_of_two(), 0);
        }
        match self.stream.read(&mut self.input[self.end..]).await? {
            0 => Err(broken("the server closed the connection")),
            read => {
                self.end += read;
                Ok(())
            }
        }
    }

    /// Passes the next text frame to `read`, if it is in the buffer.
    pub fn take<T>(&mut self, read: impl FnOnce(&[u8]) -> T) -> io::Result<Option<T>> {
        loop {
            let unread = &self.input[self.start..self.end];
            let Some(head) = head(unread) else {
                return Ok(None);
            };
            let frame = head.len + head.payload;
            let Some(payload) = unread.get(head.len..frame) else {
                return Ok(None);
            };
            self.start += frame;
            match head.opcode {
                TEXT if head.is_last => return Ok(Some(read(payload))),
                PING => {
                    let payload = payload.to_owned();
                    self.put_frame(PONG, &payload);
                }
                PONG => {}
                CLOSE => return Err(broken(super::shown(payload))),
                other => return Err(broken(format!("a frame of the kind {other}"))),
            }
        }
    }

    /// Waits for the next text frame and passes it to `read`.
    pub async fn next<T>(&mut self, read: impl FnOnce(&[u8]) -> T) -> io::Result<T> {
        let mut read = Some(read);
        loop {
            let next = self.take(|frame| read.take().map(|read| read(frame)))?;
            if let Some(Some(value)) = next {
                return Ok(value);
            }
            self.flush().await?;
            self.fill().await?;
        }
    }
}

/// Returns the head of the frame that `bytes` begin with, once it is complete.
fn head(bytes: &[u8]) -> Option<Head> {
    let [first, second, rest @ ..] = bytes else {
        return None;
    };
    let (len, payload) = match second & !MASKED {
        LEN_IN_TWO => (4, u16::from_be_bytes(*rest.first_chunk()?).into()),
        LEN_IN_EIGHT => (10, u64::from_be_bytes(*rest.first_chunk()?)),
        short => (2, short.into()),
    };
    Some(Head {
        is_last: first & 0x80 != 0,
        opcode: first & 0xf,
        len,
        payload: usize::try_from(payload).unwrap_or(usize::MAX / 2),
    })
}
