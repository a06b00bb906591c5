//! Messages for the user, which the interface and the messages panel show
//! ([protocol 19](https://github.com/devtools-runtime/devtools-runtime/blob/main/docs/protocol.md#19-messages)).

mod feed;
mod functions;
mod notice;
mod timers;

use std::convert::Infallible;

use crate::host::context::DevToolsContext;
use crate::protocol::message::{Message, MessageOrigin};

use self::feed::Feed;

pub(crate) use self::functions::register;

/// The messages of a context, from [`DevToolsContext::messages`].
///
/// ```
/// use devtools_runtime::DevToolsContext;
/// use devtools_runtime::docks::Message;
///
/// async fn build(ctx: &DevToolsContext) {
///     let shown = ctx.messages().add(Message::info("Building …").loading());
///     // … build …
///     shown.update(|message| *message = Message::success("The build is ready").notify());
/// }
/// ```
///
/// A context keeps the newest [`Limits::messages`](field@crate::Limits::messages). Clients are told of changes at most
/// a hundred times a second.
#[derive(Debug, Clone, Copy)]
pub struct Messages<'a> {
    context: &'a DevToolsContext,
}

impl DevToolsContext {
    /// The messages for the user.
    pub fn messages(&self) -> Messages<'_> {
        Messages { context: self }
    }
}

impl Messages<'_> {
    /// Adds a message. If there is one with its id, the message takes its place and keeps its time.
    #[expect(
        clippy::should_implement_trait,
        reason = "messages are no number, and the engine has the same name"
    )]
    pub fn add(self, message: Message) -> MessageHandle {
        let message = Message {
            from: MessageOrigin::Server,
            ..message
        };
        MessageHandle {
            id: self.put(message).id,
            context: self.context.clone(),
        }
    }

    /// Returns the message with this id.
    pub fn get(self, id: &str) -> Option<Message> {
        Feed::of(self.context).get(id)
    }

    /// Returns the messages, the oldest first.
    pub fn list(self) -> Vec<Message> {
        Feed::of(self.context).since(None).entries
    }

    /// Changes a message. Its id, its time and the side that it comes from stay. Returns `false` if there is no message with the id.
    ///
    /// Other changes of messages wait until `change` has returned, so it must not use the messages itself.
    pub fn update(self, id: &str, change: impl FnOnce(&mut Message)) -> bool {
        let updated = Feed::of(self.context).update(id, |message| {
            change(message);
            Ok::<_, Infallible>(())
        });
        let Ok(Some(updated)) = updated else {
            return false;
        };
        notice::expire(self.context, &updated);
        notice::changed(self.context);
        true
    }

    /// Removes a message. Returns `false` if there is none with the id.
    pub fn remove(self, id: &str) -> bool {
        let is_known = Feed::of(self.context).remove(id);
        if is_known {
            notice::changed(self.context);
        }
        is_known
    }

    /// Removes all messages.
    pub fn clear(self) {
        Feed::of(self.context).clear();
        notice::changed(self.context);
    }

    /// Adds a message, whoever it comes from, and returns it as it is stored.
    fn put(self, message: Message) -> Message {
        let added = Feed::of(self.context).put(message, self.context.limits().messages);
        notice::expire(self.context, &added);
        notice::changed(self.context);
        added
    }
}

/// A message that was added, from [`Messages::add`]. Dropping it does nothing: the message stays.
///
/// ```
/// use devtools_runtime::DevTools;
/// use devtools_runtime::docks::Message;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let devtools = DevTools::builder().without_collected().build().await?;
/// let messages = devtools.context().messages();
/// let shown = messages.add(Message::info("1 file to go").loading());
/// assert!(shown.update(|message| message.message = "all files are read".to_owned()));
/// assert_eq!(messages.list()[0].message, "all files are read");
/// shown.remove();
/// assert!(messages.list().is_empty());
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct MessageHandle {
    id: String,
    context: DevToolsContext,
}

impl MessageHandle {
    /// Returns the id of the message.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Changes the message, as [`Messages::update`] does.
    pub fn update(&self, change: impl FnOnce(&mut Message)) -> bool {
        self.context.messages().update(&self.id, change)
    }

    /// Removes the message, as [`Messages::remove`] does.
    pub fn remove(&self) -> bool {
        self.context.messages().remove(&self.id)
    }
}
