//! Telling clients that messages have changed, and removing messages whose time is over.

use std::time::Duration;

use tokio::runtime::Handle;
use tokio_util::task::AbortOnDropHandle;

use crate::host::broadcast::broadcast_at_once;
use crate::host::context::DevToolsContext;
use crate::protocol::message::Message;
use crate::protocol::messages::MessagesUpdated;

use super::feed::Feed;

/// The time within which changes are reported to clients together.
const TOGETHER: Duration = Duration::from_millis(10);

/// Tells clients soon that messages have changed. Outside a runtime they are told at once.
pub(super) fn changed(context: &DevToolsContext) {
    let Ok(runtime) = Handle::try_current() else {
        return tell(context);
    };
    let timers = &Feed::of(context).timers;
    let mut telling = timers.telling.lock();
    if telling.is_some() {
        return;
    }
    let weak = context.downgrade();
    let task = runtime.spawn(async move {
        tokio::time::sleep(TOGETHER).await;
        if let Some(context) = weak.upgrade() {
            let timers = &Feed::of(&context).timers;
            let done = timers.telling.lock().take();
            tell(&context);
            // This is the handle of the task itself, which is at its end.
            drop(done);
        }
    });
    *telling = Some(AbortOnDropHandle::new(task));
}

fn tell(context: &DevToolsContext) {
    if let Err(error) = broadcast_at_once::<MessagesUpdated>(context.into(), &()) {
        tracing::warn!(%error, "could not tell clients of new messages");
    }
}

/// Removes a message after its time, if it has one. Outside a runtime it stays.
pub(super) fn expire(context: &DevToolsContext, message: &Message) {
    let timers = &Feed::of(context).timers;
    let time = message.auto_delete.filter(|time| *time > 0);
    let (Some(time), Ok(runtime)) = (time, Handle::try_current()) else {
        return timers.cancel(&message.id);
    };
    let (weak, id) = (context.downgrade(), message.id.clone());
    let task = runtime.spawn(async move {
        tokio::time::sleep(Duration::from_millis(time)).await;
        if let Some(context) = weak.upgrade() {
            context.messages().remove(&id);
        }
    });
    let task = AbortOnDropHandle::new(task);
    timers.expiring.lock().insert(message.id.clone(), task);
}
