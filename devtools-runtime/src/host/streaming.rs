//! The channels of a context, and the functions through which clients reach them.

use crate::function::{RpcFunction, Started};
use crate::host::context::DevToolsContext;
use crate::host::protocol_functions::{Callers, add_call, add_on_connection};
use crate::host::register::RegisterError;
use crate::host::session::RpcSession;
use crate::peer::Caller as _;
use crate::protocol::streaming::{
    Cancel, Subscribe, Taken, Unsubscribe, UploadChunk, UploadEnd, UploadRoom,
};
use crate::streaming::{Channel, ChannelError, ChannelOptions, StreamMessage};
use crate::wire::Payload;

/// The streaming channels of a context, from [`RpcHost::streaming`](crate::context::RpcHost::streaming).
///
/// ```
/// use devtools_runtime::DevTools;
/// use devtools_runtime::streaming::ChannelOptions;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let devtools = DevTools::builder().without_collected().build().await?;
/// let streaming = devtools.context().rpc().streaming();
/// let channel = streaming.create::<String>("my-plugin:log", ChannelOptions::new().replay(100))?;
/// assert_eq!(streaming.names(), ["my-plugin:log"]);
/// # let _ = channel;
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Copy)]
pub struct StreamingHost<'a> {
    context: &'a DevToolsContext,
}

impl<'a> StreamingHost<'a> {
    pub(crate) fn new(context: &'a DevToolsContext) -> Self {
        Self { context }
    }

    /// Creates a channel, which exists as long as the context. [`rpc_channel`](macro@crate::rpc_channel) declares a channel
    /// for both sides.
    ///
    /// # Errors
    ///
    /// If the name is taken, or is not a valid name of a channel.
    pub fn create<T>(
        self,
        name: &str,
        options: ChannelOptions,
    ) -> Result<Channel<T>, ChannelError> {
        let created = self.context.channels().create(name, options)?;
        self.context.channel_added().notify(name);
        Ok(created)
    }

    /// Returns the names of the channels, sorted.
    pub fn names(self) -> Vec<String> {
        self.context.channels().names()
    }
}

/// Registers the functions through which clients reach channels.
pub(crate) fn register(context: &DevToolsContext) -> Result<(), RegisterError> {
    add_on_connection::<Subscribe, _>(context, |context, session, (channel, id, options)| {
        let options = options.unwrap_or_default();
        let channels = context.channels();
        channels.subscribe(session.id(), session.peer(), &channel, &id, options);
        async {}
    })?;
    add_on_connection::<Taken, _>(context, |context, session, (channel, id, items, last)| {
        let channels = context.channels();
        channels.taken(session.id(), &channel, &id, items, last);
        async {}
    })?;
    add_on_connection::<Unsubscribe, _>(context, |context, session, (channel, id)| {
        let channels = context.channels();
        channels.unsubscribe(session.id(), &channel, &id);
        async {}
    })?;
    add_on_connection::<Cancel, _>(context, |context, session, (channel, id)| {
        context.channels().cancel(session.id(), &channel, &id);
        async {}
    })?;
    add_on_connection::<UploadRoom, _>(context, |context, session, (channel, id)| async move {
        let channels = context.channels();
        channels
            .upload_room(session.id(), session.peer(), &channel, &id)
            .await
    })?;
    add_event::<UploadChunk>(context, |context, session, arguments| {
        let Ok(message) = StreamMessage::read(arguments) else {
            return;
        };
        let channels = context.channels();
        channels.upload_chunk(session.id(), session.peer(), &message, arguments.len());
    })?;
    add_event::<UploadEnd>(context, |context, session, arguments| {
        if let Ok(message) = StreamMessage::read(arguments) {
            context.channels().upload_end(session.id(), &message);
        }
    })?;
    let channels = context.channels().clone();
    context
        .rpc()
        .on_disconnect(move |session| channels.leave(session.id()));
    Ok(())
}

/// Registers the event `F`. Its handler reads the arguments, because only the channel knows their types.
fn add_event<F: RpcFunction>(
    context: &DevToolsContext,
    handler: fn(&DevToolsContext, &RpcSession, Payload<'_>),
) -> Result<(), RegisterError> {
    add_call::<F>(
        context,
        Callers::Connected,
        move |context, session, call| {
            handler(context, session, call.arguments);
            Started::Done(call.reply.success(F::ENCODING, &()))
        },
    )
}
