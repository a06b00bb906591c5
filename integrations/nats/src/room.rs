//! Recognizes refusals of JetStream for lack of room.

use async_nats::jetstream::context::PublishError;
use async_nats::jetstream::{self, ErrorCode};

/// The codes of the errors for lack of room in a stream, the account or the server.
const NO_ROOM: [ErrorCode; 5] = [
    ErrorCode::STREAM_STORE_FAILED,
    ErrorCode::ACCOUNT_RESOURCES_EXCEEDED,
    ErrorCode::INSUFFICIENT_RESOURCES,
    ErrorCode::STORAGE_RESOURCES_EXCEEDED,
    ErrorCode::MEMORY_RESOURCES_EXCEEDED,
];

/// Returns the text of the server's error, if it has refused a message for lack of room.
pub(crate) fn no_room(error: &PublishError) -> Option<String> {
    let source = std::error::Error::source(error)?;
    let refusal = source.downcast_ref::<jetstream::Error>()?;
    NO_ROOM
        .contains(&refusal.error_code())
        .then(|| refusal.to_string())
}
