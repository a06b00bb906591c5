//! Why a [`DevTools`](crate::DevTools) could not be built.

use crate::function::{MissingState, Place};
use crate::host::{RegisterError, SetupError};

/// Why a [`DevTools`](crate::DevTools) could not be built.
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
    /// An origin is not of the form `scheme://host[:port]`.
    #[error("`{0}` is no origin: write `https://host` or `https://host:port`, without a path")]
    Origin(String),
    /// The working directory of the process is not to be had.
    #[error("the working directory could not be read")]
    Cwd(#[source] std::io::Error),
}
