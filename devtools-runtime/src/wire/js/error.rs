//! JavaScript's `Error`, with the parts that are sent.

use std::fmt;

use serde::{Deserialize, Serialize, Serializer};

use super::marker;

/// A JavaScript `Error` with its name and message. Only these are sent. A static dump also stores its cause.
///
/// Both are written unchanged. JavaScript's own encoder always writes the name `Error`. Its decoder creates
/// `EvalError`, `RangeError`, `ReferenceError`, `SyntaxError`, `TypeError` and `URIError` from their names, and a
/// plain `Error` from any other name.
///
/// ```
/// use devtools_runtime::js;
///
/// let error = js::Error::with_name("RangeError", "the depth is over 100");
/// assert_eq!(error.to_string(), "RangeError: the depth is over 100");
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[non_exhaustive]
pub struct Error {
    /// The name of the error's class.
    #[serde(default = "plain_name")]
    pub name: String,
    /// The message.
    #[serde(default)]
    pub message: String,
    #[serde(skip)]
    cause: Option<Box<Error>>,
}

impl Error {
    /// Creates an error named `Error`, as `new Error(message)` does.
    pub fn new(message: impl Into<String>) -> Self {
        Self::with_name(plain_name(), message)
    }

    /// Creates an error with another name, such as `TypeError`.
    pub fn with_name(name: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            message: message.into(),
            cause: None,
        }
    }

    crate::setters! {
        /// Sets the cause of the error, which is its [`source`](std::error::Error::source).
        #[must_use]
        pub fn with_cause(cause: Self) { cause = Some(Box::new(cause)) }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.name.as_str(), self.message.as_str()) {
            ("", message) => formatter.write_str(message),
            (name, "") => formatter.write_str(name),
            (name, message) => write!(formatter, "{name}: {message}"),
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        let cause = self.cause.as_deref()?;
        Some(cause)
    }
}

impl Serialize for Error {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct ErrorPayload<'a> {
            name: &'a str,
            message: &'a str,
        }

        let payload = ErrorPayload {
            name: &self.name,
            message: &self.message,
        };
        serializer.serialize_newtype_struct(marker::ERROR, &payload)
    }
}

fn plain_name() -> String {
    "Error".to_owned()
}
