//! One value of a text, with the methods that read it.

use std::{borrow::Cow, fmt};

use crate::wire::structured_clone::document::Document;
use crate::wire::structured_clone::error::Problem;
use crate::wire::structured_clone::form::{Quoted, RecordForm};
use crate::wire::structured_clone::limits::MAX_DEPTH;
use crate::wire::structured_clone::payload;
use crate::wire::structured_clone::scan::Cursor;
use crate::wire::structured_clone::split::{RecordShape, RecordSpan};

/// A value in a [`Document`].
///
/// Some methods look at it without reading it ([`Node::is_truthy`], [`Node::as_str`]). Others take it apart
/// ([`Node::entries`], [`Node::elements`]) or read it as a Rust type ([`Node::read`]). Looking is free and does not
/// fail for a malformed record. The others count against the document's budget and can fail.
#[derive(Clone, Copy)]
pub(crate) struct Node<'d> {
    pub(super) document: &'d Document<'d>,
    pub(super) location: TextLocation<'d>,
    /// The number of container levels that may follow.
    pub(super) levels: usize,
    /// Whether `null` reads as `NaN` where a float is expected.
    pub(super) null_is_nan: bool,
}

/// Shows the value's own text without the records that it refers to.
impl fmt::Debug for Node<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("Node").field(&self.text()).finish()
    }
}

/// The location of the value's text.
#[derive(Clone, Copy, Debug)]
pub(super) enum TextLocation<'d> {
    /// The record with this index.
    Record(usize),
    /// JSON text, as part of a payload that is an array or an object itself.
    Json(&'d str),
}

impl TextLocation<'_> {
    /// Returns the location that an index in a container refers to.
    pub(super) fn of_link(index: u32) -> Self {
        Self::Record(index as usize)
    }
}

impl Document<'_> {
    /// Returns the root value of the text.
    pub(crate) fn root(&self) -> Node<'_> {
        let location = match self.json() {
            Some(text) => TextLocation::Json(text),
            None => TextLocation::Record(0),
        };
        Node::new(self, location)
    }
}

impl<'d> Node<'d> {
    pub(super) fn new(document: &'d Document<'d>, location: TextLocation<'d>) -> Self {
        Self {
            document,
            location,
            levels: MAX_DEPTH,
            null_is_nan: true,
        }
    }

    crate::setters! {
        /// Returns the same value with this limit on nested containers.
        pub(crate) fn with_levels(levels: usize) { levels = levels }

        /// Returns the same value, in which `null` does not read as a float.
        pub(crate) fn with_finite_floats() { null_is_nan = false }
    }

    pub(super) fn null_is_nan(self) -> bool {
        self.null_is_nan
    }

