// Checks a server of the e2e fixture with the real client of the ecosystem, `devframe` 1.3.5, over server-sent events.
//
//   node sse-client.mjs BASE
import './browser.mjs'
import assert from 'node:assert/strict'
import { setTimeout as sleep } from 'node:timers/promises'
import { visit } from './browser.mjs'
import { check, eventually, parameters, run, servedScript } from './checks.mjs'

const { connectDevframe } = await import('devframe/client')
console.warn = console.error = () => {} // the client reports there what these checks expect to fail

const [base] = parameters('BASE')
const { asRpcError } = await servedScript(base)
const MODULES = [{ id: '/src/main.ts', size: 1024 }, { id: '/src/App.vue', size: 2048 }]
const upTo = n => Array.from({ length: n }, (_, i) => i)
const opened = []

async function connect() {
  visit(base)
  const rpc = await connectDevframe({ baseURL: base, transport: 'sse', otpParam: false, simpleAuth: false })
  opened.push(() => rpc.close())
  assert.equal(rpc.transport, 'sse')
  await rpc.ensureTrusted(5000)
  return rpc
}

// ---- calls ----------------------------------------------------------------------------------

/** The text of an error, and what stands for that of a panic. */
const FAILS = { plain: /^boom$/, panic: /^internal error \(id [0-9a-f]{8}\)$/, 'late-panic': /^internal error \(id [0-9a-f]{8}\)$/ }

check('a call gives its result', async () => {
  const rpc = await connect()
  assert.equal(rpc.status, 'connected')
  assert.equal(await rpc.call('e2e:add', 2, -5), -3)
  assert.deepEqual(await rpc.call('e2e:get-modules'), MODULES)
  assert.deepEqual(await rpc.call('e2e:get-module', '/src/main.ts', { includeSource: true }), { ...MODULES[0], source: '// /src/main.ts' })
  assert.equal(await rpc.call('e2e:greet', 'Ada'), 'Hello, Ada!')
  assert.equal(await rpc.call('e2e:get-module', '/nope'), null)
})

check('an optional call of an unknown function gives undefined', async () => {
  const rpc = await connect()
  assert.equal(await rpc.callOptional('e2e:no-such-function'), undefined)
  assert.equal(await rpc.callOptional('e2e:add', 1, 2), 3)
})

check('structured clone: values from the server, there and back', async () => {
  const rpc = await connect()
  const { map, big } = await rpc.call('e2e:collections')
  assert.deepEqual([map, big], [new Map([['a', 1], ['b', 2]]), 2n ** 70n])
  for (const value of [undefined, 'héllo \u2028 "\\\u0001\n\r\n\n', new Map([[{ key: 1 }, new Set([1n, undefined, new Date(5)])]]), new Uint8Array([255]), /a+/gi])
    assert.deepStrictEqual(await rpc.call('e2e:echo-clone', value), value)
})

check('an error has its code and data', async () => {
  const rpc = await connect()
  const expected = { code: 'syntax', data: { lineNumber: 7 }, message: 'a syntax error in line 7' }
  for (const name of ['e2e:read-file', 'e2e:read-clone'])
    await assert.rejects(rpc.call(name, 'syntax'), error => assert.deepEqual(asRpcError(error), expected) ?? true)
})

check('calls end when they are done, not in the order they started', async () => {
  const rpc = await connect()
  const ended = []
  await Promise.all([300, 150, 0].map(async ms => ended.push(await rpc.call('e2e:sleep', ms))))
  assert.deepEqual(ended, [0, 150, 300])
  const delays = upTo(100).map(i => (i * 37) % 50)
  assert.deepEqual(await Promise.all(delays.map(ms => rpc.call('e2e:sleep', ms))), delays)
})

check('a large value goes there and back', async () => {
  const text = 'line\n'.repeat(1_000_000)
  assert.equal(await (await connect()).call('e2e:echo', text), text)
})

