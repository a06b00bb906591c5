//! Splits a text into its records, and reads the indices in those of containers.
//!
//! Records in the form in which every encoder writes them are recognized here, in one pass over the text. Any other
//! record is checked by `serde_json` and read later, when it is visited. So the fast path may refuse valid JSON, but
//! must not accept anything that `serde_json` refuses.

use std::cell::Cell;
use std::mem;

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::wire::literal::literal_bytes;
use crate::wire::structured_clone::error::Problem;

/// The place of a record in its text, and the shape of its content.
#[derive(Clone, Copy, Debug)]
pub(super) struct RecordSpan {
    start: u32,
    end: u32,
    /// The position of its links, if it is a container: their number, and then the links.
    links: u32,
    pub(super) shape: RecordShape,
}

/// The content of a record, as far as splitting has recognized it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum RecordShape {
    /// A string without escapes.
    Plain,
    /// A string with escapes.
    Escaped,
    Number,
    /// A container whose payload is a list of indices, or of pairs of indices.
    Array,
    Object,
    Map,
    Set,
    /// Anything else.
    Other,
}

/// A text with the places of its records.
#[derive(Debug)]
pub(super) struct Split<'a> {
    text: &'a str,
    parts: Parts,
}

/// The buffers of a text. They go back to their thread when they are dropped.
#[derive(Debug, Default)]
struct Parts {
    records: Vec<RecordSpan>,
    /// The indices in the records of all containers.
    links: Vec<u32>,
}

/// The size in bytes of the largest buffers that a thread stores for the next text.
const STORED_BYTES: usize = 32 * 1024;

thread_local! {
    /// The empty buffers for the parts of a text, so that a short text needs no allocation.
    static STORED: Cell<(Vec<RecordSpan>, Vec<u32>)> = const { Cell::new((Vec::new(), Vec::new())) };
}

impl Parts {
    /// Takes the buffers of the thread.
    fn stored() -> Self {
        // A thread that ends has no buffers any more.
        let (records, links) = STORED.try_with(Cell::take).unwrap_or_default();
        Self { records, links }
    }
}

impl Drop for Parts {
    fn drop(&mut self) {
        let (mut records, mut links) = (mem::take(&mut self.records), mem::take(&mut self.links));
        let bytes =
            records.capacity() * size_of::<RecordSpan>() + links.capacity() * size_of::<u32>();
        if (1..=STORED_BYTES).contains(&bytes) {
            records.clear();
            links.clear();
            // A thread that ends has no buffers any more.
            let _ = STORED.try_with(|stored| stored.set((records, links)));
        }
    }
}

/// The length of `[0,`, which is before the payload of a primitive.
const HEAD: usize = 3;

impl<'a> Split<'a> {
    /// Splits a text.
    pub(super) fn of(text: &'a str) -> Result<Self, Problem> {
        if u32::try_from(text.len()).is_err() {
            return Err(Problem::TooLong);
        }
        let mut split = Self {
            text,
            parts: Parts::stored(),
        };
        let mut splitter = Splitter {
            text,
            bytes: text.as_bytes(),
            at: 0,
            records: &mut split.parts.records,
            links: &mut split.parts.links,
        };
        match splitter.run() {
            Some(()) if split.parts.records.is_empty() => Err(Problem::Empty),
            Some(()) => Ok(split),
            // The error says where the text is wrong.
            None => Err(match serde_json::from_str::<Vec<&RawValue>>(text) {
                Err(error) => Problem::Syntax(error),
                Ok(_) => Problem::NotARecord,
            }),
        }
    }

    /// Creates the split of a text that has no records.
    pub(super) fn none(text: &'a str) -> Self {
        Self {
            text,
            parts: Parts::default(),
        }
    }

