//! The beginning that the events of a stream have in common.

use serde::Serialize;

use crate::wire::json::{self, JsonError};
use crate::wire::literal::push_quoted;
use crate::wire::structured_clone::MAX_DEPTH;

/// The beginning of JSON events of one function whose first two arguments are always the same: the channel and the id
/// of a stream.
#[derive(Debug)]
pub(crate) struct EventStart(Box<[u8]>);

impl EventStart {
    /// Writes the beginning.
    pub(crate) fn new(method: &str, [channel, id]: [&str; 2]) -> Self {
        let mut text = br#"{"m":"#.to_vec();
        push_quoted(&mut text, method);
        text.extend_from_slice(br#","a":["#);
        push_quoted(&mut text, channel);
        text.push(b',');
        push_quoted(&mut text, id);
        Self(text.into())
    }

    /// Writes the event with the number and the value of a chunk, and calls `take` with its text. A peer that does
    /// not know the event ignores it.
    pub(crate) fn event<T: Serialize, R>(
        &self,
        seq: u64,
        chunk: &T,
        take: impl FnOnce(&[u8]) -> Option<R>,
    ) -> Result<R, JsonError> {
        json::with_buffer(|text| {
            text.extend_from_slice(&self.0);
            text.push(b',');
            json::push_value(text, &seq, 0)?;
            text.push(b',');
            json::push_value(text, chunk, MAX_DEPTH)?;
            text.extend_from_slice(br#"],"t":"q","o":true}"#);
            take(text).ok_or_else(|| json::not_utf8("a chunk is no text").into())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::EventStart;
    use crate::wire::{Encoding, request};

    #[test]
    fn events_are_those_that_are_written_as_a_whole() {
        for (channel, id, chunk) in [
            ("a:b", "x", serde_json::json!({ "a": [1] })),
            ("a:\"", "\n", serde_json::json!("é")),
        ] {
            let start = EventStart::new("devframe:streaming:chunk", [channel, id]);
            let event = start.event(12, &chunk, |text| String::from_utf8(text.to_vec()).ok());
            let arguments = (channel, id, 12, &chunk);
            let whole = request(
                Encoding::Json,
                "devframe:streaming:chunk",
                &arguments,
                true,
                None,
            );
            assert_eq!(event.unwrap(), whole.unwrap());
        }
    }
}
