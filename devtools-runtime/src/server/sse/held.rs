//! The POSTs of one session that stay open until their reply is ready.
//!
//! A POST with a request is added with [`HeldPosts::hold`], which returns a [`HeldPost`], and awaits that. The session's
//! transport passes replies to [`HeldPosts::answer`]. If the client of a POST disconnects, its `HeldPost` is dropped, which
//! removes the entry.
//!
//! The table is behind a mutex. Every critical section is a map operation, and none of them awaits. Code
//! outside this module does not see the lock.

use std::collections::HashMap;
use std::sync::Arc;

use tokio::sync::oneshot;

use crate::mutex::Mutex;
use crate::peer::Frame;
use crate::wire::{RequestId, js, reply_id};

/// The POSTs of one session that wait for their replies.
///
/// There is no table once the session has ended, so that no reply can come.
#[derive(Debug)]
pub(crate) struct HeldPosts(Mutex<Option<HashMap<String, oneshot::Sender<HeldReply>>>>);

impl Default for HeldPosts {
    fn default() -> Self {
        Self(Mutex::new(Some(HashMap::new())))
    }
}

/// A POST that waits for its reply.
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
    /// The number of frames that were sent on the session's event stream before the reply.
    pub(crate) after_events: u64,
}

impl HeldPosts {
    /// Adds a POST that waits for the reply to request `id`. It replaces a POST that waits for the same id, which then gets
    /// no reply.
    pub(crate) fn hold(self: &Arc<Self>, id: &RequestId) -> HeldPost {
        let (sender, reply) = oneshot::channel();
        let id = key(id);
        if let Some(waiting) = &mut *self.0.lock() {
            waiting.insert(id.clone(), sender);
        }
        HeldPost {
            id,
            posts: Arc::clone(self),
            reply,
        }
    }

    /// Passes a reply to the POST that waits for it, with the number of frames that the event stream has received before.
    /// Returns the frame if no POST waits for it.
    pub(crate) fn answer(&self, frame: Frame, after_events: u64) -> Option<Frame> {
        if self.is_empty() {
            return Some(frame);
        }
        let Some(id) = reply_id(frame.as_str()) else {
            return Some(frame);
        };
        let sender = self.0.lock().as_mut().and_then(|it| it.remove(&key(&id)));
        match sender {
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

    /// Ends the wait of every current and later POST.
    pub(super) fn close(&self) {
        *self.0.lock() = None;
    }

    fn is_empty(&self) -> bool {
        self.0.lock().as_ref().is_none_or(HashMap::is_empty)
    }
}

impl HeldPost {
    /// Waits for the reply. Returns `None` when no reply can come.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future removes the POST. Its reply is then sent on the event stream.
    pub(crate) async fn reply(mut self) -> Option<HeldReply> {
        (&mut self.reply).await.ok()
    }
}

impl Drop for HeldPost {
    fn drop(&mut self) {
        self.reply.close();
        if let Some(waiting) = &mut *self.posts.0.lock() {
            // The entry may belong to another POST with the same id, which still waits.
            if waiting
                .get(&self.id)
                .is_some_and(oneshot::Sender::is_closed)
            {
                waiting.remove(&self.id);
            }
        }
    }
}

/// Returns the id in the form that JavaScript writes. JSON has several spellings for one value, such as `1` and `1.0`, and
/// the two codecs write different ones.
fn key(id: &RequestId) -> String {
    let text = serde_json::to_string(id);
    let key = text.and_then(|text| {
        let value: js::Value = serde_json::from_str(&text)?;
        serde_json::to_string(&value)
    });
    // Every id has a JSON form, because it was read from JSON or structured clone.
    key.unwrap_or_default()
}
