/** How a page becomes trusted, and what it does until then. */
import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import { check, eventually } from '../checks.mjs'
import { answer, closeLater, connect, startServer, trustIf, watchStatus } from './setup.mjs'

check('a server that refuses leaves the client unauthorized, which says what to do', async () => {
  const server = await startServer({ welcome: trustIf(() => false) })
  const rpc = await connect({ base: server.base })
  assert.equal(rpc.status, 'unauthorized')
  assert.match(rpc.error.message, /does not trust this page: open it with the link/)
  await assert.rejects(rpc.call('any'), error => /unauthorized/.test(error.message) && error.cause === rpc.error)
  assert.equal(server.frames.length, 1)
  assert.equal(server.frames[0].m, 'anonymous:devframe:auth')
  assert.deepEqual(Object.keys(server.frames[0].a[0]), ['authToken', 'ua', 'origin'])
})

check('a token is shown to the server: the one given, else the one of the metadata', async () => {
  const server = await startServer({ meta: { backend: 'websocket', websocket: { path: '__ws' }, authToken: 'from-metadata' } })
  await connect({ base: server.base, authToken: 'given' })
  await connect({ base: server.base })
  assert.deepEqual(server.frames.map(frame => frame.a[0].authToken), ['given', 'from-metadata'])
})

check('the one-time code of a link is exchanged, remembered and taken out of the address', async () => {
  const server = await startGate()
  const page = startPage(new URL('/panel/?x=1#tab=2&devframe_otp=012345', server.base))
  await connect({ base: server.base })
  assert.equal(globalThis.location.href, new URL('/panel/?x=1#tab=2', server.base).href)
  assert.deepEqual(page.tokens(), ['earned'])
  assert.deepEqual(server.frames.map(frame => frame.m), ['anonymous:devframe:auth', 'anonymous:devframe:auth:exchange'])
  await connect({ base: server.base })
  assert.equal(server.frames.length, 3)
  assert.equal(server.frames[2].a[0].authToken, 'earned')
})

check('what was stored meanwhile is better than a token that is good no more', async () => {
  const server = await startGate()
  startPage(server.base).store('earned')
  const rpc = await connect({ base: server.base, authToken: 'old' })
  assert.equal(rpc.status, 'connected')
  assert.deepEqual(server.frames.map(({ a }) => a[0].authToken), ['old', 'earned'])
})

check('a code is asked for until it is right', async () => {
  const server = await startGate()
  const page = startPage(server.base)
  const asked = []
  const codes = ['999999', '000000', '012345']
  const rpc = await connect({
    base: server.base,
    requestCode: async (wrong, signal) => {
      asked.push({ wrong, signal })
      return codes[wrong]
    },
  })
  assert.equal(rpc.status, 'connected')
  assert.deepEqual(asked.map(({ wrong }) => wrong), [0, 1, 2])
  assert.ok(asked.every(({ signal }) => signal.aborted))
  assert.deepEqual(page.tokens(), ['earned'])
  // The server may have replaced the code meanwhile, and shows each code once.
  assert.deepEqual(server.frames.map(({ m }) => m.split(':').at(-1)), ['auth', ...codes.flatMap(() => ['request-code', 'exchange'])])
})

check('who has no code stays out', async () => {
  const server = await startGate()
  const rpc = await connect({ base: server.base, requestCode: async () => null })
  assert.equal(rpc.status, 'unauthorized')
  assert.match(rpc.error.message, /open it with the link/)
  await connect({ base: server.base, requestCode: false })
  assert.deepEqual(server.frames.map(({ m }) => m.split(':').at(-1)), ['auth', 'request-code', 'auth'])
})

check('while a code is asked for, the connection may be lost', async () => {
  const server = await startGate()
  let given
  const connecting = connect({
    base: server.base,
    requestCode: (wrong, signal) => {
      given = signal
      server.cut()
      return new Promise(() => {})
    },
  })
  await assert.rejects(connecting, /lost/)
  assert.ok(given.aborted)
})

