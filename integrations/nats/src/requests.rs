//! Requests, over core NATS.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

use async_nats::client::RequestErrorKind;
use async_nats::{Client, HeaderMap, Request, Subject, Subscriber};
use bytes::Bytes;
use devtools_runtime::backplane::{BackplaneError, Later, Message, Responder};
use futures_util::{FutureExt as _, StreamExt as _};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};
use tokio::task::JoinSet;

use crate::format;

/// The header of a request that could not be answered, with the reason.
const UNANSWERED: &str = "Devtools-Unanswered";

/// Sends a request.
pub(crate) fn request(
    client: Client,
    subject: String,
    request: &Message,
    timeout: Duration,
) -> Later<Message> {
    let payload = format::to_bytes(request);
    let subject = Subject::from(subject);
    Box::pin(async move {
        let size = payload.len();
        let sent = Request::new().payload(payload).timeout(Some(timeout));
        let answer = client.send_request(subject.clone(), sent).await;
        match answer {
            Ok(answer) => read(answer, &subject),
            Err(error) => Err(match error.kind() {
                RequestErrorKind::NoResponders => BackplaneError::NoResponder(subject.to_string()),
                RequestErrorKind::TimedOut => BackplaneError::Timeout(timeout),
                RequestErrorKind::MaxPayloadExceeded => BackplaneError::TooLarge {
                    size,
                    limit: client.server_info().max_payload,
                    engine: "NATS",
                },
                _ => BackplaneError::engine("send a request to another process", error),
            }),
        }
    })
}

/// Reads the answer to a request.
fn read(answer: async_nats::Message, subject: &Subject) -> Result<Message, BackplaneError> {
    let unanswered = answer.headers.as_ref().and_then(|it| it.get(UNANSWERED));
    if let Some(reason) = unanswered {
        return Err(BackplaneError::Unanswered {
            subject: subject.to_string(),
            source: reason.as_str().into(),
        });
    }
    let mut bytes = answer.payload;
    let message = format::take(&mut bytes)?;
    message.ok_or_else(|| BackplaneError::Unreadable("an answer is empty".into()))
}

/// An answer that waits to be sent.
struct Answer {
    reply: Subject,
    message: Result<Message, String>,
    _permit: OwnedSemaphorePermit,
}

/// Answers requests until the task is aborted. At most `at_once` run at the same time.
pub(crate) async fn serve(
    client: Client,
    mut requests: Subscriber,
    responder: Arc<dyn Responder>,
    at_once: usize,
) {
    let permits = Arc::new(Semaphore::new(at_once));
    // Each answer has a permit, so there is always room.
    let (answers, waiting) = mpsc::channel(at_once);
    let respond = async move {
        let mut running = JoinSet::new();
        while let Ok(permit) = Arc::clone(&permits).acquire_owned().await {
            while running.try_join_next().is_some() {}
            let Some(request) = requests.next().await else {
                break;
            };
            let mut payload = request.payload;
            let (Some(reply), Ok(Some(message))) = (request.reply, format::take(&mut payload))
            else {
                tracing::warn!(subject = %request.subject, "a request of another process cannot be read");
                continue;
            };
            // The responder sees requests in their order. It may panic here or in its future.
            let begun = catch_unwind(AssertUnwindSafe(|| responder.respond(message)));
            let answers = answers.clone();
            running.spawn(async move {
                let answer = match begun {
                    Ok(answer) => AssertUnwindSafe(answer).catch_unwind().await,
                    Err(panic) => Err(panic),
                };
                let answer = Answer {
                    reply,
                    message: answer.map_err(|_| "its responder has panicked".to_owned()),
                    _permit: permit,
                };
                // Nobody receives it once the process has left.
                let _ = answers.send(answer).await;
            });
        }
    };
    tokio::join!(respond, send_all(&client, waiting));
}

/// Sends answers, those that are ready at the same time together.
async fn send_all(client: &Client, mut answers: mpsc::Receiver<Answer>) {
    let mut ready = Vec::new();
    while let Some(first) = answers.recv().await {
        // The other tasks that are ready add their answers first. The connection would write each alone otherwise.
        tokio::task::yield_now().await;
        ready.push(first);
        while let Ok(answer) = answers.try_recv() {
            ready.push(answer);
        }
        for answer in ready.drain(..) {
            send(client, answer.reply, answer.message).await;
        }
    }
}

/// Sends an answer, or the reason why there is none.
async fn send(client: &Client, reply: Subject, answer: Result<Message, String>) {
    let limit = client.server_info().max_payload;
    let answer = answer.map(|answer| format::to_bytes(&answer));
    let answer = answer.and_then(|answer| match answer.len() {
        size if size <= limit => Ok(answer),
        size => Err(format!(
            "it was carried out, but its answer of {size} bytes is larger than the {limit} bytes of `max_payload` of NATS"
        )),
    });
    let sent = match answer {
        Ok(answer) => client.publish(reply, answer).await,
        Err(reason) => {
            tracing::warn!(reason, "a request of another process is not answered");
            let mut headers = HeaderMap::new();
            headers.insert(UNANSWERED, reason);
            client
                .publish_with_headers(reply, headers, Bytes::new())
                .await
        }
    };
    if let Err(error) = sent {
        tracing::warn!(%error, "an answer could not be sent to another process");
    }
}
