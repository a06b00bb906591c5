//! Errors whose text stays in this process.
//!
//! The text of a panic or of a foreign error may contain a path, a query or a secret. It is logged under an id, and the caller
//! receives the id, by which the line in the log is found.

use std::any::Any;
use std::error::Error;
use std::fmt;

use crate::function::error::{BoxError, RemoteError};
use crate::function::inject::Scope;

/// The message in place of an internal error. The id follows it.
const INTERNAL: &str = "internal error";

/// The number of causes that are written after an error.
const CAUSES: usize = 32;

/// A call that failed: the facts that decide what the log and the caller learn of its error.
#[derive(Debug, Clone, Copy, Default)]
pub struct FailedCall<'a> {
    function: Option<&'a str>,
    session: Option<u64>,
    /// Whether callers may read internal errors by an option of the program.
    reveals: bool,
    /// Whether callers may read internal errors by an option of the function.
    publishes: bool,
    /// Whether the program keeps the reply, as in a static dump. The id is then a hash and not random, so that two
    /// builds of the same sources are equal.
    is_recorded: bool,
}

impl<'a> FailedCall<'a> {
    /// Describes a call of `function`.
    pub(crate) fn of(function: &'a str) -> Self {
        Self {
            function: Some(function),
            ..Self::default()
        }
    }

    /// Adds the session that called, and whether errors are revealed to it.
    pub(crate) fn in_scope(self, scope: &dyn Scope) -> Self {
        Self {
            session: scope.session(),
            reveals: scope.reveals_errors(),
            ..self
        }
    }

    crate::setters! {
        /// Returns the same call, whose reply the program keeps or not.
        pub(crate) fn recorded(is_recorded: bool) { is_recorded = is_recorded }

        /// Returns the same call of a function that publishes its errors or not.
        pub(crate) fn publishing(publishes: bool) { publishes = publishes }
    }

    /// Returns the same call with a name.
    pub(crate) fn named(self, function: &str) -> FailedCall<'_> {
        FailedCall {
            function: Some(function),
            ..self
        }
    }

    pub(crate) fn publishes(&self) -> bool {
        self.publishes
    }

    pub(crate) fn function(&self) -> Option<&'a str> {
        self.function
    }

    pub(crate) fn session(&self) -> Option<u64> {
        self.session
    }

    /// Logs a panic. Returns the message for the caller.
    pub(crate) fn conceal_panic(&self, payload: &(dyn Any + Send)) -> String {
        let text = panic_message(payload).unwrap_or("the panic has no message");
        let id = self.id(text);
        tracing::warn!(
            rpc.method = self.function,
            session = self.session,
            id,
            message = text,
            "a handler panicked"
        );
        self.told(&id, text)
    }

    /// Logs an error with its causes. Returns the message for the caller.
    pub(crate) fn conceal(&self, error: &(dyn Error + 'static)) -> String {
        let text = WithCauses(error).to_string();
        let id = self.id(&text);
        tracing::warn!(
            rpc.method = self.function,
            session = self.session,
            id,
            error,
            "an internal error ended a call"
        );
        self.told(&id, &text)
    }

    /// Logs an error with its causes, whose caller receives a code. Returns the message beside the code, which is constant.
    pub(crate) fn conceal_coded(&self, error: &(dyn Error + 'static), code: &str) -> String {
        tracing::warn!(
            rpc.method = self.function,
            session = self.session,
            code,
            error,
            "an internal error ended a call"
        );
        if self.reveals {
            WithCauses(error).to_string()
        } else {
            INTERNAL.to_owned()
        }
    }

    fn told(&self, id: &str, text: &str) -> String {
        if self.reveals {
            text.to_owned()
        } else {
            format!("{INTERNAL} (id {id})")
        }
    }

    fn id(&self, text: &str) -> String {
        let random = if self.is_recorded {
            None
        } else {
            getrandom::u32().ok()
        };
        let id = random.unwrap_or_else(|| hash(self.function.unwrap_or_default(), text));
        format!("{id:08x}")
    }
}

impl RemoteError {
    /// Creates an error whose text callers may not read. The text is logged with its causes under an id, and the message is
    /// `internal error` with the id.
    ///
    /// This is for closures, whose error type is `RemoteError`. A function with the attribute returns the error itself, because
    /// `anyhow::Error` and `Box<dyn Error + Send + Sync>` are internal there.
    ///
    /// ```
    /// # use devtools_runtime::{RemoteError, define_rpc_function};
    /// define_rpc_function("my-plugin:read-notes").try_handler(|| {
    ///     std::fs::read_to_string("notes.txt").map_err(RemoteError::internal)
    /// });
    /// ```
    pub fn internal(error: impl Into<BoxError>) -> Self {
        let error: BoxError = error.into();
        Self::new(FailedCall::default().conceal(&*error))
    }
}

/// An error and its causes on one line: `could not read the notes: no such file`.
pub(crate) struct WithCauses<'a>(pub(crate) &'a (dyn Error + 'static));

impl fmt::Display for WithCauses<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut before = self.0.to_string();
        f.write_str(&before)?;
        let causes = std::iter::successors(self.0.source(), |error: &&(dyn Error + 'static)| {
            (*error).source()
        });
        for cause in causes.take(CAUSES) {
            let text = cause.to_string();
            // Some errors repeat the text of their cause.
            if !before.ends_with(&text) {
                write!(f, ": {text}")?;
            }
            before = text;
        }
        Ok(())
    }
}

/// Returns the message of a panic, if it has one.
pub(crate) fn panic_message(payload: &(dyn Any + Send)) -> Option<&str> {
    let text = payload.downcast_ref::<&'static str>().copied();
    text.or_else(|| payload.downcast_ref::<String>().map(String::as_str))
}

/// Returns the FNV-1a hash of both texts, which is the same in each build of a dump.
fn hash(function: &str, text: &str) -> u32 {
    let bytes = function.bytes().chain([0]).chain(text.bytes());
    bytes.fold(0x811c_9dc5, |hash, byte| {
        (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
    })
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::{FailedCall, RemoteError, WithCauses};

    #[derive(Debug, thiserror::Error)]
    #[error("could not read the notes")]
    struct Unreadable(#[source] io::Error);

    #[test]
    fn causes_follow_on_the_same_line() {
        let error = Unreadable(io::Error::other("no such disk"));
        let text = WithCauses(&error).to_string();
        assert_eq!(text, "could not read the notes: no such disk");
    }

    #[test]
    fn the_caller_is_told_an_id_and_no_text() {
        let error = RemoteError::internal(Unreadable(io::Error::other("/home/me")));
        let id = error.message.strip_prefix("internal error (id ").unwrap();
        assert_eq!(id.len(), "0123abcd)".len(), "{error}");
        assert!(!error.message.contains("/home/me"), "{error}");
    }

    #[test]
    fn an_id_in_a_dump_is_the_same_in_each_build() {
        let error = Unreadable(io::Error::other("no such disk"));
        let call = FailedCall::of("my-plugin:read-notes").recorded(true);
        assert_eq!(call.conceal(&error), call.conceal(&error));
        let other = FailedCall::of("my-plugin:other").recorded(true);
        assert_ne!(call.conceal(&error), other.conceal(&error));
    }
}
