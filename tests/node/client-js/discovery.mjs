/** Where the server is found. */
import assert from 'node:assert/strict'
import { check } from '../checks.mjs'
import { connect, startServer } from './setup.mjs'

check('a server that is not there is an error', async () => {
  await assert.rejects(connect({ base: 'http://127.0.0.1:1/__devtools/' }), /no DevTools server at http:\/\/127\.0\.0\.1:1\/__devtools\/__connection\.json/)
})

check('a server without a WebSocket is an error', async () => {
  const server = await startServer({ meta: { backend: 'none' } })
  await assert.rejects(connect({ base: server.base }), /WebSocket/)
})

check('a server that closes during the handshake is an error', async () => {
  const server = await startServer({ welcome: (frame, socket) => socket.close() })
  await assert.rejects(connect({ base: server.base }), /lost/)
})

check('the socket is found in every form of the metadata', async () => {
  const target = await startServer()
  const { host, port } = new URL(target.base)
  for (const websocket of [{ path: '__ws' }, { path: '/mount/__ws' }, '__ws', '/mount/__ws', `ws://${host}/mount/__ws`, `http://${host}/mount/__ws`, { port: Number(port), path: 'mount/__ws' }, { host, path: '/mount/__ws' }]) {
    target.meta = { backend: 'websocket', websocket }
    assert.equal((await connect({ base: target.base })).status, 'connected')
  }
  const other = await startServer({ meta: { backend: 'websocket', websocket: { path: '__ws' }, baseUrl: target.base } })
  await connect({ base: other.base })
  assert.equal(other.frames.length, 0)
})
