//! The stored value of a shared state as a message: the facts as the head, the text as the body.

use std::sync::Arc;

use bytes::Bytes;

use crate::host::backplane::{BackplaneError, Message};
use crate::host::fleet::request::{head, read};
use crate::state::StoredValue;

pub(super) fn write(value: &StoredValue) -> Message {
    Message {
        head: head(&value.facts),
        body: Bytes::copy_from_slice(value.text.as_bytes()),
    }
}

pub(super) fn parse(message: &Message) -> Result<StoredValue, BackplaneError> {
    let text = std::str::from_utf8(&message.body);
    let text = text.map_err(|error| BackplaneError::Unreadable(error.into()))?;
    Ok(StoredValue {
        text: Arc::from(text),
        facts: read(message)?,
    })
}
