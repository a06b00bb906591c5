//! Forwarding a call to a worker.

use std::time::Duration;

use bytes::Bytes;
use tokio::time::Instant;

use crate::function::{
    Call, CallError, FunctionDefinition, FunctionKind, RemoteError, ReplyText, ReplyTo, Started,
    current_traceparent, forwarded_function, inject,
};
use crate::host::backplane::{BackplaneError, Message};
use crate::host::fleet::request::{Request, head, read, subject_of};
use crate::host::fleet::workers::call::WorkCall;
use crate::host::fleet::workers::directory::{Directory, Forwarded};
use crate::host::fleet::workers::offer::Offers;
use crate::host::fleet::workers::working::WorkAnswer;
use crate::host::{DevToolsContext, RpcSession};
use crate::peer::{Frame, Reply};
use crate::wire::{self, Encoding, Envelope, FrameText, Payload, RequestId, js};

/// How long a call may take if the program has no `handler_timeout`.
const TIMEOUT: Duration = Duration::from_secs(60);

/// The longest time that a call may take, whatever `handler_timeout` says: an instant cannot lie further away than the clock counts.
const LONGEST: Duration = Duration::from_secs(365 * 24 * 60 * 60);

/// How long the answer to a call is awaited after its worker has ended: that nobody received the call, or a reply that was on the way.
const LAST_ANSWER: Duration = Duration::from_millis(250);

/// How long to wait before workers that are busy are asked again.
const BUSY: Duration = Duration::from_millis(20);

/// Defines a function that forwards its calls to workers.
pub(super) fn definition(function: &Forwarded) -> FunctionDefinition {
    let fingerprint = function.fingerprint.clone();
    let (name, kind) = (function.info.name.clone(), function.info.kind);
    let encoding = function.info.encoding;
    forwarded_function(&function.info, move |call| {
        let caller = inject::<DevToolsContext>(call.scope)
            .and_then(|context| Ok((context.clone(), inject::<RpcSession>(call.scope)?)));
        let (context, session) = match caller {
            Ok(caller) => caller,
            Err(missing) => return Started::Done(call.reply.error(&missing)),
        };
        let Call {
            arguments, reply, ..
        } = call;
        let (arguments, is_structured) = match text_of(arguments) {
            Ok(text) => text,
            Err(problem) => return Started::Done(reply.failure(&problem)),
        };
        let time = context.limits().handler_timeout.unwrap_or(TIMEOUT);
        let work = WorkCall {
            function: name.clone(),
            fingerprint: fingerprint.clone(),
            is_structured,
            id: id_of(&reply),
            milliseconds: u64::try_from(time.as_millis()).unwrap_or(u64::MAX),
            roles: (!session.is_local()).then(|| session.roles()),
            token_name: session.token_name(),
            traceparent: current_traceparent(),
        };
        Started::Running(Box::pin(async move {
            match forward(&context, kind, work, arguments, time).await {
                Ok(frame) => pass(&reply, frame, encoding),
                Err(error) => reply.error(&error),
            }
        }))
    })
}

/// Returns the text of the arguments, and whether it is structured clone.
fn text_of(arguments: Payload<'_>) -> Result<(Bytes, bool), String> {
    match arguments {
        Payload::Absent => Ok((Bytes::from_static(b"[]"), false)),
        Payload::Json(text) => Ok((Bytes::copy_from_slice(text.as_bytes()), false)),
        Payload::Clone(node) => {
            let values = node
                .read::<js::Value>()
                .map_err(|error| error.to_string())?;
            let text = wire::arguments(Encoding::StructuredClone, &values);
            let text = text.map_err(|error| error.to_string())?;
            Ok((text.into(), true))
        }
    }
}

/// Returns the id that the worker writes into its reply: that of the caller, if it is a string. Empty for an event.
fn id_of(reply: &ReplyTo) -> String {
    match reply.innermost() {
        ReplyTo::Nobody => String::new(),
        _ => reply
            .id()
            .map_or_else(|| "1".to_owned(), RequestId::to_string),
    }
}

