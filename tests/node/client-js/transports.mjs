/** The transports: which one is used when, and what holds over HTTP alone. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import { check, eventually } from '../checks.mjs'
import { startHttpProxy } from './proxies.mjs'
import { base, closeLater, connect, ConnectionError, upTo, watchStatus } from './setup.mjs'

async function startProxy(options) {
  const proxy = await startHttpProxy(base, options)
  closeLater(proxy.close)
  return proxy
}

const upgrades = proxy => proxy.seen.filter(line => line.startsWith('UPGRADE')).length
const posts = proxy => proxy.seen.filter(line => line.startsWith('POST')).length

/** Calls in both directions, and follows a state. */
async function use(rpc) {
  assert.equal(await rpc.call('e2e:add', 1, 2), 3)
  const unregister = rpc.register('e2e:answer', question => `${question}: me`)
  assert.equal(await rpc.call('e2e:ask-client', 'who'), 'who: me')
  unregister()
  const key = `transports:${Math.random()}`
  const state = await rpc.sharedState(key, { n: 0 })
  state.set({ n: 1 })
  const other = await eventually(async () => (await connect()).sharedState(key).catch(() => undefined))
  other.set({ n: 2 })
  await eventually(() => state.value().n === 2)
}

for (const webSocket of ['refuse', 'swallow', 'mute']) {
  check(`where WebSockets do not get through (${webSocket}), the client uses server-sent events`, async () => {
    const proxy = await startProxy({ webSocket })
    const rpc = await connect({ base: proxy.base, connectTimeout: webSocket === 'refuse' ? 30_000 : 3000 })
    assert.deepEqual([rpc.backend, rpc.status, upgrades(proxy)], ['sse', 'connected', 1])
    await use(rpc)
  })
}

check('where WebSockets get through, nothing is posted', async () => {
  const proxy = await startProxy()
  const rpc = await connect({ base: proxy.base })
  await use(rpc)
  assert.deepEqual([rpc.backend, posts(proxy)], ['websocket', 0])
})

for (const [what, change] of [['has no WebSocket', meta => ({ ...meta, websocket: undefined })], ['prefers server-sent events', meta => ({ ...meta, backend: 'sse' })]]) {
  check(`a server that ${what} is asked for no WebSocket`, async () => {
    const rewrite = path => path.endsWith('__connection.json') && (text => JSON.stringify(change(JSON.parse(text))))
    const proxy = await startProxy({ rewrite })
    const rpc = await connect({ base: proxy.base })
    assert.deepEqual([rpc.backend, await rpc.call('e2e:add', 1, 2), upgrades(proxy)], ['sse', 3, 0])
  })
}

check('the transport may be chosen', async () => {
  const proxy = await startProxy({ webSocket: 'refuse' })
  await assert.rejects(connect({ base: proxy.base, transport: 'websocket' }), /cannot connect to ws:/)
  assert.equal(proxy.seen.some(line => line.includes('__sse')), false)
  const rpc = await connect({ base: proxy.base, transport: 'sse' })
  assert.deepEqual([rpc.backend, upgrades(proxy)], ['sse', 1])
  await assert.rejects(connect({ transport: 'ws' }), /`transport` is "ws", and has to be 'auto', 'websocket' or 'sse'/)
})

check('if neither gets through, the error names both', async () => {
  const rewrite = path => path.endsWith('__connection.json') && (text => text.replace('"path":"__sse"', '"path":"nowhere"'))
  const proxy = await startProxy({ webSocket: 'refuse', rewrite })
  await assert.rejects(connect({ base: proxy.base }), /cannot connect to ws:\S+\/__ws; cannot connect to http:\S+\/nowhere: status 404/)
})

check('a WebSocket that has worked is tried again, and not given up at once', async () => {
  const proxy = await startProxy()
  const rpc = await connect({ base: proxy.base })
  const statuses = watchStatus(rpc)
  proxy.webSocket = 'refuse'
  proxy.cut()
  await eventually(() => upgrades(proxy) >= 3)
  assert.deepEqual([...new Set(statuses)], ['disconnected', 'connecting', 'error'])
  assert.equal(proxy.seen.some(line => line.includes('__sse')), false)
  proxy.webSocket = 'pass'
  await eventually(() => rpc.status === 'connected')
  assert.deepEqual([rpc.backend, await rpc.call('e2e:add', 1, 2)], ['websocket', 3])
})

check('after `fallbackAfter` the client uses server-sent events, and keeps them until they fail', async () => {
  const proxy = await startProxy()
  const rpc = await connect({ base: proxy.base, fallbackAfter: 300 })
  proxy.webSocket = 'refuse'
  proxy.cut()
  await eventually(() => rpc.status === 'connected' && rpc.backend === 'sse')
  assert.ok(upgrades(proxy) >= 3, `${upgrades(proxy)} WebSockets`)
  await use(rpc)

  proxy.webSocket = 'pass'
  const before = upgrades(proxy)
  proxy.cut()
  await eventually(() => rpc.status !== 'connected')
  await eventually(() => rpc.status === 'connected')
  assert.deepEqual([rpc.backend, upgrades(proxy)], ['sse', before])
})

