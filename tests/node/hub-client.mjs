// Checks the dock with the real client of the hub, `@devframes/hub` 1.3.2, which is what interfaces are built on.
//
//   node hub-client.mjs BASE
import './browser.mjs'
import assert from 'node:assert/strict'
import { visit } from './browser.mjs'
import { check, eventually, parameters, run } from './checks.mjs'

globalThis.document ??= undefined
const { createDevframeClientRuntime } = await import('@devframes/hub/client')
const [base] = parameters('BASE')
const opened = []

async function connect() {
  visit(base)
  delete globalThis.__DEVFRAME_HUB_CLIENT_CONTEXT__ // one page, one client
  const runtime = await createDevframeClientRuntime({ connect: { baseURL: base, otpParam: false, simpleAuth: false }, loadClientScripts: false })
  const { context } = runtime
  opened.push(() => (runtime.dispose(), context.rpc.close()))
  await context.rpc.ensureTrusted(5000)
  await eventually(() => context.docks.entries.length >= 2)
  return context
}

const ids = context => context.docks.entries.map(entry => entry.id)

check('the entries are listed in their order', async () => {
  const { docks } = await connect()
  const [first, second] = docks.entries
  assert.deepEqual(first, { id: 'modules', title: 'Modules', icon: 'ph:cube', type: 'iframe', url: '/__modules/', category: 'app', badge: '3', badgeVariant: 'warning' })
  assert.equal(second.id, 'start')
  assert.deepEqual(docks.groupedEntries.map(([category]) => category), ['default', 'app'])
  assert.equal(docks.getStateById('modules').isActive, false)
})

check('an entry is opened by a user', async () => {
  const { docks } = await connect()
  assert.equal(await docks.switchEntry('modules'), true)
  assert.equal(docks.selected.title, 'Modules')
})

check('an entry is opened for all by the server, or by a client', async () => {
  const [one, other] = [await connect(), await connect()]
  await one.rpc.call('docks:open', 'start')
  await eventually(() => [one, other].every(({ docks }) => docks.selectedId === 'start'))
  await one.rpc.call('hub:docks:activate', { dockId: 'modules', params: { tab: 1 } })
  await eventually(() => [one, other].every(({ docks }) => docks.selectedId === 'modules'))
  assert.deepEqual(await one.rpc.call('devframe:rpc:server-state:get', 'devframe:docks:active'), { activation: { dockId: 'modules', params: { tab: 1 } } })
  assert.deepEqual(await one.rpc.call('docks:opened'), ['start', 'modules'])
  await one.rpc.call('hub:docks:activate', { dockId: 'unknown' })
  assert.deepEqual(await one.rpc.call('docks:opened'), ['start', 'modules', 'unknown'])
})

check('entries come, change and go', async () => {
  const context = await connect()
  await context.rpc.call('docks:add', 'late')
  await eventually(() => ids(context).includes('late'))
  await context.docks.switchEntry('late')
  await context.rpc.call('docks:badge', 'late', '7')
  await eventually(() => context.docks.getStateById('late').entryMeta.badge === '7')
  await context.rpc.call('docks:remove', 'late')
  await eventually(() => !ids(context).includes('late'))
  assert.equal(context.docks.selectedId, null)
  await assert.rejects(context.rpc.call('docks:add', 'modules'), /a dock entry with the id `modules` exists already/)
})

check('commands are listed and run', async () => {
  const { commands } = await connect()
  await eventually(() => commands.commands.length === 1)
  assert.equal(commands.commands[0].title, 'Start')
  assert.deepEqual(commands.getKeybindings('docks:start'), [{ key: 'Mod+K' }])
  assert.deepEqual(await commands.execute('docks:start', 1, { a: 2 }), [1, { a: 2 }])
  await assert.rejects(commands.execute('docks:nothing'), /Command "docks:nothing" is not registered/)
})

check('a client cannot change the entries', async () => {
  const [one, other] = [await connect(), await connect()]
  const before = ids(one)
  const state = await one.rpc.sharedState.get('devframe:docks', { initialValue: [] })
  state.mutate(() => [])
  assert.deepEqual(state.value(), [])
  await eventually(() => state.value().length === before.length)
  assert.deepEqual([ids(one), ids(other)], [before, before])
  assert.deepEqual((await one.rpc.call('devframe:rpc:server-state:get', 'devframe:docks')).map(entry => entry.id), before)
})

check('what the user has set is kept', async () => {
  const context = await connect()
  const settings = context.docks.settings
  await eventually(() => settings.value().docksPinned)
  settings.mutate((draft) => {
    draft.docksHidden.push('modules')
  })
  const other = await connect()
  await eventually(() => other.docks.settings.value().docksHidden.includes('modules'))
})

check('the index and the scripts', async () => {
  const index = await (await fetch(new URL('__index.json', base))).json()
  assert.equal(index.base, new URL(base).pathname)
  assert.deepEqual(index.frames, [{ id: 'modules', base: '/__modules/', title: 'Modules' }])
  assert.deepEqual(index.endpoints, { connection: '__connection.json', clientImports: '__client-imports.js', index: '__index.json', websocket: { path: '__ws' }, sse: { path: '__sse' } })
  const response = await fetch(new URL('__client-imports.js', base))
  assert.equal(response.headers.get('content-type'), 'text/javascript; charset=utf-8')
  const { clientImports } = await import(`data:text/javascript,${encodeURIComponent(await response.text())}`)
  assert.deepEqual(Object.keys(clientImports), ['act'])
  assert.equal(clientImports.act.length, 1)
})

await run({ afterEach: () => opened.splice(0).forEach(close => close()) })
