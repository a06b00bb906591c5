// Checks the client that the server hands out at `{BASE}client.js`: against a server of the e2e fixture, and against
// servers made here that refuse, vanish and talk nonsense.
//
//   node client-js.mjs BASE
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import { connect as dialTcp, createServer as createTcpServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { structuredCloneParse, structuredCloneStringify } from 'devframe/utils/structured-clone'
import { WebSocket, WebSocketServer } from 'ws'
import { check, eventually, parameters, run, servedScript, servedScripts } from './checks.mjs'

globalThis.WebSocket = WebSocket
const complaints = []
console.error = (...parts) => complaints.push(parts.join(' '))

const [base] = parameters('BASE')
const { connect: connectTo, asRpcError, ConnectionError } = await servedScript(base)

const MODULES = [{ id: '/src/main.ts', size: 1024 }, { id: '/src/App.vue', size: 2048 }]
const upTo = n => Array.from({ length: n }, (_, i) => i)
const opened = []

async function connect(options) {
  const rpc = await connectTo({ base, ...options })
  opened.push(() => rpc.close())
  return rpc
}

// ---- against the fixture --------------------------------------------------------------------

/** The text of an error, and what stands for that of a panic. */
const FAILS = { plain: /^boom$/, panic: /^internal error \(id [0-9a-f]{8}\)$/, 'late-panic': /^internal error \(id [0-9a-f]{8}\)$/ }

check('the file is served as a script, and what it imports too', async () => {
  const scripts = await servedScripts(base)
  assert.ok(scripts.has('static.js'))
  for (const { headers } of scripts.values()) {
    assert.match(headers.get('content-type'), /^(text|application)\/javascript/)
    assert.equal(headers.get('cache-control'), 'no-cache')
  }
})

check('calls give results', async () => {
  const rpc = await connect()
  assert.equal(rpc.status, 'connected')
  assert.equal(rpc.backend, 'websocket')
  assert.equal(await rpc.call('e2e:add', 2, -5), -3)
  assert.deepEqual(await rpc.call('e2e:get-modules'), MODULES)
  assert.deepEqual(await rpc.call('e2e:get-module', '/src/main.ts', { includeSource: true }), { ...MODULES[0], source: '// /src/main.ts' })
  assert.equal(await rpc.call('e2e:get-module', '/nope'), null)
  assert.equal((await rpc.call('e2e:get-config')).mode, 'dev')
})

check('the base may be a string, and lack its last slash', async () => {
  const rpc = await connect({ base: String(base).replace(/\/$/, '') })
  assert.equal(await rpc.call('e2e:add', 1, 1), 2)
})

check('an optional argument may be absent, null or undefined', async () => {
  const rpc = await connect()
  for (const absent of [[], [null], [undefined]])
    assert.equal(await rpc.call('e2e:greet', 'Ada', ...absent), 'Hello, Ada!')
  assert.equal(await rpc.call('e2e:greet', 'Ada', 'Hi'), 'Hi, Ada!')
})

check('an action leaves its mark for other clients', async () => {
  await (await connect()).call('e2e:set-count', 7)
  assert.equal(await (await connect()).call('e2e:get-count'), 7)
})

check('errors are Errors with their message, and nothing else suffers', async () => {
  const rpc = await connect()
  const waiting = rpc.call('e2e:sleep', 100)
  for (const how of ['plain', 'panic'])
    await assert.rejects(rpc.call('e2e:fail', how), error => error instanceof Error && FAILS[how].test(error.message))
  await assert.rejects(rpc.call('e2e:no-such-function'), { message: '[birpc] function "e2e:no-such-function" not found' })
  assert.equal(await waiting, 100)
})

const CODED = [
  ['not-found', 'no file at `/nope "]\n[code: x]`', { path: '/nope "]\n[code: x]', nearestPath: null }],
  ['too-large', 'the file has 1152921504606846976 bytes, and 1024 may be read', [2 ** 60, 1024]],
  ['syntax', 'a syntax error in line 7', { lineNumber: 7 }],
  ['busy', 'somebody else reads it', undefined],
  ['shown', 'a mistake in line 7\n[code: looks-like-one]', { lineNumber: 7 }],
  ['io', 'internal error', undefined],
  ['forbidden', 'internal error', undefined],
]

check('an error has its code, its data and a clean message', async () => {
  const rpc = await connect()
  for (const name of ['e2e:read-file', 'e2e:read-clone']) {
    for (const [code, message, data] of CODED) {
      await assert.rejects(rpc.call(name, code), (error) => {
        assert.ok(error instanceof Error)
        assert.deepEqual({ code: error.code, data: error.data, message: error.message }, { code, data, message })
        assert.deepEqual(asRpcError(error), { code, data, message })
        return true
      })
    }
  }
})

check('what has no code is what it was', async () => {
  const none = { code: undefined, data: undefined }
  const rpc = await connect()
  await assert.rejects(rpc.call('e2e:fail', 'plain'), (error) => {
    assert.equal('code' in error, false)
    assert.deepEqual(asRpcError(error), { ...none, message: 'boom' })
    return true
  })
  for (const message of ['', 'a\n[code: X]', 'a\n[code: x]\n', 'a\n[code: x, data: {]', '[code: x]'])
    assert.deepEqual(asRpcError(new Error(message)), { ...none, message })
  assert.deepEqual(asRpcError('text'), { ...none, message: 'text' })
  assert.deepEqual(asRpcError(undefined), { ...none, message: 'undefined' })
})

check('the table of messages for both readers holds', async () => {
  const { rows } = JSON.parse(readFileSync(new URL('../vectors/coded-messages.json', import.meta.url), 'utf8'))
  assert.ok(rows.length > 30)
  for (const { about, text, message = text, code, data } of rows)
    assert.deepEqual(asRpcError(new Error(text)), { code, data, message }, about)
})

check('an optional call of an unknown function gives undefined', async () => {
  const rpc = await connect()
  assert.equal(await rpc.callOptional('e2e:no-such-function'), undefined)
  assert.equal(await rpc.callOptional('e2e:add', 1, 2), 3)
})

check('many calls at once', async () => {
  const rpc = await connect()
  const delays = upTo(100).map(i => (i * 37) % 50)
  assert.deepEqual(await Promise.all(delays.map(ms => rpc.call('e2e:sleep', ms))), delays)
})

check('events arrive in order', async () => {
  const rpc = await connect()
  const prefix = `client-js-${Date.now()}`
  const sent = upTo(50).map(i => `${prefix}-${i}`)
  for (const message of sent)
    assert.equal(rpc.callEvent('e2e:notify', message), undefined)
  const got = await eventually(async () => {
    const mine = (await rpc.call('e2e:notifications')).filter(message => message.startsWith(prefix))
    return mine.length === sent.length && mine
  })
  assert.deepEqual(got, sent)
})

check('structured clone is understood', async () => {
  const rpc = await connect()
  const value = await rpc.call('e2e:collections')
  assert.deepEqual(value, { map: new Map([['a', 1], ['b', 2]]), set: new Set([1, 2, 3]), date: new Date(0), big: 2n ** 70n, bytes: new Uint8Array([1, 2, 3]), nan: null, negativeZero: 0, missing: undefined })
  assert.deepEqual(await rpc.call('e2e:echo-clone', { a: [null, 1.5, 'x'] }), { a: [null, 1.5, 'x'] })
})

check('a broadcast event reaches every client', async () => {
  const clients = [await connect(), await connect()]
  const got = []
  clients.forEach((rpc, i) => rpc.register('e2e:message', message => got.push(`${i}: ${message}`)))
  await clients[0].call('e2e:broadcast', 'news')
  await eventually(() => got.length === 2)
  assert.deepEqual(got.sort(), ['0: news', '1: news'])
})

check('the server calls the client that asked', async () => {
  const rpc = await connect()
  await assert.rejects(rpc.call('e2e:ask-client', 'who'), Error)
  const unregister = rpc.register('e2e:answer', async question => `${question}: me`)
  assert.equal(await rpc.call('e2e:ask-client', 'who'), 'who: me')
  unregister()
  await assert.rejects(rpc.call('e2e:ask-client', 'who'), Error)
  const again = rpc.client.register({ name: 'e2e:answer', type: 'action', handler: question => `${question}: again` })
  assert.equal(await rpc.call('e2e:ask-client', 'who'), 'who: again')
  again()
  rpc.register('e2e:answer', () => { throw new Error('ask somebody else') })
  await assert.rejects(rpc.call('e2e:ask-client', 'who'), Error)
  assert.equal(await rpc.call('e2e:add', 1, 1), 2)
})

check('a name is registered once', async () => {
  const rpc = await connect()
  rpc.register('e2e:answer', () => 'first')
  assert.throws(() => rpc.register('e2e:answer', () => 'second'), /e2e:answer/)
  assert.throws(() => rpc.client.register({ name: 'e2e:answer', type: 'action', handler: () => 'third' }), /e2e:answer/)
})

check('a call can have a time limit', async () => {
  const rpc = await connect({ callTimeout: 100 })
  await assert.rejects(rpc.call('e2e:sleep', 2000), /e2e:sleep.*100 ms/)
  assert.equal(await rpc.call('e2e:sleep', 1), 1)
})

check('close fails what is in flight and everything after it', async () => {
  const rpc = await connect()
  const statuses = watchStatus(rpc)
  const waiting = rpc.call('e2e:sleep', 2000)
  rpc.close()
  await assert.rejects(waiting, /closed/)
  await assert.rejects(rpc.call('e2e:add', 1, 1), /disconnected/)
  rpc.callEvent('e2e:notify', 'nobody hears')
  await sleep(1000)
  assert.deepEqual(statuses, ['disconnected'])
})

check('a lost connection comes back, and offers its functions again', async () => {
  const proxy = await startProxy()
  const rpc = await connect({ base: proxy.base })
  const statuses = watchStatus(rpc)
  rpc.register('e2e:answer', question => `${question}: back`)
  const waiting = rpc.call('e2e:sleep', 5000)
  await proxy.stop()
  await assert.rejects(waiting, /lost/)
  await assert.rejects(rpc.call('e2e:add', 1, 1), /e2e:add/)
  await eventually(() => statuses.includes('error'))
  await proxy.start()
  await eventually(() => rpc.status === 'connected')
  assert.equal(await rpc.call('e2e:ask-client', 'who'), 'who: back')
  assert.deepEqual(statuses.slice(0, 3), ['disconnected', 'connecting', 'error'])
  assert.deepEqual(statuses.slice(-2), ['connecting', 'connected'])
})

check('a connection that swallows everything is suspicious, then given up', async () => {
  const proxy = await startProxy()
  const rpc = await connect({ base: proxy.base, keepAlive: 100 })
  const statuses = watchStatus(rpc)
  await sleep(500) // silent, but for the answers
  assert.deepEqual(statuses, [])
  const waiting = rpc.call('e2e:sleep', 60_000)
  proxy.swallow()
  await assert.rejects(waiting, error => error instanceof ConnectionError && error.mayHaveRun && /lost/.test(error.message))
  assert.match(rpc.error.message, /the server does not respond/)
  assert.deepEqual(statuses, ['suspicious', 'error'])
  await eventually(() => rpc.status === 'connected')
  assert.equal(await rpc.call('e2e:add', 1, 2), 3)
  assert.deepEqual(statuses, ['suspicious', 'error', 'connecting', 'connected'])
})

check('a call that times out makes the client suspicious; an answer ends that', async () => {
  const proxy = await startProxy()
  const rpc = await connect({ base: proxy.base, callTimeout: 50, keepAlive: 2000 })
  const statuses = watchStatus(rpc)
  const late = error => error instanceof ConnectionError && error.mayHaveRun && /did not answer within 50 ms/.test(error.message)
  await assert.rejects(rpc.call('e2e:sleep', 60_000), late)
  await eventually(() => rpc.status === 'connected')
  assert.deepEqual(statuses, ['suspicious', 'connected'])
  proxy.swallow()
  await assert.rejects(rpc.call('e2e:add', 1, 2), late)
  assert.equal(rpc.status, 'suspicious')
  await eventually(() => rpc.status === 'connected')
  assert.deepEqual(statuses.slice(2), ['suspicious', 'error', 'connecting', 'connected'])
  assert.equal(await rpc.call('e2e:add', 1, 2), 3)
})

check('a page that wakes up looks after its connection, or makes a new one at once', async () => {
  globalThis.window = new EventTarget()
  window.parent = window
  globalThis.document = Object.assign(new EventTarget(), { visibilityState: 'hidden' })
  opened.push(() => {
    delete globalThis.window
    delete globalThis.document
  })
  const server = await startServer({ reply: (frame, socket) => answer(socket, frame) })
  const rpc = await connect({ base: server.base, keepAlive: 0 })
  const asked = () => server.frames.filter(({ m }) => m === 'devtools-runtime:alive').length
  document.dispatchEvent(new Event('visibilitychange'))
  await sleep(50)
  assert.equal(asked(), 0) // it was hidden
  document.visibilityState = 'visible'
  for (const [target, event] of [[document, 'visibilitychange'], [window, 'online'], [window, 'pageshow']]) {
    const before = asked()
    target.dispatchEvent(new Event(event))
    await eventually(() => asked() === before + 1)
    await rpc.call('any')
  }
  assert.equal(rpc.status, 'connected')
  server.cut()
  await eventually(() => rpc.status === 'disconnected')
  window.dispatchEvent(new Event('online'))
  assert.equal(rpc.status, 'connecting')
  await eventually(() => rpc.status === 'connected')
  rpc.close()
  window.dispatchEvent(new Event('online'))
  assert.equal(rpc.status, 'disconnected')
})

check('the server of the ecosystem gives a sign of life', async () => {
  const child = spawn(process.execPath, [fileURLToPath(new URL('devframe-server.mjs', import.meta.url))], { stdio: ['pipe', 'pipe', 'inherit'] })
  opened.push(() => child.stdin.end())
  let said = ''
  for await (const text of child.stdout.setEncoding('utf8')) {
    said += text
    if (/http\S+\/\s/.test(said))
      break
  }
  const rpc = await connect({ base: /http\S+\//.exec(said)[0], keepAlive: 100, callTimeout: 2000 })
  const statuses = watchStatus(rpc)
  await sleep(700)
  assert.equal(await rpc.call('e2e:add', 1, 2), 3)
  assert.deepEqual(statuses, [])
})

check('what is too large for the server is not sent', async () => {
  const meta = { backend: 'websocket', websocket: { path: '__ws' }, frameBytes: 1000 }
  const server = await startServer({ meta, reply: (frame, socket) => frame.m === 'wait' || answer(socket, frame) })
  const rpc = await connect({ base: server.base })
  rpc.register('c:letters', count => 'x'.repeat(count))
  const waiting = rpc.call('wait')
  waiting.catch(() => {})
  const tooLarge = error => error instanceof ConnectionError && error.mayHaveRun === false && error.limit === 1000 && error.size > 1000
  await assert.rejects(rpc.call('a:b', 'x'.repeat(1000)), tooLarge)
  await assert.rejects(rpc.call('a:b', 'é'.repeat(500)), tooLarge)
  assert.throws(() => rpc.callEvent('a:b', 'x'.repeat(1000)), tooLarge)
  await rpc.call('a:b', 'x'.repeat(800))
  server.texts.length = 0
  server.send({ m: 'c:letters', a: [1000], t: 'q', i: 'X' })
  await eventually(() => server.texts.length)
  assert.match(structuredCloneParse(server.texts[0].slice(2)).e.message, /over the limit of the server of 1000/)
  assert.equal(rpc.status, 'connected')
})

check('a frame that the server refuses as too large fails its own call; others are told that theirs may have run', async () => {
  const server = await startServer({
    reply(frame, socket) {
      if (frame.m === 'large')
        socket.close(1009, 'too much')
    },
  })
  const rpc = await connect({ base: server.base })
  const outcomes = await Promise.allSettled([rpc.call('wait'), rpc.call('large', 'x'.repeat(5000))])
  const [small, large] = outcomes.map(({ reason }) => reason)
  assert.ok(small instanceof ConnectionError && small.mayHaveRun)
  assert.match(small.message, /lost/)
  assert.ok(large instanceof ConnectionError && !large.mayHaveRun)
  assert.match(large.message, /"large" has 5\d\d\d bytes, over the limit of the server \(too much\)/)
  await assert.rejects(rpc.call('any'), error => error instanceof ConnectionError && !error.mayHaveRun)
  await eventually(() => rpc.status === 'connected')
})

check('close ends the attempts to come back', async () => {
  const proxy = await startProxy()
  const rpc = await connect({ base: proxy.base })
  const statuses = watchStatus(rpc)
  await proxy.stop()
  await eventually(() => rpc.status === 'disconnected')
  rpc.close()
  await proxy.start()
  await sleep(1500)
  assert.deepEqual([...new Set(statuses)], ['disconnected'])
})

function watchStatus(rpc) {
  const statuses = []
  rpc.on('status', status => statuses.push(status))
  return statuses
}

/** Stands before the fixture, so that its connections can be cut. */
async function startProxy() {
  const target = new URL(base)
  const sockets = new Set()
  const server = createTcpServer((near) => {
    const far = dialTcp(Number(target.port), target.hostname)
    for (const [socket, other] of [[near, far], [far, near]]) {
      sockets.add(socket)
      socket.on('error', () => {})
      socket.on('close', () => {
        sockets.delete(socket)
        other.destroy()
      })
    }
    near.pipe(far).pipe(near)
    swallowing.push(() => {
      for (const socket of [near, far])
        socket.unpipe().resume()
    })
  })
  let port = 0
  const swallowing = []
  const proxy = {
    /** Nothing comes through the connections that there are, and none of them ends. */
    swallow() {
      swallowing.splice(0).forEach(swallow => swallow())
    },
    async start() {
      await once(server.listen(port, '127.0.0.1'), 'listening')
      port = server.address().port
    },
    async stop() {
      server.close()
      for (const socket of sockets)
        socket.destroy()
      await once(server, 'close')
    },
  }
  await proxy.start()
  proxy.base = `http://127.0.0.1:${port}${target.pathname}`
  opened.push(() => server.listening && proxy.stop())
  return proxy
}

// ---- against servers made here --------------------------------------------------------------

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
  opened.push(() => Object.keys(page).forEach(name => delete globalThis[name]))
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
  opened.push(() => channel.close())
  return channel
}

function listenToTokens() {
  const told = []
  openChannel().onmessage = ({ data }) => told.push(data)
  return told
}

/** The metadata of a server that takes the arguments of these functions as JSON. */
const takesJson = (...jsonSerializableMethods) => ({ backend: 'websocket', websocket: { path: '__ws' }, jsonSerializableMethods })

const cloned = frame => `s:${structuredCloneStringify(frame)}`

check('where the server takes JSON it gets it; trailing undefined arguments are left out, others become null', async () => {
  const server = await startServer({ meta: takesJson('a:b'), reply: (frame, socket) => answer(socket, frame, null) })
  const rpc = await connect({ base: server.base })
  await rpc.call('a:b', 1, undefined, 'x', undefined, undefined)
  await rpc.call('a:b', undefined)
  await rpc.callOptional('a:b')
  rpc.callEvent('a:b', 'x')
  await rpc.call('a:b')
  const ids = server.frames.map(frame => frame.i)
  assert.deepEqual(server.texts.slice(1), [
    `{"m":"a:b","a":[1,null,"x"],"t":"q","i":"${ids[1]}"}`,
    `{"m":"a:b","a":[],"t":"q","i":"${ids[2]}"}`,
    `{"m":"a:b","a":[],"t":"q","o":true,"i":"${ids[3]}"}`,
    `{"m":"a:b","a":["x"],"t":"q"}`,
    `{"m":"a:b","a":[],"t":"q","i":"${ids[5]}"}`,
  ])
})

check('where the server takes JSON, what JSON would lose is refused', async () => {
  const server = await startServer({ meta: takesJson('a:b') })
  const rpc = await connect({ base: server.base })
  for (const value of [new Map(), [new Set()], { deep: new Uint8Array() }, 1n])
    await assert.rejects(rpc.call('a:b', value), TypeError)
  assert.equal(server.frames.length, 1)
})

check('all else is structured clone, byte for byte as the reference writes it', async () => {
  const vectors = JSON.parse(readFileSync(new URL('../vectors/structured-clone.json', import.meta.url), 'utf8'))
  const server = await startServer({ meta: takesJson('c:d'), reply: (frame, socket) => answer(socket, frame, null) })
  const rpc = await connect({ base: server.base })
  let compared = 0
  for (const { text } of [...vectors.cases, ...vectors.decodeOnly]) {
    const args = [quietly(() => structuredCloneParse(text)), undefined]
    const expected = quietly(() => structuredCloneStringify(args))
    if (!expected)
      continue // the reference writes no arrays of BigInt
    await rpc.call('a:b', ...args)
    const { i } = server.frames.at(-1)
    assert.equal(server.texts.at(-1), cloned({ m: 'a:b', a: args, t: 'q', i }), text)
    compared++
  }
  assert.ok(compared > 250, String(compared))
  const shared = { toJSON: () => 'itself' }
  const odd = [() => {}, Symbol('s'), , shared, { f() {}, u: undefined, shared }, new Map([[1, () => {}], [2, 2]]), new Set([Symbol('s'), 1])] // eslint-disable-line no-sparse-arrays
  await rpc.callOptional('a:b', odd)
  assert.equal(server.texts.at(-1), cloned({ m: 'a:b', a: [odd], t: 'q', o: true, i: server.frames.at(-1).i }))
  await rpc.call('a:b', new BigInt64Array([1n, -2n]))
  assert.deepEqual(server.frames.at(-1).a, [new BigInt64Array([1n, -2n])])
  for (const value of [new Date(Number.NaN), new SharedArrayBuffer(1)])
    await assert.rejects(rpc.call('a:b', value))
  const upload = rpc.streaming.upload('channel', 'id')
  upload.write(new Map([[1, 2n]]))
  await eventually(() => server.frames.at(-1).m === 'devframe:streaming:upload-chunk')
  assert.deepEqual(server.frames.at(-1).a, ['channel', 'id', 1, new Map([[1, 2n]])])
})

const quietly = (body) => {
  try {
    return body()
  }
  catch {}
}

check('every type comes back from the server as it was', async () => {
  const rpc = await connect()
  const values = [
    new Map([[{ key: 1 }, new Date(0)]]),
    new Set([1n, /a\/b/gi]),
    { missing: undefined, list: [undefined, null] },
    new Float32Array([1.5]),
    new BigInt64Array([-1n]),
    new Uint8Array([1, 2]).buffer,
  ]
  for (const value of values)
    assert.deepStrictEqual(await rpc.call('e2e:echo-clone', value), value)
  assert.equal(await rpc.call('e2e:echo-clone', undefined), undefined)
})

check('a shared state keeps its types when another part of it is changed', async () => {
  const [one, other] = [await connect(), await connect()]
  const key = `client-js:types-${Date.now()}`
  const initial = { at: new Date(0), by: new Map([['a', 1n]]), n: 0 }
  const mine = await one.sharedState(key, initial)
  mine.set({ ...initial, n: 1 })
  const theirs = await eventually(() => other.sharedState(key).catch(() => undefined))
  assert.deepStrictEqual(theirs.value(), { ...initial, n: 1 })
  theirs.mutate((draft) => {
    draft.n = 2
  })
  await eventually(() => mine.value().n === 2)
  assert.deepStrictEqual(mine.value(), { ...initial, n: 2 })
  const third = await (await connect()).sharedState(key)
  assert.deepStrictEqual(third.value(), { ...initial, n: 2 })
})

check('values that share their parts are compared part by part', async () => {
  const server = await startServer({
    reply: (frame, socket) => socket.send(cloned({ t: 's', i: frame.i, r: frame.m.endsWith(':get') ? lattice() : undefined })),
  })
  // 2^60 ways lead to the last part.
  function lattice(last = 0) {
    let value = [last]
    for (let i = 0; i < 60; i++)
      value = [value, value]
    return value
  }
  const rpc = await connect({ base: server.base })
  const state = await rpc.sharedState('a:state')
  const told = []
  state.on(value => told.push(value))
  state.set(lattice())
  assert.equal(told.length, 0)
  state.set(lattice(1))
  assert.equal(told.length, 1)
})

check('requests of the server are answered: in its codec for results, with an error record for failures, not at all for events', async () => {
  const errorFrame = message => cloned({ t: 's', i: 'X', e: new Error(message) })
  const inJson = r => JSON.stringify({ t: 's', i: 'X', r })
  const inClone = r => cloned({ t: 's', i: 'X', r })
  const names = ['c:sum', 'c:nothing', 'c:fail', 'c:map', 'c:unknown']
  for (const [meta, result] of [[takesJson(), inClone], [takesJson(...names), inJson]]) {
    const server = await startServer({ meta })
    const rpc = await connect({ base: server.base })
    rpc.register('c:sum', (a, b) => a + b)
    rpc.register('c:nothing', () => {})
    rpc.register('c:fail', () => { throw new TypeError('no') })
    rpc.register('c:map', () => new Map([[1, 2]]))
    for (const [request, reply] of [
      [{ m: 'c:sum', a: [1, 2], t: 'q', i: 'X' }, result(3)],
      [{ m: 'c:nothing', a: [], t: 'q', i: 'X' }, result(undefined)],
      [{ m: 'c:fail', a: [], t: 'q', i: 'X' }, errorFrame('no')],
      [{ m: 'c:unknown', a: [], t: 'q', i: 'X' }, errorFrame('[birpc] function "c:unknown" not found')],
      [{ m: 'c:unknown', a: [], t: 'q', o: true, i: 'X' }, result(undefined)],
      [{ m: 'c:sum', a: 'no list', t: 'q', i: 'X' }, errorFrame('a list was expected')],
    ]) {
      for (const text of [JSON.stringify(request), cloned(request)]) {
        server.texts.length = 0
        server.sendText(text)
        await eventually(() => server.texts.length)
        assert.deepEqual(server.texts, [reply])
      }
    }
    server.texts.length = 0
    server.send({ m: 'c:map', a: [], t: 'q', i: 'X' })
    await eventually(() => server.texts.length)
    const { e, r } = structuredCloneParse(server.texts[0].slice(2))
    assert.deepEqual([e instanceof Error, r], result === inJson ? [true, undefined] : [false, new Map([[1, 2]])])
    server.texts.length = 0
    server.send({ m: 'c:sum', a: [1, 2], t: 'q' })
    server.send({ m: 'c:fail', a: [], t: 'q' })
    server.send({ m: 'c:unknown', a: [], t: 'q' })
    await sleep(100)
    assert.deepEqual(server.texts, [])
  }
})

check('nonsense of the server is reported and survived', async () => {
  const server = await startServer({ reply: (frame, socket) => answer(socket, frame, 'fine') })
  const rpc = await connect({ base: server.base })
  const nonsense = ['garbage', '', 'null', '5', 's:', 's:null', 's:[]', 's:[[99,1]]', 's:[[1,[5]]]', 's:[[1,5]]', 's:[[4,{"source":"("}]]', 's:[["Uint8Array",1000000000]]', `s:[${upTo(50_000).map(i => `[1,[${i + 1}]]`)},[0,1]]`]
  complaints.length = 0
  nonsense.forEach(text => server.sendText(text))
  server.sendBinary('{"t":"s","i":"1","r":1}')
  assert.equal(await rpc.call('a:b'), 'fine')
  assert.equal(complaints.length, nonsense.length + 1)
  for (const quiet of ['{}', '[]', '{"t":"s","i":"unknown","r":1}', '{"m":"a:b","a":[],"i":"1"}'])
    server.sendText(quiet)
  assert.equal(await rpc.call('a:b'), 'fine')
})

check('errors of any kind: Errors as they are, other values as text, falsy ones as success', async () => {
  const values = [new RangeError('far'), 'text', 42, null, 0, '', false]
  const server = await startServer({ reply: (frame, socket) => socket.send(errorOf(frame.i, values[frame.a[0]])) })
  // Written by hand where the reference would lose the class of the error.
  const errorOf = (id, e) => e instanceof Error
    ? `s:[[2,[[1,2],[3,4],[5,6]]],[0,"t"],[0,"s"],[0,"i"],[0,"${id}"],[0,"e"],[7,{"name":"${e.name}","message":"${e.message}"}]]`
    : `s:${structuredCloneStringify({ t: 's', i: id, e })}`
  const rpc = await connect({ base: server.base })
  await assert.rejects(rpc.call('a:b', 0), new RangeError('far'))
  await assert.rejects(rpc.call('a:b', 1), new Error('text'))
  await assert.rejects(rpc.call('a:b', 2), new Error('42'))
  for (const i of [3, 4, 5, 6])
    assert.equal(await rpc.call('a:b', i), undefined)
})

check('structured clone: every type of the reference', async () => {
  const cycle = { list: [] }
  cycle.list.push(cycle)
  const values = [
    undefined,
    null,
    'text',
    [1, [2, undefined]],
    { a: { b: null }, missing: undefined },
    new Date(1234),
    /a\/b/gi,
    new Map([[{ key: 1 }, new Map([[1, 2]])]]),
    new Set([1, 'a', new Set()]),
    10n ** 30n,
    new TypeError('bad'),
    Object(true),
    Object(5),
    Object('boxed'),
    Object(5n),
    ...[Int8Array, Uint8Array, Uint8ClampedArray, Int16Array, Uint16Array, Int32Array, Uint32Array, Float32Array, Float64Array].map(Type => new Type([1, 2, 3])),
    new Uint8Array([1, 2]).buffer,
    new DataView(new Uint8Array([1, 2]).buffer),
    [cycle, cycle],
    { toString: 1, constructor: 2, hasOwnProperty: 3 },
  ]
  const texts = values.map(structuredCloneStringify)
  const server = await startServer({
    reply: (frame, socket) => socket.send(`s:${structuredCloneStringify({ t: 's', i: frame.i, r: structuredCloneParse(texts[frame.a[0]]) })}`),
  })
  const rpc = await connect({ base: server.base })
  for (const i of upTo(values.length))
    assert.deepStrictEqual(await rpc.call('a:b', i), structuredCloneParse(texts[i]))
})

check('structured clone: a prototype cannot be sent', async () => {
  const server = await startServer({
    reply: ({ i }, socket) => socket.send(`s:[[2,[[1,2],[3,4],[5,6]]],[0,"t"],[0,"s"],[0,"i"],[0,"${i}"],[0,"r"],[2,[[7,8]]],[0,"__proto__"],[2,[[9,10]]],[0,"polluted"],[0,true]]`),
  })
  const rpc = await connect({ base: server.base })
  assert.equal((await rpc.call('a:b')).polluted, undefined)
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

function answer(socket, frame, value) {
  if (frame.i)
    socket.send(JSON.stringify({ t: 's', i: frame.i, r: value }))
}

function trustIf(test) {
  return (frame, socket) => answer(socket, frame, { isTrusted: test(frame.a[0]) })
}

/** A server that answers handshakes with `welcome`, and anything else with `reply`; it keeps what it hears. */
async function startServer({ meta = { backend: 'websocket', websocket: { path: '__ws' } }, welcome = trustIf(() => true), reply } = {}) {
  const http = createServer((request, response) => {
    response.setHeader('content-type', 'application/json')
    response.end(JSON.stringify(server.meta))
  })
  const sockets = new WebSocketServer({ server: http, path: '/mount/__ws' })
  const each = act => sockets.clients.forEach(act)
  const server = {
    meta,
    frames: [],
    texts: [],
    sendText: text => each(socket => socket.send(text)),
    sendBinary: text => each(socket => socket.send(Buffer.from(text), { binary: true })),
    send: frame => each(socket => socket.send(JSON.stringify(frame))),
    cut: () => each(socket => socket.terminate()),
    connections: () => sockets.clients.size,
  }
  sockets.on('connection', socket => socket.on('message', (data) => {
    const text = String(data)
    const frame = text.startsWith('s:') ? structuredCloneParse(text.slice(2)) : JSON.parse(text)
    server.texts.push(text)
    server.frames.push(frame)
    const act = frame.m === 'anonymous:devframe:auth' ? welcome : reply
    act?.(frame, socket)
  }))
  await once(http.listen(0, '127.0.0.1'), 'listening')
  server.base = `http://127.0.0.1:${http.address().port}/mount/`
  opened.push(() => {
    sockets.clients.forEach(socket => socket.terminate())
    http.closeAllConnections()
    http.close()
  })
  return server
}

await run({
  async afterEach() {
    for (const close of opened.splice(0).reverse())
      await close()
    await sleep(20) // the server notices
  },
})
