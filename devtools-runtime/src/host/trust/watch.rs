//! Notices what other processes do to the tokens, for the sessions that are open here.

use std::collections::HashSet;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::host::trust::distrust;
use crate::host::{DevToolsContext, RpcSession};

/// How often the files are looked at, while a session is open that owes its trust to them.
const EVERY: Duration = Duration::from_secs(1);

/// Takes the trust back from sessions whose token another process has revoked, until `closing` is cancelled.
pub(crate) async fn watch(context: DevToolsContext, closing: CancellationToken) {
    let Some(trust) = context.trust() else {
        return;
    };
    if !trust.tokens.has_file() {
        return;
    }
    let mut seen = None;
    loop {
        tokio::select! {
            () = closing.cancelled() => return,
            () = tokio::time::sleep(EVERY) => {}
        }
        let sessions = context.sessions().list();
        let tokens: HashSet<_> = sessions.iter().filter_map(RpcSession::token).collect();
        if tokens.is_empty() {
            continue;
        }
        let now = trust.tokens.stamp().await;
        if now.is_some() && now == seen {
            continue;
        }
        seen = now;
        for token in tokens {
            match trust.knows(&token).await {
                Ok(true) => {}
                Ok(false) => {
                    tracing::info!("a token was revoked by another process");
                    distrust(&context, &token);
                }
                // The next look may find out.
                Err(_) => seen = None,
            }
        }
    }
}
