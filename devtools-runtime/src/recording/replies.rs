//! The frames of recorded replies, and of errors in their place.

use crate::peer::Frame;
use crate::recording::entry::RecordedReply;
use crate::wire::js::Value;
use crate::wire::{self, Encoding, RemoteErrorText, RequestId, coded_message};

pub(super) fn reply_frame(
    id: &RequestId,
    name: &str,
    outcome: &RecordedReply,
    encoding: Encoding,
) -> Option<Frame> {
    let written = match outcome {
        RecordedReply::Returned(Value::Undefined) => wire::success::<()>(encoding, id, None),
        RecordedReply::Returned(value) => wire::success(encoding, id, Some(value)),
        RecordedReply::Failed(error) => {
            let message = match &error.code {
                Some(code) => {
                    let data = error.data.as_ref().map(serde_json::to_value);
                    let data = data.and_then(Result::ok);
                    coded_message::join(&error.message, code, data.as_ref())
                }
                None => coded_message::uncoded(&error.message).into_owned(),
            };
            let (name, message) = (&*error.name, &*message);
            wire::failure(id, RemoteErrorText { name, message })
        }
        // A server of this crate throws errors only.
        RecordedReply::Thrown(value) => return failure_frame(id, &format!("{value:?}")),
        RecordedReply::LeftOut => {
            let message = format!(
                "the result of `{name}` was left out of the recording, because it holds a secret"
            );
            return failure_frame(id, &message);
        }
    };
    match written {
        Ok(text) => Some(Frame::from(text)),
        Err(error) => failure_frame(
            id,
            &format!("the recorded result of `{name}` could not be written: {error}"),
        ),
    }
}

pub(super) fn failure_frame(id: &RequestId, message: &str) -> Option<Frame> {
    let name = "Error";
    // Two texts and an id can always be written.
    let written = wire::failure(id, RemoteErrorText { name, message }).ok()?;
    Some(Frame::from(written))
}
