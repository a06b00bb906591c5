//! Answers the calls of the page about streaming channels.

use crate::function::RemoteError;
use crate::host::{DevToolsContext, RegisterError, add_protocol_function};
use crate::protocol::functions;
use crate::streaming::DescribedChannel;

/// The reason that the reader of a cancelled upload gets.
const CANCELLED: &str = "the upload was cancelled in the inspector";

functions! {
    /// Describes a channel with its streams and uploads. `None` if there is none of this name.
    Channel = "devtools-runtime:inspector:channel", Query, Server, Json,
    (name: String) -> Option<DescribedChannel>;

    /// Cancels an upload. Returns `false` if it is not open.
    CancelUpload = "devtools-runtime:inspector:cancel-upload", Action, Server, Json,
    (channel: String, id: String) -> bool;
}

/// Registers the functions.
pub(super) fn register(context: &DevToolsContext) -> Result<(), RegisterError> {
    add_protocol_function::<Channel, _>(context, |context, _, (name,)| async move {
        context.channels().describe_one(&name)
    })?;
    add_protocol_function::<CancelUpload, _>(context, |context, _, (channel, id)| async move {
        let error = RemoteError::new(CANCELLED);
        context.channels().stop_upload(&channel, &id, error)
    })
}
