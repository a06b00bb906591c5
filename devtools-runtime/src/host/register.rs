//! Adding functions while the program runs, and hearing of it.

use std::borrow::Cow;
use std::sync::Arc;

use tokio::sync::watch;

use crate::function::{
    DuplicateFunction, FunctionDefinition, FunctionKind, FunctionTable, Parameter, is_scoped_name,
};
use crate::wire::Encoding;

/// Why a function was not registered.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RegisterError {
    /// Another function has the name already.
    #[error(transparent)]
    Duplicate(#[from] DuplicateFunction),
    /// The name is not `scope:function`, each part in kebab-case.
    #[error("`{0}` is no function name: write `scope:function`, both in kebab-case")]
    Name(Cow<'static, str>),
    /// A function that is to get the scope of a plugin has one already.
    #[error("`{name}` has a scope already: within `{scope}` a name is written without one")]
    Scoped {
        /// The name.
        name: Cow<'static, str>,
        /// The scope it was to get.
        scope: Cow<'static, str>,
    },
    /// There is no function of the name to be updated.
    #[error("there is no function named `{0}` to be updated")]
    Unknown(Cow<'static, str>),
    /// A static function takes parameters from the wire.
    #[error("`{0}` is static, and takes no parameters from the wire: make it a query")]
    StaticWithParameters(Cow<'static, str>),
    /// A function that is no query is cacheable.
    #[error("`{0}` cannot be cacheable: only a query may be")]
    Cacheable(Cow<'static, str>),
    /// A function that is no query says what a dump holds of it.
    #[error("`{0}` has a snapshot or a dump, and only a query is dumped by choice")]
    NeverDumped(Cow<'static, str>),
    /// A snapshot is of a function that must be given something.
    #[error(
        "`{0}` has a snapshot, so its parameters must be `Option`s: it is called without arguments"
    )]
    SnapshotWithParameters(Cow<'static, str>),
    /// A function has a snapshot, and a dump too.
    #[error(
        "`{0}` has a snapshot and a dump, which exclude each other: the dump says how it is called"
    )]
    SnapshotAndDump(Cow<'static, str>),
    /// Agents are to call a function that is declared structured clone.
    #[error("`{0}` is for agents, which read and write JSON, and it is declared structured clone")]
    AgentEncoding(Cow<'static, str>),
    /// Agents are to call a function without a description.
    #[error("`{0}` is for agents, which go by the description, and it has none")]
    AgentWithoutDescription(Cow<'static, str>),
    /// A handler that is not async has a time limit.
    #[error("`{0}` has a timeout, and its handler is not async, so that it cannot be stopped")]
    TimeoutOfSync(Cow<'static, str>),
    /// The time limit of a function is no time at all.
    #[error("`{0}` has a timeout of zero, so that no call can succeed")]
    ZeroTimeout(Cow<'static, str>),
}

/// Refuses what the attribute would refuse too.
pub(crate) fn check(function: &FunctionDefinition) -> Result<(), RegisterError> {
    if !is_scoped_name(function.name()) {
        return Err(RegisterError::Name(function.owned_name()));
    }
    if function.kind() == FunctionKind::Static && !function.parameters().is_empty() {
        return Err(RegisterError::StaticWithParameters(function.owned_name()));
    }
    if function.kind() != FunctionKind::Query && function.is_cacheable() {
        return Err(RegisterError::Cacheable(function.owned_name()));
    }
    check_dump(function)?;
    check_agent(function)?;
    match function.timeout() {
        Some(_) if function.runs_at_once() => {
            Err(RegisterError::TimeoutOfSync(function.owned_name()))
        }
        Some(timeout) if timeout.is_zero() => {
            Err(RegisterError::ZeroTimeout(function.owned_name()))
        }
        Some(_) | None => Ok(()),
    }
}

fn check_dump(function: &FunctionDefinition) -> Result<(), RegisterError> {
    let name = || function.owned_name();
    let is_optional = |parameter: &Parameter| parameter.optional;
    if function.kind() != FunctionKind::Query && (function.is_snapshot() || function.has_dump()) {
        Err(RegisterError::NeverDumped(name()))
    } else if !function.is_snapshot() {
        Ok(())
    } else if function.has_dump() {
        Err(RegisterError::SnapshotAndDump(name()))
    } else if !function.parameters().iter().all(is_optional) {
        Err(RegisterError::SnapshotWithParameters(name()))
    } else {
        Ok(())
    }
}

fn check_agent(function: &FunctionDefinition) -> Result<(), RegisterError> {
    if function.agent().is_none() {
        Ok(())
    } else if function.encoding() == Encoding::StructuredClone {
        Err(RegisterError::AgentEncoding(function.owned_name()))
    } else if function.description().trim().is_empty() {
        Err(RegisterError::AgentWithoutDescription(
            function.owned_name(),
        ))
    } else {
        Ok(())
    }
}

/// The changes of a context's functions, from [`RpcHost::on_changed`](crate::RpcHost::on_changed).
#[derive(Debug, Clone)]
pub struct FunctionChanges(pub(crate) watch::Receiver<Arc<FunctionTable>>);

impl FunctionChanges {
    /// Waits until a function is registered, updated or taken out. Several changes may be one. `None` once
    /// the context is gone.
    ///
    /// # Cancel safety
    ///
    /// No change is lost by dropping the future.
    pub async fn next(&mut self) -> Option<()> {
        self.0.changed().await.ok()
    }
}
