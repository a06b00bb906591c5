//! The functions that agents may call, as tools.

use std::collections::BTreeMap;
use std::sync::Arc;

use devtools_runtime::functions::{AgentSafety, SourceLocation};
use devtools_runtime::{DevToolsContext, FunctionDefinition, FunctionKind, Side};
use rmcp::model::{Tool, ToolAnnotations};

use crate::name::tool_name;
use crate::schema::{input_schema, output_schema};

/// Two functions whose tools would have the same name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "agents would call both `{first}` (at {first_at}) and `{second}` (at {second_at}) by the name `{tool}`: rename one of them, or \
     remove its option `agent`"
)]
#[non_exhaustive]
pub struct NameCollision {
    /// The name of both tools.
    pub tool: String,
    /// The name of one function.
    pub first: String,
    /// The location of that function.
    pub first_at: SourceLocation,
    /// The name of the other function.
    pub second: String,
    /// The location of that function.
    pub second_at: SourceLocation,
}

/// The functions of a context that agents may call, by the names of their tools.
#[derive(Debug, Default)]
pub(crate) struct Tools {
    functions: BTreeMap<String, FunctionDefinition>,
    collisions: Vec<NameCollision>,
}

impl Tools {
    /// Finds the functions. Of two with the same tool name, the first by name is offered.
    pub(crate) fn of(context: &DevToolsContext) -> Self {
        let mut tools = Self::default();
        for function in context.rpc().list() {
            if function.agent().is_none() || function.side() != Side::Server {
                continue;
            }
            let name = tool_name(function.name());
            match tools.functions.get(&name) {
                None => drop(tools.functions.insert(name, function)),
                Some(first) => {
                    let collision = NameCollision {
                        tool: name,
                        first: first.name().to_owned(),
                        first_at: first.location(),
                        second: function.name().to_owned(),
                        second_at: function.location(),
                    };
                    tools.collisions.push(collision);
                }
            }
        }
        tools
    }

    /// Returns the first collision, if there is one.
    pub(crate) fn collision(&self) -> Option<&NameCollision> {
        self.collisions.first()
    }

    /// Returns the function of a tool. Takes the name of the tool, and that of the function too.
    pub(crate) fn find(&self, name: &str) -> Option<&FunctionDefinition> {
        self.functions.get(name).or_else(|| {
            let mut functions = self.functions.values();
            functions.find(|function| function.name() == name)
        })
    }

    /// Returns the names of the tools.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.functions.keys().map(String::as_str)
    }

    /// Returns the functions, sorted by the names of their tools.
    pub(crate) fn functions(&self) -> impl Iterator<Item = &FunctionDefinition> {
        self.functions.values()
    }

    /// Describes the tools for agents.
    pub(crate) fn describe(&self) -> Vec<Tool> {
        let functions = self.functions.iter();
        functions
            .filter_map(|(name, function)| describe(name, function))
            .collect()
    }
}

/// Returns the title of the tool for a function.
pub(crate) fn title(function: &FunctionDefinition) -> &str {
    let own = function.agent().and_then(|agent| agent.title());
    own.or(function.title()).unwrap_or(function.name())
}

/// Returns whether a call of the function destroys something.
pub(crate) fn is_destructive(function: &FunctionDefinition) -> bool {
    let agent = function.agent();
    agent.is_some_and(|agent| agent.safety() == AgentSafety::Destructive)
}

fn describe(name: &str, function: &FunctionDefinition) -> Option<Tool> {
    let agent = function.agent()?;
    let title = title(function).to_owned();
    let schema = function.schema();
    let input = input_schema(function.parameters(), &schema.arguments);
    let description = function.description().to_owned();
    let mut annotations = ToolAnnotations::with_title(title.clone())
        .read_only(agent.safety() == AgentSafety::Read)
        .destructive(is_destructive(function));
    // The hint means something only for tools that change something.
    let repeatable = matches!(function.kind(), FunctionKind::Query | FunctionKind::Static);
    if repeatable && agent.safety() != AgentSafety::Read {
        annotations = annotations.idempotent(true);
    }
    let tool = Tool::new_with_raw(name.to_owned(), Some(description.into()), Arc::new(input))
        .with_title(title)
        .with_annotations(annotations);
    Some(match output_schema(&schema.output) {
        Some(schema) => tool.with_raw_output_schema(Arc::new(schema)),
        None => tool,
    })
}
