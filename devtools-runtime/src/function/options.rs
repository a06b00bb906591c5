//! What is said of a function beyond its name and kind.

use std::fmt;
use std::time::Duration;

use crate::function::{LayerCall, LayerFuture, Next};

/// What is said of a function beyond its name and kind, and holds on both sides.
///
/// The attribute writes it; read it from a [`FunctionDefinition`](crate::FunctionDefinition).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[must_use = "options do nothing by themselves"]
pub struct FunctionOptions {
    pub(crate) cacheable: bool,
    pub(crate) snapshot: bool,
    pub(crate) title: Option<&'static str>,
    pub(crate) agent: Option<AgentOptions>,
    pub(crate) timeout: Option<Duration>,
    pub(crate) public_errors: bool,
    pub(crate) deprecated: Option<&'static str>,
    pub(crate) role: Option<&'static str>,
    pub(crate) layer: Option<StaticLayer>,
}

impl FunctionOptions {
    /// Nothing is said.
    pub const fn new() -> Self {
        Self {
            cacheable: false,
            snapshot: false,
            title: None,
            agent: None,
            timeout: None,
            public_errors: false,
            deprecated: None,
            role: None,
            layer: None,
        }
    }

    /// Whether nothing is said.
    pub(crate) const fn is_nothing(&self) -> bool {
        let Self {
            cacheable,
            snapshot,
            title,
            agent,
            timeout,
            public_errors,
            deprecated,
            role,
            layer,
        } = self;
        let has_flag = *cacheable || *snapshot || *public_errors;
        let is_described = title.is_some() || agent.is_some() || deprecated.is_some();
        !(has_flag || is_described || timeout.is_some() || role.is_some() || layer.is_some())
    }

    /// Clients may keep the results, where they ask for that.
    pub const fn cacheable(self) -> Self {
        Self {
            cacheable: true,
            ..self
        }
    }

    /// A dump holds the result of a call without arguments, for all calls.
    pub const fn snapshot(self) -> Self {
        Self {
            snapshot: true,
            ..self
        }
    }

    /// What people call it.
    pub const fn title(self, title: &'static str) -> Self {
        Self {
            title: Some(title),
            ..self
        }
    }

    /// Agents may call it.
    pub const fn agent(self, agent: AgentOptions) -> Self {
        Self {
            agent: Some(agent),
            ..self
        }
    }

    /// Callers may read errors that are internal otherwise: `anyhow::Error`, boxed ones.
    pub const fn public_errors(self) -> Self {
        Self {
            public_errors: true,
            ..self
        }
    }

    /// It is deprecated, with this note, which may be empty.
    pub const fn deprecated(self, note: &'static str) -> Self {
        Self {
            deprecated: Some(note),
            ..self
        }
    }

    /// It is for sessions with this role alone.
    pub const fn role(self, role: &'static str) -> Self {
        Self {
            role: Some(role),
            ..self
        }
    }

    /// Its calls pass this layer.
    pub const fn layer(self, layer: StaticLayer) -> Self {
        Self {
            layer: Some(layer),
            ..self
        }
    }

    /// How long a call may run.
    pub const fn timeout(self, timeout: Duration) -> Self {
        Self {
            timeout: Some(timeout),
            ..self
        }
    }
}

/// A layer that the attribute names.
#[derive(Clone, Copy)]
pub struct StaticLayer(pub(crate) fn(LayerCall, Next) -> LayerFuture);

impl StaticLayer {
    /// The layer of this function.
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

impl fmt::Debug for StaticLayer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a layer")
    }
}

/// What an agent is told of a function besides its description.
///
/// ```
/// use devtools_runtime::functions::{AgentOptions, AgentSafety};
/// use devtools_runtime::define_rpc_function;
///
/// let agent = AgentOptions::new(AgentSafety::Read).with_title("Get the modules").with_tags(&["graph"]);
/// let function = define_rpc_function("my-plugin:get-modules")
///     .description("Lists the modules of the graph.")
///     .agent(agent)
///     .handler(Vec::<String>::new);
/// assert_eq!(function.agent(), Some(agent));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use = "options do nothing by themselves"]
pub struct AgentOptions {
    safety: AgentSafety,
    title: Option<&'static str>,
    tags: &'static [&'static str],
}

/// What an agent risks by calling a function.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum AgentSafety {
    /// Nothing: it only reads.
    Read,
    /// It changes something.
    Action,
    /// It changes something that cannot be had back.
    Destructive,
}

impl AgentOptions {
    /// The options of a function of this safety.
    pub const fn new(safety: AgentSafety) -> Self {
        Self {
            safety,
            title: None,
            tags: &[],
        }
    }

    /// With a title for agents alone.
    pub const fn with_title(self, title: &'static str) -> Self {
        Self {
            title: Some(title),
            ..self
        }
    }

    /// With words to find it by.
    pub const fn with_tags(self, tags: &'static [&'static str]) -> Self {
        Self { tags, ..self }
    }

    /// What an agent risks.
    pub const fn safety(&self) -> AgentSafety {
        self.safety
    }

    /// The title for agents, if it is not that of the function.
    pub const fn title(&self) -> Option<&'static str> {
        self.title
    }

    /// Words to find it by.
    pub const fn tags(&self) -> &'static [&'static str] {
        self.tags
    }
}
