//! What a dump keeps of a call: its arguments, and what came of it ([protocol 8.2](https://github.com/devtools-runtime/devtools-runtime/blob/main/docs/protocol.md#82-contents)).

use std::borrow::Cow;
use std::error::Error;
use std::sync::OnceLock;

use serde::Serialize;
use serde_json::Value;

use crate::function::{Disclosed, RemoteError};
use crate::wire::{self, Encoding, Ended, Inputs, WriteError, coded_message, js};

/// How many causes of an error are kept: a chain that never ends is a mistake somewhere else.
const CAUSES: usize = 32;

/// A call whose outcome a dump keeps. It is written where the types are known, as replies are.
#[derive(Debug)]
pub(crate) struct KeptCall {
    encoding: Encoding,
    /// `None` for a static function.
    inputs: Option<Inputs>,
    failure: OnceLock<String>,
}

impl KeptCall {
    pub(crate) fn new(encoding: Encoding, inputs: Option<Inputs>) -> Self {
        Self {
            encoding,
            inputs,
            failure: OnceLock::new(),
        }
    }

    /// What the call failed with, if it has failed.
    pub(crate) fn failure(&self) -> Option<&str> {
        self.failure.get().map(String::as_str)
    }

    /// Tells whoever builds the dump why the call failed, where the dump itself is not to say it.
    pub(super) fn report(&self, failure: Option<&str>) {
        if let Some(failure) = failure {
            // A call fails once.
            let _ = self.failure.set(failure.to_owned());
        }
    }

    /// What is kept of a call that returned `output`.
    pub(super) fn output<T: Serialize>(&self, output: &T) -> Result<String, WriteError> {
        wire::record(self.encoding, self.inputs.as_ref(), Ended::Output(output))
    }

    /// What is kept of a call that failed.
    pub(super) fn error(&self, thrown: &Thrown<'_>) -> Option<String> {
        // A call fails once.
        let _ = self.failure.set(thrown.message.clone().into_owned());
        wire::record(self.encoding, self.inputs.as_ref(), Ended::Error(thrown)).ok()
    }
}

/// An error that ended a call, as it travels: by its name and message alone on the wire, whole in a dump.
///
/// The message is the same in both: with a code, it has the line that says it.
#[derive(Debug, Serialize)]
pub(super) struct Thrown<'a> {
    pub(super) name: &'a str,
    pub(super) message: Cow<'a, str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cause: Option<Cause<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<&'a Value>,
}

impl<'a> Thrown<'a> {
    pub(super) fn new(name: &'a str, message: Cow<'a, str>) -> Self {
        Self {
            name,
            message,
            cause: None,
            code: None,
            data: None,
        }
    }

    /// What travels of any error.
    pub(super) fn of(error: &'a (dyn Error + 'static)) -> Self {
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

    /// What travels of `error`, of which the caller may see this.
    pub(super) fn disclosed(disclosed: &'a Disclosed, error: &'a (dyn Error + 'static)) -> Self {
        let cause = (!disclosed.is_internal).then(|| Cause::of(error));
        Self {
            cause: cause.flatten(),
            ..Self::remote(&disclosed.error)
        }
    }

    /// The error as a caller reads it.
    pub(super) fn to_remote(&self) -> RemoteError {
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
