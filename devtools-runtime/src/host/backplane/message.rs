//! A message between processes.

use bytes::Bytes;

/// A message between processes: a head, which the runtime writes for itself, and a body, such as a frame for clients.
///
/// The parts are separate, so that a frame is passed on without a copy and reaches the sockets of other processes as it is.
///
/// ```
/// use bytes::Bytes;
/// use devtools_runtime::backplane::Message;
///
/// let message = Message { head: Bytes::new(), body: Bytes::from_static(b"{}") };
/// assert_eq!(message.len(), 2);
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Message {
    /// The head. It may be empty.
    pub head: Bytes,
    /// The body. It may be empty.
    pub body: Bytes,
}

impl Message {
    /// Creates a message without a body.
    pub(crate) fn of_head(head: impl Into<Bytes>) -> Self {
        let (head, body) = (head.into(), Bytes::new());
        Self { head, body }
    }

    /// Returns the size of both parts in bytes.
    pub fn len(&self) -> usize {
        self.head.len() + self.body.len()
    }

    /// Returns whether both parts are empty.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}
