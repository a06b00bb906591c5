//! How a shared state is kept.

/// How a shared state is kept.
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
}

impl StateOptions {
    /// The defaults: clients are told the whole value of each change.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            patches: false,
            read_only: false,
        }
    }

    /// Tells clients of a change by the program what is different, and not the whole value: for states that are large
    /// and change in small places. Changes by clients are told as a whole all the same ([protocol 7](https://github.com/devtools-runtime/devtools-runtime/blob/main/docs/protocol.md#7-shared-state)).
    ///
    /// Clients read the numbers of a patch as JavaScript does: integers beyond 2^53 are rounded.
    #[must_use]
    pub const fn patches(mut self) -> Self {
        self.patches = true;
        self
    }

    /// Lets only the program change the state. Clients read it and are told of its changes. The change of a client is
    /// refused, and the client is told the value again.
    ///
    /// A value that a client has given to the key earlier is not taken over.
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
    pub const fn read_only(mut self) -> Self {
        self.read_only = true;
        self
    }
}

/// A state that belongs to the runtime: no client creates it, and the program changes it by methods of its own.
#[derive(Debug, Clone, Copy)]
pub(crate) struct OwnState {
    pub(crate) key: &'static str,
    /// How the program changes it instead.
    pub(crate) instead: &'static str,
}
