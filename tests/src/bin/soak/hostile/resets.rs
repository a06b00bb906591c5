//! Connections that are reset where nothing ends.

use serde_json::json;
use tokio::io::AsyncWriteExt as _;

use crate::hostile::Random;
use crate::wire::{BoxError, Target, request};

/// A connection is reset within a frame: its head says that it is masked, and has so many bytes.
pub(super) async fn in_frames(target: Target) -> Result<u64, BoxError> {
    let (mut wire, mut random) = (target.stranger().await?, Random::new());
    let length = u16::try_from(1_000 + random.below(60_000))?.to_be_bytes();
    let mut frame = vec![0x81, 0xfe, length[0], length[1], 1, 2, 3, 4];
    frame.extend(random.bytes(500));
    frame.truncate(1 + random.below(frame.len()));
    let socket = wire.socket.get_mut();
    socket.write_all(&frame).await?;
    socket.set_zero_linger()?;
    Ok(1)
}

/// A connection is reset while its calls run and its stream is written.
pub(super) async fn in_calls(target: Target) -> Result<u64, BoxError> {
    const CALLS: usize = 10;
    let mut wire = target.friend().await?;
    for number in 0..CALLS {
        let call = request(
            "soak:repeat",
            &json!(["x", 100, 50]),
            Some(&number.to_string()),
        );
        wire.send(call).await?;
    }
    wire.send(request("soak:tick", &json!([]), Some("stream")))
        .await?;
    wire.take(1).await?;
    wire.socket.get_mut().set_zero_linger()?;
    Ok(CALLS as u64)
}
