//! Shows calls without a connection to the inspector and the recorder of a context.

use serde_json::value::RawValue;

use crate::host::context::DevToolsContext;
use crate::peer::{Frame, FrameDirection, FrameTap};
use crate::wire::{self, Encoding, RemoteErrorText, RequestId};

/// A call that is shown as the two frames that a client with a connection would have exchanged.
pub(super) struct ShownCall {
    tap: FrameTap,
    /// The id of the call, while its reply is missing.
    open: Option<RequestId>,
}

impl ShownCall {
    /// Shows the request, or returns `None` if nobody watches. `id` is `None` for an event.
    pub(super) fn begin(
        context: &DevToolsContext,
        token: Option<&str>,
        name: &str,
        arguments: &str,
        id: Option<&RequestId>,
    ) -> Option<Self> {
        let tap = context.tap(FrameTap::WITHOUT_CONNECTION, token)?;
        if !tap.is_watched() {
            return None;
        }
        tap.saw(FrameDirection::Read, &request(name, arguments, id)?);
        Some(Self {
            tap,
            open: id.cloned(),
        })
    }

    /// Shows the reply.
    pub(super) fn end(mut self, reply: &Frame) {
        if self.open.take().is_some() {
            self.tap.saw(FrameDirection::Written, reply);
        }
    }
}

impl Drop for ShownCall {
    fn drop(&mut self) {
        let Some(id) = self.open.take() else { return };
        let (name, message) = ("Error", "the client has left before the reply");
        if let Ok(text) = wire::failure(&id, RemoteErrorText { name, message }) {
            self.tap.saw(FrameDirection::Written, &Frame::from(text));
        }
    }
}

/// Writes a call as a frame. `arguments` is the text of an array. Returns `None` if it is not JSON, and
/// the call fails then.
pub(super) fn request(name: &str, arguments: &str, id: Option<&RequestId>) -> Option<Frame> {
    let arguments: &RawValue = serde_json::from_str(arguments).ok()?;
    wire::request(Encoding::Json, name, &arguments, false, id)
        .ok()
        .map(Frame::from)
}
