//! Broadcasts: events and calls to many clients at once.
//!
//! The frame is encoded once. It is put into each session's queue without waiting, so that a slow client does not delay the
//! others. Only the future of the broadcast waits for room, and only with [`WhenFull::Wait`].

use std::fmt::Debug;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use crate::function::{CallError, NotifyError, RpcFunction};
use crate::host::audience::Audience;
use crate::host::backplane::Appended;
use crate::host::fleet::FleetSession;
use crate::host::session::RpcSession;
use crate::peer::{BroadcastCall, Caller as _, Enqueue, SendOutcome, WhenFull, event};

/// One client's reply to a broadcast.
///
/// ```
/// use devtools_runtime::{DevToolsContext, rpc_function};
///
/// #[rpc_function(name = "docs-of-replies:get-title", kind = "query", side = "client")]
/// async fn get_title() -> String;
///
/// /// Collects the titles of the panels that answer.
/// async fn titles(ctx: &DevToolsContext) -> Vec<String> {
///     let replies = GetTitle::broadcast(ctx).await;
///     replies.into_iter().filter_map(|reply| reply.result.ok()).collect()
/// }
/// ```
#[non_exhaustive]
pub struct BroadcastReply<F: RpcFunction> {
    /// The session of the client, in this process or another one.
    pub session: FleetSession,
    /// The client's reply. [`CallError::UnknownFunction`] if it has no such function, [`CallError::Remote`] if the function
    /// failed, [`CallError::Timeout`] or [`CallError::Disconnected`] if no reply arrived.
    pub result: Result<F::Output, CallError<F::Error>>,
}

crate::debug_impl! {
    <F: RpcFunction<Output: Debug, Error: Debug>> BroadcastReply<F> as it { session: it.session.id(), result }
}

/// The future of an event that is broadcast. It resolves to the number of sessions of this process whose queue has taken the event.
///
/// The queues that had room took the event before this future exists, whether it is polled or not. The future waits for room
/// in the queues that were full, and only with [`WhenFull::Wait`]. With a
/// [backplane](crate::DevToolsBuilder::backplane) it also waits until the event is stored for the other processes. It
/// is stored whether this future is polled or not.
///
/// # Cancel safety
///
/// If this future is dropped, the sessions whose queues are still full miss the event. They stay connected.
///
/// ```
/// use devtools_runtime::{DevToolsContext, NotifyError, rpc_function};
///
/// #[rpc_function(name = "docs-of-broadcasting:reload", kind = "event", side = "client")]
/// async fn reload();
///
/// /// Reloads all panels.
/// async fn reload_all(ctx: &DevToolsContext) -> Result<(), NotifyError> {
///     let reached = Reload::broadcast(ctx).await?;
///     println!("{reached} panels reload");
///     Ok(())
/// }
/// ```
#[must_use = "sessions with a full queue receive the event while this future is awaited, and miss it when it is dropped"]
pub struct Broadcasting {
    reached: usize,
    /// The error that kept the event from being sent. It is taken when the future resolves.
    error: Option<NotifyError>,
    waiting: Vec<Enqueue>,
    /// The entry for other processes.
    appended: Option<Appended>,
}

impl Future for Broadcasting {
    type Output = Result<usize, NotifyError>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        if let Some(error) = this.error.take() {
            return Poll::Ready(Err(error));
        }
        this.waiting.retain_mut(|frame| match frame.poll(context) {
            Poll::Ready(queued) => {
                this.reached += usize::from(queued.is_ok());
                false
            }
            Poll::Pending => true,
        });
        if let Some(appended) = &mut this.appended {
            match Pin::new(appended).poll(context) {
                Poll::Ready(Ok(())) => this.appended = None,
                Poll::Ready(Err(error)) => {
                    let source = error.into();
                    return Poll::Ready(Err(NotifyError::Backplane { source }));
                }
                Poll::Pending => return Poll::Pending,
            }
        }
        if this.waiting.is_empty() {
            Poll::Ready(Ok(this.reached))
        } else {
            Poll::Pending
        }
    }
}

