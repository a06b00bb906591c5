//! Messages as bytes: the lengths of head and body as 32 bits each, then the parts. Several messages follow each other.

use bytes::{BufMut as _, Bytes, BytesMut};
use devtools_runtime::backplane::{BackplaneError, Message};

/// The number of bytes in front of the parts of a message.
pub(crate) const LENGTHS: usize = 8;

/// Appends a message to `bytes`.
pub(crate) fn write(message: &Message, bytes: &mut BytesMut) {
    bytes.reserve(LENGTHS + message.len());
    for part in [&message.head, &message.body] {
        // A message is smaller than the limit of NATS, which is far below 4 GiB.
        bytes.put_u32(u32::try_from(part.len()).unwrap_or(u32::MAX));
    }
    bytes.put_slice(&message.head);
    bytes.put_slice(&message.body);
}

/// Writes one message.
pub(crate) fn to_bytes(message: &Message) -> Bytes {
    let mut bytes = BytesMut::new();
    write(message, &mut bytes);
    bytes.freeze()
}

/// Takes the first message from `bytes`, without a copy. Returns `None` at the end.
pub(crate) fn take(bytes: &mut Bytes) -> Result<Option<Message>, BackplaneError> {
    if bytes.is_empty() {
        return Ok(None);
    }
    let length = |bytes: &mut Bytes| {
        let length = (bytes.len() >= 4).then(|| bytes.split_to(4));
        let length = length.and_then(|it| <[u8; 4]>::try_from(&*it).ok());
        length.map(|it| u32::from_be_bytes(it) as usize)
    };
    let lengths = length(bytes).zip(length(bytes));
    let fits = |(head, body): &(usize, usize)| head.saturating_add(*body) <= bytes.len();
    let Some((head, body)) = lengths.filter(fits) else {
        let cut_off = "it is shorter than it says";
        return Err(BackplaneError::Unreadable(cut_off.into()));
    };
    Ok(Some(Message {
        head: bytes.split_to(head),
        body: bytes.split_to(body),
    }))
}

#[cfg(test)]
mod tests {
    use bytes::{Bytes, BytesMut};
    use devtools_runtime::backplane::Message;

    use super::{take, write};

    #[test]
    fn messages_are_read_as_they_were_written() {
        let messages = [
            Message::default(),
            Message {
                head: Bytes::from_static(b"head"),
                body: Bytes::from_static(b"body"),
            },
        ];
        let mut bytes = BytesMut::new();
        for it in &messages {
            write(it, &mut bytes);
        }
        let whole = bytes.freeze();
        let mut rest = whole.clone();
        for message in messages {
            assert_eq!(take(&mut rest).unwrap(), Some(message));
        }
        assert_eq!(take(&mut rest).unwrap(), None);
        for end in (1..whole.len()).filter(|end| *end != 8) {
            let mut cut = whole.slice(..end);
            let read = std::iter::from_fn(|| take(&mut cut).transpose());
            assert!(read.collect::<Result<Vec<_>, _>>().is_err(), "{end}");
        }
    }
}
