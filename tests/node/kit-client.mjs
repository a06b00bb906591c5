// Checks a gated server of the e2e fixture with the client of `@vitejs/devtools-kit`, used as its guide uses it.
//
//   node kit-client.mjs BASE CODES
//
// CODES is the file that the server writes the latest code to.
import './browser.mjs'
import assert from 'node:assert/strict'
import { CLIENT_CONTEXT_KEY, getDevToolsClientContext, getDevToolsRpcClient } from '@vitejs/devtools-kit/client'
import { DEVTOOLS_CONNECTION_META_FILENAME, DEVTOOLS_MOUNT_PATH } from '@vitejs/devtools-kit/constants'
import { createEventEmitter } from '@vitejs/devtools-kit/utils/events'
import { visit } from './browser.mjs'
import { check, eventually, parameters, run } from './checks.mjs'
import { codesIn } from './codes.mjs'

console.warn = console.error = () => {} // the client reports there what these checks expect to fail

const [base, codesFile] = parameters('BASE', 'CODES')
const MODULES = [{ id: '/src/main.ts', size: 1024 }, { id: '/src/App.vue', size: 2048 }]
const opened = []

/** The pages of one browser: the first of them signs in, with a link, and the others are known by its token. */
const stored = new Map()
globalThis.localStorage = { getItem: key => stored.get(key) ?? null, setItem: (key, value) => stored.set(key, value) }

/** A client on a page of the server itself, found without any option. */
async function connect(options) {
  visit(base)
  const rpc = await getDevToolsRpcClient(options)
  opened.push(() => rpc.close())
  await rpc.ensureTrusted(5000)
  return rpc
}

check('the metadata is where the kit looks for it', async () => {
  assert.equal(new URL(base).pathname, DEVTOOLS_MOUNT_PATH)
  const response = await fetch(new URL(DEVTOOLS_CONNECTION_META_FILENAME, base))
  assert.equal(response.status, 200)
  assert.equal((await response.json()).backend, 'websocket')
})

check('a page that nobody has signed in to is unauthorized', async () => {
  visit(base)
  const rpc = await getDevToolsRpcClient()
  opened.push(() => rpc.close())
  await eventually(() => rpc.status === 'unauthorized')
  await assert.rejects(rpc.call('e2e:get-modules'), { kind: 'auth' })
  await rpc.requestAuthCode()
  visit(new URL(`#devframe_otp=${codesIn(codesFile).next().code}`, base))
  const signedIn = await getDevToolsRpcClient()
  opened.push(() => signedIn.close())
  assert.equal(await signedIn.ensureTrusted(5000), true)
  assert.equal(stored.size, 1)
})

check('a page under the base connects without options', async () => {
  const rpc = await connect()
  assert.equal(rpc.status, 'connected')
  assert.equal(rpc.transport, 'websocket')
})

check('a page elsewhere connects with the base it is told', async () => {
  visit(new URL('/__my-plugin/', base))
  const rpc = await getDevToolsRpcClient({ baseURL: DEVTOOLS_MOUNT_PATH })
  opened.push(() => rpc.close())
  await rpc.ensureTrusted(5000)
  assert.deepEqual(await rpc.call('e2e:get-modules'), MODULES)
})

check('a frame takes the connection over from the page around it', async () => {
  const { connection } = await connect()
  visit(new URL('/__my-plugin/', base))
  globalThis.parent = { window: { __DEVFRAME_CONNECTION__: connection } }
  try {
    const rpc = await getDevToolsRpcClient()
    opened.push(() => rpc.close())
    await rpc.ensureTrusted(5000)
    assert.deepEqual(await rpc.call('e2e:get-modules'), MODULES)
  }
  finally {
    delete globalThis.parent
  }
})

check('the calls of the guide, without and with arguments', async () => {
  const rpc = await connect()
  const modules = await rpc.call('e2e:get-modules')
  assert.deepEqual(modules, MODULES)
  const module = await rpc.call('e2e:get-module', '/src/main.ts', {
    includeSource: true,
  })
  assert.deepEqual(module, { id: '/src/main.ts', size: 1024, source: '// /src/main.ts' })
})

check('the cache of the client does not change results', async () => {
  const rpc = await connect({ cacheOptions: true })
  for (const _ of [1, 2]) {
    assert.deepEqual(await rpc.call('e2e:get-modules'), MODULES)
    assert.equal((await rpc.call('e2e:get-config')).mode, 'dev')
  }
})

check('an action script calls the server when its entry is activated', async () => {
  const { ctx, activate } = await dockContext()
  const got = []
  function setup(ctx) {
    ctx.current.events.on('entry:activated', async () => {
      got.push(await ctx.rpc.call('e2e:get-modules'))
    })
  }
  await setup(ctx)
  activate()
  await eventually(() => got.length)
  assert.deepEqual(got, [MODULES])
})

check('a custom renderer draws what the server answers', async () => {
  const { ctx } = await dockContext()
  const panel = { textContent: '' }
  async function setup(ctx) {
    ctx.current.events.on('dom:panel:mounted', async (panel) => {
      const module = await ctx.rpc.call('e2e:get-module', '/src/App.vue')
      panel.textContent = `${module.id}: ${module.size}`
    })
  }
  await setup(ctx)
  ctx.current.events.emit('dom:panel:mounted', panel)
  await eventually(() => panel.textContent)
  assert.equal(panel.textContent, '/src/App.vue: 2048')
})

for (const [client, rpcOf] of [['of the panel', ctx => ctx.current.rpc], ['of the page', ctx => ctx.rpc]]) {
  check(`a script offers functions to the server through the client ${client}`, async () => {
    const { ctx } = await dockContext()
    const got = []
    rpcOf(ctx).client.register({ name: 'e2e:message', type: 'action', handler: message => void got.push(message) })
    rpcOf(ctx).client.register({ name: 'e2e:answer', type: 'action', handler: async question => `${question} 42` })
    await ctx.rpc.call('e2e:broadcast', '#app')
    await eventually(() => got.length)
    assert.deepEqual(got, ['#app'])
    assert.equal(await ctx.rpc.call('e2e:ask-client', 'what?'), 'what? 42')
  })
}

check('code anywhere on the page finds the client in the global context', async () => {
  assert.equal(getDevToolsClientContext(), undefined)
  globalThis[CLIENT_CONTEXT_KEY] = { rpc: await connect() } // what the host of the page does
  try {
    assert.deepEqual(await getDevToolsClientContext().rpc.call('e2e:get-modules'), MODULES)
  }
  finally {
    delete globalThis[CLIENT_CONTEXT_KEY]
  }
})

check('an unknown function is an error that names it', async () => {
  await assert.rejects((await connect()).call('my-plugin:unknown'), /my-plugin:unknown/)
})

/** The context that the page's host passes to scripts, as far as it concerns the server. */
async function dockContext() {
  const rpc = await connect()
  const events = createEventEmitter()
  return { ctx: { rpc, current: { rpc, events } }, activate: () => events.emit('entry:activated', {}) }
}

await run({
  afterEach() {
    for (const close of opened.splice(0))
      close()
  },
})
