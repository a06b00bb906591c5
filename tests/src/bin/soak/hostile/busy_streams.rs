//! Sixteen streams on one connection that are read as fast as they come, and calls beside them.

use std::time::Duration;

use serde_json::json;
use tokio::time::Instant;

use crate::server::{BUSY, BUSY_FOR};
use crate::tally::Begun;
use crate::wire::{BoxError, Target, Wire, request};

const STREAMS: usize = 16;

/// How long after a reply the next call is made.
const PAUSE: Duration = Duration::from_millis(20);

/// How long a reply is waited for, once there are no more chunks.
const PATIENCE: Duration = Duration::from_secs(60);

pub(super) async fn read(target: Target) -> Result<u64, BoxError> {
    let mut wire = target.friend().await?;
    let open = request("soak:be-busy", &json!([STREAMS]), Some("begin"));
    wire.send(open).await?;
    let reply: serde_json::Value = serde_json::from_str(&wire.next().await?)?;
    let streams = reply["r"].as_array().ok_or("there are no streams")?.clone();
    for id in streams {
        let subscribe = request("devframe:streaming:subscribe", &json!([BUSY, id]), None);
        wire.send(subscribe).await?;
    }
    let end = Instant::now() + BUSY_FOR;
    let (mut chunks, mut calls) = (0, 0);
    while Instant::now() < end {
        calls += 1;
        let begun = target.beside_streams.begin();
        let called = call(&mut wire, calls, begun, &mut chunks).await;
        called.inspect_err(|error| target.beside_streams.note(|| error.to_string()))?;
        let pause = Instant::now() + PAUSE;
        while let Ok(text) = tokio::time::timeout_at(pause, wire.next()).await {
            text?;
            chunks += 1;
        }
    }
    Ok(chunks)
}

/// Makes a call, and reads chunks until its reply comes.
async fn call(
    wire: &mut Wire,
    number: i64,
    begun: Begun<'_>,
    chunks: &mut u64,
) -> Result<(), BoxError> {
    wire.send(request("soak:add", &json!([number, 1]), Some("call")))
        .await?;
    let answered = async {
        loop {
            let text = wire.next().await?;
            if text.starts_with(r#"{"t":"s""#) {
                return Ok::<_, BoxError>(text);
            }
            *chunks += 1;
        }
    };
    let reply = tokio::time::timeout(BUSY_FOR + PATIENCE, answered).await??;
    if reply == format!(r#"{{"t":"s","i":"call","r":{}}}"#, number + 1) {
        begun.came();
    } else {
        begun.went_wrong(|| reply);
    }
    Ok(())
}