check('over server-sent events a lost connection fails its calls, and comes back', async () => {
  const proxy = await startProxy({ webSocket: 'refuse' })
  const rpc = await connect({ base: proxy.base })
  const statuses = watchStatus(rpc)
  rpc.register('e2e:answer', question => `${question}: back`)
  const waiting = rpc.call('e2e:sleep', 60_000)
  proxy.isDown = true
  proxy.cut()
  await assert.rejects(waiting, error => error instanceof ConnectionError && error.mayHaveRun && /lost/.test(error.message))
  await eventually(() => statuses.includes('error'))
  await assert.rejects(rpc.call('e2e:add', 1, 1), error => error instanceof ConnectionError && !error.mayHaveRun)
  proxy.isDown = false
  await eventually(() => rpc.status === 'connected')
  assert.equal(await rpc.call('e2e:ask-client', 'who'), 'who: back')
})

check('calls that wait do not keep replies, events and keep-alive requests from the server', async () => {
  const rpc = await connect({ transport: 'sse', keepAlive: 1000 })
  const statuses = watchStatus(rpc)
  let release
  const released = new Promise(resolve => release = resolve)
  rpc.register('e2e:answer', question => released.then(() => `${question}: me`))
  const asking = upTo(20).map(() => rpc.call('e2e:ask-client', 'who'))
  await sleep(5000) // enough to give up a silent connection
  assert.equal(statuses.includes('error'), false)
  release()
  assert.deepEqual(await Promise.all(asking), upTo(20).map(() => 'who: me'))
})

/** A server of event streams that answers POSTs with `post`, after the handshake. */
async function startEventServer(post) {
  const server = createServer(async (request, response) => {
    if (request.url.endsWith('__connection.json')) {
      response.setHeader('content-type', 'application/json')
      response.end(JSON.stringify({ backend: 'sse', sse: { path: '__sse' }, jsonSerializableMethods: ['a:b', 'a:c', 'anonymous:devframe:auth'] }))
      return
    }
    if (request.method === 'GET') {
      response.writeHead(200, { 'content-type': 'text/event-stream' })
      response.write('event: session\ndata: the-session\n\n')
      told.stream = response
      return
    }
    let text = ''
    for await (const piece of request.setEncoding('utf8'))
      text += piece
    if (request.headers['x-birpc-session'] !== 'the-session')
      response.writeHead(400).end('Unknown SSE session')
    else if (text.includes('anonymous:devframe:auth'))
      response.end(JSON.stringify({ t: 's', i: JSON.parse(text).i, r: { isTrusted: true } }))
    else
      post(response, text.startsWith('s:') ? {} : JSON.parse(text))
  })
  const told = { stream: undefined }
  await once(server.listen(0, '127.0.0.1'), 'listening')
  closeLater(() => {
    server.closeAllConnections()
    server.close()
  })
  told.base = `http://127.0.0.1:${server.address().port}/`
  return told
}

check('a request that is answered with an error fails alone', async () => {
  let status = 413
  const { base } = await startEventServer((response, { i }) => status === 200 ? response.end(JSON.stringify({ t: 's', i, r: 'fine' })) : response.writeHead(status).end())
  const rpc = await connect({ base })
  await assert.rejects(rpc.call('a:b', 'x'), error => error instanceof ConnectionError && !error.mayHaveRun && /"a:b" has \d+ bytes, over the limit of the server \(status 413\)/.test(error.message))
  status = 504
  await assert.rejects(rpc.call('a:b', 'x'), error => error instanceof ConnectionError && error.mayHaveRun && /"a:b" was answered with status 504/.test(error.message))
  status = 200
  assert.equal(await rpc.call('a:b'), 'fine')
  assert.equal(rpc.status, 'connected')
})

check('a session that the server no longer has is opened anew', async () => {
  let status = 409
  const { base } = await startEventServer((response, { i }) => status === 200 ? response.end(JSON.stringify({ t: 's', i, r: 'fine' })) : response.writeHead(status).end())
  const rpc = await connect({ base })
  await assert.rejects(rpc.call('a:b'), /lost/)
  status = 200
  await eventually(() => rpc.status === 'connected')
  assert.equal(await rpc.call('a:b'), 'fine')
})

check('a reply that overtakes events waits for them', async () => {
  const server = await startEventServer((response, { i }) => {
    response.setHeader('x-birpc-after-events', '2')
    response.end(JSON.stringify({ t: 's', i, r: 'reply' }))
  })
  const rpc = await connect({ base: server.base })
  const got = []
  rpc.register('a:c', text => got.push(text))
  const replied = rpc.call('a:b').then(reply => got.push(reply))
  const event = text => `event: message\ndata: ${JSON.stringify({ m: 'a:c', a: [text], t: 'q', o: true }).replace('[', '[\ndata: ')}\n\n`
  await sleep(200)
  assert.deepEqual(got, [])
  const text = `: ping\n\n${event('one')}${event('two')}`
  for (const piece of text.match(/[^]{1,7}/g)) { // in pieces
    server.stream.write(piece)
    await sleep(1)
  }
  await replied
  assert.deepEqual(got, ['one', 'two', 'reply'])
})

check('an event stream that does not begin with its session is an error', async () => {
  const server = createServer((request, response) => {
    if (request.url.endsWith('__connection.json'))
      return response.end(JSON.stringify({ backend: 'sse', sse: { path: '__sse' } }))
    response.writeHead(200, { 'content-type': 'text/event-stream' }).end('event: message\ndata: {}\n\n')
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  closeLater(() => server.close())
  await assert.rejects(connect({ base: `http://127.0.0.1:${server.address().port}/` }), /does not begin with its session/)
})
