//! The POSTs of one session that are held open until their reply is there.
//!
//! Two parties meet here. A POST with a request is added with [`HeldPosts::hold`] and awaits the
//! [`HeldPost`] it gets back; the session's transport hands in the replies as they leave. A POST whose
//! client goes away drops its `HeldPost`, which takes the entry out again.
//!
//! The table is behind a [`std::sync::Mutex`]: every critical section is a map operation, and none of
//! them awaits. Code outside this module never sees the lock.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::oneshot;

use crate::peer::Frame;
use crate::wire::{RequestId, js, reply_id};

#[derive(Debug, Default)]
pub(crate) struct HeldPosts(Mutex<Waiting>);

#[derive(Debug)]
enum Waiting {
    Open(HashMap<String, oneshot::Sender<HeldReply>>),
    /// The session has ended: nothing waits for a reply that cannot come.
    Closed,
}

impl Default for Waiting {
    fn default() -> Self {
        Self::Open(HashMap::new())
    }
}

/// A POST that waits.
#[derive(Debug)]
pub(crate) struct HeldPost {
    id: String,
    posts: Arc<HeldPosts>,
    reply: oneshot::Receiver<HeldReply>,
}

/// The reply to a POST.
#[derive(Debug)]
pub(crate) struct HeldReply {
    pub(crate) frame: Frame,
    /// How many frames were handed to the session's event stream before it.
    pub(crate) after_events: u64,
}

impl HeldPosts {
    /// Waits for the reply to request `id`. A POST that waits for the same id is given up: only one can be
    /// told.
    pub(crate) fn hold(self: &Arc<Self>, id: &RequestId) -> HeldPost {
        let (sender, reply) = oneshot::channel();
        let id = key(id);
        if let Waiting::Open(waiting) = &mut *self.lock() {
            waiting.insert(id.clone(), sender);
        }
        HeldPost {
            id,
            posts: Arc::clone(self),
            reply,
        }
    }

    /// Hands a frame to the POST that waits for it, and tells it how many frames the event stream got before. Gives the
    /// frame back if no POST waits for it.
    pub(crate) fn answer(&self, frame: Frame, after_events: u64) -> Option<Frame> {
        if self.is_empty() {
            return Some(frame);
        }
        let Some(id) = reply_id(frame.as_str()) else {
            return Some(frame);
        };
        let waiting = match &mut *self.lock() {
            Waiting::Open(waiting) => waiting.remove(&key(&id)),
            Waiting::Closed => None,
        };
        match waiting {
            Some(sender) => {
                let reply = HeldReply {
                    frame,
                    after_events,
                };
                sender.send(reply).err().map(|reply| reply.frame)
            }
            None => Some(frame),
        }
    }

    /// Ends the waiting of every POST there is and of every later one.
    pub(super) fn close(&self) {
        *self.lock() = Waiting::Closed;
    }

    fn is_empty(&self) -> bool {
        match &*self.lock() {
            Waiting::Open(waiting) => waiting.is_empty(),
            Waiting::Closed => true,
        }
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        // No critical section can leave the map half changed.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl HeldPost {
    /// The reply, or `None` once none can come.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future gives the POST up: its reply goes down the event stream.
    pub(crate) async fn reply(mut self) -> Option<HeldReply> {
        (&mut self.reply).await.ok()
    }
}

impl Drop for HeldPost {
    fn drop(&mut self) {
        self.reply.close();
        if let Waiting::Open(waiting) = &mut *self.posts.lock() {
            // The entry may be that of another POST by now, which still waits.
            if waiting
                .get(&self.id)
                .is_some_and(oneshot::Sender::is_closed)
            {
                waiting.remove(&self.id);
            }
        }
    }
}

/// The id as JavaScript sees it: JSON has many spellings for one value, such as `1` and `1.0`, and the codecs do not
/// write the same one.
fn key(id: &RequestId) -> String {
    let text = serde_json::to_string(id);
    let key = text.and_then(|text| {
        let value: js::Value = serde_json::from_str(&text)?;
        serde_json::to_string(&value)
    });
    // Ids were read from JSON, or from what has a JSON form.
    key.unwrap_or_default()
}
