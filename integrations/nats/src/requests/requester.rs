//! The side that asks.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_nats::{Client, StatusCode, Subject, Subscriber};
use bytes::{Bytes, BytesMut};
use devtools_runtime::backplane::{BackplaneError, Later, Message};
use futures_util::StreamExt as _;
use tokio::runtime::Handle;
use tokio::sync::{mpsc, oneshot};

use crate::requests::entry::{self, Entry};
use crate::requests::packs::Packs;
use crate::task::OwnedTask;

/// The number of requests that may wait to be sent. Further ones wait for room, within their timeout.
const QUEUED: usize = 1024;

/// If fewer requests than this wait for answers, a further request is sent at once. So few are rarely ready at the
/// same time.
const FEW: usize = 8;

/// The size in bytes at which a message with several requests is sent. A larger request goes alone.
const FULL: usize = 64 * 1024;

/// Sends requests, and passes their answers on. Clones share the requests.
#[derive(Clone)]
pub(crate) struct Requester(Arc<Shared>);

/// The tasks of a requester. It sends and receives until they are dropped.
pub(crate) struct Tasks {
    _sending: OwnedTask,
    _receiving: OwnedTask,
}

struct Shared {
    client: Client,
    /// The answers to a message of requests come to this subject, with its number behind it.
    inbox: String,
    last_request: AtomicU64,
    last_message: AtomicU64,
    waiting: Mutex<HashMap<u64, Waiting>>,
    queue: mpsc::Sender<Queued>,
    /// The number of requests that were queued and not passed to the connection yet.
    unsent: AtomicUsize,
}

/// A request that waits for its answer.
struct Waiting {
    answer: oneshot::Sender<Answer>,
    /// The number of the message that it was sent in. `None` before that.
    message: Option<u64>,
}

/// The outcome of a request.
enum Answer {
    Answered(Message),
    /// The process has received the request, and cannot answer for this reason.
    Unanswered(String),
    /// No process has received the request.
    NoResponder,
}

/// A request that waits to be sent.
struct Queued {
    subject: Subject,
    entry: Entry,
}

/// A message with requests: its number, its subject, and its payload.
type Packed = (u64, (Subject, Bytes));

/// A request whose answer is awaited. It is forgotten when this is dropped.
struct Awaited<'s> {
    shared: &'s Shared,
    number: u64,
    answer: oneshot::Receiver<Answer>,
}

impl Requester {
    /// Begins to receive answers. `runtime` runs the tasks.
    pub(crate) async fn new(
        client: Client,
        runtime: &Handle,
    ) -> Result<(Self, Tasks), BackplaneError> {
        let inbox = client.new_inbox();
        let answers = client.subscribe(format!("{inbox}.*")).await;
        let answers = answers.map_err(|error| BackplaneError::engine("subscribe", error))?;
        let (queue, queued) = mpsc::channel(QUEUED);
        let shared = Arc::new(Shared {
            client,
            inbox,
            last_request: AtomicU64::new(0),
            last_message: AtomicU64::new(0),
            waiting: Mutex::default(),
            queue,
            unsent: AtomicUsize::new(0),
        });
        let tasks = Tasks {
            _sending: OwnedTask::spawn(runtime, send_all(Arc::clone(&shared), queued)),
            _receiving: OwnedTask::spawn(runtime, receive_all(Arc::clone(&shared), answers)),
        };
        Ok((Self(shared), tasks))
    }

    /// Sends a request. Dropping the future forgets it, and if it is not sent yet, it is not sent.
    pub(crate) fn request(
        &self,
        subject: String,
        request: Message,
        timeout: Duration,
    ) -> Later<Message> {
        let shared = Arc::clone(&self.0);
        let subject = Subject::from(subject);
        Box::pin(async move {
            let asked = shared.ask(&subject, request);
            let answer = tokio::time::timeout(timeout, asked).await;
            match answer.map_err(|_| BackplaneError::Timeout(timeout))?? {
                Answer::Answered(message) => Ok(message),
                Answer::NoResponder => Err(BackplaneError::NoResponder(subject.to_string())),
                Answer::Unanswered(reason) => Err(BackplaneError::Unanswered {
                    subject: subject.to_string(),
                    source: reason.into(),
                }),
            }
        })
    }
}

