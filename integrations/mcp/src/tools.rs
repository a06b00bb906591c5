//! The functions that agents may call, as tools.

use std::collections::BTreeMap;
use std::sync::Arc;

use devtools_runtime::context::PageTool;
use devtools_runtime::functions::{AgentSafety, SourceLocation};
use devtools_runtime::{DevToolsContext, FunctionDefinition, FunctionKind};
use rmcp::model::{Tool, ToolAnnotations};
use serde_json::{Map, Value};

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

/// The functions of a context that agents may call, and the tools of its open pages, by the names that agents call.
#[derive(Debug, Default)]
pub(crate) struct Tools {
    offers: BTreeMap<String, Offer>,
    collisions: Vec<NameCollision>,
}

/// Something that agents may call.
#[derive(Debug, Clone)]
pub(crate) enum Offer {
    Function(FunctionDefinition),
    Page(Box<PageTool>),
}

impl Tools {
    /// Finds the tools. Of two functions with the same tool name, the first by name is offered. A tool of a page with the name of
    /// another tool is not.
    pub(crate) fn of(context: &DevToolsContext) -> Self {
        let mut tools = Self::default();
        for function in context.agents().functions() {
            let name = tool_name(function.name());
            match tools.offers.get(&name) {
                Some(Offer::Function(first)) => {
                    let collision = NameCollision {
                        tool: name,
                        first: first.name().to_owned(),
                        first_at: first.location(),
                        second: function.name().to_owned(),
                        second_at: function.location(),
                    };
                    tools.collisions.push(collision);
                }
                _ => drop(tools.offers.insert(name, Offer::Function(function))),
            }
        }
        for tool in context.agents().page_tools() {
            let name = tool_name(&tool.id);
            tools
                .offers
                .entry(name)
                .or_insert_with(|| Offer::Page(Box::new(tool)));
        }
        tools
    }

    /// Returns the first collision, if there is one.
    pub(crate) fn collision(&self) -> Option<&NameCollision> {
        self.collisions.first()
    }

    /// Returns the tool of this name. Takes the name of the function, or of the tool of a page, too.
    pub(crate) fn find(&self, name: &str) -> Option<&Offer> {
        let by_id = || self.offers.values().find(|offer| offer.id() == name);
        self.offers.get(name).or_else(by_id)
    }

    /// Returns the names of the tools.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.offers.keys().map(String::as_str)
    }

    /// Returns the functions, sorted by the names of their tools.
    pub(crate) fn functions(&self) -> impl Iterator<Item = &FunctionDefinition> {
        self.offers.values().filter_map(|offer| match offer {
            Offer::Function(function) => Some(function),
            Offer::Page(_) => None,
        })
    }

    /// Describes the tools for agents.
    pub(crate) fn describe(&self) -> Vec<Tool> {
        let offers = self.offers.iter();
        offers.map(|(name, offer)| offer.describe(name)).collect()
    }
}

impl Offer {
    /// Returns the name of the function, or of the tool of a page.
    pub(crate) fn id(&self) -> &str {
        match self {
            Self::Function(function) => function.name(),
            Self::Page(tool) => &tool.id,
        }
    }

    /// Returns the title.
    pub(crate) fn title(&self) -> &str {
        match self {
            Self::Function(function) => {
                let own = function.agent().and_then(|agent| agent.title());
                own.or(function.title()).unwrap_or(function.name())
            }
            Self::Page(tool) => tool.title.as_deref().unwrap_or(&tool.id),
        }
    }

    fn description(&self) -> &str {
        match self {
            Self::Function(function) => function.description(),
            Self::Page(tool) => &tool.description,
        }
    }

    /// Returns the risk of a call.
    pub(crate) fn safety(&self) -> AgentSafety {
        match self {
            Self::Function(function) => {
                let agent = function.agent();
                agent.map_or(AgentSafety::Action, |agent| agent.safety())
            }
            Self::Page(tool) => tool.safety,
        }
    }

    /// Returns the JSON Schemas of the arguments and of the result.
    fn schemas(&self) -> (Map<String, Value>, Option<Map<String, Value>>) {
        match self {
            Self::Function(function) => {
                let schema = function.schema();
                let input = input_schema(function.parameters(), &schema.arguments);
                // The result of a tool that reads a stream is text.
                let streams = function.agent().is_some_and(|it| it.stream().is_some());
                let output = (!streams).then(|| output_schema(&schema.output));
                (input, output.flatten())
            }
            Self::Page(tool) => {
                let object = |schema: &Option<Value>| match schema {
                    Some(Value::Object(schema)) => Some(schema.clone()),
                    _ => None,
                };
                let input = object(&tool.input_schema).unwrap_or_default();
                (input, object(&tool.output_schema))
            }
        }
    }

    fn describe(&self, name: &str) -> Tool {
        let safety = self.safety();
        let title = self.title().to_owned();
        let mut annotations = ToolAnnotations::with_title(title.clone())
            .read_only(safety == AgentSafety::Read)
            .destructive(safety == AgentSafety::Destructive);
        // The hint means something only for tools that change something.
        let repeatable = match self {
            Self::Function(function) => {
                matches!(function.kind(), FunctionKind::Query | FunctionKind::Static)
            }
            Self::Page(_) => false,
        };
        if repeatable && safety != AgentSafety::Read {
            annotations = annotations.idempotent(true);
        }
        let (input, output) = self.schemas();
        let description = self.description().to_owned();
        let tool = Tool::new_with_raw(name.to_owned(), Some(description.into()), Arc::new(input))
            .with_title(title)
            .with_annotations(annotations);
        match output {
            Some(schema) => tool.with_raw_output_schema(Arc::new(schema)),
            None => tool,
        }
    }
}
