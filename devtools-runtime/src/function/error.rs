//! The errors of calls and events.

use std::borrow::Cow;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;

use crate::wire::{coded_message, js};

/// A boxed error of any type.
pub type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// The error of a call that returned no output.
///
/// ```
/// use devtools_runtime::{CallError, DevTools, RemoteError, define_rpc_function};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let devtools = DevTools::builder().without_collected().build().await?;
/// let open = define_rpc_function("my-plugin:open")
///     .try_handler(|path: String| Err::<u64, _>(RemoteError::new(format!("no file at `{path}`"))));
/// devtools.context().rpc().register(open)?;
///
/// let rpc = devtools.client();
/// match rpc.call_dynamic::<u64>("my-plugin:open", ("/nope",)).await {
///     Err(CallError::Remote(error)) => assert_eq!(error.message, "no file at `/nope`"),
///     other => panic!("{other:?}"),
/// }
/// match rpc.call_dynamic::<u64>("my-plugin:close", ()).await {
///     Err(error @ CallError::UnknownFunction(_)) => assert!(error.is_safe_to_retry()),
///     other => panic!("{other:?}"),
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CallError<E = Infallible> {
    /// The function returned this error: in this process, or elsewhere if its type derives
    /// [`RpcError`](derive@crate::RpcError).
    #[error("the function failed")]
    Function(#[source] E),
    /// The peer answered with an error that cannot be read as the function's own type.
    #[error(transparent)]
    Remote(RemoteError),
    /// The peer that was called, or this context, has no function of this name.
    #[error("there is no function named `{0}`")]
    UnknownFunction(String),
    /// The server does not trust the client. A client is refused; a server does not call or notify such a client.
    #[error("`{0}` cannot be called: the client is not trusted")]
    Unauthorized(String),
    /// The arguments cannot be written in the function's encoding.
    #[error("the arguments of `{function}` could not be written")]
    Encode {
        /// The name of the function.
        function: String,
        /// The reason.
        #[source]
        source: BoxError,
    },
    /// The reply does not have the type that the function declares.
    #[error("the reply of `{function}` could not be decoded")]
    Decode {
        /// The name of the function.
        function: String,
        /// The reason.
        #[source]
        source: BoxError,
    },
    /// The arguments do not fit the function's parameters.
    #[error(transparent)]
    Argument(ArgumentError),
    /// The request is larger than [`Limits::frame_bytes`](crate::Limits::frame_bytes) allows on either side. The function
    /// has not run.
    #[error("the request has {size} bytes, {}", over(*.limit))]
    TooLarge {
        /// The size of the request in bytes.
        size: usize,
        /// The limit in bytes. `None` if the other side refused the request, which does not send its limit.
        limit: Option<usize>,
    },
    /// The reply did not arrive within the timeout of the call, or the function did not end within its own timeout. The function
    /// may still run.
    #[error("no reply came within {0:?}")]
    Timeout(Duration),
    /// The queue of the other side is full ([`Limits::queued_frames`](crate::Limits::queued_frames)), because it does not read.
    /// Only a broadcast fails with this; a call waits.
    #[error("the queue of the other side is full, because it does not read")]
    Congested,
    /// There is no connection, or it closed before the reply arrived. [`Delivery`] says whether the function may have run.
    #[error("{0}")]
    Disconnected(Delivery),
    /// The function takes state of a plugin that the context does not have.
    #[error(transparent)]
    MissingState(MissingState),
    /// The setup of the function failed. The next call runs it again.
    #[error("the setup of the function failed")]
    Setup(#[source] Arc<dyn std::error::Error + Send + Sync>),
}

/// The state of a call's request when its connection closed: sent or not.
///
/// ```
/// use devtools_runtime::CallError;
/// use devtools_runtime::context::Delivery;
///
/// /// Whether to call again, for a function that must not run twice.
/// fn may_call_again(error: &CallError) -> bool {
///     matches!(error, CallError::Disconnected(Delivery::NotSent))
/// }
/// # assert!(may_call_again(&CallError::Disconnected(Delivery::NotSent)));
/// # assert!(!may_call_again(&CallError::Disconnected(Delivery::MayHaveRun)));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Delivery {
    /// The request was not sent, so the function has not run.
    NotSent,
    /// The connection took the request, so the function may have run, or may still run.
    MayHaveRun,
}

impl std::fmt::Display for Delivery {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::NotSent => "there is no connection: the request was not sent",
            Self::MayHaveRun => "the connection closed before the reply came",
        })
    }
}

