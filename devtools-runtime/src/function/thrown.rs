//! An error that ended a call, as it is sent.

use std::borrow::Cow;
use std::error::Error;

use serde::Serialize;
use serde_json::Value;

use crate::function::error::RemoteError;
use crate::function::rpc_error::Disclosed;
use crate::wire::{coded_message, js};

/// How many causes of an error are kept: a chain that never ends is a mistake somewhere else.
const CAUSES: usize = 32;

/// An error that ended a call, as it travels: by its name and message alone on the wire, whole in a dump.
///
/// The message is the same in both: with a code, it has the line that says it.
#[derive(Debug, Serialize)]
pub(crate) struct Thrown<'a> {
    pub(crate) name: &'a str,
    pub(crate) message: Cow<'a, str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cause: Option<Cause<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<&'a Value>,
}

impl<'a> Thrown<'a> {
    pub(crate) fn new(name: &'a str, message: Cow<'a, str>) -> Self {
        Self {
            name,
            message,
            cause: None,
            code: None,
            data: None,
        }
    }

    /// Returns what is sent of any error.
    pub(crate) fn of(error: &'a (dyn Error + 'static)) -> Self {
        let thrown = if let Some(error) = error.downcast_ref() {
            Self::remote(error)
        } else if let Some(error) = error.downcast_ref::<js::Error>() {
            Self::new(&error.name, Cow::Borrowed(&error.message))
        } else {
            Self::new("Error", owned_uncoded(error))
        };
        Self {
            cause: Cause::of(error),
            ..thrown
        }
    }

    /// Returns what is sent of `error`, of which the caller may see `disclosed`.
    pub(crate) fn disclosed(disclosed: &'a Disclosed, error: &'a (dyn Error + 'static)) -> Self {
        let cause = (!disclosed.is_internal).then(|| Cause::of(error));
        Self {
            cause: cause.flatten(),
            ..Self::remote(&disclosed.error)
        }
    }

    /// Returns the error as a caller reads it.
    pub(crate) fn to_remote(&self) -> RemoteError {
        let message = match (self.code, coded_message::split(&self.message)) {
            (Some(_), Some(coded)) => coded.message.to_owned(),
            _ => self.message.clone().into_owned(),
        };
        RemoteError {
            name: self.name.to_owned(),
            code: self.code.map(str::to_owned),
            data: self.data.cloned(),
            ..RemoteError::new(message)
        }
    }

    fn remote(error: &'a RemoteError) -> Self {
        let code = error.code.as_deref();
        Self {
            code,
            data: code.and(error.data.as_ref()),
            ..Self::new(&error.name, error.wire_message())
        }
    }
}

fn owned_uncoded<'a>(error: &dyn Error) -> Cow<'a, str> {
    let message = error.to_string();
    match coded_message::uncoded(&message) {
        Cow::Borrowed(_) => Cow::Owned(message),
        Cow::Owned(message) => Cow::Owned(message),
    }
}

/// What an error was caused by. It is written when it is asked for: the wire does not carry it.
#[derive(Debug)]
struct Cause<'a> {
    error: &'a (dyn Error + 'static),
    /// How many more are kept.
    left: usize,
}

impl<'a> Cause<'a> {
    fn of(error: &'a (dyn Error + 'static)) -> Option<Self> {
        error.source().map(|error| Self {
            error,
            left: CAUSES,
        })
    }
}

impl Serialize for Cause<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let left = self.left.checked_sub(1);
        let next = self.error.source().zip(left);
        let thrown = Thrown {
            cause: next.map(|(error, left)| Cause { error, left }),
            ..Thrown::of(self.error)
        };
        thrown.serialize(serializer)
    }
}
