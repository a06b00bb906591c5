/** Calls in both directions, against the fixture, over each transport. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { check, eventually, servedScripts } from '../checks.mjs'
import { asRpcError, base, connect as connectTo, MODULES, upTo, watchStatus } from './setup.mjs'

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

const CODED = [
  ['not-found', 'no file at `/nope "]\n[code: x]`', { path: '/nope "]\n[code: x]', nearestPath: null }],
  ['too-large', 'the file has 1152921504606846976 bytes, and 1024 may be read', [2 ** 60, 1024]],
  ['syntax', 'a syntax error in line 7', { lineNumber: 7 }],
  ['busy', 'somebody else reads it', undefined],
  ['shown', 'a mistake in line 7\n[code: looks-like-one]', { lineNumber: 7 }],
  ['io', 'internal error', undefined],
  ['forbidden', 'internal error', undefined],
]

check('the table of messages for both readers holds', async () => {
  const { rows } = JSON.parse(readFileSync(new URL('../../vectors/coded-messages.json', import.meta.url), 'utf8'))
  assert.ok(rows.length > 30)
  for (const { about, text, message = text, code, data } of rows)
    assert.deepEqual(asRpcError(new Error(text)), { code, data, message }, about)
})

for (const transport of ['websocket', 'sse']) {
  const connect = options => connectTo({ transport, ...options })

  check(`${transport}: calls give results`, async () => {
    const rpc = await connect()
    assert.equal(rpc.status, 'connected')
    assert.equal(rpc.backend, transport)
    assert.equal(await rpc.call('e2e:add', 2, -5), -3)
    assert.deepEqual(await rpc.call('e2e:get-modules'), MODULES)
    assert.deepEqual(await rpc.call('e2e:get-module', '/src/main.ts', { includeSource: true }), { ...MODULES[0], source: '// /src/main.ts' })
    assert.equal(await rpc.call('e2e:get-module', '/nope'), null)
    assert.equal((await rpc.call('e2e:get-config')).mode, 'dev')
  })

  check(`${transport}: the base may be a string, and lack its last slash`, async () => {
    const rpc = await connect({ base: String(base).replace(/\/$/, '') })
    assert.equal(await rpc.call('e2e:add', 1, 1), 2)
  })

  check(`${transport}: an optional argument may be absent, null or undefined`, async () => {
    const rpc = await connect()
    for (const absent of [[], [null], [undefined]])
      assert.equal(await rpc.call('e2e:greet', 'Ada', ...absent), 'Hello, Ada!')
    assert.equal(await rpc.call('e2e:greet', 'Ada', 'Hi'), 'Hi, Ada!')
  })

  check(`${transport}: an action leaves its mark for other clients`, async () => {
    await (await connect()).call('e2e:set-count', 7)
    assert.equal(await (await connect()).call('e2e:get-count'), 7)
  })

  check(`${transport}: errors are Errors with their message, and nothing else suffers`, async () => {
    const rpc = await connect()
    const waiting = rpc.call('e2e:sleep', 100)
    for (const how of ['plain', 'panic'])
      await assert.rejects(rpc.call('e2e:fail', how), error => error instanceof Error && FAILS[how].test(error.message))
    await assert.rejects(rpc.call('e2e:no-such-function'), { message: '[birpc] function "e2e:no-such-function" not found' })
    assert.equal(await waiting, 100)
  })

  check(`${transport}: an error has its code, its data and a clean message`, async () => {
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

  check(`${transport}: what has no code is what it was`, async () => {
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

  check(`${transport}: an optional call of an unknown function gives undefined`, async () => {
    const rpc = await connect()
    assert.equal(await rpc.callOptional('e2e:no-such-function'), undefined)
    assert.equal(await rpc.callOptional('e2e:add', 1, 2), 3)
  })

  check(`${transport}: many calls at once`, async () => {
    const rpc = await connect()
    const delays = upTo(100).map(i => (i * 37) % 50)
    assert.deepEqual(await Promise.all(delays.map(ms => rpc.call('e2e:sleep', ms))), delays)
  })

  check(`${transport}: events arrive in order`, async () => {
    const rpc = await connect()
    const prefix = `client-js-${transport}-${Date.now()}`
    const sent = upTo(50).map(i => `${prefix}-${i}`)
    for (const message of sent)
      assert.equal(rpc.callEvent('e2e:notify', message), undefined)
    const got = await eventually(async () => {
      const mine = (await rpc.call('e2e:notifications')).filter(message => message.startsWith(prefix))
      return mine.length === sent.length && mine
    })
    assert.deepEqual(got, sent)
  })

  check(`${transport}: structured clone is understood`, async () => {
    const rpc = await connect()
    const value = await rpc.call('e2e:collections')
    assert.deepEqual(value, { map: new Map([['a', 1], ['b', 2]]), set: new Set([1, 2, 3]), date: new Date(0), big: 2n ** 70n, bytes: new Uint8Array([1, 2, 3]), nan: null, negativeZero: 0, missing: undefined })
    assert.deepEqual(await rpc.call('e2e:echo-clone', { a: [null, 1.5, 'x'] }), { a: [null, 1.5, 'x'] })
  })

  check(`${transport}: a broadcast event reaches every client`, async () => {
    const clients = [await connect(), await connect()]
    const got = []
    clients.forEach((rpc, i) => rpc.register('e2e:message', message => got.push(`${i}: ${message}`)))
    await clients[0].call('e2e:broadcast', 'news')
    await eventually(() => got.length === 2)
    assert.deepEqual(got.sort(), ['0: news', '1: news'])
  })

  check(`${transport}: the server calls the client that asked`, async () => {
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

  check(`${transport}: a name is registered once`, async () => {
    const rpc = await connect()
    rpc.register('e2e:answer', () => 'first')
    assert.throws(() => rpc.register('e2e:answer', () => 'second'), /e2e:answer/)
    assert.throws(() => rpc.client.register({ name: 'e2e:answer', type: 'action', handler: () => 'third' }), /e2e:answer/)
  })

  check(`${transport}: a call can have a time limit`, async () => {
    const rpc = await connect({ callTimeout: 1000 })
    await assert.rejects(rpc.call('e2e:sleep', 60_000), /e2e:sleep.*1000 ms/)
    assert.equal(await rpc.call('e2e:sleep', 1), 1)
  })

  check(`${transport}: close fails what is in flight and everything after it`, async () => {
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
}
