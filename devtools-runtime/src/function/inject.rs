//! References that the runtime supplies to a function.
//!
//! The reference parameters of a function are injected: the context, the session that calls, and the state of plugins. A
//! [`Scope`] supplies them. Each call keeps its scope alive until it ends, so the references live as long as the call. This folder
//! does not know the types that a scope can supply.

use std::any::{Any, TypeId, type_name};
use std::sync::Arc;

use crate::blocking::SessionShare;
use crate::function::error::MissingState;
use crate::function::warnings::Warnings;

/// The source of the references that a call takes.
pub trait Scope: Send + Sync + 'static {
    /// Returns the value of this type, if there is one.
    fn find(&self, type_id: TypeId) -> Option<&(dyn Any + Send + Sync)>;

    /// Returns the id of the session that calls, for the log.
    fn session(&self) -> Option<u64> {
        None
    }

    /// Returns whether callers may read the text of panics and of internal errors.
    fn reveals_errors(&self) -> bool {
        false
    }

    /// Returns the threads on which `blocking` functions run when this scope's session calls them. `None` for calls of the
    /// program itself, which have threads of their own.
    fn blocking(&self) -> Option<SessionShare> {
        None
    }

    /// Returns whether calls of the function of this name pass the layers of the program, which [`find`](Self::find) returns.
    fn is_layered(&self, _function: &str) -> bool {
        false
    }

    /// Returns whether the caller has this role. The program itself has all roles.
    fn has_role(&self, _role: &str) -> bool {
        true
    }

    /// Returns the warnings that the program wants about its calls.
    fn warnings(&self) -> Warnings {
        Warnings::default()
    }

    /// Returns whether calls of the function of this name are counted and timed for the program's metrics, which
    /// [`find`](Self::find) returns.
    #[cfg(feature = "metrics")]
    fn is_measured(&self, _function: &str) -> bool {
        false
    }

    /// Returns whether results are checked, if their types have rules.
    fn checks_results(&self) -> bool {
        cfg!(debug_assertions)
    }
}

/// A [`Scope`], shared by the calls of one session.
pub type SharedScope = Arc<dyn Scope>;

/// A type that a function can take by reference.
///
/// ```
/// use devtools_runtime::{DevToolsContext, RpcSession, rpc_function};
///
/// /// The caller sends `path` only.
/// #[rpc_function(name = "docs-of-injection:open", kind = "action")]
/// fn open(ctx: &DevToolsContext, session: &RpcSession, path: String) -> String {
///     let file = ctx.cwd().join(path);
///     format!("session {} opens {}", session.id(), file.display())
/// }
/// ```
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
///
/// ```standalone_crate
/// use std::sync::atomic::{AtomicU32, Ordering};
///
/// use devtools_runtime::{DevTools, PluginState, rpc_function};
///
/// #[derive(PluginState)]
/// struct Visits(AtomicU32);
///
/// #[rpc_function(name = "docs-of-plugin-state:visit", kind = "action")]
/// fn visit(visits: &Visits) -> u32 {
///     visits.0.fetch_add(1, Ordering::Relaxed) + 1
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let devtools = DevTools::builder().without_collected().build().await?;
/// let ctx = devtools.context();
/// ctx.insert_state(Visits(AtomicU32::new(0)))?;
/// ctx.rpc().register(Visit::definition())?;
/// assert_eq!(Visit::invoke_local(ctx).await?, 1);
/// assert_eq!(Visit::invoke_local(ctx).await?, 2);
/// # Ok(())
/// # }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not state of a plugin",
    note = "derive it: `#[derive(devtools_runtime::PluginState)]`"
)]
pub trait PluginState: Any + Send + Sync {}

impl<T: PluginState> Inject for T {}

/// A type that a setup can take by reference: one that is the same for all calls.
///
/// ```standalone_crate
/// use devtools_runtime::{PluginState, Setup, rpc_function};
///
/// #[derive(PluginState)]
/// struct Settings {
///     greeting: String,
/// }
///
/// /// Greets.
/// #[rpc_function(name = "docs-of-setup:greet", kind = "static", setup)]
/// fn greet(settings: &Settings) -> Setup<fn() -> String> {
///     let greeting = settings.greeting.clone();
///     Setup::handler(move || greeting.clone())
/// }
/// ```
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

    /// Returns the type. (The name is not `type_id`, because that would be [`Any::type_id`] of the reference.)
    pub(crate) fn wanted(self) -> TypeId {
        (self.type_id)()
    }

    /// Returns the path of the type, for messages.
    pub(crate) fn path(self) -> &'static str {
        (self.type_name)()
    }
}

crate::debug_impl! { Injection as it => "{}", it.path() }

/// Finds the `T` of a scope.
///
/// Only [`Injection::of`] requires that `T` can be injected, so that the compiler reports a wrong type once.
///
/// # Errors
///
/// Returns an error if the scope has none.
pub fn inject<T: Any>(scope: &SharedScope) -> Result<&T, MissingState> {
    scope
        .find(TypeId::of::<T>())
        .and_then(|found| found.downcast_ref())
        .ok_or(MissingState {
            type_name: type_name::<T>(),
        })
}
