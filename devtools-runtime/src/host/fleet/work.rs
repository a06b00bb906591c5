//! Working for the clients of other processes.

use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash as _, Hasher as _};
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::function::{FunctionInfo, HandlerRef};
use crate::host::DevToolsContext;
use crate::host::fleet::workers::{Offer, Offers, Working};
use crate::protocol::is_built_in;

/// Offers the functions of a context to other processes until `closing` is cancelled. Then no call is taken, and those that run
/// have the time `grace`.
pub(crate) async fn work(context: &DevToolsContext, closing: CancellationToken, grace: Duration) {
    let working = context.own_state::<Working>();
    let at_work = working.begin(offers(context));
    closing.cancelled().await;
    at_work.drain().await;
    if tokio::time::timeout(grace, working.idle()).await.is_err() {
        tracing::warn!(
            ?grace,
            "some calls of other processes did not end in time; they fail when the program ends"
        );
    }
}

/// Returns the program's own functions.
fn offers(context: &DevToolsContext) -> Offers {
    let functions = context.rpc().list();
    let own = functions
        .iter()
        .filter(|it| !is_built_in(it.name()) && !matches!(it.handler(), HandlerRef::Declared));
    let functions: Vec<_> = own.map(|it| Offer::new(FunctionInfo::from(it))).collect();
    let mut hasher = DefaultHasher::new();
    for offer in &functions {
        (&offer.info.name, &offer.fingerprint).hash(&mut hasher);
    }
    Offers {
        version: hasher.finish() | 1,
        functions,
    }
}
