//! The options of a function, as the attribute writes them.

use std::time::Duration;

use crate::function::agent::AgentOptions;
use crate::function::attributes::Attributes;
use crate::function::invoke::{LayerCall, LayerFuture, Next};

/// The options of a function: facts beyond its name and kind that hold on both sides.
///
/// The attribute writes them. Read them from a [`FunctionDefinition`](crate::FunctionDefinition).
///
/// ```
/// use devtools_runtime::functions::FunctionOptions;
/// use devtools_runtime::{RpcFunction, rpc_function};
///
/// #[rpc_function(name = "docs-of-options:get-graph", cacheable)]
/// fn get_graph() -> Vec<String> {
///     Vec::new()
/// }
///
/// assert_eq!(GetGraph::OPTIONS, FunctionOptions::new().cacheable());
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[must_use = "options do nothing by themselves"]
pub struct FunctionOptions {
    pub(super) attributes: Attributes,
    pub(super) layer: Option<StaticLayer>,
}

impl FunctionOptions {
    /// Returns the default options.
    pub const fn new() -> Self {
        Self {
            attributes: Attributes::NONE,
            layer: None,
        }
    }

    crate::setters! {
        /// Clients may cache the results, if they ask for that.
        pub const fn cacheable() { attributes.cacheable = true }

        /// A dump answers every call with the result of a call without arguments.
        pub const fn snapshot() { attributes.snapshot = true }

        /// The title for people.
        pub const fn title(title: &'static str) { attributes.title = Some(title) }

        /// Agents may call the function.
        pub const fn agent(agent: AgentOptions) { attributes.agent = Some(agent) }

        /// Callers may read errors that are internal otherwise: `anyhow::Error`, boxed ones.
        pub const fn public_errors() { attributes.public_errors = true }

        /// The function is deprecated, with this note, which may be empty.
        pub const fn deprecated(note: &'static str) { attributes.deprecated = Some(note) }

        /// Only sessions with this role may call the function.
        pub const fn role(role: &'static str) { attributes.role = Some(role) }

        /// Calls of the function pass this layer.
        pub const fn layer(layer: StaticLayer) { layer = Some(layer) }

        /// How long a call may run.
        pub const fn timeout(timeout: Duration) { attributes.timeout = Some(timeout) }
    }
}

/// A layer that the attribute names.
#[derive(Clone, Copy)]
pub struct StaticLayer(pub(crate) fn(LayerCall, Next) -> LayerFuture);

impl StaticLayer {
    /// Creates the layer of this function.
    pub const fn new(layer: fn(LayerCall, Next) -> LayerFuture) -> Self {
        Self(layer)
    }
}

impl PartialEq for StaticLayer {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::fn_addr_eq(self.0, other.0)
    }
}

impl Eq for StaticLayer {}

crate::debug_impl! { StaticLayer => "a layer" }