    /// Returns the text of a string as it is written, with quotes.
    pub(crate) fn quoted(self) -> Option<&'d str> {
        match self.form() {
            Ok(RecordForm::String(Quoted::Text(text))) => Some(text),
            Ok(RecordForm::String(Quoted::Plain(_))) => self.record_primitive(),
            _ => None,
        }
    }

    /// Returns the text of the primitive in the value's record.
    fn record_primitive(self) -> Option<&'d str> {
        let records = self.document.records();
        self.record().map(|record| records.primitive(record))
    }

    /// Returns the text of a string.
    pub(crate) fn as_str(self) -> Option<Cow<'d, str>> {
        match self.form() {
            Ok(RecordForm::String(text)) => Some(text.content()),
            _ => None,
        }
    }

    /// Returns the index of the value's record, if it has a record of its own.
    #[cfg(feature = "client")]
    pub(crate) fn index(self) -> Option<usize> {
        match self.location {
            TextLocation::Record(index) => Some(index),
            TextLocation::Json(_) => None,
        }
    }

    /// Returns the length in bytes of the whole text that contains the value.
    pub(crate) fn text_len(self) -> usize {
        self.document.len()
    }

    /// Raises the limit of the whole text's cost to that for a trusted peer.
    pub(crate) fn trust(self) {
        self.document.trust();
    }

    /// Returns the text of a number, a boolean, `null` or `undefined`. `None` for other values, which are not read.
    pub(crate) fn scalar_text(self) -> Option<&'d str> {
        match self.form() {
            Ok(RecordForm::Undefined) => Some("undefined"),
            Ok(RecordForm::Null) => Some("null"),
            Ok(RecordForm::Number(text)) => Some(text),
            Ok(RecordForm::Bool(true)) => Some("true"),
            Ok(RecordForm::Bool(false)) => Some("false"),
            _ => None,
        }
    }

    /// Returns `true` if the value is `undefined`.
    pub(crate) fn is_undefined(self) -> bool {
        matches!(self.form(), Ok(RecordForm::Undefined))
    }

    /// Returns `true` if the value is `null`.
    pub(crate) fn is_null(self) -> bool {
        matches!(self.form(), Ok(RecordForm::Null))
    }

    /// Returns `true` if the value is truthy in JavaScript.
    ///
    /// Falsy are `undefined`, `null`, `false`, zero, the empty string and the `BigInt` zero. A malformed record
    /// counts as truthy, so that it is not taken for an absent value.
    pub(crate) fn is_truthy(self) -> bool {
        match self.form() {
            Ok(RecordForm::Undefined | RecordForm::Null | RecordForm::Bool(false)) => false,
            Ok(RecordForm::Number(text)) => text.parse() != Ok(0.0),
            Ok(RecordForm::String(text)) => !text.is_empty(),
            Ok(RecordForm::BigInt(content)) => {
                !payload::big_int(content).is_ok_and(|value| value.is_zero())
            }
            _ => true,
        }
    }

    /// Returns the form of the value without adding cost.
    pub(super) fn form(self) -> Result<RecordForm<'d>, Problem> {
        match self.location {
            TextLocation::Record(index) => match self.document.record(index) {
                Some(record) => RecordForm::of_record(self.document.records(), record),
                None => Err(Problem::NotARecord),
            },
            TextLocation::Json(text) => Ok(RecordForm::of_json(Cursor::new(text))),
        }
    }

    /// Returns the form of the value, and adds the cost of a visit.
    pub(super) fn visit(self) -> Result<RecordForm<'d>, Problem> {
        self.enter()?;
        self.form()
    }

    /// Returns the shape of the value, and adds the cost of a visit. The shape is enough to read the usual values: it is
    /// returned faster than a [`RecordForm`], which is large.
    pub(super) fn enter(self) -> Result<RecordShape, Problem> {
        self.document.charge(self.cost())?;
        if self.levels == 0 && self.form()?.is_container() {
            return Err(Problem::TooDeep);
        }
        Ok(self
            .record()
            .map_or(RecordShape::Other, |record| record.shape))
    }

    /// Returns the record of the value, if it has a record of its own.
    fn record(self) -> Option<RecordSpan> {
        match self.location {
            TextLocation::Record(index) => self.document.record(index),
            TextLocation::Json(_) => None,
        }
    }

    /// Returns the content of a value with [`RecordShape::Plain`].
    pub(super) fn plain(self) -> &'d str {
        let records = self.document.records();
        self.record().map_or("", |record| records.plain(record))
    }

    /// Returns the text of a value with [`RecordShape::Number`].
    pub(super) fn number(self) -> &'d str {
        self.record_primitive().unwrap_or_default()
    }

    /// Returns the cost of a visit. JSON inside a record is included in the cost of the record. A part of it costs
    /// again on each level, because its end must be found.
    fn cost(self) -> usize {
        const CHEAPER: usize = 8;
        match self.location {
            TextLocation::Record(index) => self.document.record(index).map_or(0, RecordSpan::len),
            TextLocation::Json(text) => 1 + text.len() / CHEAPER,
        }
    }

    /// Returns the text of the record or of the JSON value.
    fn text(self) -> &'d str {
        match self.location {
            TextLocation::Record(_) => {
                let records = self.document.records();
                self.record().map_or("", |record| records.text_of(record))
            }
            TextLocation::Json(text) => text,
        }
    }

    /// Returns a member of this value.
    pub(super) fn member(self, location: TextLocation<'d>) -> Result<Self, Problem> {
        if let TextLocation::Record(index) = location {
            if self.document.record(index).is_none() {
                return Err(Problem::Index(index.to_string()));
            }
        }
        Ok(Self {
            location,
            levels: self.levels.saturating_sub(1),
            ..self
        })
    }
}