/// Describes the limit that a request exceeds.
fn over(limit: Option<usize>) -> String {
    match limit {
        Some(limit) => format!("over the limit `frame_bytes` of {limit}"),
        None => "more than the other side takes".to_owned(),
    }
}

impl<E> CallError<E> {
    /// Returns whether the function has certainly not run, so that a second call repeats nothing.
    ///
    /// `false` does not mean that it has run: after a [`Timeout`](Self::Timeout), or a connection that was lost after the request
    /// was sent, this cannot be known. Errors that will occur again, such as that of an argument, are safe to retry too, though a
    /// retry is of no use.
    pub fn is_safe_to_retry(&self) -> bool {
        match self {
            Self::UnknownFunction(_)
            | Self::Unauthorized(_)
            | Self::Encode { .. }
            | Self::Argument(_)
            | Self::TooLarge { .. }
            | Self::Congested
            | Self::Disconnected(Delivery::NotSent)
            | Self::MissingState(_)
            | Self::Setup(_) => true,
            Self::Function(_)
            | Self::Remote(_)
            | Self::Decode { .. }
            | Self::Timeout(_)
            | Self::Disconnected(_) => false,
        }
    }
}

/// An error that a peer answered with.
///
/// A JavaScript peer keeps the name `Error` for every class, and drops causes ([protocol 1.5](https://github.com/devtools-runtime/devtools-runtime/blob/main/docs/protocol.md#15-errors)). A static dump keeps
/// both ([protocol 8.2](https://github.com/devtools-runtime/devtools-runtime/blob/main/docs/protocol.md#82-contents)).
///
/// A function or a closure that fails with a `RemoteError` passes on its code and data. Any
/// [`RpcError`](crate::RpcError) becomes a `RemoteError` by `?`.
///
/// ```
/// use devtools_runtime::{RemoteError, RpcError};
///
/// #[derive(Debug, thiserror::Error, RpcError)]
/// #[error("the file has {size} bytes")]
/// #[rpc_error(code = "too-large")]
/// struct TooLarge {
///     size: u64,
/// }
///
/// fn check(size: u64) -> Result<(), RemoteError> {
///     if size > 1024 {
///         Err(TooLarge { size })?; // with code and data
///     }
///     if size == 0 {
///         return Err(RemoteError::new("the file is empty"));
///     }
///     Ok(())
/// }
///
/// let error = check(2048).unwrap_err();
/// assert_eq!(error.code.as_deref(), Some("too-large"));
/// assert_eq!(error.data, Some(serde_json::json!({ "size": 2048 })));
/// ```
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
#[non_exhaustive]
pub struct RemoteError {
    /// The name of the error, which is mostly `Error`.
    pub name: String,
    /// The message of the error.
    pub message: String,
    /// The code of the error in kebab-case, if its type derives [`RpcError`](derive@crate::RpcError).
    pub code: Option<String>,
    /// The fields that came with the code. An error without a code in a static dump has its other properties here.
    pub data: Option<Value>,
    /// The cause. Only static dumps have causes.
    #[source]
    pub cause: Option<Box<RemoteError>>,
}

impl RemoteError {
    /// Creates an error named `Error` without a code.
    pub fn new(message: impl Into<String>) -> Self {
        Self {
            name: "Error".to_owned(),
            message: message.into(),
            code: None,
            data: None,
            cause: None,
        }
    }

    /// Creates an error with a code in kebab-case, which callers can compare.
    pub fn coded(code: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            code: Some(code.into()),
            ..Self::new(message)
        }
    }
}

impl RemoteError {
    /// Creates an error with another name than `Error`, by which the other side tells what has happened.
    pub(crate) fn named(name: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            ..Self::new(message)
        }
    }

    /// Returns the message as it is sent, with code and data in its last line.
    pub(crate) fn wire_message(&self) -> Cow<'_, str> {
        match &self.code {
            Some(code) => coded_message::join(&self.message, code, self.data.as_ref()).into(),
            None => coded_message::uncoded(&self.message),
        }
    }
}

