//! The functions of the two guides, and what their panels write.

use std::collections::HashMap;

use devtools_runtime::{DevTools, DevToolsContext, rpc_function, rpc_functions};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tests::typecheck::{typecheck, typecheck_alone};

/// A module of the graph.
#[derive(Serialize, Deserialize, JsonSchema)]
struct Module {
    id: String,
    /// In bytes.
    size: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    source: Option<String>,
}

#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Options {
    include_source: bool,
}

/// Does not say what it is.
#[derive(Serialize, Deserialize)]
struct Opaque(u32);

/// Lists the modules.
///
/// In the order in which they were seen. /* This ends no comment: */
#[rpc_function(name = "my-plugin:get-modules")]
fn get_modules() -> Vec<Module> {
    Vec::new()
}

/// Looks a module up.
#[rpc_function(name = "my-plugin:get-module")]
fn get_module(id: String, options: Option<Options>) -> Option<Module> {
    let source = options.is_some_and(|options| options.include_source);
    let source = source.then(|| id.clone());
    (id != "none").then_some(Module {
        id,
        size: 0,
        source,
    })
}

#[rpc_function(name = "my-plugin:get-config", kind = "static")]
fn get_config(ctx: &DevToolsContext) -> HashMap<String, serde_json::Value> {
    let root = ctx.cwd().display().to_string().into();
    HashMap::from([("root".to_owned(), root)])
}

#[rpc_function(name = "my-plugin:clear-cache", kind = "action")]
fn clear_cache() {}

#[rpc_function(name = "my-plugin:track", kind = "event")]
fn track(name: String) {
    drop(name);
}

#[rpc_function(name = "my-plugin:between")]
fn between(#[rpc(nullable)] filter: Option<String>, function: u8) -> Result<bool, std::io::Error> {
    match filter {
        Some(filter) if filter.is_empty() => Err(std::io::ErrorKind::InvalidInput.into()),
        filter => Ok(filter.is_some() && function > 0),
    }
}

#[rpc_function(name = "my-plugin:get-opaque")]
fn get_opaque(of: Opaque) -> Opaque {
    of
}

#[rpc_function(name = "analytics:get-metrics")]
fn get_metrics() -> HashMap<String, u64> {
    HashMap::new()
}

/// Marks an element.
#[rpc_function(name = "my-plugin:highlight-element", kind = "action", side = "client")]
async fn highlight_element(selector: String);

#[rpc_function(name = "my-plugin:refresh-ui", kind = "event", side = "client")]
fn refresh_ui();

#[rpc_function(name = "my-plugin:confirm", kind = "action", side = "client")]
async fn confirm(question: String, details: Option<String>) -> bool;

rpc_functions! {
    struct Functions {
        GetModules, GetModule, GetConfig, ClearCache, Track, Between, GetOpaque, GetMetrics, HighlightElement, RefreshUi, Confirm,
    }
}

async fn devtools() -> DevTools {
    let builder = DevTools::builder().without_collected();
    builder.functions::<Functions>().build().await.unwrap()
}

const PANEL: &str = r"
import type { DevToolsRpcClientFunctions, DevToolsRpcServerFunctions } from '@vitejs/devtools-kit'
import type { DevframeRpcServerFunctions } from 'devframe/types'
import { getDevToolsRpcClient } from '@vitejs/devtools-kit/client'
import { connectDevframe } from 'devframe/client'
import type { Module } from './generated'

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends (<T>() => T extends B ? 1 : 2) ? true : false
function same<A, B>(_: Same<A, B>) {}

const kit = await getDevToolsRpcClient()
const devframe = await connectDevframe()

