//! The desk of a process: it answers the requests of other processes, and passes their events on to its clients.

use std::pin::Pin;
use std::time::Duration;

use tokio::time::Instant;

use crate::host::backplane::{LogReader, Message, Responder};
use crate::host::context::{DevToolsContext, WeakContext};
use crate::host::fleet::outcome::{ClientReplies, ClientReply, Lost};
use crate::host::fleet::request::{ProcessRequest, RequestOutcome, head, message, read};
use crate::host::fleet::selector::Selector;
use crate::host::fleet::session_info::ProcessSession;
use crate::host::fleet::workers::{Cancellable, Working, run};
use crate::host::fleet::{codes, streams};
use crate::host::session::RpcSession;
use crate::host::trust::revoke;
use crate::peer::{BroadcastCall, Caller as _, Frame};

/// The number of requests that may run beside the calls of a worker. Most requests end soon, and only a smaller number
/// of them may wait for chunks.
const BESIDE_CALLS: usize = 1024;

/// The desk of a process.
pub(super) struct Desk {
    context: WeakContext,
    at_once: Option<usize>,
}

impl Desk {
    /// Creates the desk for the requests of [`subject_of`](crate::host::fleet::request::subject_of). More calls than a
    /// worker may run are refused at once, so there is always room for the other requests, such as cancellations.
    pub(super) fn new(context: &DevToolsContext) -> Self {
        let calls = context.limits().calls_in_flight;
        Self {
            context: context.downgrade(),
            at_once: Some(calls.saturating_add(BESIDE_CALLS)),
        }
    }

    /// Creates the desk for the requests of [`calls_of`](crate::host::fleet::request::calls_of).
    pub(super) fn of_calls(context: &DevToolsContext) -> Self {
        Self {
            context: context.downgrade(),
            at_once: None,
        }
    }
}

impl LogReader for Desk {
    /// Sends an event of another process to the selected sessions. This cannot wait for room, so a session whose queue
    /// is full is closed.
    fn entry(&self, entry: Message) {
        let Some(context) = self.context.upgrade() else {
            return;
        };
        let selector = Selector::from_bytes(&entry.head);
        let (Ok(selector), Some(event)) = (selector, Frame::from_utf8(entry.body)) else {
            tracing::warn!(
                "an event of another process cannot be read: do all processes run the same version?"
            );
            return;
        };
        for session in selected(&context, &selector) {
            let peer = session.peer();
            if peer.exceeded_by(event.len()).is_none() {
                peer.send_or_close(event.clone());
            }
        }
    }

    fn missed(&self, entries: u64) {
        tracing::warn!(
            entries,
            "this process was cut off for longer than events are kept, so its clients have missed some events of other processes"
        );
    }
}

impl Responder for Desk {
    fn at_once(&self) -> Option<usize> {
        self.at_once
    }

    fn respond(&self, request: Message) -> Pin<Box<dyn Future<Output = Message> + Send>> {
        let Some(context) = self.context.upgrade() else {
            let ending = message(&RequestOutcome::Failed("the process is ending".to_owned()));
            return Box::pin(std::future::ready(ending));
        };
        // Each future is boxed alone, because that of a call is made often and those of others are larger.
        match read(&request) {
            Ok(ProcessRequest::Work(call)) => {
                // It is registered before this returns, so that a cancellation that follows finds it.
                let cancellable = call.number.map(|it| Cancellable::new(&context, it));
                Box::pin(async move { run(&context, call, cancellable, &request.body).await })
            }
            Ok(ProcessRequest::Stream(request)) => {
                Box::pin(async move { streams::answer(&context, request).await })
            }
            Ok(ProcessRequest::Call {
                function,
                id,
                milliseconds,
                selector,
            }) => Box::pin(async move {
                let time = Duration::from_millis(milliseconds);
                let deadline = Instant::now().checked_add(time);
                match deadline.zip(Frame::from_utf8(request.body)) {
                    Some((deadline, frame)) => {
                        let call = BroadcastCall::of_frame(function, id, frame, deadline);
                        call_all(&context, &selector, &call).await
                    }
                    None => message(&RequestOutcome::Failed(
                        "the request cannot be read".to_owned(),
                    )),
                }
            }),
            Ok(ProcessRequest::Revoke { session }) => Box::pin(async move {
                match find(&context, session) {
                    Some(session) => match revoke(&context, &session).await {
                        Ok(()) => message(&RequestOutcome::Done),
                        Err(error) => message(&RequestOutcome::Failed(error.to_string())),
                    },
                    None => message(&RequestOutcome::NoSession),
                }
            }),
            Ok(ProcessRequest::Sessions) => Box::pin(async move {
                let sessions = context.sessions().list();
                message(
                    &sessions
                        .iter()
                        .map(ProcessSession::from)
                        .collect::<Vec<_>>(),
                )
            }),
            Ok(ProcessRequest::Close { session, reason }) => Box::pin(async move {
                match find(&context, session) {
                    Some(session) => {
                        session.close(reason);
                        message(&RequestOutcome::Done)
                    }
                    None => message(&RequestOutcome::NoSession),
                }
            }),
            Ok(ProcessRequest::Redeem {
                code,
                session,
                address,
            }) => {
                Box::pin(async move { message(&codes::redeem(&context, &code, session, address)) })
            }
            Ok(ProcessRequest::Offers { known, from }) => Box::pin(async move {
                let offers = context.own_state::<Working>().offers();
                message(&offers.unwrap_or_default().answer(known, from))
            }),
            Ok(ProcessRequest::Cancel(numbers)) => Box::pin(async move {
                let working = context.own_state::<Working>();
                for number in numbers {
                    working.cancel(number);
                }
                message(&RequestOutcome::Done)
            }),
            Err(error) => Box::pin(std::future::ready(message(&RequestOutcome::Failed(
                error.to_string(),
            )))),
        }
    }
}

/// Calls the selected sessions, and returns their outcomes.
async fn call_all(context: &DevToolsContext, selector: &Selector, call: &BroadcastCall) -> Message {
    let begun: Vec<_> = selected(context, selector)
        .map(|session| {
            let pending = call.begin(session.peer());
            (session, pending)
        })
        .collect();
    let mut outcomes = ClientReplies::default();
    let mut body = Vec::new();
    for (session, pending) in begun {
        let reply = pending.reply().await;
        let result = match &reply {
            Ok(reply) => {
                body.extend_from_slice(reply.text().as_bytes());
                Ok(reply.len())
            }
            Err(error) => Err(Lost::new(error)),
        };
        let session = ProcessSession::from(&session);
        outcomes.0.push(ClientReply { session, result });
    }
    Message {
        head: head(&outcomes),
        body: body.into(),
    }
}

/// Returns the sessions of this process that another one has selected.
fn selected<'s>(
    context: &'s DevToolsContext,
    selector: &'s Selector,
) -> impl Iterator<Item = RpcSession> + use<'s> {
    let process = context.backplane().process();
    let sessions = context.sessions().list();
    (0..sessions.len()).filter_map(move |index| {
        let session = sessions.get(index)?;
        selector.selects(process, session).then(|| session.clone())
    })
}

fn find(context: &DevToolsContext, id: u64) -> Option<RpcSession> {
    let sessions = context.sessions().list();
    sessions.iter().find(|session| session.id() == id).cloned()
}
