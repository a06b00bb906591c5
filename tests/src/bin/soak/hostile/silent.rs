//! Connections on which nothing comes.

use crate::wire::{BoxError, Target};

const AT_ONCE: usize = 64;

pub(super) async fn sockets(target: Target) -> Result<u64, BoxError> {
    let mut sockets = Vec::new();
    for _ in 0..AT_ONCE {
        sockets.push(target.connect().await?);
    }
    target.hold().await;
    Ok(sockets.len() as u64)
}

pub(super) async fn websockets(target: Target) -> Result<u64, BoxError> {
    let mut sockets = Vec::new();
    for _ in 0..AT_ONCE {
        sockets.push(target.stranger().await?);
    }
    target.hold().await;
    Ok(sockets.len() as u64)
}
