//! Adding functions while the program runs, and hearing of it.

use std::borrow::Cow;
use std::sync::Arc;

use tokio::sync::watch;

use crate::function::{DuplicateFunction, FunctionDefinition, FunctionKind, FunctionTable};

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
}

/// Refuses what the attribute would refuse too.
pub(crate) fn check(function: &FunctionDefinition) -> Result<(), RegisterError> {
    let mut parts = function.name().split(':');
    let is_scoped = function.name().contains(':');
    if !is_scoped || !parts.all(is_kebab_case) {
        return Err(RegisterError::Name(function.owned_name()));
    }
    if function.kind() == FunctionKind::Static && !function.parameters().is_empty() {
        return Err(RegisterError::StaticWithParameters(function.owned_name()));
    }
    if function.kind() != FunctionKind::Query && function.is_cacheable() {
        return Err(RegisterError::Cacheable(function.owned_name()));
    }
    Ok(())
}

fn is_kebab_case(part: &str) -> bool {
    let is_word = |word: &str| {
        let mut letters = word.bytes();
        !word.is_empty() && letters.all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
    };
    part.split('-').all(is_word)
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

#[cfg(test)]
mod tests {
    use super::is_kebab_case;

    #[test]
    fn only_kebab_case_is() {
        for part in ["get-data", "a", "v2", "read-v2-file"] {
            assert!(is_kebab_case(part), "{part}");
        }
        for part in [
            "", "-", "get-", "-data", "getData", "get_data", "get data", "é",
        ] {
            assert!(!is_kebab_case(part), "{part}");
        }
    }
}
