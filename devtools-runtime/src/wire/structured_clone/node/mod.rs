//! One value of a text, and the ways into it.

mod json;
mod owned;
mod walk;

use std::{borrow::Cow, fmt};

use serde::Deserialize;

pub(crate) use self::owned::{Budget, OwnedNode};
pub(super) use self::walk::Items;
use super::{
    DecodeError, Document, MAX_DEPTH,
    error::Problem,
    form::{Form, Members},
    payload,
    scan::{Cursor, unescape},
};

/// A value in a [`Document`].
///
/// It can be looked at without reading it ([`Node::is_truthy`], [`Node::as_str`]), taken apart
/// ([`Node::entries`], [`Node::elements`]), or read as a type of Rust ([`Node::read`]). Looking is free and says
/// nothing about a record that makes no sense; the others count against the document's budget and fail.
#[derive(Clone, Copy)]
pub(crate) struct Node<'d> {
    document: &'d Document<'d>,
    place: Place<'d>,
    /// How many levels of containers may follow.
    levels: usize,
    /// Whether `null` is read as `NaN` where a float is expected.
    null_is_nan: bool,
}

/// Shows the value's own text, not the records it refers to.
impl fmt::Debug for Node<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("Node").field(&self.text()).finish()
    }
}

/// Where the value's text is.
#[derive(Clone, Copy, Debug)]
pub(super) enum Place<'d> {
    /// In the record of this number.
    Record(usize),
    /// Here, as JSON: it is part of a payload that is an array or an object itself.
    Json(&'d str),
}

impl Document<'_> {
    /// Returns the value that the text stands for.
    pub(crate) fn root(&self) -> Node<'_> {
        let place = match self.json() {
            Some(text) => Place::Json(text),
            None => Place::Record(0),
        };
        Node::new(self, place)
    }
}

impl<'d> Node<'d> {
    pub(super) fn new(document: &'d Document<'d>, place: Place<'d>) -> Self {
        Self {
            document,
            place,
            levels: MAX_DEPTH,
            null_is_nan: true,
        }
    }

    /// The same value, in which so many containers may be nested in each other.
    pub(crate) fn with_levels(self, levels: usize) -> Self {
        Self { levels, ..self }
    }

    /// The same value, in which `null` is no float.
    pub(crate) fn with_finite_floats(self) -> Self {
        Self {
            null_is_nan: false,
            ..self
        }
    }

    pub(super) fn null_is_nan(self) -> bool {
        self.null_is_nan
    }