    /// Returns the whole text.
    pub(super) fn text(&self) -> &'a str {
        self.text
    }

    /// Returns the number of records.
    pub(super) fn len(&self) -> usize {
        self.parts.records.len()
    }

    /// Returns the record with this index.
    pub(super) fn record(&self, index: usize) -> Option<RecordSpan> {
        self.parts.records.get(index).copied()
    }

    /// Returns the text of a record.
    pub(super) fn text_of(&self, record: RecordSpan) -> &'a str {
        let range = record.start as usize..record.end as usize;
        self.text.get(range).unwrap_or_default()
    }

    /// Returns the text of the primitive in a record that is a string or a number. A string has its quotes.
    pub(super) fn primitive(&self, record: RecordSpan) -> &'a str {
        let range = record.start as usize + HEAD..record.end as usize - 1;
        self.text.get(range).unwrap_or_default()
    }

    /// Returns the content of a string without escapes.
    pub(super) fn plain(&self, record: RecordSpan) -> &'a str {
        let range = record.start as usize + HEAD + 1..record.end as usize - 2;
        self.text.get(range).unwrap_or_default()
    }

    /// Returns the indices in the record of a container. In an object or a map, keys and values alternate.
    pub(super) fn links(&self, record: RecordSpan) -> &[u32] {
        let first = record.links as usize;
        let links = self.parts.links.get(first..).unwrap_or_default();
        match links.split_first() {
            Some((count, links)) => links.get(..*count as usize).unwrap_or_default(),
            None => &[],
        }
    }
}

impl RecordSpan {
    /// Returns the length of its text in bytes.
    pub(super) fn len(self) -> usize {
        (self.end - self.start) as usize
    }
}

struct Splitter<'a, 'p> {
    text: &'a str,
    bytes: &'a [u8],
    at: usize,
    records: &'p mut Vec<RecordSpan>,
    links: &'p mut Vec<u32>,
}

impl Splitter<'_, '_> {
    /// Returns `None` if the text is not a JSON array.
    fn run(&mut self) -> Option<()> {
        self.skip_space();
        self.eat(b'[')?;
        self.skip_space();
        if self.peek() == Some(b']') {
            self.at += 1;
        } else {
            loop {
                self.record()?;
                if self.eat(b',').is_some() {
                    continue;
                }
                self.skip_space();
                match self.peek()? {
                    b',' => self.at += 1,
                    b']' => break self.at += 1,
                    _ => return None,
                }
            }
        }
        self.skip_space();
        (self.at == self.bytes.len()).then_some(())
    }

    /// Takes one record.
    fn record(&mut self) -> Option<()> {
        let (begin, links) = (self.at, self.links.len());
        let (start, shape) = if let Some(shape) = self.usual() {
            (begin, shape)
        } else {
            self.at = begin;
            self.links.truncate(links);
            self.skip_space();
            let start = self.at;
            let mut rest = serde_json::Deserializer::from_str(self.text.get(start..)?);
            let record = <&RawValue>::deserialize(&mut rest).ok()?;
            self.at += record.get().len();
            (start, RecordShape::Other)
        };
        // The length of the text fits, and there are fewer links than bytes.
        self.records.push(RecordSpan {
            start: u32::try_from(start).ok()?,
            end: u32::try_from(self.at).ok()?,
            links: u32::try_from(links).ok()?,
            shape,
        });
        Some(())
    }

    /// Takes a record in the usual form. Returns `None` if it has another one.
    fn usual(&mut self) -> Option<RecordShape> {
        let [b'[', tag, b','] = *self.bytes.get(self.at..)?.first_chunk()? else {
            return None;
        };
        self.at += HEAD;
        let shape = match tag {
            b'0' => match self.peek()? {
                b'"' => self.string()?,
                b't' => self.word(b"true")?,
                b'f' => self.word(b"false")?,
                b'n' => self.word(b"null")?,
                _ => self.number()?,
            },
            b'1' => self.indices(RecordShape::Array)?,
            b'2' => self.pairs(RecordShape::Object)?,
            b'5' => self.pairs(RecordShape::Map)?,
            b'6' => self.indices(RecordShape::Set)?,
            _ => return None,
        };
        self.eat(b']')?;
        Some(shape)
    }

