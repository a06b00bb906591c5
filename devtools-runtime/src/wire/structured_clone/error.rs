//! The errors of the codec, with their location in the value.

use std::fmt::{self, Write as _};

use serde::{de, ser};

use crate::wire::cut::cut;
use crate::wire::js::{ParseBigIntError, ParseDateError};
use crate::wire::reserved::PRIVATE;
use crate::wire::structured_clone::limits::MAX_DEPTH;

/// The error of writing a value.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub(crate) enum EncodeError {
    /// The key of a map is neither a string nor a value that is written as one, such as an integer. Use
    /// [`js::Map`](crate::wire::js::Map) for other keys.
    #[error("the key of an object has to be a string, a number or a boolean")]
    Key,
    /// The value is nested deeper than [`MAX_DEPTH`].
    #[error("the value is nested deeper than {MAX_DEPTH} levels (`Limits::DEPTH`)")]
    TooDeep,
    /// The value contains an invalid date, which has no text.
    #[error("an invalid date cannot be written")]
    InvalidDate,
    /// A type uses a name that is reserved for a marker type, with other content.
    #[error("the name of a JavaScript type is used for something else")]
    Marker,
    /// The serialization of a type failed with this message.
    #[error("{0}")]
    Custom(String),
}

impl ser::Error for EncodeError {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self::Custom(message.to_string())
    }
}

/// The error of reading a value, with its location.
#[derive(Debug, thiserror::Error)]
#[error("{}", Located(.0))]
pub(crate) struct DecodeError(Box<Inner>);

#[derive(Debug)]
struct Inner {
    path: String,
    problem: String,
}

impl DecodeError {
    /// Returns the path from the node that was read to the faulty part, such as `.options.list[3]`.
    ///
    /// It is empty if the node itself is faulty. Long keys are shortened.
    pub(crate) fn path(&self) -> &str {
        &self.0.path
    }

    /// Returns the problem with that part. Long texts are shortened.
    pub(crate) fn problem(&self) -> &str {
        &self.0.problem
    }

    /// Adds `key` at the beginning of the path.
    pub(super) fn under_key(mut self, key: &str) -> Self {
        const LONGEST: usize = 64;
        let mut step = String::new();
        if key.len() <= LONGEST && is_identifier(key) {
            step.push('.');
            step.push_str(key);
        } else {
            // Writing to a string does not fail.
            let _ = write!(step, "[{:?}]", cut(key, LONGEST));
        }
        self.0.path.insert_str(0, &step);
        self
    }

    /// Adds `index` at the beginning of the path.
    pub(super) fn at_index(mut self, index: usize) -> Self {
        self.0.path.insert_str(0, &format!("[{index}]"));
        self
    }
}

impl de::Error for DecodeError {
    fn custom<T: fmt::Display>(message: T) -> Self {
        const LONGEST: usize = 500;
        let message = message.to_string();
        let problem = cut(&message, LONGEST).into_owned();
        Self(Box::new(Inner {
            path: String::new(),
            problem,
        }))
    }
}

impl From<Problem> for DecodeError {
    fn from(problem: Problem) -> Self {
        de::Error::custom(problem)
    }
}

/// Displays the path and the problem.
struct Located<'a>(&'a Inner);

impl fmt::Display for Located<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Inner { path, problem } = self.0;
        if path.is_empty() {
            return formatter.write_str(problem);
        }
        write!(formatter, "{path}: {problem}")
    }
}

fn is_identifier(key: &str) -> bool {
    let mut chars = key.chars();
    let first = chars.next();
    first.is_some_and(|c| c.is_alphabetic() || c == '_' || c == '$')
        && chars.all(|c| c.is_alphanumeric() || c == '_' || c == '$')
}

/// A problem that the codec finds in a text. Other problems are reported by the type that is read.
#[derive(Debug, thiserror::Error)]
pub(super) enum Problem {
    #[error("the text is not an array of records: {0}")]
    Syntax(#[from] serde_json::Error),
    #[error("the text holds no records")]
    Empty,
    #[error("the text is longer than 4 GiB")]
    TooLong,
    #[error("a record is not an array that begins with a tag")]
    NotARecord,
    #[error("a record has the unknown tag {0}")]
    UnknownTag(String),
    #[error("the record of {of} does not hold {expected}")]
    Payload {
        of: &'static str,
        expected: &'static str,
    },
    #[error("`{0}` is not the index of a record")]
    Index(String),
    #[error(
        "the value is nested deeper than {MAX_DEPTH} levels (`Limits::DEPTH`), or contains itself"
    )]
    TooDeep,
    #[error("the value is too large: its records are shared too often")]
    OverBudget,
    #[error("the date is invalid")]
    InvalidDate,
    #[error(transparent)]
    Date(#[from] ParseDateError),
    #[error(transparent)]
    BigInt(#[from] ParseBigIntError),
    #[error("expected {expected}, found {found}")]
    Unexpected {
        found: &'static str,
        expected: &'static str,
    },
    #[error("{0} cannot be the key of an object")]
    Key(&'static str),
    #[error("a key begins with `{PRIVATE}`, which is reserved")]
    Private,
    #[error("{0} has no form in JSON")]
    NotJson(&'static str),
}
