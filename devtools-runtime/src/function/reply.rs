//! A call on its way through a handler, and its reply.
//!
//! Reply frames are written here, where the types are known, so that later steps only move text. A call whose reply is for
//! [nobody](ReplyTo::Nobody) is an event, and has no text whatever happens.

use std::any::Any;
use std::error::Error;
use std::sync::Arc;

use serde::Serialize;

use crate::function::error::{ArgumentError, RemoteError};
use crate::function::exceeded_limit::ExceededLimit;
use crate::function::failed_call::{FailedCall, panic_message};
use crate::function::inject::SharedScope;
use crate::function::output::{RpcFailure, RpcOutput, SerdeOutput};
use crate::function::recording::RecordedFailure;
use crate::function::rpc_error::Failure;
use crate::function::thrown::Thrown;
use crate::mutex::Mutex;
use crate::wire::{
    self, Encoding, Payload, RemoteErrorText, RequestId, ValueWriteError, coded_message,
};

/// A call, ready for its handler.
pub(crate) struct Call<'f> {
    pub(crate) scope: &'f SharedScope,
    pub(crate) arguments: Payload<'f>,
    pub(crate) reply: ReplyTo,
}

/// The text of a reply. `None` if nobody receives it.
pub(crate) type ReplyText = Option<String>;

/// The receiver of a reply.
#[derive(Debug, Clone)]
pub(crate) enum ReplyTo {
    /// Nobody, because the call is an event.
    Nobody,
    /// The caller, by the id of its request.
    Caller(RequestId),
    /// The program itself, which keeps the result alone, without an envelope.
    Record(Arc<RecordedFailure>),
    /// Another receiver, and the layers and the trace of the call.
    Observed(Arc<Observed>),
}

impl ReplyTo {
    /// Returns the caller of a request with this id. Nobody receives the reply of a request without one.
    pub(crate) fn caller(id: Option<RequestId>) -> Self {
        id.map_or(Self::Nobody, Self::Caller)
    }

    /// Returns the id of the request.
    pub(crate) fn id(&self) -> Option<&RequestId> {
        match self {
            Self::Caller(id) => Some(id),
            Self::Nobody | Self::Record(_) => None,
            Self::Observed(observed) => observed.reply.id(),
        }
    }

    /// Writes the reply of a call that returned `value`.
    pub(crate) fn success<T: RpcOutput>(&self, encoding: Encoding, value: &T) -> ReplyText {
        match self.write(encoding, &SerdeOutput(value))? {
            Ok(text) => Some(text),
            // The caller gets an error if its result cannot be written, and does not wait for ever.
            Err(error) => self.failure(&format!("the result could not be written: {error}")),
        }
    }

    /// Writes the result of a call. `None` for an event.
    fn write<T: Serialize>(
        &self,
        encoding: Encoding,
        value: &T,
    ) -> Option<Result<String, ValueWriteError>> {
        match self {
            Self::Nobody => None,
            Self::Caller(id) => Some(wire::success(encoding, id, Some(value))),
            Self::Record(_) => Some(wire::bare(encoding, 0, value)),
            Self::Observed(observed) => observed.reply.write(encoding, value),
        }
    }

    /// Writes `undefined`, the reply of an optional call that found no function.
    pub(crate) fn undefined(&self, encoding: Encoding) -> ReplyText {
        wire::success::<()>(encoding, self.id()?, None).ok()
    }

    /// Writes the reply of a call that failed.
    pub(crate) fn failure(&self, message: &str) -> ReplyText {
        let thrown = Thrown::new("Error", coded_message::uncoded(message));
        self.thrown(thrown, Fault::Program)
    }