check('a token that another page earns is told, and heard: by who asks for a code, and by who is unauthorized', async () => {
  const server = await startGate()
  const told = listenToTokens()
  const out = await connect({ base: server.base })
  const statuses = watchStatus(out)
  let asking
  const waiting = connect({ base: server.base, requestCode: (wrong, signal) => new Promise(() => asking = signal) })
  await eventually(() => asking)
  const first = await connect({ base: server.base, requestCode: async () => '012345' })
  assert.equal((await waiting).status, 'connected')
  assert.ok(asking.aborted)
  await eventually(() => out.status === 'connected')
  assert.deepEqual([out.error, first.status], [undefined, 'connected'])
  assert.deepEqual(statuses, ['connecting', 'connected'])
  assert.deepEqual(told, [{ type: 'auth-update', authToken: 'earned' }])
})

check('nonsense on the channel of tokens opens nothing', async () => {
  const server = await startGate()
  const rpc = await connect({ base: server.base })
  const statuses = watchStatus(rpc)
  const channel = openChannel()
  for (const message of [null, 'earned', { type: 'other', authToken: 'earned' }, { type: 'auth-update' }, { type: 'auth-update', authToken: 5 }])
    channel.postMessage(message)
  channel.postMessage({ type: 'auth-update', authToken: 'wrong' }) // which has to be shown to know it
  await eventually(() => statuses.length >= 2)
  assert.deepEqual(statuses, ['connecting', 'unauthorized'])
  assert.deepEqual(server.frames.map(({ a }) => a[0].authToken), ['', 'wrong'])
})

check('a link with a code may be opened in the page itself', async () => {
  const server = await startGate()
  const page = startPage(server.base)
  const rpc = await connect({ base: server.base })
  page.follow('#tab=3')
  page.follow('#devframe_otp=012345')
  await eventually(() => rpc.status === 'connected')
  assert.equal(globalThis.location.hash, '')
  rpc.close()
  page.follow('#devframe_otp=012345') // nobody takes it
  assert.equal(globalThis.location.hash, '#devframe_otp=012345')
})

check('trust that is withdrawn ends the connection, and its token is forgotten', async () => {
  const server = await startGate()
  const page = startPage(server.base)
  const rpc = await connect({ base: server.base, requestCode: async () => '012345' })
  assert.deepEqual(page.tokens(), ['earned'])
  const statuses = watchStatus(rpc)
  const waiting = rpc.call('any')
  server.send({ m: 'devframe:auth:revoked', a: [], t: 'q', o: true })
  await assert.rejects(waiting, /trust/)
  await assert.rejects(rpc.call('any'), /unauthorized/)
  assert.match(rpc.error.message, /withdrew its trust.*open it with the link/)
  assert.deepEqual(page.tokens(), [])
  await eventually(() => server.connections() === 0)
  await sleep(1000)
  assert.deepEqual(statuses, ['unauthorized'])
  openChannel().postMessage({ type: 'auth-update', authToken: 'earned' })
  await eventually(() => rpc.status === 'connected')
})

/** A server that trusts whoever has the token `earned`, which the code 012345 earns. */
function startGate() {
  return startServer({
    welcome: trustIf(({ authToken }) => authToken === 'earned'),
    reply(frame, socket) {
      if (frame.m === 'anonymous:devframe:auth:request-code')
        answer(socket, frame)
      if (frame.m === 'anonymous:devframe:auth:exchange')
        answer(socket, frame, { authToken: frame.a[0].code === '012345' ? 'earned' : null })
    },
  })
}

/** As much of a page as concerns trust: an address, and a storage. */
function startPage(address) {
  const stored = new Map()
  const listeners = new Set()
  const page = {
    location: new URL(address),
    history: { state: null, replaceState: (state, title, to) => globalThis.location = new URL(to, globalThis.location) },
    localStorage: { getItem: key => stored.get(key) ?? null, setItem: (key, value) => stored.set(key, value), removeItem: key => stored.delete(key) },
    addEventListener: (type, listener) => type === 'hashchange' && listeners.add(listener),
    removeEventListener: (type, listener) => listeners.delete(listener),
  }
  Object.assign(globalThis, page)
  closeLater(() => Object.keys(page).forEach(name => delete globalThis[name]))
  return {
    tokens: () => [...stored.values()],
    store: token => stored.set('__DEVFRAME_CONNECTION_AUTH_TOKEN__', token),
    follow(link) {
      globalThis.location = new URL(link, globalThis.location)
      listeners.forEach(listener => listener())
    },
  }
}

function openChannel() {
  const channel = new BroadcastChannel('devframe-auth')
  closeLater(() => channel.close())
  return channel
}

function listenToTokens() {
  const told = []
  openChannel().onmessage = ({ data }) => told.push(data)
  return told
}
