//! The expansion is clean where users deny what they can.

#![forbid(unsafe_code)]
#![deny(warnings, missing_docs, unreachable_pub, missing_debug_implementations)]
#![deny(missing_copy_implementations, single_use_lifetimes, unused_lifetimes)]
#![deny(
    unused_qualifications,
    unused_results,
    unit_bindings,
    let_underscore_drop
)]
#![deny(
    trivial_casts,
    trivial_numeric_casts,
    elided_lifetimes_in_paths,
    unnameable_types
)]
#![deny(
    explicit_outlives_requirements,
    redundant_lifetimes,
    unused_import_braces
)]
#![deny(
    clippy::all,
    clippy::pedantic,
    clippy::nursery,
    clippy::missing_const_for_fn
)]

use devtools_runtime::{DevToolsContext, PluginState, rpc_function};

/// State of a plugin.
#[derive(Debug, PluginState)]
pub struct Names(pub Vec<String>);

/// Functions of their own.
pub mod functions {
    use super::{DevToolsContext, Names, rpc_function};

    /// Reads every name.
    #[must_use]
    #[rpc_function(name = "strict:get-names")]
    pub fn get_names(names: &Names, limit: Option<u32>) -> Vec<String> {
        let limit = limit.map_or(usize::MAX, |limit| limit as usize);
        names.0.iter().take(limit).cloned().collect()
    }

    /// Saves a name.
    ///
    /// # Errors
    ///
    /// If there is no name.
    #[rpc_function(name = "strict:save", kind = "action")]
    pub async fn save(ctx: &DevToolsContext, name: String) -> Result<(), std::fmt::Error> {
        let _ = ctx.cwd();
        tokio::task::yield_now().await;
        if name.is_empty() {
            return Err(std::fmt::Error);
        }
        Ok(())
    }
}

mod private {
    use super::rpc_function;

    #[rpc_function(name = "strict:told", kind = "event", side = "client")]
    pub(crate) async fn told(line: String);

    #[rpc_function(name = "strict:asked", side = "client")]
    pub(super) async fn asked(line: String) -> bool;
}

#[test]
fn accepted() {
    assert_eq!(functions::GetNames::NAME, "strict:get-names");
    assert_eq!(functions::Save::NAME, "strict:save");
    assert_eq!(private::Told::NAME, "strict:told");
    assert_eq!(private::Asked::NAME, "strict:asked");
}
