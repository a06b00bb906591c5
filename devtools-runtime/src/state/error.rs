//! The errors of shared states.

use std::sync::Arc;

use crate::function::{BoxError, CallError};

/// The reason for which a shared state was not changed. Its value is unchanged.
///
/// ```
/// use std::collections::BTreeMap;
///
/// use devtools_runtime::DevTools;
/// use devtools_runtime::state::MutateError;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let devtools = DevTools::builder().without_collected().build().await?;
/// let sizes = devtools.context().rpc().shared_state("my-plugin:sizes", BTreeMap::<(u32, u32), u64>::new())?;
/// // The keys of a JSON object are strings, and a pair is not a string.
/// let error = sizes.mutate(|sizes| sizes.insert((1, 2), 3)).unwrap_err();
/// assert!(matches!(error, MutateError::Encode { .. }));
/// assert!(sizes.value().is_empty());
/// # Ok(())
/// # }
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MutateError {
    /// The value cannot be encoded: for example, a map whose keys are not strings.
    #[error("the shared state `{key}` could not be written")]
    Encode {
        /// The key of the state.
        key: String,
        /// The error of the encoder.
        #[source]
        source: BoxError,
    },
    /// The value is larger than [`Limits::frame_bytes`](crate::Limits::frame_bytes) allows.
    #[error("the shared state `{key}` would have {size} bytes, over the limit of {limit}")]
    TooLarge {
        /// The key of the state.
        key: String,
        /// The size of the value in bytes.
        size: usize,
        /// The limit in bytes.
        limit: usize,
    },
}

/// The reason for which a shared state could not be opened.
///
/// ```
/// use devtools_runtime::DevTools;
/// use devtools_runtime::state::SharedStateError;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let devtools = DevTools::builder().without_collected().build().await?;
/// let rpc = devtools.context().rpc();
/// rpc.shared_state("my-plugin:count", 0u32)?;
///
/// let other = rpc.shared_state("my-plugin:count", String::new());
/// assert!(matches!(other, Err(SharedStateError::OtherType { .. })));
/// # Ok(())
/// # }
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SharedStateError {
    /// The state has another type. All handles of one key have the same type.
    #[error("the shared state `{key}` has the type `{is}`, not `{wanted}`")]
    OtherType {
        /// The key of the state.
        key: String,
        /// The type that it has.
        is: &'static str,
        /// The type with which it was opened.
        wanted: &'static str,
    },
    /// The key is not of the form `scope:state`, each part in kebab-case.
    #[error("`{0}` is not a valid key of a shared state: write `scope:state`, both in kebab-case")]
    Key(String),
    /// The state belongs to the runtime, which has its own methods to change it.
    #[error("the shared state `{key}` belongs to the runtime: use `{instead}`")]
    Own {
        /// The key of the state.
        key: String,
        /// The methods that change it.
        instead: &'static str,
    },
    /// The initial value cannot be encoded, or is too large.
    #[error("the initial value of the shared state was refused")]
    Initial(#[from] MutateError),
    /// The server has no state of this key, and there is no initial value.
    #[error("the server has no shared state `{0}`, and no initial value was given")]
    Missing(String),
    /// The call that reads the value failed, or the server's value is of another type.
    #[error("the shared state `{key}` could not be read")]
    Call {
        /// The key of the state.
        key: String,
        /// The error of the call.
        #[source]
        source: Arc<CallError>,
    },
}

/// The reason for which the value of a client may differ from the server's. [`SharedState::sync_errors`] shows it.
///
/// [`SharedState::sync_errors`]: crate::state::SharedState::sync_errors
///
/// ```
/// use devtools_runtime::state::SyncError;
///
/// /// Logs why a client's value may be old.
/// fn log(error: &SyncError) {
///     match error {
///         SyncError::Change { key, .. } => eprintln!("`{key}` is read again: {error}"),
///         _ => eprintln!("{error}"),
///     }
/// }
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SyncError {
    /// A message of the server could not be read, or its patches do not fit the value of this client. The client asks for the
    /// whole value.
    #[error(
        "a change of the shared state `{key}` could not be applied; the server is asked for the whole value"
    )]
    Change {
        /// The key of the state.
        key: String,
        /// The error of the decoder or of the patch.
        #[source]
        source: BoxError,
    },
    /// The client asked for the whole value, and the call failed, or its result is of another type.
    #[error("the whole value of the shared state `{key}` could not be read")]
    Read {
        /// The key of the state.
        key: String,
        /// The error of the call.
        #[source]
        source: CallError,
    },
    /// The server's value is of another type. The client keeps its last value.
    #[error("the server's value of the shared state `{key}` is not of the type `{wanted}`")]
    Type {
        /// The key of the state.
        key: String,
        /// The type with which the client has opened the state.
        wanted: &'static str,
        /// The error of the decoder.
        #[source]
        source: BoxError,
    },
}
