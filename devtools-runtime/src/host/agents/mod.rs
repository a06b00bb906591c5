//! The tools of coding agents: functions with the option `agent`, and tools that open pages offer.

mod functions;
mod page_call;
mod page_tools;
mod pages;

use serde_json::{Map, Value};
use tokio::sync::watch;

use crate::function::{CallError, FunctionDefinition, FunctionKind, Side};
use crate::host::context::DevToolsContext;
use crate::protocol::agent::PageTool;

use self::pages::AgentPages;

pub(crate) use self::functions::register;
#[cfg(feature = "inspector")]
pub(crate) use self::functions::{invoke, read, resources, tools};

/// The functions and the tools of pages that agents may call, from [`DevToolsContext::agents`].
///
/// ```
/// use devtools_runtime::functions::{AgentOptions, AgentSafety};
/// use devtools_runtime::{DevTools, define_rpc_function};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let devtools = DevTools::builder().without_collected().build().await?;
/// let ctx = devtools.context();
/// let count = define_rpc_function("my-plugin:count")
///     .description("Counts the modules.")
///     .agent(AgentOptions::new(AgentSafety::Read))
///     .handler(|| 7);
/// ctx.rpc().register(count)?;
///
/// let names: Vec<_> = ctx.agents().functions().iter().map(|it| it.name().to_owned()).collect();
/// assert_eq!(names, ["my-plugin:count"]);
/// assert!(ctx.agents().page_tools().is_empty()); // no page is open
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, Copy)]
pub struct AgentHost<'a> {
    context: &'a DevToolsContext,
}

impl DevToolsContext {
    /// The functions and tools for coding agents.
    pub fn agents(&self) -> AgentHost<'_> {
        AgentHost { context: self }
    }
}

impl AgentHost<'_> {
    /// Returns the functions of the server that agents may call, sorted by name.
    pub fn functions(self) -> Vec<FunctionDefinition> {
        let mut functions = self.context.rpc().list();
        functions.retain(|it| it.agent().is_some() && it.side() == Side::Server);
        functions
    }

    /// Returns the tools of the open pages, sorted by name. If several pages offer a tool of the same name, it is
    /// listed once, and a call goes to the page that the user looked at last. A tool with the name of a function is
    /// left out. If any page offers tools, the list has one more tool, which lists the pages.
    pub fn page_tools(self) -> Vec<PageTool> {
        let functions = self.functions();
        let mut tools = AgentPages::of(self.context).tools();
        tools.retain(|tool| functions.iter().all(|it| it.name() != tool.id));
        tools
    }

    /// Calls a tool of a page.
    ///
    /// # Errors
    ///
    /// [`CallError::UnknownFunction`] if no open page has the tool, and the error of the page if the tool fails.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future abandons the result. The page may run the tool to its end.
    pub async fn call_page_tool(
        self,
        id: &str,
        arguments: Map<String, Value>,
    ) -> Result<Value, CallError> {
        page_call::call(self.context, id, arguments).await
    }

    /// Returns a receiver that is notified when pages offer other tools.
    pub fn on_page_tools_changed(self) -> watch::Receiver<()> {
        AgentPages::of(self.context).changes()
    }

    /// Returns the static functions that agents may read as resources.
    fn resources(self) -> Vec<FunctionDefinition> {
        let mut functions = self.functions();
        functions.retain(|it| it.kind() == FunctionKind::Static);
        functions
    }
}
