//! The description of a function for agents.

/// The options of a function for agents. An agent also reads its description.
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
    stream: Option<&'static str>,
}

/// The risk of a call by an agent.
///
/// ```
/// use devtools_runtime::functions::AgentSafety;
/// use devtools_runtime::rpc_function;
///
/// /// Removes a file from disk.
/// #[rpc_function(name = "docs-of-safety:remove", kind = "action", agent(safety = "destructive"))]
/// fn remove(path: String) -> bool {
///     std::fs::remove_file(path).is_ok()
/// }
///
/// let agent = Remove::definition().agent().unwrap();
/// assert_eq!(agent.safety(), AgentSafety::Destructive);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum AgentSafety {
    /// The function only reads.
    Read,
    /// The function changes something.
    Action,
    /// The function changes something that cannot be restored.
    Destructive,
}

impl AgentOptions {
    /// Creates the options of a function of this safety.
    pub const fn new(safety: AgentSafety) -> Self {
        Self {
            safety,
            title: None,
            tags: &[],
            stream: None,
        }
    }

    crate::setters! {
        /// Sets a title for agents.
        pub const fn with_title(title: &'static str) { title = Some(title) }

        /// Sets words by which agents find the function.
        pub const fn with_tags(tags: &'static [&'static str]) { tags = tags }

        /// Sets the channel of the stream that a call starts. The function returns the id of the stream, as a text or as the member
        /// `streamId` of an object. Agents get the chunks as progress, and all of them as the result.
        pub const fn with_stream(channel: &'static str) { stream = Some(channel) }
    }

    /// The risk of a call.
    pub const fn safety(&self) -> AgentSafety {
        self.safety
    }

    /// The title for agents, if it differs from that of the function.
    pub const fn title(&self) -> Option<&'static str> {
        self.title
    }

    /// The words by which agents find the function.
    pub const fn tags(&self) -> &'static [&'static str] {
        self.tags
    }

    /// The channel of the stream that a call starts, if it starts one.
    pub const fn stream(&self) -> Option<&'static str> {
        self.stream
    }
}