for (const rpc of [kit] as const) {
  const modules = await rpc.call('my-plugin:get-modules')
  same<typeof modules, Module[]>(true)
  const found = await rpc.call('my-plugin:get-module', '/src/main.ts')
  same<typeof found, Module | null>(true)
  const size: number | undefined = (await rpc.call('my-plugin:get-module', 'a', { includeSource: true }))?.size
  const metrics = await rpc.call('analytics:get-metrics')
  same<typeof metrics, Record<string, number>>(true)
  const config: Record<string, unknown> = await rpc.call('my-plugin:get-config')
  same<Awaited<ReturnType<DevToolsRpcServerFunctions['my-plugin:clear-cache']>>, void>(true)
  const opaque: unknown = await rpc.call('my-plugin:get-opaque', 1)
  const yes: boolean = await rpc.call('my-plugin:between', null, 3)
  void [modules, found, size, metrics, config, opaque, yes]

  // @ts-expect-error there is no such function
  await rpc.call('my-plugin:unknown')
  // @ts-expect-error a wrong argument
  await rpc.call('my-plugin:get-module', 3)
  // @ts-expect-error a missing argument
  await rpc.call('my-plugin:get-module')
  // @ts-expect-error a wrong member
  await rpc.call('my-plugin:get-module', 'a', { includeSources: true })
  // @ts-expect-error an optional parameter in the middle is not left out
  await rpc.call('my-plugin:between', 3)
  // @ts-expect-error it is not a string
  const wrong: string = await rpc.call('analytics:get-metrics')
}

const modules = await devframe.call('my-plugin:get-modules')
same<typeof modules, Module[]>(true)
// @ts-expect-error a wrong argument
await devframe.call('my-plugin:get-module', 3)
same<DevframeRpcServerFunctions['my-plugin:get-module'], DevToolsRpcServerFunctions['my-plugin:get-module']>(true)

kit.client.register({
  name: 'my-plugin:highlight-element' satisfies keyof DevToolsRpcClientFunctions,
  type: 'action',
  handler: (selector: string) => {
    document.querySelector(selector)
  },
})
// @ts-expect-error there is no such function of a client
const unknown = 'my-plugin:unknown' satisfies keyof DevToolsRpcClientFunctions
same<Parameters<DevToolsRpcClientFunctions['my-plugin:confirm']>, [question: string, details?: string | null | undefined]>(true)
same<ReturnType<DevToolsRpcClientFunctions['my-plugin:refresh-ui']>, Promise<void>>(true)
void unknown
";

#[tokio::test]
async fn the_calls_of_the_guides_are_typed() {
    let text = devtools().await.typescript().unwrap();
    // As the fields are declared, and each type once.
    let module = "export interface Module {\n  id: string\n  /** In bytes. */\n  size: number\n  source?: string\n}\n";
    assert!(text.contains(module), "{text}");
    assert_eq!(text.matches("interface Module ").count(), 1);
    typecheck(&[("generated.d.ts", &text), ("panel.ts", PANEL)]).await;
}

/// Nothing but a client: what it augments has no other importer.
const SMALL: &str = r"
import { connect } from '#client'

const rpc = await connect()
const metrics: Record<string, number> = await rpc.call('analytics:get-metrics')
// @ts-expect-error there is no such function
await rpc.call('analytics:get-metric')
void metrics
";

const WITHOUT: &str = r"
import type { Module } from './generated'

export const module: Module = { id: 'a', size: 1 }
// @ts-expect-error a wrong member
export const wrong: Module = { id: 1, size: 1 }
";

#[tokio::test]
async fn a_panel_need_not_import_what_is_augmented_nor_install_it() {
    let text = devtools().await.typescript().unwrap();
    let clients = [
        ("getDevToolsRpcClient", "@vitejs/devtools-kit/client"),
        ("connectDevframe", "devframe/client"),
    ];
    for (connect, client) in clients {
        let panel = SMALL.replace("connect", connect).replace("#client", client);
        typecheck(&[("generated.d.ts", &text), ("panel.ts", &panel)]).await;
    }
    typecheck_alone(&[("generated.d.ts", &text), ("panel.ts", WITHOUT)]).await;
}

rpc_functions! {
    struct OfAnalytics { analytics::MetricsUpdated }
}

const ACTION: &str = include_str!("../../../examples/analytics/panel/vite-devtools-action.js");

#[tokio::test]
async fn the_script_of_an_action_is_typed() {
    let builder = DevTools::builder().without_collected();
    let builder = builder.functions::<OfAnalytics>();
    let text = builder.build().await.unwrap().typescript().unwrap();
    typecheck(&[
        ("generated.d.ts", &text),
        ("vite-devtools-action.js", ACTION),
    ])
    .await;
}