    fn word(&mut self, word: &[u8]) -> Option<RecordShape> {
        let is_it = self.bytes.get(self.at..)?.starts_with(word);
        self.at += word.len();
        is_it.then_some(RecordShape::Other)
    }

    /// Takes a string.
    fn string(&mut self) -> Option<RecordShape> {
        let mut shape = RecordShape::Plain;
        self.at += 1;
        loop {
            self.at += literal_bytes(self.bytes.get(self.at..)?);
            match self.peek()? {
                b'"' => break self.at += 1,
                b'\\' => {
                    shape = RecordShape::Escaped;
                    self.at += 1;
                    match self.peek()? {
                        b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => self.at += 1,
                        b'u' => {
                            let digits = self.bytes.get(self.at + 1..self.at + 5)?;
                            if !digits.iter().all(u8::is_ascii_hexdigit) {
                                return None;
                            }
                            self.at += 5;
                        }
                        _ => return None,
                    }
                }
                _ => return None, // a control character
            }
        }
        Some(shape)
    }

    /// Takes a number.
    fn number(&mut self) -> Option<RecordShape> {
        // The minus sign is optional.
        let _ = self.eat(b'-');
        match self.peek()? {
            b'0' => self.at += 1,
            b'1'..=b'9' => self.digits()?,
            _ => return None,
        }
        if self.eat(b'.').is_some() {
            self.digits()?;
        }
        if matches!(self.peek()?, b'e' | b'E') {
            self.at += 1;
            if matches!(self.peek()?, b'+' | b'-') {
                self.at += 1;
            }
            self.digits()?;
        }
        Some(RecordShape::Number)
    }

    /// Takes one digit or more.
    fn digits(&mut self) -> Option<()> {
        let rest = self.bytes.get(self.at..)?;
        let count = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
        self.at += count;
        (count > 0).then_some(())
    }

    /// Takes a list of indices.
    fn indices(&mut self, shape: RecordShape) -> Option<RecordShape> {
        let first = self.begin_links()?;
        if self.eat(b']').is_none() {
            loop {
                let index = self.index()?;
                self.links.push(index);
                if self.eat(b',').is_none() {
                    break self.eat(b']')?;
                }
            }
        }
        self.end_links(first, shape)
    }

    /// Takes a list of pairs of indices.
    fn pairs(&mut self, shape: RecordShape) -> Option<RecordShape> {
        let first = self.begin_links()?;
        if self.eat(b']').is_none() {
            loop {
                self.eat(b'[')?;
                let key = self.index()?;
                self.eat(b',')?;
                let value = self.index()?;
                self.eat(b']')?;
                self.links.extend_from_slice(&[key, value]);
                if self.eat(b',').is_none() {
                    break self.eat(b']')?;
                }
            }
        }
        self.end_links(first, shape)
    }

    /// Takes the bracket before links, and makes room for their number.
    fn begin_links(&mut self) -> Option<usize> {
        self.eat(b'[')?;
        self.links.push(0);
        Some(self.links.len())
    }

    fn end_links(&mut self, first: usize, shape: RecordShape) -> Option<RecordShape> {
        let count = u32::try_from(self.links.len() - first).ok()?;
        *self.links.get_mut(first - 1)? = count;
        Some(shape)
    }

    /// Takes an index.
    fn index(&mut self) -> Option<u32> {
        let first = self.digit()?;
        self.at += 1;
        let mut index = first;
        while let Some(digit) = self.digit() {
            // JSON does not allow a zero before another digit.
            if index == 0 {
                return None;
            }
            index = index.checked_mul(10)?.checked_add(digit)?;
            self.at += 1;
        }
        Some(index)
    }

