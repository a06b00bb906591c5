//! The body of an event stream.

use super::Verdict;
use crate::client;

/// The body of an event stream, as a client reads it.
///
/// # Panics
///
/// If it depends on where the stream is cut what is read, or more than the limit is kept of it.
pub fn sse_events(stream: &[u8]) -> Verdict {
    const LIMIT: usize = 256;

    let whole = client::read_events([stream], LIMIT);
    let (events, refused) = &whole;
    // Bytes that are no UTF-8 are read as U+FFFD, which has three bytes.
    assert!(events.iter().all(|event| event.len() <= 3 * LIMIT));
    assert!(events.iter().map(String::len).sum::<usize>() <= 3 * stream.len());
    for size in [1, 2, 7] {
        assert_eq!(client::read_events(stream.chunks(size), LIMIT), whole);
    }
    if *refused || events.is_empty() {
        Verdict::Refused
    } else {
        Verdict::Read
    }
}
