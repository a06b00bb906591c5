//! Requests, over core NATS.

use std::sync::Arc;
use std::time::Duration;

use async_nats::client::{PublishErrorKind, RequestErrorKind};
use async_nats::{Client, HeaderMap, Request, Subscriber};
use bytes::Bytes;
use devtools_runtime::backplane::{BackplaneError, Message, Responder};
use futures_util::StreamExt as _;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use crate::format;

/// The header of an answer that is too large, with its size.
const TOO_LARGE: &str = "Devtools-Too-Large";

/// Sends a request.
pub(crate) async fn request(
    client: Client,
    subject: String,
    request: Message,
    timeout: Duration,
) -> Result<Message, BackplaneError> {
    let limit = client.server_info().max_payload;
    let too_large = |size| BackplaneError::TooLarge {
        size,
        limit,
        engine: "NATS",
    };
    let payload = format::to_bytes(&request);
    let size = payload.len();
    let sent = Request::new().payload(payload).timeout(Some(timeout));
    let answer = client.send_request(subject.clone(), sent).await;
    let answer = answer.map_err(|error| match error.kind() {
        RequestErrorKind::NoResponders => BackplaneError::NoResponder(subject),
        RequestErrorKind::TimedOut => BackplaneError::Timeout(timeout),
        RequestErrorKind::MaxPayloadExceeded => too_large(size),
        _ => BackplaneError::engine("send a request to another process", error),
    })?;
    let refused = answer.headers.as_ref().and_then(|it| it.get(TOO_LARGE));
    if let Some(size) = refused.and_then(|size| size.as_str().parse().ok()) {
        return Err(too_large(size));
    }
    let mut bytes = answer.payload;
    let message = format::take(&mut bytes)?;
    message.ok_or_else(|| BackplaneError::Unreadable("an answer is empty".into()))
}

/// Answers requests until the task is aborted. At most `at_once` run at the same time.
pub(crate) async fn serve(
    client: Client,
    mut requests: Subscriber,
    responder: Arc<dyn Responder>,
    at_once: usize,
) {
    let permits = Arc::new(Semaphore::new(at_once));
    let mut running = JoinSet::new();
    while let Ok(permit) = Arc::clone(&permits).acquire_owned().await {
        while running.try_join_next().is_some() {}
        let Some(request) = requests.next().await else {
            break;
        };
        let (client, responder) = (client.clone(), Arc::clone(&responder));
        running.spawn(async move {
            respond(&client, &*responder, request).await;
            drop(permit);
        });
    }
}

async fn respond(client: &Client, responder: &dyn Responder, request: async_nats::Message) {
    let mut payload = request.payload;
    let (Some(reply), Ok(Some(message))) = (request.reply, format::take(&mut payload)) else {
        tracing::warn!(subject = %request.subject, "a request of another process cannot be read");
        return;
    };
    let answer = format::to_bytes(&responder.respond(message).await);
    let size = answer.len();
    let sent = match client.publish(reply.clone(), answer).await {
        Err(error) if error.kind() == PublishErrorKind::MaxPayloadExceeded => {
            tracing::warn!(
                size,
                "an answer is larger than NATS accepts: raise `max_payload` there"
            );
            let mut headers = HeaderMap::new();
            headers.insert(TOO_LARGE, size.to_string());
            client
                .publish_with_headers(reply, headers, Bytes::new())
                .await
        }
        sent => sent,
    };
    if let Err(error) = sent {
        tracing::warn!(%error, "an answer could not be sent to another process");
    }
}
