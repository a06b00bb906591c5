//! The options of a shared state.

/// The options of a shared state.
///
/// ```
/// # use devtools_runtime::DevToolsContext;
/// # use devtools_runtime::state::{SharedStateError, StateOptions};
/// # fn example(ctx: &DevToolsContext) -> Result<(), SharedStateError> {
/// let log = ctx.rpc().shared_states().create("my-plugin:log", Vec::<String>::new(), StateOptions::new().patches())?;
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct StateOptions {
    pub(crate) patches: bool,
    pub(crate) read_only: bool,
    pub(crate) per_process: bool,
}

impl StateOptions {
    /// Returns the default options: each change is sent to clients as the whole value, and clients may change the state.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            patches: false,
            read_only: false,
            per_process: false,
        }
    }

    crate::setters! {
        /// Sends changes by the program as patches, and not as the whole value. This suits states that are large and change in
        /// small places. Changes by clients are sent as the whole value all the same ([protocol 7](https://github.com/devtools-runtime/devtools-runtime/blob/main/docs/protocol.md#7-shared-state)).
        ///
        /// Clients read the numbers of a patch as JavaScript numbers: integers beyond 2^53 are rounded.
        #[must_use]
        pub const fn patches() { patches = true }

        /// Makes the state read-only for clients: only the program can change it. Clients read it and receive its changes. The
        /// change of a client is refused, and the client receives the current value again.
        ///
        /// If a client has already created a state with this key, its value is not used.
        ///
        /// ```
        /// # use devtools_runtime::DevToolsContext;
        /// # use devtools_runtime::state::{SharedStateError, StateOptions};
        /// # fn example(ctx: &DevToolsContext) -> Result<(), SharedStateError> {
        /// let options = StateOptions::new().read_only();
        /// let progress = ctx.rpc().shared_states().create("my-plugin:progress", 0.0, options)?;
        /// # Ok(())
        /// # }
        /// ```
        #[must_use]
        pub const fn read_only() { read_only = true }

        /// Keeps the state out of the [backplane](crate::backplane): each process of the program has its own value, for its own clients. This suits what
        /// belongs to one process, such as its load.
        ///
        /// ```
        /// # use devtools_runtime::DevToolsContext;
        /// # use devtools_runtime::state::{SharedStateError, StateOptions};
        /// # fn example(ctx: &DevToolsContext) -> Result<(), SharedStateError> {
        /// let options = StateOptions::new().per_process();
        /// let load = ctx.rpc().shared_states().create("my-plugin:load", 0.0, options)?;
        /// # Ok(())
        /// # }
        /// ```
        #[must_use]
        pub const fn per_process() { per_process = true }
    }
}

/// A state that belongs to the runtime: no client can create it, and the program changes it with methods of its own.
#[derive(Debug, Clone, Copy)]
pub(crate) struct OwnState {
    pub(crate) key: &'static str,
    /// The methods with which the program changes it, for the error message.
    pub(crate) instead: &'static str,
}
