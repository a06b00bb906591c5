//! An error that ended a call, as it is sent.

use std::borrow::Cow;
use std::error::Error;

use serde_json::Value;

use crate::function::error::RemoteError;
use crate::function::rpc_error::Disclosed;
use crate::wire::{coded_message, js};

/// The number of causes of an error that are recorded. A chain of causes may be endless by mistake.
const CAUSES: usize = 32;

/// An error that ended a call. Only its name and message are sent. A recorded reply also has its code, data and causes.
///
/// If the error has a code, the last line of the message holds code and data.
#[derive(Debug)]
pub(crate) struct Thrown<'a> {
    pub(crate) name: &'a str,
    pub(crate) message: Cow<'a, str>,
    cause: Option<&'a (dyn Error + 'static)>,
    code: Option<&'a str>,
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

    /// Returns the parts of any error.
    pub(crate) fn of(error: &'a (dyn Error + 'static)) -> Self {
        let thrown = if let Some(error) = error.downcast_ref() {
            Self::remote(error)
        } else if let Some(error) = error.downcast_ref::<js::Error>() {
            Self::new(&error.name, Cow::Borrowed(&error.message))
        } else {
            Self::new("Error", owned_uncoded(error))
        };
        Self {
            cause: error.source(),
            ..thrown
        }
    }

    /// Returns the parts of `error` that the caller may see.
    pub(crate) fn disclosed(disclosed: &'a Disclosed, error: &'a (dyn Error + 'static)) -> Self {
        let cause = (!disclosed.is_internal).then(|| error.source());
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

    /// Returns the error as a caller reads it, with its causes.
    pub(crate) fn to_remote_with_causes(&self) -> RemoteError {
        RemoteError {
            cause: self.cause.and_then(|cause| with_causes(cause, CAUSES)),
            ..self.to_remote()
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

/// Returns a cause with its own causes, up to `left` of them.
fn with_causes(error: &(dyn Error + 'static), left: usize) -> Option<Box<RemoteError>> {
    let left = left.checked_sub(1)?;
    let cause = error.source().and_then(|cause| with_causes(cause, left));
    Some(Box::new(RemoteError {
        cause,
        ..Thrown::of(error).to_remote()
    }))
}
