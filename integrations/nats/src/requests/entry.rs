//! Requests and answers in a message of NATS, one after the other.
//!
//! Each is the number of the request in 64 bits, a byte that says whether there is an answer, and a [message](crate::format).

use bytes::{Buf as _, BufMut as _, Bytes, BytesMut};
use devtools_runtime::backplane::{BackplaneError, Message};

use crate::format;

/// The number of bytes in front of the parts of a message.
const OVERHEAD: usize = 9 + format::LENGTHS;

const MESSAGE: u8 = 0;
/// The body is the reason why there is no answer.
const UNANSWERED: u8 = 1;

/// A request or an answer.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Entry {
    /// The number of the request, which no other one of its process has.
    pub(super) number: u64,
    /// The request or the answer, or the reason why there is no answer.
    pub(super) content: Result<Message, String>,
}

impl Entry {
    /// Returns the number of bytes that this takes in a message of NATS.
    pub(super) fn size(&self) -> usize {
        OVERHEAD
            + match &self.content {
                Ok(message) => message.len(),
                Err(reason) => reason.len(),
            }
    }

    /// Appends this to `bytes`.
    pub(super) fn write(self, bytes: &mut BytesMut) {
        bytes.reserve(self.size());
        bytes.put_u64(self.number);
        let (kind, message) = match self.content {
            Ok(message) => (MESSAGE, message),
            Err(reason) => {
                let body = reason.into();
                let head = Bytes::new();
                (UNANSWERED, Message { head, body })
            }
        };
        bytes.put_u8(kind);
        format::write(&message, bytes);
    }
}

/// Takes the first entry from `bytes`, without a copy of its message. Returns `None` at the end.
pub(super) fn take(bytes: &mut Bytes) -> Result<Option<Entry>, BackplaneError> {
    if bytes.is_empty() {
        return Ok(None);
    }
    let unreadable = |problem: &str| BackplaneError::Unreadable(problem.into());
    if bytes.len() < OVERHEAD {
        return Err(unreadable("it is shorter than a request"));
    }
    let (number, kind) = (bytes.get_u64(), bytes.get_u8());
    let message = format::take(bytes)?;
    let message = message.ok_or_else(|| unreadable("a request has no content"))?;
    let content = match kind {
        MESSAGE => Ok(message),
        UNANSWERED => Err(String::from_utf8_lossy(&message.body).into_owned()),
        _ => return Err(unreadable("it has a part of an unknown kind")),
    };
    Ok(Some(Entry { number, content }))
}

#[cfg(test)]
mod tests {
    use bytes::{Bytes, BytesMut};
    use devtools_runtime::backplane::Message;

    use super::{Entry, take};

    #[test]
    fn entries_are_read_as_they_were_written() {
        let message = Message {
            head: Bytes::from_static(b"head"),
            body: Bytes::from_static(b"body"),
        };
        let contents = [Ok(message), Err("busy".to_owned()), Ok(Message::default())];
        let entries = || (7..).zip(contents.clone());
        let (mut bytes, mut ends) = (BytesMut::new(), vec![0]);
        for (number, content) in entries() {
            let entry = Entry { number, content };
            let size = entry.size();
            entry.write(&mut bytes);
            ends.push(ends.last().unwrap() + size);
        }
        let whole = bytes.freeze();
        let mut rest = whole.clone();
        for (number, content) in entries() {
            assert_eq!(take(&mut rest).unwrap(), Some(Entry { number, content }));
        }
        assert_eq!(take(&mut rest).unwrap(), None);
        for end in (0..whole.len()).filter(|end| !ends.contains(end)) {
            let mut cut = whole.slice(..end);
            let read = std::iter::from_fn(|| take(&mut cut).transpose());
            assert!(read.collect::<Result<Vec<_>, _>>().is_err(), "{end}");
        }
    }

    #[test]
    fn an_unknown_kind_is_an_error() {
        let mut bytes = BytesMut::new();
        let content = Ok(Message::default());
        Entry { number: 1, content }.write(&mut bytes);
        bytes[8] = 9;
        assert!(take(&mut bytes.freeze()).is_err());
    }
}
