//! One call on its way through a handler: what it brings, and how its reply is written.
//!
//! Reply frames are written here, where the types are known, so that what comes after moves finished
//! text. A call whose reply is for [nobody](ReplyTo::Nobody) is an event: its outcome is nothing, whatever happened.

use std::any::Any;
use std::error::Error;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde::Serialize;

use crate::function::error::RemoteError;
use crate::function::exceeded_limit::ExceededLimit;
use crate::function::failed_call::{FailedCall, panic_message};
use crate::function::inject::SharedScope;
use crate::function::kept::KeptCall;
use crate::function::output::{Carried, RpcFailure, RpcOutput};
use crate::function::rpc_error::Failure;
use crate::function::thrown::Thrown;
use crate::wire::{self, Encoding, Payload, RemoteErrorText, RequestId, WriteError, coded_message};

/// A call, ready for its handler.
pub(crate) struct Call<'f> {
    pub(crate) scope: &'f SharedScope,
    pub(crate) arguments: Payload<'f>,
    pub(crate) reply: ReplyTo,
}

/// The text of the reply, if anybody wants one.
pub(crate) type Outcome = Option<String>;

/// Whom the outcome of a call is for.
#[derive(Debug, Clone)]
pub(crate) enum ReplyTo {
    /// Nobody: the call is an event.
    Nobody,
    /// The caller, by the id to echo.
    Caller(RequestId),
    /// A dump: the outcome is what it keeps.
    Dump(Arc<KeptCall>),
    /// One of the others, and layers of the program that want to know of it.
    Observed(Arc<Observed>),
}

impl ReplyTo {
    /// The caller of a request with this id; nobody without one.
    pub(crate) fn caller(id: Option<RequestId>) -> Self {
        id.map_or(Self::Nobody, Self::Caller)
    }

    /// The id to echo.
    pub(crate) fn id(&self) -> Option<&RequestId> {
        match self {
            Self::Caller(id) => Some(id),
            Self::Nobody | Self::Dump(_) => None,
            Self::Observed(observed) => observed.reply.id(),
        }
    }

    /// The reply of a call that returned `value`.
    pub(crate) fn success<T: RpcOutput>(&self, encoding: Encoding, value: &T) -> Outcome {
        match self.write(encoding, &Carried(value))? {
            Ok(text) => Some(text),
            // The caller must not wait for ever because a result cannot be written.
            Err(error) => self.failure(&format!("the result could not be written: {error}")),
        }
    }

    /// Writes what a call returned, if anybody wants it.
    fn write<T: Serialize>(
        &self,
        encoding: Encoding,
        value: &T,
    ) -> Option<Result<String, WriteError>> {
        match self {
            Self::Nobody => None,
            Self::Caller(id) => Some(wire::success(encoding, id, Some(value))),
            Self::Dump(kept) => Some(kept.output(value)),
            Self::Observed(observed) => observed.reply.write(encoding, value),
        }
    }

    /// The reply of an optional call that found no function: `undefined`.
    pub(crate) fn undefined(&self, encoding: Encoding) -> Outcome {
        wire::success::<()>(encoding, self.id()?, None).ok()
    }

    /// The reply of a call that failed.
    pub(crate) fn failure(&self, message: &str) -> Outcome {
        self.thrown(Thrown::new("Error", coded_message::uncoded(message)))
    }

    /// The reply of a call whose function returned `error`. A [`js::Error`] travels under its own name, a
    /// [`RemoteError`] also with its code and data.
    pub(crate) fn error(&self, error: &(dyn Error + 'static)) -> Outcome {
        self.thrown(Thrown::of(error))
    }

    /// The reply of a call whose function returned `error`, which travels as `failure` says.
    pub(crate) fn failed<E: RpcFailure>(
        &self,
        failure: &Failure<E>,
        error: &E,
        call: FailedCall<'_>,
    ) -> Outcome {
        match failure.disclose(error, call.kept(self.is_kept())) {
            Some(disclosed) => self.thrown(Thrown::disclosed(&disclosed, error.as_error())),
            None => self.error(error.as_error()),
        }
    }

    /// The reply of a call whose handler panicked. The text of the panic goes to the log.
    pub(crate) fn panic(&self, call: FailedCall<'_>, payload: &(dyn Any + Send)) -> Outcome {
        if let Self::Dump(kept) = self.innermost() {
            kept.report(panic_message(payload));
        }
        self.failure(&call.kept(self.is_kept()).conceal_panic(payload))
    }

    /// Whether the outcome is kept in a static dump.
    pub(crate) fn is_kept(&self) -> bool {
        matches!(self.innermost(), Self::Dump(_))
    }

    /// Whom the outcome is for in the end.
    pub(super) fn innermost(&self) -> &Self {
        match self {
            Self::Observed(observed) => observed.reply.innermost(),
            other => other,
        }
    }

    fn thrown(&self, thrown: Thrown<'_>) -> Outcome {
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
            Self::Dump(kept) => kept.error(&thrown),
            Self::Observed(observed) => {
                observed.fail(thrown.to_remote());
                observed.reply.thrown(thrown)
            }
        }
    }
}

/// A reply, and what is in it.
#[derive(Debug)]
pub(crate) struct Observed {
    pub(crate) reply: ReplyTo,
    /// The lock is held for a store or a look.
    noted: Mutex<Noted>,
}

#[derive(Debug, Default)]
struct Noted {
    failure: Option<RemoteError>,
    over: Option<ExceededLimit>,
}

impl Observed {
    pub(crate) fn new(reply: ReplyTo) -> Self {
        Self {
            reply,
            noted: Mutex::default(),
        }
    }

    /// Notes what the caller is told of a call that failed.
    pub(crate) fn fail(&self, error: RemoteError) {
        self.lock().failure = Some(error);
    }

    /// What the caller is told, if the call has failed.
    pub(crate) fn failure(&self) -> Option<RemoteError> {
        self.lock().failure.clone()
    }

    /// Notes the limit that the call was over.
    pub(crate) fn exceed(&self, over: Option<ExceededLimit>) {
        self.lock().over = over;
    }

    /// The limit that the call was over, if it was over one.
    pub(crate) fn over(&self) -> Option<ExceededLimit> {
        self.lock().over
    }

    fn lock(&self) -> MutexGuard<'_, Noted> {
        // No critical section can leave it half changed.
        self.noted.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