impl From<js::Error> for RemoteError {
    fn from(error: js::Error) -> Self {
        Self::named(error.name, error.message)
    }
}

impl From<String> for RemoteError {
    fn from(message: String) -> Self {
        Self::new(message)
    }
}

impl From<&str> for RemoteError {
    fn from(message: &str) -> Self {
        Self::new(message)
    }
}

/// The error of an event that could not be sent.
///
/// ```
/// use devtools_runtime::{NotifyError, RpcSession, rpc_function};
///
/// #[rpc_function(name = "docs-of-events:progress", kind = "event", side = "client")]
/// async fn progress(percent: u8);
///
/// /// Returns `false` once the client has left.
/// async fn report(session: &RpcSession, percent: u8) -> Result<bool, NotifyError> {
///     match Progress::notify(session, percent).await {
///         Ok(()) => Ok(true),
///         Err(NotifyError::Disconnected) => Ok(false),
///         Err(error) => Err(error),
///     }
/// }
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum NotifyError {
    /// The arguments cannot be written in the function's encoding.
    #[error("the arguments of `{function}` could not be written")]
    Encode {
        /// The name of the function.
        function: String,
        /// The reason.
        #[source]
        source: BoxError,
    },
    /// The event is larger than [`Limits::frame_bytes`](crate::Limits::frame_bytes) allows.
    #[error("the event has {size} bytes, over the limit `frame_bytes` of {limit}")]
    TooLarge {
        /// The size of the event in bytes.
        size: usize,
        /// The limit in bytes.
        limit: usize,
    },
    /// The clients of this process receive the event, and those of other processes may not.
    #[error("the event is not stored for the other processes")]
    Backplane {
        /// The reason.
        #[source]
        source: BoxError,
    },
    /// The client is not trusted, so it receives no events.
    #[error("the client is not trusted")]
    Unauthorized,
    /// The connection is closed.
    #[error("the connection is closed")]
    Disconnected,
}

/// The error of an argument that does not fit its parameter.
///
/// ```
/// use devtools_runtime::{DevTools, define_rpc_function};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let devtools = DevTools::builder().without_collected().build().await?;
/// # let double = define_rpc_function("my-plugin:double").handler(|number: u32| number * 2);
/// # devtools.context().rpc().register(double)?;
/// let rpc = devtools.client();
/// let error = rpc.call_dynamic::<u32>("my-plugin:double", ("two",)).await.unwrap_err();
/// let message = error.to_string();
/// assert!(message.starts_with("argument 1"), "{message}");
/// assert!(message.contains("of `my-plugin:double`"), "{message}");
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("argument {position} (`{parameter}`) of `{function}`{at}: {problem}", at = PathSuffix(path))]
#[non_exhaustive]
pub struct ArgumentError {
    /// The name of the function.
    pub function: Cow<'static, str>,
    /// The position of the argument, counted from 1.
    pub position: usize,
    /// The name of the parameter.
    pub parameter: &'static str,
    /// The path to the wrong value inside the argument, such as `.options[2]`. Empty if the whole argument is wrong.
    pub path: String,
    /// A description of the value that was found and the one that was expected.
    pub problem: String,
}

struct PathSuffix<'a>(&'a str);

impl std::fmt::Display for PathSuffix<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.0.is_empty() {
            Ok(())
        } else {
            write!(f, " at `{}`", self.0)
        }
    }
}

/// The error of a function that takes a reference to state that the context does not have.
///
/// ```standalone_crate
/// use devtools_runtime::{CallError, DevTools, PluginState, rpc_function};
///
/// #[derive(PluginState)]
/// struct Index(Vec<String>);
///
/// #[rpc_function(name = "docs-of-missing-state:count")]
/// fn count(index: &Index) -> usize {
///     index.0.len()
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let devtools = DevTools::builder().without_collected().build().await?;
/// // No plugin has put an `Index` into the context.
/// devtools.context().rpc().register(Count::definition())?;
/// match Count::invoke_local(devtools.context()).await {
///     Err(CallError::MissingState(missing)) => assert!(missing.type_name.ends_with("::Index")),
///     other => panic!("{other:?}"),
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "no state of type `{type_name}`: put it in with `ctx.insert_state(..)` in a plugin's setup"
)]
pub struct MissingState {
    /// The path of the type.
    pub type_name: &'static str,
}