check('two clients call at once, and share what the server keeps', async () => {
  const clients = [await connect(), await connect()]
  const sums = await Promise.all(upTo(200).map(i => clients[i % 2].call('e2e:add', i, i)))
  assert.deepEqual(sums, upTo(200).map(i => i + i))
  await clients[0].call('e2e:set-count', 42)
  assert.equal(await clients[1].call('e2e:get-count'), 42)
  assert.equal((await clients[0].call('e2e:sessions')).length, 2)
})

// ---- errors ---------------------------------------------------------------------------------

for (const how of ['plain', 'panic', 'late-panic']) {
  check(`a function that fails (${how}) rejects with its message, and nothing else suffers`, async () => {
    const rpc = await connect()
    const waiting = rpc.call('e2e:sleep', 100)
    await assert.rejects(rpc.call('e2e:fail', how), error => error instanceof Error && FAILS[how].test(error.message))
    assert.equal(await waiting, 100)
    assert.equal(await rpc.call('e2e:add', 1, 1), 2)
  })
}

check('an unknown function and a wrong argument are named', async () => {
  const rpc = await connect()
  await assert.rejects(rpc.call('e2e:no-such-function'), { message: '[birpc] function "e2e:no-such-function" not found' })
  await assert.rejects(rpc.call('e2e:add', 1, 'two'), /`b`.*e2e:add/)
})

// ---- events ---------------------------------------------------------------------------------

// Each is a request of its own, and nothing orders those.
check('events arrive', async () => {
  const rpc = await connect()
  const prefix = `sse-${Date.now()}`
  const sent = upTo(100).map(i => `${prefix}-${i}`)
  for (const message of sent)
    rpc.callEvent('e2e:notify', message)
  const got = await eventually(async () => {
    const mine = (await rpc.call('e2e:notifications')).filter(message => message.startsWith(prefix))
    return mine.length === sent.length && mine
  })
  assert.deepEqual(got.sort(), sent.sort())
})

// ---- from the server ------------------------------------------------------------------------

check('a broadcast reaches every client, in order', async () => {
  const clients = [await connect(), await connect()]
  const got = clients.map(() => [])
  clients.forEach((rpc, i) => rpc.client.register({ name: 'e2e:message', type: 'event', handler: message => void got[i].push(message) }))
  const messages = upTo(50).map(i => `news\n${i}`)
  for (const message of messages)
    assert.equal(await clients[0].call('e2e:broadcast', message), 2)
  await eventually(() => got.every(list => list.length === messages.length))
  assert.deepEqual(got, [messages, messages])
})

check('the server calls the client that asked', async () => {
  const clients = [await connect(), await connect()]
  clients.forEach((rpc, i) => rpc.client.register({ name: 'e2e:answer', type: 'action', handler: async question => `${question}: client ${i}` }))
  assert.deepEqual(await Promise.all(clients.map(rpc => rpc.call('e2e:ask-client', 'who'))), ['who: client 0', 'who: client 1'])
})

check('a client that has no answer, or fails, makes the asking call fail', async () => {
  const rpc = await connect()
  await assert.rejects(rpc.call('e2e:ask-client', 'who'), Error)
  rpc.client.register({ name: 'e2e:answer', type: 'action', handler: () => { throw new Error('ask somebody else') } })
  await assert.rejects(rpc.call('e2e:ask-client', 'who'), Error)
  assert.equal(await rpc.call('e2e:add', 1, 1), 2)
})

check('a client that closes is gone, also with a call under way', async () => {
  const [rpc, other] = [await connect(), await connect()]
  rpc.call('e2e:sleep', 60_000).catch(() => {})
  await sleep(50)
  assert.equal((await other.call('e2e:sessions')).length, 2)
  rpc.close()
  await eventually(async () => (await other.call('e2e:sessions')).length === 1)
})

await run({
  async afterEach() {
    for (const close of opened.splice(0))
      close()
    await sleep(20) // the server notices
  },
})
