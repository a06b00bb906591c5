//! The rules for functions that are registered at run time, and the changes of the registry.

use std::borrow::Cow;
use std::sync::Arc;

use tokio::sync::watch;

use crate::function::{
    DuplicateFunction, FunctionDefinition, FunctionKind, FunctionTable, is_scoped_name,
};
use crate::wire::Encoding;

/// The error of a function that was not registered.
///
/// ```
/// use devtools_runtime::context::RegisterError;
/// use devtools_runtime::{DevTools, define_rpc_function};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let devtools = DevTools::builder().without_collected().build().await?;
/// let rpc = devtools.context().rpc();
/// rpc.register(define_rpc_function("my-plugin:ping").handler(|| true))?;
///
/// let again = rpc.register(define_rpc_function("my-plugin:ping").handler(|| false));
/// assert!(matches!(again, Err(RegisterError::Duplicate(_))));
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RegisterError {
    /// Another function has the name already.
    #[error(transparent)]
    Duplicate(#[from] DuplicateFunction),
    /// The name is not `scope:function`, each part in kebab-case.
    #[error("`{0}` is not a function name: write `scope:function`, both in kebab-case")]
    Name(Cow<'static, str>),
    /// A function that is registered within the scope of a plugin already has a scope in its name.
    #[error(
        "`{name}` already has a scope: leave it out, because the name is registered within `{scope}`"
    )]
    Scoped {
        /// The name.
        name: Cow<'static, str>,
        /// The scope of the plugin.
        scope: Cow<'static, str>,
    },
    /// The function to update does not exist.
    #[error("there is no function named `{0}` to update: register it first")]
    Unknown(Cow<'static, str>),
    /// A static function takes parameters from the wire.
    #[error(
        "`{0}` is static and has parameters, which a static function cannot take from its caller: make it a query"
    )]
    StaticWithParameters(Cow<'static, str>),
    /// A function that is not a query has the option `cacheable`.
    #[error("`{0}` cannot be cacheable: only a query can be")]
    Cacheable(Cow<'static, str>),
    /// A function that is not a query has the option `snapshot` or `dump`.
    #[error(
        "`{0}` has `snapshot` or `dump`, which only a query can have: make it a query, or remove the option"
    )]
    NeverDumped(Cow<'static, str>),
    /// A function with the option `snapshot` has a required parameter.
    #[error(
        "`{0}` has `snapshot`, so it is called without arguments: make its parameters `Option`s"
    )]
    SnapshotWithParameters(Cow<'static, str>),
    /// A function has both `snapshot` and `dump`.
    #[error(
        "`{0}` has both `snapshot` and `dump`: remove `snapshot`, because `dump` lists the calls to record"
    )]
    SnapshotAndDump(Cow<'static, str>),
    /// A function that is exposed to agents uses structured clone.
    #[error(
        "`{0}` is exposed to agents, which use JSON, but declares structured clone: remove one of the two"
    )]
    AgentEncoding(Cow<'static, str>),
    /// A function that is exposed to agents has no description.
    #[error(
        "`{0}` is exposed to agents, which choose by the description, but has none: add a description"
    )]
    AgentWithoutDescription(Cow<'static, str>),
    /// A handler that is not async has a timeout.
    #[error(
        "`{0}` has a timeout, but its handler is not async and cannot be stopped: make the handler async"
    )]
    TimeoutOfSync(Cow<'static, str>),
    /// A function with the option `role` is static, or has `snapshot` or `dump`.
    #[error(
        "`{0}` is for sessions of a role, but its results are in static dumps, which check no roles: make it a query without `snapshot` and `dump`"
    )]
    RoleInDump(Cow<'static, str>),
    /// The timeout of a function is zero.
    #[error("`{0}` has a timeout of zero, so no call can succeed")]
    ZeroTimeout(Cow<'static, str>),
}

/// Makes the error of a broken rule from the name of the function.
type ErrorOf = fn(Cow<'static, str>) -> RegisterError;

/// Checks the rules that the attribute `#[rpc_function]` checks at compile time. The error names the first broken rule.
pub(crate) fn check(function: &FunctionDefinition) -> Result<(), RegisterError> {
    use RegisterError as Broken;

    let is_query = function.kind() == FunctionKind::Query;
    let is_static = function.kind() == FunctionKind::Static;
    let (has_dump, is_snapshot) = (function.has_dump(), function.is_snapshot());
    let has_required = function.parameters().iter().any(|it| !it.optional);
    let has_agent = function.agent().is_some();
    let timeout = function.timeout();
    let rules: [(bool, ErrorOf); 11] = [
        (!is_scoped_name(function.name()), Broken::Name),
        (
            is_static && !function.parameters().is_empty(),
            Broken::StaticWithParameters,
        ),
        (!is_query && function.is_cacheable(), Broken::Cacheable),
        (
            function.role().is_some() && (is_static || is_snapshot || has_dump),
            Broken::RoleInDump,
        ),
        (!is_query && (is_snapshot || has_dump), Broken::NeverDumped),
        (is_snapshot && has_dump, Broken::SnapshotAndDump),
        (is_snapshot && has_required, Broken::SnapshotWithParameters),
        (
            has_agent && function.encoding() == Encoding::StructuredClone,
            Broken::AgentEncoding,
        ),
        (
            has_agent && function.description().trim().is_empty(),
            Broken::AgentWithoutDescription,
        ),
        (
            timeout.is_some() && function.runs_at_once(),
            Broken::TimeoutOfSync,
        ),
        (timeout.is_some_and(|it| it.is_zero()), Broken::ZeroTimeout),
    ];
    match rules.into_iter().find(|(is_broken, _)| *is_broken) {
        Some((_, error)) => Err(error(function.owned_name())),
        None => Ok(()),
    }
}

/// A stream of changes to a context's functions, from [`RpcHost::on_changed`](crate::context::RpcHost::on_changed).
///
/// ```
/// use devtools_runtime::{DevTools, define_rpc_function};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let devtools = DevTools::builder().without_collected().build().await?;
/// let rpc = devtools.context().rpc();
/// let mut changes = rpc.on_changed();
///
/// rpc.register(define_rpc_function("my-plugin:late").handler(|| true))?;
/// assert_eq!(changes.next().await, Some(()));
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct FunctionChanges(pub(crate) watch::Receiver<Arc<FunctionTable>>);

impl FunctionChanges {
    /// Waits until a function is registered, updated or removed. Several changes may be reported as one. Returns `None` once
    /// the context is gone.
    ///
    /// # Cancel safety
    ///
    /// No change is lost by dropping the future.
    pub async fn next(&mut self) -> Option<()> {
        self.0.changed().await.ok()
    }
}
