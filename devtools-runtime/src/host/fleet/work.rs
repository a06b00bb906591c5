//! Working for the clients of other processes.

use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash as _, Hasher as _};

use tokio_util::sync::CancellationToken;

use crate::function::{FunctionInfo, HandlerRef};
use crate::host::context::DevToolsContext;
use crate::host::fleet::workers::{Directory, OfferedFunction, Offers, Working};
use crate::protocol::is_built_in;

/// Offers the functions of a context to other processes until `closing` is cancelled. After that, no call is taken, and
/// running calls have the time [`Limits::grace`](crate::Limits::grace) to end. `name` is that of the process.
pub(crate) async fn work(
    context: &DevToolsContext,
    name: Option<String>,
    closing: CancellationToken,
) {
    let working = context.own_state::<Working>();
    let offers = offers(context, name);
    let process = context.backplane().process();
    let functions = offers.functions.len();
    tracing::info!(process, functions, "takes calls of other processes");
    let at_work = working.begin(offers);
    closing.cancelled().await;
    at_work.drain().await;
    let grace = context.limits().grace;
    if tokio::time::timeout(grace, working.idle()).await.is_err() {
        tracing::warn!(
            ?grace,
            "some calls of other processes did not end in time; they fail when the program ends"
        );
    }
}

/// Returns the program's own functions.
fn offers(context: &DevToolsContext, name: Option<String>) -> Offers {
    let functions = context.rpc().list();
    // A process may be a worker and a gateway. It does not offer the functions of other workers.
    let directory = context.own_state::<Directory>();
    let own = functions.iter().filter(|it| {
        !is_built_in(it.name())
            && !matches!(it.handler(), HandlerRef::Declared)
            && directory.forwarded(it.name()).is_none()
    });
    let functions: Vec<_> = own
        .map(|it| OfferedFunction::new(FunctionInfo::from(it)))
        .collect();
    let mut hasher = DefaultHasher::new();
    name.hash(&mut hasher);
    for offer in &functions {
        (&offer.info.name, &offer.fingerprint).hash(&mut hasher);
    }
    Offers {
        version: hasher.finish() | 1,
        name,
        functions,
    }
}
