//! The error of building a [`DevTools`](crate::DevTools).

use crate::function::{MissingState, SourceLocation};
use crate::host::{BackplaneError, NoHost, NoOrigin, RegisterError, SetupError};

/// The error of building a [`DevTools`](crate::DevTools).
///
/// ```standalone_crate
/// use devtools_runtime::{BuildError, DevTools, PluginState, rpc_function};
///
/// #[derive(PluginState)]
/// struct Cache(Vec<u8>);
///
/// #[rpc_function(name = "docs-of-building:get-size")]
/// fn get_size(cache: &Cache) -> usize {
///     cache.0.len()
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let builder = DevTools::builder().without_collected().function(GetSize::definition());
/// match builder.build().await {
///     Err(BuildError::MissingState { function, .. }) => assert_eq!(function, GetSize::NAME),
///     other => panic!("{other:?}"),
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BuildError {
    /// A function could not be registered, usually because two functions share a name.
    #[error(transparent)]
    Register(#[from] RegisterError),
    /// A function takes a reference to state that no plugin has added to the context.
    #[error("`{function}` at {location} cannot be served: {missing}")]
    MissingState {
        /// The name of the function.
        function: String,
        /// The location of the function.
        location: SourceLocation,
        /// The state it needs.
        missing: MissingState,
    },
    /// A plugin could not be set up.
    #[error("the plugin `{plugin}` could not be set up")]
    Plugin {
        /// The plugin's name.
        plugin: String,
        /// The reason.
        #[source]
        source: SetupError,
    },
    /// The other processes of the program could not be joined.
    #[error("could not join the other processes of the program")]
    Backplane(#[from] BackplaneError),
    /// Two plugins share a name.
    #[error("two plugins are named `{0}`: add each once, and give another one a name of its own")]
    DuplicatePlugin(String),
    /// The recording could not be begun.
    #[cfg(feature = "recording")]
    #[error(transparent)]
    Record(#[from] crate::recording::RecordError),
    /// A token of the gate is empty, so every client would be trusted.
    #[error("a token of the gate is empty: check that the variable it is read from is set")]
    EmptyToken,
    /// The base is not a path that begins and ends with a slash.
    #[error("a base begins and ends with a slash: `/__devtools/`, not `{0}`")]
    Base(String),
    /// The root path does not begin with a slash, or is not a plain path.
    #[error("a root path begins with a slash: `/tools/lens`, not `{0}`")]
    RootPath(String),
    /// A host that the server should answer to is not a name, a suffix or an address.
    #[error("{}", NoHost(.0.clone()))]
    Host(String),
    /// An origin that may connect, or show views in frames, is not valid.
    #[error("{}", NoOrigin(.0.clone()))]
    Origin(String),
    /// The current directory could not be read.
    #[error("could not read the current directory: set one with `DevToolsBuilder::cwd`")]
    Cwd(#[source] std::io::Error),
}