impl Shared {
    fn waiting(&self) -> MutexGuard<'_, HashMap<u64, Waiting>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn ask(&self, subject: &Subject, request: Message) -> Result<Answer, BackplaneError> {
        let number = self.last_request.fetch_add(1, Ordering::Relaxed) + 1;
        let entry = Entry {
            number,
            content: Ok(request),
        };
        let limit = self.client.server_info().max_payload;
        let size = entry.size();
        if size > limit {
            return Err(BackplaneError::TooLarge {
                size,
                limit,
                engine: "NATS",
            });
        }
        let (mut awaited, message) = self.begin(number);
        if let Some(message) = message {
            let mut bytes = BytesMut::new();
            entry.write(&mut bytes);
            // Boxed, so that the future of a request that is queued does not have the size of this one.
            let sent = self.publish(subject.clone(), message, bytes.freeze());
            Box::pin(sent).await;
        } else {
            let room = self.queue.reserve().await;
            let room = room.map_err(|_| BackplaneError::Left)?;
            self.unsent.fetch_add(1, Ordering::SeqCst);
            room.send(Queued {
                subject: subject.clone(),
                entry,
            });
        }
        (&mut awaited.answer)
            .await
            .map_err(|_| BackplaneError::Left)
    }

    /// Registers a request. Returns the number of its message if it must be sent at once. This is the case if few
    /// others wait for their answers, and no queued request would be overtaken.
    fn begin(&self, number: u64) -> (Awaited<'_>, Option<u64>) {
        let (sender, answer) = oneshot::channel();
        let mut waiting = self.waiting();
        let goes_alone = waiting.len() < FEW && self.unsent.load(Ordering::SeqCst) == 0;
        let message = goes_alone.then(|| self.next_message());
        waiting.insert(
            number,
            Waiting {
                answer: sender,
                message,
            },
        );
        let awaited = Awaited {
            shared: self,
            number,
            answer,
        };
        (awaited, message)
    }

    fn next_message(&self) -> u64 {
        self.last_message.fetch_add(1, Ordering::Relaxed) + 1
    }

    /// Puts requests into messages, and returns the messages with their numbers. Requests whose future was dropped
    /// are left out.
    fn pack(&self, queued: impl Iterator<Item = Queued>) -> impl Iterator<Item = Packed> {
        let limit = FULL.min(self.client.server_info().max_payload);
        let (mut packs, mut numbers) = (Packs::new(limit), Vec::new());
        let mut waiting = self.waiting();
        for Queued { subject, entry } in queued {
            let Some(it) = waiting.get_mut(&entry.number) else {
                continue;
            };
            let at = packs.add(&subject, entry);
            if at == numbers.len() {
                numbers.push(self.next_message());
            }
            it.message = numbers.get(at).copied();
        }
        numbers.into_iter().zip(packs.into_messages())
    }

    async fn publish(&self, subject: Subject, message: u64, payload: Bytes) {
        let reply = format!("{}.{message}", self.inbox);
        let sent = self.client.publish_with_reply(subject, reply, payload);
        if let Err(error) = sent.await {
            tracing::warn!(%error, "requests to another process could not be sent");
            self.answer_message(message, || None);
        }
    }

    /// Gives the same answer to all requests of a message. `None` drops them.
    fn answer_message(&self, message: u64, answer: impl Fn() -> Option<Answer>) {
        let answered: Vec<Waiting> = {
            let mut waiting = self.waiting();
            let sent = waiting.iter().filter(|(_, it)| it.message == Some(message));
            let numbers: Vec<u64> = sent.map(|(number, _)| *number).collect();
            numbers.iter().filter_map(|it| waiting.remove(it)).collect()
        };
        for it in answered {
            if let Some(answer) = answer() {
                // The future of the request may have been dropped.
                let _ = it.answer.send(answer);
            }
        }
    }

    /// Passes the answers in a message on.
    fn receive(&self, message: async_nats::Message) {
        if message.status == Some(StatusCode::NO_RESPONDERS) {
            let number = message.subject.rsplit('.').next();
            if let Some(number) = number.and_then(|it| it.parse().ok()) {
                self.answer_message(number, || Some(Answer::NoResponder));
            }
            return;
        }
        let mut payload = message.payload;
        loop {
            let entry = match entry::take(&mut payload) {
                Ok(Some(entry)) => entry,
                Ok(None) => return,
                Err(error) => {
                    tracing::warn!(
                        error = &error as &dyn std::error::Error,
                        "answers of another process cannot be read"
                    );
                    return;
                }
            };
            // A request whose future was dropped is not in the table any more.
            let waiting = self.waiting().remove(&entry.number);
            if let Some(it) = waiting {
                let _ = it.answer.send(match entry.content {
                    Ok(message) => Answer::Answered(message),
                    Err(reason) => Answer::Unanswered(reason),
                });
            }
        }
    }
}

impl Drop for Awaited<'_> {
    fn drop(&mut self) {
        self.shared.waiting().remove(&self.number);
    }
}

/// Sends the requests that are queued.
async fn send_all(shared: Arc<Shared>, mut queued: mpsc::Receiver<Queued>) {
    let mut ready = Vec::new();
    while let Some(first) = queued.recv().await {
        // The tasks that are ready queue their requests first.
        tokio::task::yield_now().await;
        ready.push(first);
        while let Ok(next) = queued.try_recv() {
            ready.push(next);
            if ready.len() == QUEUED {
                break;
            }
        }
        let sent = ready.len();
        for (message, (subject, payload)) in shared.pack(ready.drain(..)) {
            shared.publish(subject, message, payload).await;
        }
        shared.unsent.fetch_sub(sent, Ordering::SeqCst);
    }
}

/// Receives answers.
async fn receive_all(shared: Arc<Shared>, mut answers: Subscriber) {
    while let Some(message) = answers.next().await {
        shared.receive(message);
    }
}
