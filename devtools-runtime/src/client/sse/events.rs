//! A parser for event streams, which arrive in pieces (the event stream format of the HTML standard).
//!
//! The parser stores only the data and the name of the current event, and both are bounded. It discards comments and other
//! fields while it reads them.

use bytes::{Buf as _, Bytes};

use crate::peer::TransportError;

/// The byte order mark, which may come before the stream and is ignored.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// The length of the longest field name that has a meaning.
const LONGEST_FIELD: usize = "event".len();

/// The name of the event that tells the client its session.
const SESSION: &[u8] = b"session";

/// An event of the stream.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Event {
    /// The id of the session.
    Session(String),
    /// A frame: the data of any other event.
    Frame(String),
}

/// The state of a parser between two pieces of a stream.
#[derive(Debug)]
pub(super) struct EventParser {
    /// The largest event, in bytes of its data.
    limit: usize,
    /// How many bytes of the byte order mark were read. `None` after the start of the stream.
    mark: Option<usize>,
    /// Whether the last line ended with CR. An LF that follows belongs to the same line end.
    after_cr: bool,
    line: Line,
    /// The event's name, cut to one byte more than the longest name that has a meaning.
    name: Vec<u8>,
    /// The lines of data so far, each with its end.
    data: Vec<u8>,
}

/// A line, as far as it has been read.
#[derive(Debug)]
enum Line {
    /// The field's name so far.
    Name(Vec<u8>),
    /// The colon was read. One space may follow.
    Colon(EventField),
    Value(EventField),
}

#[derive(Debug, Clone, Copy)]
enum EventField {
    Data,
    Event,
    /// Another field, or a comment.
    Other,
}

impl EventParser {
    pub(super) fn new(limit: usize) -> Self {
        Self {
            limit,
            mark: Some(0),
            after_cr: false,
            line: Line::Name(Vec::new()),
            name: Vec::new(),
            data: Vec::new(),
        }
    }

    /// Reads up to the end of the next event. Returns `None` when `piece` is used up.
    ///
    /// # Errors
    ///
    /// If the event is larger than the limit. The stream cannot be read further then.
    pub(super) fn next(&mut self, piece: &mut Bytes) -> Result<Option<Event>, TransportError> {
        self.skip_mark(piece);
        while !piece.is_empty() {
            if std::mem::take(&mut self.after_cr) && piece[0] == b'\n' {
                piece.advance(1);
                continue;
            }
            let in_line = piece.iter().position(|byte| matches!(byte, b'\r' | b'\n'));
            let part = piece.split_to(in_line.unwrap_or(piece.len()));
            self.read_part(&part)?;
            if in_line.is_some() {
                self.after_cr = piece[0] == b'\r';
                piece.advance(1);
                if let Some(event) = self.end_line()? {
                    return Ok(Some(event));
                }
            }
        }
        Ok(None)
    }

    fn skip_mark(&mut self, piece: &mut Bytes) {
        while let (Some(read), Some(byte)) = (self.mark, piece.first()) {
            if BYTE_ORDER_MARK[read] == *byte {
                piece.advance(1);
                self.mark = Some(read + 1).filter(|read| *read < BYTE_ORDER_MARK.len());
            } else {
                self.mark = None;
                // The bytes were not a byte order mark, so the first line begins with them.
                self.line = Line::Name(BYTE_ORDER_MARK[..read].to_vec());
            }
        }
    }

