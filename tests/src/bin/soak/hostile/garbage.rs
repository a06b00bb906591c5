//! Bytes that are no request, and texts that are no message.

use std::time::Duration;

use futures_util::SinkExt as _;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio_tungstenite::tungstenite::Message;

use crate::hostile::Random;
use crate::wire::{BoxError, Target};

const LARGEST: usize = 4_096;

const FRAMES: usize = 32;

/// The pieces of messages, put together in any order.
const PIECES: &[&str] = &[
    "s:",
    "[",
    "]",
    "{",
    "}",
    ",",
    ":",
    "\"",
    "\\ud800",
    "\"m\":",
    "\"i\":",
    "\"t\":\"q\"",
    "\"a\":[]",
    "[2,[[1,2]]]",
    "[1,[0]]",
    "[0,1]",
    "1e999",
    "-1",
    "null",
    "é",
    "\u{0}",
    "anonymous:devframe:auth",
];

pub(super) async fn bytes(target: Target) -> Result<u64, BoxError> {
    let (mut socket, mut random) = (target.connect().await?, Random::new());
    let count = 1 + random.below(LARGEST);
    if random.below(2) == 0 {
        socket.write_all(b"GET /__devtools/ HTTP/1.1\r\n").await?;
    }
    socket.write_all(&random.bytes(count)).await?;
    socket.shutdown().await?;
    // The answer, if there is one.
    let mut answer = Vec::new();
    let read = socket.read_to_end(&mut answer);
    let _ = tokio::time::timeout(Duration::from_secs(10), read).await?;
    Ok(1)
}

pub(super) async fn frames(target: Target) -> Result<u64, BoxError> {
    let (mut wire, mut random) = (target.stranger().await?, Random::new());
    for _ in 0..FRAMES {
        let message = if random.below(8) == 0 {
            let count = random.below(LARGEST);
            Message::binary(random.bytes(count))
        } else {
            let pieces = (0..random.below(40)).map(|_| PIECES[random.below(PIECES.len())]);
            Message::text(pieces.collect::<String>())
        };
        wire.socket.send(message).await?;
    }
    Ok(FRAMES as u64)
}
