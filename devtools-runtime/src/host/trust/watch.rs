//! Watches the token files for tokens that other processes revoke.

use std::collections::HashSet;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::host::context::DevToolsContext;
use crate::host::session::RpcSession;
use crate::host::trust::functions::distrust;

/// How often the files are checked while a session with a token is open.
const EVERY: Duration = Duration::from_secs(1);

/// Makes sessions untrusted whose token another process has revoked, until `closing` is cancelled.
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
                    tracing::info!(
                        "another process has revoked a token: its sessions are no longer trusted"
                    );
                    distrust(&context, &token);
                }
                // The next round tries again.
                Err(_) => seen = None,
            }
        }
    }
}
