//! References that the runtime supplies to a function.
//!
//! A function's reference parameters are injected: the context, the session that calls, and the state
//! of plugins. [`Scope`] is where they come from. Each call holds its scope alive until it ends, so the
//! references last as long as the call. What the scope can hold is decided above this folder.

use std::any::{Any, TypeId, type_name};
use std::fmt;
use std::sync::Arc;

use crate::blocking::Share;
use crate::function::error::MissingState;
use crate::function::warnings::Warnings;

/// Where the references come from that a call is given.
pub trait Scope: Send + Sync + 'static {
    /// The value of this type, if there is one.
    fn find(&self, type_id: TypeId) -> Option<&(dyn Any + Send + Sync)>;

    /// The id of the session that calls, for the log.
    fn session(&self) -> Option<u64> {
        None
    }

    /// Whether callers may read the text of panics and of internal errors.
    fn reveals_errors(&self) -> bool {
        false
    }

    /// The threads that `blocking` functions run on when this scope's session calls them. `None` for calls of the
    /// program itself, which have threads of their own.
    fn blocking(&self) -> Option<Share> {
        None
    }

    /// Returns whether calls of the function of this name pass the layers of the program, which [`find`](Self::find) returns.
    fn is_layered(&self, _function: &str) -> bool {
        false
    }

    /// Whether the caller has this role. The program itself has all.
    fn has_role(&self, _role: &str) -> bool {
        true
    }

    /// The warnings that the program wants about its calls.
    fn warnings(&self) -> Warnings {
        Warnings::default()
    }

    /// Whether calls of the function of this name are counted and timed for the program's metrics.
    #[cfg(feature = "metrics")]
    fn is_measured(&self, _function: &str) -> bool {
        false
    }

    /// Whether results are checked, where their types have rules.
    fn checks_results(&self) -> bool {
        cfg!(debug_assertions)
    }
}

/// A [`Scope`], shared by the calls of one session.
pub type SharedScope = Arc<dyn Scope>;

/// A type that a function can take by reference.
#[diagnostic::on_unimplemented(
    message = "`&{Self}` cannot be injected into an RPC function",
    label = "references are supplied by the runtime, and it does not know this type",
    note = "for state of a plugin: `#[derive(PluginState)]` on the type, and `ctx.insert_state(..)` in the plugin's setup",
    note = "for a value from the caller: take it owned"
)]
pub trait Inject: Any + Send + Sync {}

/// State of a plugin, kept in the context and injected by reference.
///
/// Derive it: `#[derive(PluginState)]`. Put the one value of the type in with `ctx.insert_state(..)`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not state of a plugin",
    note = "derive it: `#[derive(devtools_runtime::PluginState)]`"
)]
pub trait PluginState: Any + Send + Sync {}

impl<T: PluginState> Inject for T {}

/// A type that a setup can take by reference: one that is the same for all calls.
#[diagnostic::on_unimplemented(
    message = "`&{Self}` cannot be injected into a setup",
    label = "a setup runs once for all sessions, and before there is a call",
    note = "a setup takes `&DevToolsContext` and the state of plugins"
)]
pub trait InjectIntoSetup: Any + Send + Sync {}

impl<T: PluginState> InjectIntoSetup for T {}

/// A type that a function needs injected, checked when the server is built.
#[derive(Clone, Copy)]
pub struct Injection {
    type_id: fn() -> TypeId,
    type_name: fn() -> &'static str,
}

impl Injection {
    /// The injection of a `&T`.
    pub const fn of<T: Inject>() -> Self {
        Self {
            type_id: TypeId::of::<T>,
            type_name: type_name::<T>,
        }
    }

    /// The injection of a `&T` into a setup.
    pub const fn of_setup<T: InjectIntoSetup>() -> Self {
        Self {
            type_id: TypeId::of::<T>,
            type_name: type_name::<T>,
        }
    }

    /// The type. (Not `type_id`: on a reference that would be [`Any`]'s, of the reference.)
    pub(crate) fn wanted(self) -> TypeId {
        (self.type_id)()
    }

    /// The type's path, for messages.
    pub(crate) fn path(self) -> &'static str {
        (self.type_name)()
    }
}

impl fmt::Debug for Injection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.path())
    }
}

/// Finds the one `T` of a scope.
///
/// Whether `T` can be injected at all is asked by [`Injection::of`] alone, so that a wrong type is one
/// error.
///
/// # Errors
///
/// If nobody put one in.
pub fn inject<T: Any>(scope: &SharedScope) -> Result<&T, MissingState> {
    scope
        .find(TypeId::of::<T>())
        .and_then(|found| found.downcast_ref())
        .ok_or(MissingState {
            type_name: type_name::<T>(),
        })
}
