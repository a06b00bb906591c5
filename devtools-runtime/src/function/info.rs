//! The description of a function for those who list a program's functions.

use serde::{Deserialize, Serialize};

use crate::function::agent::AgentSafety;
use crate::function::definition::FunctionDefinition;
use crate::function::kind::{FunctionKind, Side};
use crate::wire::Encoding;

/// The description of a function, as the query `devtools-runtime:functions` returns it, from
/// [`RpcHost::describe`](crate::context::RpcHost::describe).
///
/// ```
/// use devtools_runtime::{DevTools, define_rpc_function};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let devtools = DevTools::builder().without_collected().build().await?;
/// let greet = define_rpc_function("my-plugin:greet").description("Greets.").handler(|name: String| name);
/// devtools.context().rpc().register(greet)?;
///
/// let functions = devtools.context().rpc().describe();
/// let greet = functions.iter().find(|function| function.name == "my-plugin:greet").ok_or("no function")?;
/// assert_eq!(greet.description, "Greets.");
/// assert_eq!(greet.parameters.len(), 1);
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
#[expect(
    clippy::struct_excessive_bools,
    reason = "independent facts, each of them a member of the JSON"
)]
pub struct FunctionInfo {
    /// The name on the wire, `scope:function`.
    pub name: String,
    /// The kind; `type` in JSON, as in TypeScript.
    #[serde(rename = "type")]
    pub kind: FunctionKind,
    /// The side that the function runs on.
    pub side: Side,
    /// The codec of its values.
    pub encoding: Encoding,
    /// The title for people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// The doc comment. Empty if there is none.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// The parameters that a caller sends, in order.
    pub parameters: Vec<ParameterInfo>,
    /// The JSON Schema of arguments and result, `{ arguments, output }`. Only programs with the feature `typescript` have it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schema: Option<serde_json::Value>,
    /// Whether clients may cache its results.
    pub cacheable: bool,
    /// Whether a dump answers every call with the result of a call without arguments.
    #[serde(default)]
    pub snapshot: bool,
    /// Whether the option `dump`, or the builder, defines which calls a dump contains. A [setup](Self::setup) may define it too, which
    /// is known only after it has run.
    #[serde(default)]
    pub dump: bool,
    /// Whether the function is set up once for each context.
    #[serde(default)]
    pub setup: bool,
    /// The role that its callers must have, if it requires one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
    /// The description for agents, if they may call it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agent: Option<AgentInfo>,
    /// The source file, with the path that the compiler was given.
    pub file: String,
    /// The line in the file, counted from 1.
    pub line: u32,
    /// The package of the file. Empty for a closure.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub package: String,
}

/// A parameter of a [`FunctionInfo`].
///
/// ```
/// use devtools_runtime::functions::FunctionInfo;
///
/// /// Writes a signature such as `my-plugin:read(path, from?, to?)`.
/// fn signature(function: &FunctionInfo) -> String {
///     let parameters = function.parameters.iter();
///     let parameters = parameters.map(|it| format!("{}{}", it.name, if it.optional { "?" } else { "" }));
///     format!("{}({})", function.name, parameters.collect::<Vec<_>>().join(", "))
/// }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ParameterInfo {
    /// The name in the signature; `arg0` and so on for a closure.
    pub name: String,
    /// Whether a caller may omit it at the end.
    pub optional: bool,
}

/// The description of a function for agents, in a [`FunctionInfo`].
///
/// ```
/// use devtools_runtime::functions::{AgentSafety, FunctionInfo};
///
/// /// The functions that an agent may call without asking anyone.
/// fn harmless(functions: &[FunctionInfo]) -> impl Iterator<Item = &FunctionInfo> {
///     let is_read = |info: &FunctionInfo| info.agent.as_ref().is_some_and(|agent| agent.safety == AgentSafety::Read);
///     functions.iter().filter(move |function| is_read(function))
/// }
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct AgentInfo {
    /// The risk of a call.
    pub safety: AgentSafety,
    /// The title for agents, if it differs from that of the function.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// The words by which agents find the function.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
    /// The channel of the stream that a call starts, if it starts one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stream: Option<String>,
}

impl FunctionInfo {
    /// Returns whether everything but the place in the source is the same.
    pub(crate) fn is_described_as(&self, other: &Self) -> bool {
        let placed = Self {
            file: self.file.clone(),
            line: self.line,
            package: self.package.clone(),
            ..other.clone()
        };
        *self == placed
    }
}

impl From<&FunctionDefinition> for FunctionInfo {
    fn from(function: &FunctionDefinition) -> Self {
        let location = function.location();
        let parameters = function.parameters().iter();
        Self {
            name: function.name().to_owned(),
            kind: function.kind(),
            side: function.side(),
            encoding: function.encoding(),
            title: function.title().map(str::to_owned),
            description: function.description().to_owned(),
            parameters: parameters
                .map(|parameter| ParameterInfo {
                    name: parameter.name.to_owned(),
                    optional: parameter.optional,
                })
                .collect(),
            #[cfg(feature = "typescript")]
            schema: serde_json::to_value(function.schema()).ok(),
            #[cfg(not(feature = "typescript"))]
            schema: None,
            cacheable: function.is_cacheable(),
            snapshot: function.is_snapshot(),
            dump: function.has_dump(),
            setup: function.is_set_up(),
            role: function.role().map(str::to_owned),
            agent: function.agent().map(|agent| AgentInfo {
                safety: agent.safety(),
                title: agent.title().map(str::to_owned),
                tags: agent.tags().iter().copied().map(str::to_owned).collect(),
                stream: agent.stream().map(str::to_owned),
            }),
            file: location.file.to_owned(),
            line: location.line,
            package: location.package.to_owned(),
        }
    }
}
