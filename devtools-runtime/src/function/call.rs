//! One call on its way through a handler: what it brings, and how its reply is written.
//!
//! Reply frames are written here, where the types are known, so that what comes after moves finished
//! text. A call without a [`ReplyTo`] is an event: its outcome is nothing, whatever happened.

use std::any::Any;
use std::error::Error;
use std::pin::Pin;

use crate::function::{
    Carried, FailedCall, Failure, RemoteError, RpcFailure, RpcOutput, SharedScope,
};
use crate::wire::{self, Encoding, Payload, RemoteErrorText, RequestId, coded_message, js};

/// A call, ready for its handler.
pub(crate) struct Call<'f> {
    pub(crate) scope: &'f SharedScope,
    pub(crate) arguments: Payload<'f>,
    pub(crate) reply: ReplyTo,
}

/// A call that its handler has begun.
pub(crate) enum Started {
    /// It ran to its end at once.
    Done(Outcome),
    /// It waits for something.
    Running(Running),
}

/// The rest of a call.
pub(crate) type Running = Pin<Box<dyn Future<Output = Outcome> + Send>>;

/// The text of the reply, if anybody wants one.
pub(crate) type Outcome = Option<String>;

/// Whom a call's reply goes to: the id to echo, or nobody.
#[derive(Debug, Clone)]
pub(crate) struct ReplyTo(pub(crate) Option<RequestId>);

impl ReplyTo {
    /// The reply of a call that returned `value`.
    pub(crate) fn success<T: RpcOutput>(&self, encoding: Encoding, value: &T) -> Outcome {
        let id = self.0.as_ref()?;
        match wire::success(encoding, id, Some(&Carried(value))) {
            Ok(text) => Some(text),
            // The caller must not wait for ever because a result cannot be written.
            Err(error) => self.failure(&format!("the result could not be written: {error}")),
        }
    }

    /// The reply of an optional call that found no function: `undefined`.
    pub(crate) fn undefined(&self, encoding: Encoding) -> Outcome {
        wire::success::<()>(encoding, self.0.as_ref()?, None).ok()
    }

    /// The reply of a call that failed.
    pub(crate) fn failure(&self, message: &str) -> Outcome {
        let error = RemoteErrorText {
            name: "Error",
            message: &coded_message::uncoded(message),
        };
        // Two strings and an id can always be written.
        wire::failure(self.0.as_ref()?, error).ok()
    }

    /// The reply of a call whose function returned `error`. A [`js::Error`] travels under its own name, a
    /// [`RemoteError`] also with its code and data.
    pub(crate) fn error(&self, error: &(dyn Error + 'static)) -> Outcome {
        if let Some(error) = error.downcast_ref::<RemoteError>() {
            return self.remote(error);
        }
        match error.downcast_ref::<js::Error>() {
            Some(error) => {
                let error = RemoteErrorText {
                    name: &error.name,
                    message: &error.message,
                };
                wire::failure(self.0.as_ref()?, error).ok()
            }
            None => self.failure(&error.to_string()),
        }
    }

    /// The reply of a call whose function returned `error`, which travels as `failure` says.
    pub(crate) fn failed<E: RpcFailure>(
        &self,
        failure: &Failure<E>,
        error: &E,
        call: FailedCall,
    ) -> Outcome {
        match failure.disclose(error, call) {
            Some(disclosed) => self.remote(&disclosed),
            None => self.error(error.as_error()),
        }
    }

    fn remote(&self, error: &RemoteError) -> Outcome {
        let error = RemoteErrorText {
            name: &error.name,
            message: &error.wire_message(),
        };
        wire::failure(self.0.as_ref()?, error).ok()
    }

    /// The reply of a call whose handler panicked.
    pub(crate) fn panic(&self, function: &str, payload: &(dyn Any + Send)) -> Outcome {
        let message = panic_message(payload).unwrap_or("the handler panicked");
        tracing::warn!(rpc.method = function, message, "a handler panicked");
        self.failure(message)
    }
}

/// What a panic says, if it says something.
pub(crate) fn panic_message(payload: &(dyn Any + Send)) -> Option<&str> {
    let text = payload.downcast_ref::<&'static str>().copied();
    text.or_else(|| payload.downcast_ref::<String>().map(String::as_str))
}