crate::debug_impl! {
    Broadcasting as it => "a broadcast event that waits for room in the queues of {} sessions", it.waiting.len()
}

/// Sends an event to every session. The option [`WhenFull`] says what happens to a session whose queue is full.
pub(crate) fn broadcast_event<F: RpcFunction>(
    audience: Audience,
    arguments: &F::Args,
) -> Broadcasting {
    queue::<F>(&audience, arguments, None).unwrap_or_else(|error| Broadcasting {
        reached: 0,
        error: Some(error),
        waiting: Vec::new(),
        appended: None,
    })
}

/// Sends an event to every session of this process without waiting: a session whose queue is full is closed. Returns the number of
/// sessions whose queue has taken the event.
pub(crate) fn broadcast_at_once<F: RpcFunction>(
    audience: Audience,
    arguments: &F::Args,
) -> Result<usize, NotifyError> {
    queue::<F>(&audience.local(), arguments, Some(WhenFull::Close)).map(|sent| sent.reached)
}

/// Queues an event for every session that has room, and for other processes. The frames that wait for room in other queues are in
/// the returned future.
fn queue<F: RpcFunction>(
    audience: &Audience,
    arguments: &F::Args,
    when_full: Option<WhenFull>,
) -> Result<Broadcasting, NotifyError> {
    let sessions = audience.sessions();
    let elsewhere = audience.elsewhere();
    if sessions.is_empty() && elsewhere.is_none() {
        return Ok(Broadcasting {
            reached: 0,
            error: None,
            waiting: Vec::new(),
            appended: None,
        });
    }
    let event = event::<F>(arguments)?;
    let size = event.len();
    let exceeded = |session: &RpcSession| session.peer().exceeded_by(size);
    if let Some(limit) = sessions.iter().find_map(exceeded) {
        return Err(NotifyError::TooLarge { size, limit });
    }
    let appended = elsewhere.map(|it| it.send(event.clone()));
    let mut reached = 0;
    let mut waiting = Vec::new();
    for session in sessions {
        let peer = session.peer();
        match peer.send(event.clone(), when_full.unwrap_or(peer.limits().when_full)) {
            SendOutcome::Queued => reached += 1,
            SendOutcome::Lost => {}
            SendOutcome::Waiting(mut frame) => {
                // The first poll takes a place among the senders that wait for room, so that events arrive in the order
                // in which they were sent.
                match frame.poll(&mut Context::from_waker(Waker::noop())) {
                    Poll::Ready(queued) => reached += usize::from(queued.is_ok()),
                    Poll::Pending => waiting.push(frame),
                }
            }
        }
    }
    Ok(Broadcasting {
        reached,
        error: None,
        waiting,
        appended,
    })
}

/// Calls `F` on every session and collects the replies: those of this process first, in the order in which the sessions connected.
///
/// All requests of this process are sent before the first reply is awaited, and every session has the same time to reply.
pub(crate) fn broadcast_call<F: RpcFunction>(
    audience: Audience,
    arguments: &F::Args,
) -> impl Future<Output = Vec<BroadcastReply<F>>> + Send + use<F> {
    let elsewhere = audience.elsewhere().cloned();
    let call = match &elsewhere {
        Some(_) => BroadcastCall::across_processes::<F>(arguments),
        None => BroadcastCall::new::<F>(arguments),
    };
    let send = |session: &RpcSession| (session.clone(), call.begin(session.peer()));
    let begun: Vec<_> = audience.sessions().iter().map(send).collect();
    let elsewhere = elsewhere.map(|it| Box::pin(async move { it.call(&call).await }));
    async move {
        let here = async {
            let mut replies = Vec::with_capacity(begun.len());
            for (session, pending) in begun {
                let result = pending.finish::<F>().await;
                let session = session.into();
                replies.push(BroadcastReply { session, result });
            }
            replies
        };
        let Some(elsewhere) = elsewhere else {
            return here.await;
        };
        let (mut replies, others) = tokio::join!(here, elsewhere);
        replies.extend(others.into_iter().map(|(session, reply)| BroadcastReply {
            session,
            result: BroadcastCall::typed::<F>(reply),
        }));
        replies
    }
}