    /// Reads a part of a line.
    fn read_part(&mut self, mut part: &[u8]) -> Result<(), TransportError> {
        if let Line::Name(name) = &mut self.line {
            let colon = part.iter().position(|byte| *byte == b':');
            let room = (LONGEST_FIELD + 1).saturating_sub(name.len());
            let more = &part[..colon.unwrap_or(part.len())];
            name.extend_from_slice(&more[..more.len().min(room)]);
            let Some(colon) = colon else {
                return Ok(());
            };
            part = &part[colon + 1..];
            self.line = Line::Colon(EventField::named(name));
        }
        if let (Line::Colon(field), Some(first)) = (&self.line, part.first()) {
            if *first == b' ' {
                part = &part[1..];
            }
            self.begin_value(*field);
        }
        match self.line {
            Line::Value(EventField::Data) => self.append(part),
            Line::Value(EventField::Event) => {
                let room = (SESSION.len() + 1).saturating_sub(self.name.len());
                self.name.extend_from_slice(&part[..part.len().min(room)]);
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn begin_value(&mut self, field: EventField) {
        if let EventField::Event = field {
            self.name.clear();
        }
        self.line = Line::Value(field);
    }

    fn append(&mut self, part: &[u8]) -> Result<(), TransportError> {
        let size = self.data.len() + part.len();
        if size > self.limit {
            return Err(TransportError::TooLarge {
                size,
                limit: self.limit,
            });
        }
        self.data.extend_from_slice(part);
        Ok(())
    }

    /// Ends a line. Returns the event if the line is empty and the event has data.
    fn end_line(&mut self) -> Result<Option<Event>, TransportError> {
        match std::mem::replace(&mut self.line, Line::Name(Vec::new())) {
            Line::Name(name) if name.is_empty() => return Ok(self.end_event()),
            // A line without a colon is a field name with an empty value.
            Line::Name(name) => self.begin_value(EventField::named(&name)),
            Line::Colon(field) => self.begin_value(field),
            Line::Value(field) => self.line = Line::Value(field),
        }
        if let Line::Value(EventField::Data) = self.line {
            self.append(b"")?; // checks the limit with the previous line end
            self.data.push(b'\n');
        }
        self.line = Line::Name(Vec::new());
        Ok(None)
    }

    fn end_event(&mut self) -> Option<Event> {
        let mut data = std::mem::take(&mut self.data);
        let name = std::mem::take(&mut self.name);
        data.pop()?; // the end of the last line
        let data = String::from_utf8(data)
            .unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned());
        Some(if name == SESSION {
            Event::Session(data)
        } else {
            Event::Frame(data)
        })
    }
}

impl EventField {
    fn named(name: &[u8]) -> Self {
        match name {
            b"data" => Self::Data,
            b"event" => Self::Event,
            _ => Self::Other, // a comment's name is empty
        }
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::{Event, EventParser};
    use crate::peer::TransportError;

    fn session(id: &str) -> Event {
        Event::Session(id.to_owned())
    }

    fn frame(text: &str) -> Event {
        Event::Frame(text.to_owned())
    }

    /// The events of a stream that comes in pieces.
    fn read<'a>(pieces: impl IntoIterator<Item = &'a [u8]>) -> Vec<Event> {
        let mut parser = EventParser::new(64);
        let mut events = Vec::new();
        for piece in pieces {
            let mut piece = Bytes::copy_from_slice(piece);
            while let Some(event) = parser.next(&mut piece).unwrap() {
                events.push(event);
            }
            assert!(piece.is_empty());
        }
        events
    }

    #[test]
    fn events_are_those_of_the_standard_wherever_they_are_cut() {
        let cases: [(&[u8], &[Event]); 29] = [
            (b"", &[]),
            (b"event: session\ndata: id\n\n", &[session("id")]),
            (b"event: message\ndata: {}\n\n", &[frame("{}")]),
            // No name is `message`, and any other name is a frame too.
            (b"data: {}\n\n", &[frame("{}")]),
            (b"event: sessions\ndata: {}\n\n", &[frame("{}")]),
            (b"event: sessio\ndata: {}\n\n", &[frame("{}")]),
            (b"event:\ndata: {}\n\n", &[frame("{}")]),
            // A name applies to its own event only. If an event has several, the last one counts.
            (
                b"event: session\ndata: 1\n\ndata: 2\n\n",
                &[session("1"), frame("2")],
            ),
            (
                b"event: message\nevent: session\ndata: 1\n\n",
                &[session("1")],
            ),
            (b"event: session\nevent: other\ndata: 1\n\n", &[frame("1")]),
            (b"event: session\n\ndata: 1\n\n", &[frame("1")]),
            // One space is left out, and no other.
            (b"data:a\n\ndata:  b \n\n", &[frame("a"), frame(" b ")]),
            (b"data: : a: b\n\n", &[frame(": a: b")]),
            // Lines are joined.
            (b"data: a\ndata:\ndata: b\ndata\n\n", &[frame("a\n\nb\n")]),
            (b"data\n\n", &[frame("")]),
            (b"data: \ndata: \n\n", &[frame("\n")]),
            // Comments and other fields say nothing.
            (b": ping\n\n:\n\n", &[]),
            (
                b": ping\ndata: a\n:data: x\nid: 7\nretry: 9\nfoo\n\n",
                &[frame("a")],
            ),
            (b"Data: a\n data: b\ndata : c\ndatas: d\n\n", &[]),
            (b"<!doctype html>\n<p>data: x</p>\n\n\n", &[]),
            // Every end of a line.
            (b"data: a\r\n\r\ndata: b\r\n\r\n", &[frame("a"), frame("b")]),
            (b"data: a\r\rdata: b\r\r", &[frame("a"), frame("b")]),
            (
                b"data: a\r\ndata: b\rdata: c\n\r\n\n\r",
                &[frame("a\nb\nc")],
            ),
            (b"\r\n\n\r\rdata: a\n\n", &[frame("a")]),
            // An event without its end is no event.
            (b"data: a\n\ndata: b\n", &[frame("a")]),
            (b"\xef\xbb\xbfdata: a\n\n", &[frame("a")]),
            (
                b"\xef\xbbdata: a\n\n\xef\xbb\xbfdata: b\n\ndata: c\n\n",
                &[frame("c")],
            ),
            ("data: ü€😀\n\n".as_bytes(), &[frame("ü€😀")]),
            (b"data: \xff\xc3\n\n", &[frame("\u{fffd}\u{fffd}")]),
        ];
        let mut ways = 0;
        for (stream, events) in &cases {
            let shown = String::from_utf8_lossy(stream);
            assert_eq!(read([*stream]), *events, "{shown:?}");
            assert_eq!(read(stream.chunks(1)), *events, "{shown:?} by bytes");
            for at in 0..stream.len() {
                let (left, right) = stream.split_at(at);
                assert_eq!(read([left, b"", right]), *events, "{shown:?} cut at {at}");
            }
            ways += stream.len() + 2;
        }
        println!("event streams: {} in {ways} ways to cut them", cases.len());
    }

    #[test]
    fn an_event_is_bounded_and_what_is_not_kept_is_not() {
        for (stream, size) in [
            (format!("data: {}\n\n", "x".repeat(64)), None),
            (format!("data: {}\n\n", "x".repeat(65)), Some(65)),
            (format!("data: {}", "x".repeat(65)), Some(65)),
            (format!("data: {}\ndata: x\n\n", "x".repeat(62)), None),
            (format!("data: {}\ndata: x\n\n", "x".repeat(63)), Some(65)),
            (format!("data: {}\ndata\n\n", "x".repeat(64)), Some(65)),
            ("data\n".repeat(66), Some(65)),
            // The parser keeps nothing of these lines, so the limit does not count them.
            (format!(": {}\ndata: x\n\n", "x".repeat(1000)), None),
            (format!("event: {}\ndata: x\n\n", "x".repeat(1000)), None),
            (format!("{}\ndata: x\n\n", "x".repeat(1000)), None),
            (format!("id: {}\ndata: x\n\n", "x".repeat(1000)), None),
        ] {
            for cut in [1, 7, stream.len()] {
                let mut parser = EventParser::new(64);
                let mut pieces = stream.as_bytes().chunks(cut).map(Bytes::copy_from_slice);
                let outcome = pieces.try_fold(0, |events, mut piece| {
                    let event = parser.next(&mut piece)?;
                    Ok::<_, TransportError>(events + usize::from(event.is_some()))
                });
                match (outcome, size) {
                    (Ok(events), None) => assert_eq!(events, 1, "{stream:?}"),
                    (Err(TransportError::TooLarge { size: at, limit }), Some(size)) => {
                        assert_eq!(limit, 64);
                        assert!(at >= size, "{at} {stream:?}");
                    }
                    (outcome, _) => panic!("{outcome:?} of {stream:?}"),
                }
                assert!(parser.name.len() <= 8 && parser.data.len() <= 65);
            }
        }
    }
}
