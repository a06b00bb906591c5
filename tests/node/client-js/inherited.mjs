/** The connection of the page around this one. */
import assert from 'node:assert/strict'
import { check, eventually } from '../checks.mjs'
import { base, closeLater, connect, startServer, trustIf } from './setup.mjs'

/** Makes this program a page in frames of other pages, from the inside to the outside. `undefined` is a page of another origin. */
function enterFrames(...pages) {
  const foreign = parent => new Proxy({}, {
    get(_, name) {
      if (name === 'parent')
        return parent()
      throw new DOMException('Blocked a frame from accessing a cross-origin frame', 'SecurityError')
    },
  })
  const windows = []
  pages.forEach((page, i) => {
    const parent = () => windows[i + 1] ?? windows[i]
    windows.push(page ? Object.defineProperty({ location: new URL('http://hub.test/hub/'), ...page }, 'parent', { get: parent }) : foreign(parent))
  })
  globalThis.parent = windows[0]
  globalThis.location = new URL('http://hub.test/panel/')
  closeLater(() => {
    delete globalThis.parent
    delete globalThis.location
  })
}

const nowhere = undefined
const metadata = { backend: 'websocket', websocket: { path: '__ws' } }
const metaBaseUrl = server => new URL('__connection.json', server.base).href

check('a page in a frame uses the connection and the token of the page around it', async () => {
  const server = await startServer({ welcome: trustIf(({ authToken }) => authToken === 'of-the-hub') })
  enterFrames({ __DEVFRAME_CONNECTION__: { connectionMeta: metadata, metaBaseUrl: metaBaseUrl(server), authToken: 'of-the-hub' } })
  const rpc = await connect({ base: nowhere })
  assert.equal(rpc.status, 'connected')
  server.meta = undefined // it is asked for the metadata again, and has none any more
  server.cut()
  await eventually(() => rpc.status !== 'connected')
  await eventually(() => rpc.status === 'connected')
  assert.deepEqual(server.frames.map(({ a }) => a[0].authToken), ['of-the-hub', 'of-the-hub'])
})

check('the nearest page that has a connection counts, also beyond pages of other origins', async () => {
  const [near, far] = [await startServer(), await startServer()]
  const connected = server => ({ __DEVFRAME_CONNECTION__: { connectionMeta: metadata, metaBaseUrl: metaBaseUrl(server) } })
  enterFrames({}, undefined, connected(near), connected(far))
  await connect({ base: nowhere })
  assert.deepEqual([near.frames.length, far.frames.length], [1, 0])
})

check('the metadata that older clients leave is enough', async () => {
  const server = await startServer()
  enterFrames({ __DEVFRAME_CONNECTION_META__: { ...metadata, baseUrl: metaBaseUrl(server) }, __DEVFRAME_CONNECTION_AUTH_TOKEN__: 'older' })
  await connect({ base: nowhere })
  assert.deepEqual(server.frames.map(({ a }) => a[0].authToken), ['older'])
})

check('a page that names its server, or wants no connection of others, uses its own', async () => {
  const server = await startServer()
  enterFrames({ __DEVFRAME_CONNECTION__: { connectionMeta: metadata, metaBaseUrl: metaBaseUrl(server) } })
  assert.equal(await (await connect({ base })).call('e2e:add', 1, 2), 3)
  await assert.rejects(connect({ base: nowhere, inherit: false }), /no DevTools server at/) // it has no folder here
  assert.equal(server.frames.length, 0)
})

check('nonsense in the page around is not used', async () => {
  for (const page of [{ __DEVFRAME_CONNECTION__: 5 }, { __DEVFRAME_CONNECTION_META__: 'x' }, { __DEVFRAME_CONNECTION__: { connectionMeta: metadata, metaBaseUrl: 'http://[' } }]) {
    enterFrames(page)
    await assert.rejects(connect({ base: nowhere }), /no DevTools server at/)
  }
})
