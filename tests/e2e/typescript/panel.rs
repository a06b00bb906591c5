//! Panels without a bundler, whose client has its declarations beside it.

use devtools_runtime::{DevTools, RpcError, rpc_function, rpc_functions};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use tests::typecheck::typecheck_alone;

/// The declarations, as they lie beside each page.
const CLIENT: (&str, &str) = (
    "__client.d.ts",
    include_str!("../../../devtools-runtime/src/panel/client.d.ts"),
);

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
struct Module {
    id: String,
}

#[rpc_function(name = "panel:get-modules")]
fn get_modules(filter: Option<String>) -> Vec<Module> {
    filter.map(|id| Module { id }).into_iter().collect()
}

#[rpc_function(name = "panel:track")]
fn track(name: String) {
    drop(name);
}

#[derive(Debug, thiserror::Error, RpcError)]
enum ReadError {
    #[error("no module `{id}`")]
    NotFound { id: String, near: Option<Module> },
    #[rpc_error(code = "too-large")]
    #[error("{0} of {1} bytes")]
    Size(u64, u32),
    #[error("{0:?}")]
    Syntax(Vec<Module>),
    #[error("locked")]
    Locked,
    #[error(transparent)]
    Io(#[from] std::io::Error),
    #[error("{0:?}")]
    Undescribed(Undescribed),
}

/// A type without a schema.
#[derive(Debug, Serialize, Deserialize)]
struct Undescribed;

#[rpc_function(name = "panel:read")]
fn read(id: String) -> Result<String, ReadError> {
    Err(ReadError::NotFound { id, near: None })
}

#[rpc_function(name = "panel:confirm", kind = "action", side = "client")]
async fn confirm(question: String) -> bool;

#[rpc_function(name = "panel:refresh", kind = "event", side = "client")]
async fn refresh();

rpc_functions! {
    struct Functions { GetModules, Track, Read, Confirm, Refresh }
}

const UNTYPED: &str = r"
import { asRpcError, connect, ConnectionError } from './__client.js'

const rpc = await connect()
const anything = await rpc.call('panel:anything', 1, new Map())
rpc.callEvent('panel:anything', anything.member)
rpc.register('panel:refresh', () => [].length)
rpc.client.register({ name: 'panel:confirm', type: 'action', handler: async question => question === 'yes' })
const state = await rpc.sharedState('panel:state', { n: 0 })
state.mutate((draft) => {
  draft.n++
})
for await (const chunk of rpc.streaming.subscribe('panel:channel', 'id'))
  console.log(chunk.text)
const off = rpc.on('status', (status, error) => console.log(status, error?.message, rpc.backend, rpc.error))
off()
try {
  await rpc.callOptional('panel:anything')
}
catch (error) {
  const { code, data, message } = asRpcError(error)
  console.log(code?.length, data.anything, message.length, error instanceof ConnectionError && error.mayHaveRun)
}
// @ts-expect-error there is no such member
rpc.calls('panel:anything')
// @ts-expect-error there is no such option
await connect({ timeout: 5 })
// @ts-expect-error there is no such event
rpc.on('closed', () => {})
rpc.close()
";

const TYPED: &str = r"
import type { Client, Status } from './__client.js'
import type { Module, PanelClientFunctions, PanelErrors, PanelServerFunctions } from './generated'
import { asRpcError, connect } from './__client.js'

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends (<T>() => T extends B ? 1 : 2) ? true : false
function same<A, B>(_: Same<A, B>) {}

const rpc: Client<PanelServerFunctions, PanelClientFunctions> = await connect<PanelServerFunctions, PanelClientFunctions>({
  base: '../x/',
  inherit: false,
  transport: 'sse',
  connectTimeout: 1000,
  fallbackAfter: 1000,
  callTimeout: 1000,
  keepAlive: 0,
  authToken: 'token',
  requestCode: async (wrong, signal) => signal.aborted || wrong > 3 ? null : '012345',
})
const modules = await rpc.call('panel:get-modules')
same<typeof modules, Module[]>(true)
const some = await rpc.callOptional('panel:get-modules', 'filter')
same<typeof some, Module[] | undefined>(true)
rpc.callEvent('panel:track', 'name')
rpc.register('panel:confirm', question => question.length > 1)
rpc.register('panel:refresh', () => modules.push({ id: 'a' }))
rpc.client.register({ name: 'panel:confirm', handler: async question => question.length > 1 })
same<typeof rpc.backend, 'websocket' | 'sse' | 'static'>(true)
const status: Status = rpc.status
const upload = rpc.streaming.upload<number>('panel:channel', 'id')
upload.write(status.length)
upload.close(new Error('over'))
const state = await rpc.sharedState<{ n: number }>('panel:state')
state.set({ n: 1 })

try {
  await rpc.call('panel:read', 'id')
}
catch (error) {
  const { code, data, message } = asRpcError<PanelErrors['panel:read']>(error)
  same<typeof message, string>(true)
  same<typeof code, 'not-found' | 'too-large' | 'syntax' | 'locked' | 'io' | 'undescribed' | undefined>(true)
  if (code === 'not-found')
    same<typeof data, { id: string, near: Module | null }>(true)
  if (code === 'too-large')
    same<typeof data, [number, number]>(true)
  if (code === 'syntax')
    same<typeof data, Module[]>(true)
  if (code === 'locked' || code === 'io')
    same<typeof data, undefined>(true)
  if (code === 'undescribed')
    same<typeof data, unknown>(true)
  // @ts-expect-error there is no such code
  const isGone = code === 'gone'
  // @ts-expect-error the data has no such member
  const missing = code === 'not-found' && data.path
}

// @ts-expect-error there is no such function
await rpc.call('panel:unknown')
// @ts-expect-error a wrong argument
await rpc.call('panel:get-modules', 3)
// @ts-expect-error a missing argument
rpc.callEvent('panel:track')
// @ts-expect-error a wrong result
rpc.register('panel:confirm', question => question)
// @ts-expect-error there is no such function of a page
rpc.client.register({ name: 'panel:track', handler: () => {} })
// @ts-expect-error a wrong chunk
upload.write('text')
// @ts-expect-error a wrong value
state.set({ n: 'text' })
";

#[tokio::test]
async fn the_client_beside_a_page_has_types() {
    let builder = DevTools::builder().without_collected();
    let devtools = builder.functions::<Functions>().build().await.unwrap();
    let generated = devtools.typescript().unwrap();
    typecheck_alone(&[
        CLIENT,
        ("generated.d.ts", &generated),
        ("untyped.js", UNTYPED),
        ("untyped.ts", UNTYPED),
        ("typed.ts", TYPED),
    ])
    .await;
}