    /// Writes the reply of a call whose function returned `error`. A [`js::Error`] keeps its own name, and a
    /// [`RemoteError`] also its code and data.
    pub(crate) fn error(&self, error: &(dyn Error + 'static)) -> ReplyText {
        let fault = if error.is::<ArgumentError>() {
            Fault::Arguments
        } else {
            Fault::Function
        };
        self.thrown(Thrown::of(error), fault)
    }

    /// Writes the reply of a call whose function returned `error`, as far as `failure` discloses it.
    pub(crate) fn failed<E: RpcFailure>(
        &self,
        failure: &Failure<E>,
        error: &E,
        call: FailedCall<'_>,
    ) -> ReplyText {
        match failure.disclose(error, call.recorded(self.is_recorded())) {
            Some(disclosed) => {
                let fault = if disclosed.is_internal {
                    Fault::Program
                } else {
                    Fault::Function
                };
                self.thrown(Thrown::disclosed(&disclosed, error.as_error()), fault)
            }
            None => self.error(error.as_error()),
        }
    }

    /// Writes the reply of a call whose handler panicked. The text of the panic goes to the log.
    pub(crate) fn panic(&self, call: FailedCall<'_>, payload: &(dyn Any + Send)) -> ReplyText {
        if let (Self::Record(recording), Some(message)) = (self.innermost(), panic_message(payload))
        {
            recording.note_panic(message);
        }
        self.failure(&call.recorded(self.is_recorded()).conceal_panic(payload))
    }

    /// Returns whether the program keeps the reply.
    pub(crate) fn is_recorded(&self) -> bool {
        matches!(self.innermost(), Self::Record(_))
    }

    /// Returns the receiver without its observers.
    pub(crate) fn innermost(&self) -> &Self {
        match self {
            Self::Observed(observed) => observed.reply.innermost(),
            other => other,
        }
    }

    fn thrown(&self, thrown: Thrown<'_>, fault: Fault) -> ReplyText {
        match self {
            Self::Nobody => None,
            Self::Caller(id) => {
                let error = RemoteErrorText {
                    name: thrown.name,
                    message: &thrown.message,
                };
                // Two strings and an id can always be written.
                wire::failure(id, error).ok()
            }
            Self::Record(recording) => {
                recording.fail(thrown.to_remote_with_causes());
                None
            }
            Self::Observed(observed) => {
                observed.fail(thrown.to_remote(), fault);
                observed.reply.thrown(thrown, fault)
            }
        }
    }
}

/// The part of a call that is at fault for its failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// The arguments do not fit the parameters.
    Arguments,
    /// The function or a layer returned an error that the caller may read.
    Function,
    /// The handler panicked or took too long, its error is internal, or its result could not be written.
    Program,
}

/// A reply whose outcome is also reported to layers or to a trace.
#[derive(Debug)]
pub(crate) struct Observed {
    pub(crate) reply: ReplyTo,
    /// The lock is held for one store or one read.
    noted: Mutex<NotedFailure>,
}

#[derive(Debug, Default)]
struct NotedFailure {
    failure: Option<(RemoteError, Fault)>,
    over: Option<ExceededLimit>,
}

impl Observed {
    pub(crate) fn new(reply: ReplyTo) -> Self {
        Self {
            reply,
            noted: Mutex::default(),
        }
    }

    /// Records the error that the caller receives.
    pub(crate) fn fail(&self, error: RemoteError, fault: Fault) {
        self.noted.lock().failure = Some((error, fault));
    }

    /// Returns the error that the caller receives, if the call has failed.
    pub(crate) fn failure(&self) -> Option<RemoteError> {
        self.noted
            .lock()
            .failure
            .as_ref()
            .map(|(error, _)| error.clone())
    }

    /// Returns the error that the caller receives, and the part of the call that is at fault, if the call has failed.
    pub(crate) fn fault(&self) -> Option<(RemoteError, Fault)> {
        self.noted.lock().failure.clone()
    }

    /// Records the limit that the call exceeded.
    pub(crate) fn exceed(&self, over: Option<ExceededLimit>) {
        self.noted.lock().over = over;
    }

    /// Returns the limit that the call exceeded.
    pub(crate) fn over(&self) -> Option<ExceededLimit> {
        self.noted.lock().over
    }
}
