//! Those who ask for much and read nothing.

use serde_json::json;

use crate::server::TOKEN;
use crate::wire::{BoxError, Target, request};

const CALLS: usize = 200;

/// Each call names a function that is not there by a long name, which the answer repeats.
pub(super) async fn strangers(target: Target) -> Result<u64, BoxError> {
    let name = format!("anonymous:{}", "x".repeat(10_000));
    ask(&target, "", &request(&name, &json!([]), Some("slow"))).await
}

/// Each call is answered with a megabyte.
pub(super) async fn friends(target: Target) -> Result<u64, BoxError> {
    let query = format!("?devframe_auth_token={TOKEN}");
    let call = request("soak:repeat", &json!(["x", 1 << 20, 0]), Some("slow"));
    ask(&target, &query, &call).await
}

async fn ask(target: &Target, query: &str, call: &str) -> Result<u64, BoxError> {
    let mut wire = target.upgrade(target.connect_small().await?, query).await?;
    let ask = async {
        for _ in 0..CALLS {
            wire.send(call.to_owned()).await?;
        }
        std::future::pending::<Result<(), BoxError>>().await
    };
    tokio::select! {
        // The server may stop reading, too.
        () = target.hold() => Ok(CALLS as u64),
        ended = ask => ended.map(|()| CALLS as u64),
    }
}
