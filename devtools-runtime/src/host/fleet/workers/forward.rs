//! Sending a call to a worker.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use tokio::time::Instant;

use crate::function::{FunctionKind, RemoteError};
use crate::host::backplane::{BackplaneError, Message};
use crate::host::context::DevToolsContext;
use crate::host::fleet::request::{SentRequest, head, read, subject_of};
use crate::host::fleet::workers::call::WorkCall;
use crate::host::fleet::workers::directory::{Directory, InFlight, Worker};
use crate::host::fleet::workers::offer::Offers;
use crate::host::fleet::workers::working::WorkAnswer;
use crate::peer::runs_to_end;

/// How long a call may take if the program has no `handler_timeout`.
const TIMEOUT: Duration = Duration::from_secs(60);

/// The longest time that a call may take, whatever `handler_timeout` says: an instant cannot lie further away than the clock counts.
const LONGEST: Duration = Duration::from_secs(365 * 24 * 60 * 60);

/// The time that the gateway waits for the answer to a call after the worker has ended. A reply may be on the way, or the engine may
/// answer that the call has reached no process.
const LAST_ANSWER: Duration = Duration::from_millis(250);

/// How long to wait before workers that are busy are asked again.
const BUSY: Duration = Duration::from_millis(20);

/// Sends a call to a worker, and returns the frame of its reply.
///
/// A call that was not run goes to the next worker. A query whose worker has ended is tried once more. With `only`, the call goes to
/// that process and to no other one.
///
/// If this is dropped, the worker drops a query, and runs an action or an event to its end.
pub(super) async fn forward(
    context: &DevToolsContext,
    kind: FunctionKind,
    mut work: Box<WorkCall>,
    arguments: Bytes,
    only: Option<&str>,
) -> Result<Bytes, RemoteError> {
    let directory = context.own_state::<Directory>();
    let time = context.limits().handler_timeout.unwrap_or(TIMEOUT);
    let deadline = Instant::now() + time.min(LONGEST);
    let mut may_try_again = !runs_to_end(kind);
    loop {
        let mut tried = Vec::new();
        while let Some(in_flight) = directory.choose(&work, only, &tried) {
            let worker = in_flight.worker();
            let left = deadline.saturating_duration_since(Instant::now());
            let answer = ask(context, kind, &mut work, &arguments, &in_flight, left).await;
            let answer = match answer {
                Some(Ok(answer)) => answer,
                Some(Err(BackplaneError::NoResponder(_))) => {
                    directory.remove(&worker.process);
                    continue;
                }
                Some(Err(error)) => return Err(failed(&work.function, &error, time)),
                None if may_try_again => {
                    may_try_again = false;
                    continue;
                }
                None => {
                    return Err(RemoteError::coded(
                        "worker-lost",
                        format!(
                            "the worker that ran `{}` has ended: the call may have run",
                            work.function
                        ),
                    ));
                }
            };
            match read(&answer) {
                Ok(WorkAnswer::Replied) => return Ok(answer.body),
                Ok(WorkAnswer::Busy) => {}
                // It drains: it is not asked again before it offers something.
                Ok(WorkAnswer::NotOffered) => directory.update(&worker.process, &Offers::default()),
                Ok(WorkAnswer::Cancelled) => {
                    return Err(RemoteError::new("the call was cancelled on its worker"));
                }
                Err(error) => {
                    let message = format!(
                        "the answer of a worker to `{}` is not valid: {error}",
                        work.function
                    );
                    return Err(RemoteError::new(message));
                }
            }
            tried.push(Arc::clone(worker));
        }
        if tried.is_empty() {
            let message = format!(
                "`{}` was not called: no worker offers it now",
                work.function
            );
            return Err(RemoteError::coded("no-worker", message));
        }
        if Instant::now() + BUSY >= deadline {
            return Err(RemoteError::coded(
                "workers-busy",
                format!(
                    "`{}` was not called: its workers were busy for {time:?}",
                    work.function
                ),
            ));
        }
        tokio::time::sleep(BUSY).await;
    }
}

/// Asks a worker to run a call. Returns `None` if the worker ends before it answers.
async fn ask(
    context: &DevToolsContext,
    kind: FunctionKind,
    work: &mut WorkCall,
    arguments: &Bytes,
    in_flight: &InFlight,
    left: Duration,
) -> Option<Result<Message, BackplaneError>> {
    let worker: &Worker = in_flight.worker();
    let directory = context.own_state::<Directory>();
    let cancel = (!runs_to_end(kind)).then(|| directory.cancellations.guard(&worker.process));
    work.number = cancel.as_ref().map(|it| it.number);
    // Rounded up, so that the worker does not end a call before its caller does.
    let milliseconds = left.as_nanos().div_ceil(1_000_000);
    work.milliseconds = u64::try_from(milliseconds).unwrap_or(u64::MAX);
    let request = Message {
        head: head(&SentRequest::Work(work)),
        body: arguments.clone(),
    };
    let subject = subject_of(&worker.process);
    let lost = async {
        worker.gone.cancelled().await;
        tokio::time::sleep(LAST_ANSWER).await;
    };
    let answer = tokio::select! {
        biased;
        answer = context.backplane().request(&subject, request, left) => answer,
        () = lost => return None,
    };
    if let (Some(cancel), false) = (cancel, matches!(answer, Err(BackplaneError::Timeout(_)))) {
        cancel.end();
    }
    Some(answer)
}

/// Returns the error of a call that a worker has not answered.
fn failed(function: &str, error: &BackplaneError, time: Duration) -> RemoteError {
    match error {
        BackplaneError::Timeout(_) => RemoteError::coded(
            "worker-timeout",
            format!("no reply of a worker came within {time:?}: `{function}` may have run"),
        ),
        BackplaneError::TooLarge { .. } | BackplaneError::Full { .. } | BackplaneError::Left => {
            let message = format!("`{function}` could not be sent to a worker: {error}");
            RemoteError::coded("worker-unreachable", message)
        }
        BackplaneError::Unanswered { source, .. } => {
            let message = format!("a worker has received `{function}` and cannot reply: {source}");
            RemoteError::coded("worker-failed", message)
        }
        _ => {
            let message = format!("no reply of a worker came: {error}: `{function}` may have run");
            RemoteError::coded("worker-failed", message)
        }
    }
}
