//! The description of a function for agents.

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