    /// Reads the value as a `T`, which may borrow strings from the text if they are written without escapes.
    ///
    /// The module's documentation says which JavaScript types read as which of Rust's.
    ///
    /// # Errors
    ///
    /// [`DecodeError`] if the text makes no sense or the value is not a `T`. Its path begins at this node.
    pub(crate) fn read<T: Deserialize<'d>>(self) -> Result<T, DecodeError> {
        T::deserialize(self)
    }

    /// The properties of a plain object in order, without those that a later one of the same key replaces.
    ///
    /// # Errors
    ///
    /// [`DecodeError`] if this is anything but a plain object, or its record makes no sense.
    pub(crate) fn entries(
        self,
    ) -> Result<impl ExactSizeIterator<Item = (Cow<'d, str>, Node<'d>)>, DecodeError> {
        match self.visit()? {
            Form::Object(members, cursor) => self
                .properties(members, cursor)
                .map(IntoIterator::into_iter),
            other => Err(Problem::Unexpected {
                found: other.name(),
                expected: "an object",
            }
            .into()),
        }
    }

    /// Gives `take` each property of a plain object as it is written. A key may come again: the last one counts.
    ///
    /// Nothing is allocated for the properties, however many there are.
    ///
    /// # Errors
    ///
    /// Those of [`Node::entries`].
    pub(crate) fn for_each_entry(
        self,
        mut take: impl FnMut(&str, Node<'d>),
    ) -> Result<(), DecodeError> {
        match self.visit()? {
            Form::Object(Members::Linked, cursor) => {
                for pair in self.links(cursor, "an object") {
                    let (key, value) = pair?;
                    take(&key.key_text()?, value);
                }
                Ok(())
            }
            Form::Object(members @ Members::Inline, cursor) => {
                for (key, value) in self.properties(members, cursor)? {
                    take(&key, value);
                }
                Ok(())
            }
            other => Err(Problem::Unexpected {
                found: other.name(),
                expected: "an object",
            }
            .into()),
        }
    }

    /// The elements of an array.
    ///
    /// # Errors
    ///
    /// [`DecodeError`] if this is anything but an array, or its record makes no sense.
    pub(crate) fn elements(self) -> Result<Vec<Node<'d>>, DecodeError> {
        match self.visit()? {
            Form::Array(members, cursor) => self.items(members, cursor).collect(),
            other => Err(Problem::Unexpected {
                found: other.name(),
                expected: "an array",
            }
            .into()),
        }
    }

    /// The text of a string as it is written, quotes included.
    pub(crate) fn quoted(self) -> Option<&'d str> {
        match self.form() {
            Ok(Form::String(mut text)) => Some(text.value()),
            _ => None,
        }
    }

    /// The text of a string.
    pub(crate) fn as_str(self) -> Option<Cow<'d, str>> {
        match self.form() {
            Ok(Form::String(mut text)) => Some(unescape(text.value())),
            _ => None,
        }
    }

    /// The number of the value's record, if it has one of its own.
    #[cfg(feature = "client")]
    pub(crate) fn index(self) -> Option<usize> {
        match self.place {
            Place::Record(index) => Some(index),
            Place::Json(_) => None,
        }
    }

    /// The length in bytes of the whole text that the value is part of.
    pub(crate) fn text_len(self) -> usize {
        self.document.len()
    }

    /// Allows as much of the whole text to be read as of a text from a trusted peer.
    pub(crate) fn trust(self) {
        self.document.trust();
    }

    /// The text of a number, of a boolean or of nothing; `None` for any other value, which is not looked into.
    pub(crate) fn scalar_text(self) -> Option<&'d str> {
        match self.form() {
            Ok(Form::Undefined) => Some("undefined"),
            Ok(Form::Null) => Some("null"),
            Ok(Form::Number(mut text)) => Some(text.value()),
            Ok(Form::Bool(true)) => Some("true"),
            Ok(Form::Bool(false)) => Some("false"),
            _ => None,
        }
    }

    /// Whether this is `undefined`.
    pub(crate) fn is_undefined(self) -> bool {
        matches!(self.form(), Ok(Form::Undefined))
    }

    /// Whether this is `null`.
    pub(crate) fn is_null(self) -> bool {
        matches!(self.form(), Ok(Form::Null))
    }

    /// Whether JavaScript takes the value for true.
    ///
    /// All are but `undefined`, `null`, `false`, zero, the empty string and the `BigInt` zero. A record that
    /// makes no sense counts as true, so that it is not taken for an absent value.
    pub(crate) fn is_truthy(self) -> bool {
        match self.form() {
            Ok(Form::Undefined | Form::Null | Form::Bool(false)) => false,
            Ok(Form::Number(mut text)) => text.value().parse() != Ok(0.0),
            Ok(Form::String(mut text)) => text.value() != "\"\"",
            Ok(Form::BigInt(content)) => {
                !payload::big_int(content).is_ok_and(|value| value.is_zero())
            }
            _ => true,
        }
    }

    /// The value as JSON, if it is: strings and finite numbers are copied as they are written.
    ///
    /// # Errors
    ///
    /// [`DecodeError`] if there is anything in it that JSON has no form for, such as `undefined` or a `Map`, or
    /// a record that makes no sense.
    pub(crate) fn to_json(self) -> Result<String, DecodeError> {
        let mut out = String::new();
        json::write(self, &mut out)?;
        Ok(out)
    }

    /// What kind of value this is, without paying for a visit.
    pub(super) fn form(self) -> Result<Form<'d>, Problem> {
        match self.place {
            Place::Record(_) => Form::of_record(self.text()),
            Place::Json(text) => Ok(Form::of_json(Cursor::new(text))),
        }
    }

    /// What kind of value this is, about to be read.
    pub(super) fn visit(self) -> Result<Form<'d>, Problem> {
        self.document.charge(self.cost())?;
        let form = self.form()?;
        if form.is_container() && self.levels == 0 {
            return Err(Problem::TooDeep);
        }
        Ok(form)
    }

    /// What a visit costs. JSON inside a record is paid for with the record, and a part of it again on each level, for
    /// finding its end.
    fn cost(self) -> usize {
        const CHEAPER: usize = 8;
        match self.place {
            Place::Record(_) => self.text().len(),
            Place::Json(text) => 1 + text.len() / CHEAPER,
        }
    }

    /// The text of the record, or of the JSON value.
    fn text(self) -> &'d str {
        match self.place {
            Place::Record(index) => self.document.record(index).unwrap_or_default(),
            Place::Json(text) => text,
        }
    }

    /// A member of this value.
    fn member(self, place: Place<'d>) -> Result<Self, Problem> {
        if let Place::Record(index) = place {
            if self.document.record(index).is_none() {
                return Err(Problem::Index(index.to_string()));
            }
        }
        Ok(Self {
            place,
            levels: self.levels.saturating_sub(1),
            ..self
        })
    }

    /// The members of the array or set whose payload begins at `cursor`.
    pub(super) fn items(self, members: Members, cursor: Cursor<'d>) -> Items<'d> {
        Items::new(self, members, cursor)
    }
}
