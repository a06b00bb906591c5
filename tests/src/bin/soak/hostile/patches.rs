//! Patches that each cost as much as the array has elements, if its length is looked for.

use serde_json::json;

use crate::server::{ARRAY, ELEMENTS};
use crate::wire::{BoxError, Target, request};

/// As many as one change may have.
const PATCHES: usize = 4_096;

pub(super) async fn lengths(target: Target) -> Result<u64, BoxError> {
    let mut wire = target.friend().await?;
    let patch = json!({"op": "replace", "path": ["length"], "value": ELEMENTS});
    let patches = json!([ARRAY, vec![patch; PATCHES], "a-sync-id"]);
    let patch = request("devframe:rpc:server-state:patch", &patches, Some("patch"));
    wire.send(patch).await?;
    wire.take(1).await?;
    Ok(PATCHES as u64)
}
