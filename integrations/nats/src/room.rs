//! Refusals of JetStream because there is no room.

use async_nats::jetstream::context::PublishError;
use async_nats::jetstream::{self, ErrorCode};

/// The codes of the errors that a stream, the account or the server has no room.
const NO_ROOM: [ErrorCode; 5] = [
    ErrorCode::STREAM_STORE_FAILED,
    ErrorCode::ACCOUNT_RESOURCES_EXCEEDED,
    ErrorCode::INSUFFICIENT_RESOURCES,
    ErrorCode::STORAGE_RESOURCES_EXCEEDED,
    ErrorCode::MEMORY_RESOURCES_EXCEEDED,
];

/// Returns the words of the server, if it has refused a message because there is no room.
pub(crate) fn no_room(error: &PublishError) -> Option<String> {
    let source = std::error::Error::source(error)?;
    let refusal = source.downcast_ref::<jetstream::Error>()?;
    NO_ROOM
        .contains(&refusal.error_code())
        .then(|| refusal.to_string())
}