/// Returns the worker's reply for the caller. A result goes to the caller as the worker has written it.
fn pass(reply: &ReplyTo, frame: Bytes, encoding: Encoding) -> ReplyText {
    if frame.is_empty() {
        return None; // An event has no reply.
    }
    let Ok(text) = String::from_utf8(frame.into()) else {
        return reply.failure("the reply of a worker cannot be read");
    };
    let is_result_for = |id: &RequestId| {
        let text = FrameText::open(&text);
        let envelope = text.as_ref().map(FrameText::envelope);
        matches!(envelope, Ok(Ok(Envelope::Response(response))) if response.result.is_ok() && response.id.as_ref() == Some(id))
    };
    if reply.id().is_some_and(is_result_for) {
        return Some(text);
    }
    let answer = Reply::of(Frame::from(text));
    match answer.read::<js::Value>("", Encoding::StructuredClone) {
        Ok(value) => reply.success(encoding, &value),
        Err(CallError::Remote(error)) => reply.error(&error),
        Err(error) => reply.failure(&error.to_string()),
    }
}

/// Sends a call to a worker, and returns the frame of its reply.
///
/// A call that was not run goes to the next worker. A query whose worker has ended is tried once more.
async fn forward(
    context: &DevToolsContext,
    kind: FunctionKind,
    mut work: WorkCall,
    arguments: Bytes,
    time: Duration,
) -> Result<Bytes, RemoteError> {
    let directory = context.own_state::<Directory>();
    let deadline = Instant::now() + time.min(LONGEST);
    let mut may_try_again = matches!(kind, FunctionKind::Query | FunctionKind::Static);
    loop {
        let workers = directory.offering(&work.function, &work.fingerprint);
        if workers.is_empty() {
            return Err(RemoteError::coded(
                "no-worker",
                format!(
                    "`{}` was not called: no worker offers it now",
                    work.function
                ),
            ));
        }
        for worker in workers {
            let left = deadline.saturating_duration_since(Instant::now());
            work.milliseconds = u64::try_from(left.as_millis()).unwrap_or(u64::MAX);
            let request = Message {
                head: head(&Request::Work(work.clone())),
                body: arguments.clone(),
            };
            let subject = subject_of(&worker.process);
            let _in_flight = worker.call();
            let lost = async {
                worker.gone.cancelled().await;
                tokio::time::sleep(LAST_ANSWER).await;
            };
            let answer = tokio::select! {
                biased;
                answer = context.backplane().request(&subject, request, left) => answer,
                () = lost => {
                    if may_try_again {
                        may_try_again = false;
                        break;
                    }
                    return Err(RemoteError::coded(
                        "worker-lost",
                        format!("the worker that ran `{}` has ended: the call may have run", work.function),
                    ));
                }
            };
            let answer = match answer {
                Ok(answer) => answer,
                Err(BackplaneError::NoResponder(_)) => {
                    directory.remove(&worker.process);
                    continue;
                }
                Err(BackplaneError::Timeout(_)) => {
                    return Err(RemoteError::coded(
                        "worker-timeout",
                        format!(
                            "no reply of a worker came within {time:?}: `{}` may have run",
                            work.function
                        ),
                    ));
                }
                Err(error) => {
                    let message =
                        format!("`{}` could not be sent to a worker: {error}", work.function);
                    return Err(RemoteError::coded("worker-unreachable", message));
                }
            };
            match read(&answer) {
                Ok(WorkAnswer::Replied) => return Ok(answer.body),
                Ok(WorkAnswer::Busy) => {}
                // It drains: it is not asked again before it offers something.
                Ok(WorkAnswer::NotOffered) => directory.update(&worker.process, &Offers::default()),
                Err(error) => {
                    let message = format!(
                        "the answer of a worker to `{}` is not valid: {error}",
                        work.function
                    );
                    return Err(RemoteError::new(message));
                }
            }
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
