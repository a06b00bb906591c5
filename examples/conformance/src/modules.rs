//! Functions about a list of modules, some of which call each other.

use std::convert::Infallible;

use devtools_runtime::{CallError, DevToolsContext, Dump, rpc_function};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
pub(crate) struct Module {
    id: String,
    size: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    source: Option<String>,
}

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct ModuleOptions {
    include_source: Option<bool>,
}

/// The modules.
#[rpc_function(agent)]
fn get_modules() -> Vec<Module> {
    let module = |id: &str, size| Module {
        id: id.to_owned(),
        size,
        source: None,
    };
    vec![module("/src/main.ts", 1024), module("/src/App.vue", 2048)]
}

/// Returns a module by its id, with its source on request.
#[rpc_function(agent, dump = dump_modules)]
fn get_module(id: String, options: Option<ModuleOptions>) -> Option<Module> {
    let module = get_modules().into_iter().find(|module| module.id == id)?;
    let include_source = options
        .and_then(|options| options.include_source)
        .unwrap_or(false);
    Some(Module {
        source: include_source.then(|| format!("// {id}")),
        ..module
    })
}

/// The dump holds every module without its source. Any other call gets `null`.
async fn dump_modules(
    ctx: &DevToolsContext,
) -> Result<Dump<(String, Option<ModuleOptions>), Option<Module>>, CallError<Infallible>> {
    let modules = GetModules::invoke_local(ctx).await?;
    let inputs = modules.into_iter().map(|module| (module.id, None));
    Ok(Dump::inputs(inputs).fallback(None))
}

/// Returns this many modules, up to 100,000.
#[rpc_function]
fn large(n: u32) -> Vec<Module> {
    let module = |i: u32| Module {
        id: format!("/src/module-{i}.ts"),
        size: i.into(),
        source: None,
    };
    (0..n.min(100_000)).map(module).collect()
}

/// The number of modules, from a function that is invoked without a network.
#[rpc_function]
async fn via_local(ctx: &DevToolsContext) -> Result<usize, CallError<Infallible>> {
    Ok(GetModules::invoke_local(ctx).await?.len())
}

#[derive(Serialize, Deserialize, JsonSchema)]
struct Counts {
    modules: usize,
}

/// Returns the number of modules.
#[rpc_function(agent, snapshot)]
fn snapshot() -> Counts {
    Counts {
        modules: get_modules().len(),
    }
}
