//! The side that answers.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use async_nats::{Client, Subject, Subscriber};
use devtools_runtime::backplane::{Message, Responder};
use futures_util::{FutureExt as _, StreamExt as _};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};
use tokio::task::JoinSet;

use crate::requests::entry::{self, Entry};
use crate::requests::packs::Packs;

/// An answer that waits to be sent.
struct Answer {
    /// The subject of the answers to the message with the request.
    reply: Subject,
    number: u64,
    content: Result<Message, String>,
    _permit: OwnedSemaphorePermit,
}

impl Answer {
    /// Returns the entry to send. An answer that is too large is replaced by the reason.
    fn into_entry(self, client: &Client) -> Entry {
        let limit = client.server_info().max_payload;
        let mut entry = Entry {
            number: self.number,
            content: self.content,
        };
        let size = entry.size();
        if size > limit {
            entry.content = Err(format!(
                "it was carried out, but its answer of {size} bytes is larger than the {limit} bytes of `max_payload` of NATS"
            ));
        }
        if let Err(reason) = &entry.content {
            tracing::warn!(reason, "a request of another process is not answered");
        }
        entry
    }
}

/// Answers requests until the task is aborted. At most `at_once` run at the same time.
pub(crate) async fn serve(
    client: Client,
    mut messages: Subscriber,
    responder: Arc<dyn Responder>,
    at_once: usize,
) {
    let permits = Arc::new(Semaphore::new(at_once));
    // Each answer has a permit, so there is always room.
    let (answers, waiting) = mpsc::channel(at_once.max(1));
    let sending = send_all(&client, waiting, &permits, at_once);
    let respond = async {
        let answers = answers;
        let mut running = JoinSet::new();
        while let Some(message) = messages.next().await {
            let Some(reply) = message.reply else {
                tracing::warn!(subject = %message.subject, "a request of another process has no subject for its answer");
                continue;
            };
            let mut payload = message.payload;
            loop {
                let entry = match entry::take(&mut payload) {
                    Ok(Some(Entry {
                        number,
                        content: Ok(content),
                    })) => (number, content),
                    Ok(None) => break,
                    Ok(Some(_)) | Err(_) => {
                        tracing::warn!(subject = %message.subject, "a request of another process cannot be read");
                        break;
                    }
                };
                let Ok(permit) = Arc::clone(&permits).acquire_owned().await else {
                    return;
                };
                while running.try_join_next().is_some() {}
                let (number, request) = entry;
                // The responder sees requests in their order. It may panic here or in its future.
                let begun = catch_unwind(AssertUnwindSafe(|| responder.respond(request)));
                let (answers, reply) = (answers.clone(), reply.clone());
                running.spawn(async move {
                    let answer = match begun {
                        Ok(answer) => AssertUnwindSafe(answer).catch_unwind().await,
                        Err(panic) => Err(panic),
                    };
                    let answer = Answer {
                        reply,
                        number,
                        content: answer.map_err(|_| "its responder has panicked".to_owned()),
                        _permit: permit,
                    };
                    // Nobody receives it once the process has left.
                    let _ = answers.send(answer).await;
                });
            }
        }
    };
    tokio::join!(respond, sending);
}

/// Sends answers, those that are ready at the same time together.
async fn send_all(
    client: &Client,
    mut answers: mpsc::Receiver<Answer>,
    permits: &Semaphore,
    at_once: usize,
) {
    let mut ready = Vec::new();
    while let Some(first) = answers.recv().await {
        if permits.available_permits() + 1 < at_once {
            // The other tasks that are ready add their answers first.
            tokio::task::yield_now().await;
        }
        ready.push(first);
        while let Ok(answer) = answers.try_recv() {
            ready.push(answer);
        }
        let mut packs = Packs::new(client.server_info().max_payload);
        for answer in ready.drain(..) {
            let reply = answer.reply.clone();
            packs.add(&reply, answer.into_entry(client));
        }
        for (reply, payload) in packs.into_messages() {
            if let Err(error) = client.publish(reply, payload).await {
                tracing::warn!(%error, "an answer could not be sent to another process");
            }
        }
    }
}
