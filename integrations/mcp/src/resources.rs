//! Shared states and static functions, as resources.

use devtools_runtime::{DevToolsContext, DevToolsRpcClient, FunctionKind};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use rmcp::model::Resource;
use serde_json::Value;

use crate::plugin::Options;
use crate::tools::Tools;

/// The type of the content of all resources.
pub(crate) const JSON: &str = "application/json";

const STATE: &str = "devframe://state/";
const FUNCTION: &str = "devframe://resource/";

/// The characters that JavaScript's `encodeURIComponent` encodes.
const COMPONENT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'!')
    .remove(b'~')
    .remove(b'*')
    .remove(b'\'')
    .remove(b'(')
    .remove(b')');

/// A resource that an agent may read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Source {
    /// The shared state with this key.
    State(String),
    /// The static function with this name.
    Function(String),
}

impl Source {
    /// Finds the resource of an address. `None` if there is none, or if it is not for agents.
    pub(crate) fn find(uri: &str, context: &DevToolsContext, options: &Options) -> Option<Self> {
        let decoded =
            |encoded: &str| Some(percent_decode_str(encoded).decode_utf8().ok()?.into_owned());
        if let Some(key) = uri.strip_prefix(STATE) {
            let key = decoded(key)?;
            return states(context, options)
                .contains(&key)
                .then_some(Self::State(key));
        }
        let name = decoded(uri.strip_prefix(FUNCTION)?)?;
        let tools = Tools::of(context);
        let mut functions = tools.functions();
        let is_static = functions.any(|it| it.name() == name && it.kind() == FunctionKind::Static);
        is_static.then_some(Self::Function(name))
    }

    /// Reads the resource in the session of an agent.
    pub(crate) async fn read(
        &self,
        client: &DevToolsRpcClient,
    ) -> Result<Value, devtools_runtime::CallError> {
        match self {
            Self::State(key) => {
                client
                    .call_structured("devframe:rpc:server-state:get", (key,))
                    .await
            }
            Self::Function(name) => client.call_dynamic(name, ()).await,
        }
    }
}

/// Returns the keys of the shared states that agents may read.
fn states(context: &DevToolsContext, options: &Options) -> Vec<String> {
    let mut keys = context.rpc().shared_states().keys();
    keys.retain(|key| options.exposes_state(key));
    keys
}

/// Describes the resources for agents.
pub(crate) fn list(context: &DevToolsContext, options: &Options) -> Vec<Resource> {
    let tools = Tools::of(context);
    let functions = tools
        .functions()
        .filter(|function| function.kind() == FunctionKind::Static);
    let functions = functions.map(|function| {
        let name = function.name();
        let uri = format!("{FUNCTION}{}", utf8_percent_encode(name, COMPONENT));
        let resource = Resource::new(uri, name).with_description(function.description());
        match function.title() {
            Some(title) => resource.with_title(title),
            None => resource,
        }
    });
    let states = states(context, options).into_iter().map(|key| {
        let uri = format!("{STATE}{}", utf8_percent_encode(&key, COMPONENT));
        let description = format!("Shared state: {key}");
        Resource::new(uri, key).with_description(description)
    });
    functions
        .chain(states)
        .map(|it| it.with_mime_type(JSON))
        .collect()
}
