//! Somebody who guesses the one-time code.

use serde_json::json;

use crate::hostile::Random;
use crate::wire::{BoxError, Target, request};

const GUESSES: usize = 10;

pub(super) async fn wrong(target: Target) -> Result<u64, BoxError> {
    let (mut wire, mut random) = (target.stranger().await?, Random::new());
    for _ in 0..GUESSES {
        let code = format!("{:06}", random.below(1_000_000));
        let offer = json!([{"code": code, "ua": "", "origin": ""}]);
        wire.send(request(
            "anonymous:devframe:auth:exchange",
            &offer,
            Some("guess"),
        ))
        .await?;
        wire.take(1).await?;
    }
    Ok(GUESSES as u64)
}