    /// Returns the next digit without taking it.
    fn digit(&self) -> Option<u32> {
        let digit = self.peek()?.wrapping_sub(b'0');
        (digit < 10).then_some(digit.into())
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn eat(&mut self, byte: u8) -> Option<()> {
        let is_next = self.peek() == Some(byte);
        self.at += usize::from(is_next);
        is_next.then_some(())
    }

    fn skip_space(&mut self) {
        while let Some(b' ' | b'\t' | b'\n' | b'\r') = self.peek() {
            self.at += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::value::RawValue;

    use super::{RecordShape, Split};

    #[test]
    fn usual_records_are_recognized() {
        let text = r#"[[2,[[1,2],[3,4]]],[0,"a"],[0,-1.5e3],[0,"\"\u00e9"],[1,[0,12]],[5,[]],[6,[7]],[0,true],[-1]]"#;
        let split = Split::of(text).unwrap();
        let shapes: Vec<RecordShape> = (0..split.len())
            .map(|index| split.record(index).unwrap().shape)
            .collect();
        assert_eq!(
            shapes,
            [
                RecordShape::Object,
                RecordShape::Plain,
                RecordShape::Number,
                RecordShape::Escaped,
                RecordShape::Array,
                RecordShape::Map,
                RecordShape::Set,
                RecordShape::Other,
                RecordShape::Other
            ]
        );
        let links = |index| split.links(split.record(index).unwrap());
        assert_eq!(links(0), [1, 2, 3, 4]);
        assert_eq!(links(4), [0, 12]);
        assert!(links(5).is_empty());
        assert_eq!(links(6), [7]);
        let record = |index| split.record(index).unwrap();
        assert_eq!(split.plain(record(1)), "a");
        assert_eq!(split.primitive(record(2)), "-1.5e3");
        assert_eq!(split.primitive(record(3)), r#""\"\u00e9""#);
    }

    /// Every text that differs in one place from one that is right is split as `serde_json` splits it, or refused as it
    /// refuses it.
    #[test]
    fn texts_are_split_as_serde_json_splits_them() {
        let text = r#" [ [2,[[1,22],[3,4]]],[0,"a long text"], [0,-10.5e+3],[0,"\"\u00e9\n"],[1,[0,12]],[0,true],[6,[ 7 ]],[4,{"a":"g"}],[-1]] "#;
        let pieces = [
            "",
            "0",
            "00",
            "9",
            "99999999999",
            "-",
            ".",
            "e",
            "[",
            "]",
            "{",
            "}",
            ",",
            ":",
            "\"",
            "\\",
            "\\u",
            " ",
            "\n",
            "\t",
            "\u{1}",
            "é",
            "x",
            "t",
            "null",
        ];
        let mut refused = 0;
        for at in 0..=text.len() {
            for length in 0..3 {
                for piece in pieces {
                    let Some((before, after)) = text.get(..at).zip(text.get(at + length..)) else {
                        continue;
                    };
                    let damaged = format!("{before}{piece}{after}");
                    let ours = Split::of(&damaged);
                    let Ok(theirs) = serde_json::from_str::<Vec<&RawValue>>(&damaged) else {
                        refused += 1;
                        assert!(ours.is_err(), "{damaged}");
                        continue;
                    };
                    let split = ours.unwrap_or_else(|error| panic!("{error}: {damaged}"));
                    let texts =
                        (0..split.len()).map(|index| split.text_of(split.record(index).unwrap()));
                    assert!(
                        texts.eq(theirs.iter().map(|record| record.get())),
                        "{damaged}"
                    );
                }
            }
        }
        assert!(refused > 1000, "{refused}");
    }

    #[test]
    fn a_string_ends_at_any_distance() {
        for length in 0..40 {
            for end in ["\"", "\\n\"", "\u{1f}\""] {
                let content = "é".repeat(length / 2) + &"x".repeat(length % 2);
                let text = format!("[[0,\"{content}{end}]]");
                let is_valid = serde_json::from_str::<Vec<&RawValue>>(&text).is_ok();
                let split = Split::of(&text);
                assert_eq!(split.is_ok(), is_valid, "{text}");
                if end == "\"" {
                    let split = split.unwrap();
                    assert_eq!(split.plain(split.record(0).unwrap()), content);
                }
            }
        }
    }
}
