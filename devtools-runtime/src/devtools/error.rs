//! Why a [`DevTools`](crate::DevTools) could not be built.

use crate::function::{MissingState, Place};
use crate::host::{NoHost, NoOrigin, RegisterError, SetupError};

/// Why a [`DevTools`](crate::DevTools) could not be built.
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
    /// A function cannot be registered: two have one name, mostly.
    #[error(transparent)]
    Register(#[from] RegisterError),
    /// A function takes a reference to state that no plugin put into the context.
    #[error("`{function}` at {place} cannot be served: {missing}")]
    MissingState {
        /// The name of the function.
        function: String,
        /// Where it is.
        place: Place,
        /// The state it needs.
        missing: MissingState,
    },
    /// A plugin could not be set up.
    #[error("the plugin `{plugin}` could not be set up")]
    Plugin {
        /// The plugin's name.
        plugin: String,
        /// Why.
        #[source]
        source: SetupError,
    },
    /// Two plugins have one name.
    #[error("two plugins are named `{0}`: add each once, and give another one a name of its own")]
    DuplicatePlugin(String),
    /// A token of the gate is empty, and would let everybody in.
    #[error("a token of the gate is empty: is the variable set that it is read from?")]
    EmptyToken,
    /// The base is no path between two slashes.
    #[error("a base begins and ends with a slash: `/__devtools/`, not `{0}`")]
    Base(String),
    /// A host that the server is to answer to is neither a name, nor a suffix, nor an address.
    #[error("{}", NoHost(.0.clone()))]
    Host(String),
    /// An origin whose pages are to connect, or to show the views in frames, is not one.
    #[error("{}", NoOrigin(.0.clone()))]
    Origin(String),
    /// The working directory of the process is not to be had.
    #[error("the working directory could not be read")]
    Cwd(#[source] std::io::Error),
}
