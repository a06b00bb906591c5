//! Storing the changes of this process's shared states for the other processes.

use std::collections::BTreeSet;
use std::panic::AssertUnwindSafe;
use std::time::Duration;

use futures_util::FutureExt as _;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::host::backplane::{BackplaneError, Replaced};
use crate::host::context::DevToolsContext;
use crate::host::fleet::request::STATES;
use crate::host::fleet::states::format;
use crate::host::fleet::states::shared::FleetStates;
use crate::state::Unstored;

/// The number of keys that are stored at the same time.
const AT_ONCE: usize = 64;

/// How long to wait after a failure. The time doubles with each further failure, up to [`LONGEST_RETRY`].
const RETRY: Duration = Duration::from_millis(20);
const LONGEST_RETRY: Duration = Duration::from_secs(2);

/// How long to wait for the value of another process after a conflict, before the engine is asked for it.
const ARRIVAL: Duration = Duration::from_secs(1);

/// Stores the changes of all states until `closing` is cancelled and all changes are stored, or `Limits::grace` has
/// passed after the cancellation.
pub(crate) async fn store_changes(
    context: DevToolsContext,
    states: FleetStates,
    closing: CancellationToken,
) {
    let mut running = JoinSet::new();
    let mut busy = BTreeSet::new();
    let grace = context.limits().grace;
    let given_up = async {
        closing.cancelled().await;
        tokio::time::sleep(grace).await;
    };
    tokio::pin!(given_up);
    loop {
        for key in states.take(&busy, AT_ONCE - busy.len()) {
            busy.insert(key.clone());
            let (context, states) = (context.clone(), states.clone());
            running.spawn(async move {
                let stored = AssertUnwindSafe(store(&context, &states, &key));
                if stored.catch_unwind().await.is_err() {
                    tracing::warn!(key, "storing a shared state panicked");
                }
                key
            });
        }
        tokio::select! {
            () = states.added() => {}
            Some(ended) = running.join_next() => {
                // A task is cancelled only with the runtime.
                if let Ok(key) = ended {
                    busy.remove(&key);
                }
            }
            () = closing.cancelled(), if busy.is_empty() => return,
            () = &mut given_up => {
                tracing::warn!(
                    ?grace,
                    keys = ?busy,
                    "the last changes of some shared states were not stored for the other processes in time"
                );
                return;
            }
        }
    }
}

/// Stores the changes of one state, until there are none.
async fn store(context: &DevToolsContext, fleet: &FleetStates, key: &str) {
    let backplane = context.backplane();
    let states = context.states();
    let mut retry = RETRY;
    let mut was_full = false;
    loop {
        let mut arrived = fleet.arrived();
        let attempt = match states.unstored(key, backplane.process()) {
            None => return,
            Some(Unstored::Removal { expected }) => {
                let removed = backplane.replace(STATES, key, Some(expected), None).await;
                removed.map(|it| match it {
                    Replaced::Done(revision) => {
                        states.removed(key, revision);
                        true
                    }
                    Replaced::Conflict => false,
                })
            }
            Some(Unstored::Value {
                expected,
                number,
                value,
            }) => {
                let message = format::write(&value);
                match backplane
                    .replace(STATES, key, expected, Some(message))
                    .await
                {
                    Ok(Replaced::Done(revision)) => {
                        states.stored(key, number, revision);
                        Ok(true)
                    }
                    Ok(Replaced::Conflict) => Ok(false),
                    Err(error) => {
                        if is_refusal(&error) {
                            states.refused(key, number, &error.to_string());
                        }
                        Err(error)
                    }
                }
            }
        };
        match attempt {
            Ok(true) => retry = RETRY,
            Ok(false) => {
                // The value that caused the conflict arrives soon. If it does not, this process has missed it.
                let arrival = tokio::time::timeout(ARRIVAL, arrived.changed()).await;
                if arrival.is_err() {
                    fleet.ask(key, was_full).await;
                }
            }
            Err(error) => {
                report(key, &error);
                was_full |= matches!(error, BackplaneError::StoreFull { .. });
                if matches!(error, BackplaneError::TooLarge { .. }) {
                    return; // The next change may make it smaller.
                }
                tokio::time::sleep(retry).await;
                retry = LONGEST_RETRY.min(retry * 2);
            }
        }
    }
}

fn report(key: &str, error: &BackplaneError) {
    let is_refusal = is_refusal(error);
    let error = error as &dyn std::error::Error;
    if is_refusal {
        tracing::warn!(
            key,
            error,
            "a shared state is not stored for the other processes"
        );
    } else {
        tracing::debug!(key, error, "a shared state is not stored yet");
    }
}

/// Returns whether the engine has refused a value, so that it was not stored.
fn is_refusal(error: &BackplaneError) -> bool {
    matches!(
        error,
        BackplaneError::TooLarge { .. } | BackplaneError::StoreFull { .. }
    )
}
