// Checks a server of the e2e fixture with the real client of the ecosystem, `devframe` 1.3.5, and with bare sockets.
//
//   node devframe-client.mjs BASE
import './browser.mjs'
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { structuredCloneParse, structuredCloneStringify } from 'devframe/utils/structured-clone'
import { WebSocket } from 'ws'
import { visit } from './browser.mjs'
import { check, eventually, parameters, run, servedScript } from './checks.mjs'

const { connectDevframe } = await import('devframe/client')
console.warn = console.error = () => {} // the client reports there what these checks expect to fail

const [base] = parameters('BASE')
const { asRpcError } = await servedScript(base)
const MODULES = [{ id: '/src/main.ts', size: 1024 }, { id: '/src/App.vue', size: 2048 }]
const upTo = n => Array.from({ length: n }, (_, i) => i)
const opened = []

async function connect(options) {
  visit(base)
  const rpc = await connectDevframe({ baseURL: base, otpParam: false, simpleAuth: false, ...options })
  opened.push(() => rpc.close())
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
})

check('a call without arguments gives a list', async () => {
  assert.deepEqual(await (await connect()).call('e2e:get-modules'), MODULES)
})

check('a call passes its arguments', async () => {
  const rpc = await connect()
  assert.deepEqual(await rpc.call('e2e:get-module', '/src/main.ts', { includeSource: true }), { ...MODULES[0], source: '// /src/main.ts' })
  assert.equal(await rpc.call('e2e:greet', 'Ada', 'Hi'), 'Hi, Ada!')
})

check('an optional argument may be absent, null or undefined', async () => {
  const rpc = await connect()
  for (const absent of [[], [null], [undefined]]) {
    assert.equal(await rpc.call('e2e:greet', 'Ada', ...absent), 'Hello, Ada!')
    assert.deepEqual(await rpc.call('e2e:get-module', '/src/App.vue', ...absent), MODULES[1])
  }
})

check('a missing field stays out, an unknown id gives null', async () => {
  const rpc = await connect()
  const found = await rpc.call('e2e:get-module', '/src/App.vue', { includeSource: false })
  assert.equal(found.source, undefined)
  assert.equal(await rpc.call('e2e:get-module', '/nope'), null)
})

check('a static function knows the mode', async () => {
  const config = await (await connect()).call('e2e:get-config')
  assert.deepEqual(Object.keys(config).sort(), ['mode', 'root'])
  assert.equal(typeof config.root, 'string')
  assert.equal(config.mode, 'dev')
})

check('an action leaves its mark for other clients', async () => {
  const [one, other] = [await connect(), await connect()]
  assert.equal(await one.call('e2e:set-count', 42) ?? null, null)
  assert.equal(await other.call('e2e:get-count'), 42)
})

check('an optional call of an unknown function gives undefined', async () => {
  const rpc = await connect()
  assert.equal(await rpc.callOptional('e2e:no-such-function'), undefined)
  assert.equal(await rpc.callOptional('e2e:add', 1, 2), 3)
})

check('calls end when they are done, not in the order they started', async () => {
  const rpc = await connect()
  const ended = []
  await Promise.all([300, 150, 0].map(async ms => ended.push(await rpc.call('e2e:sleep', ms))))
  assert.deepEqual(ended, [0, 150, 300])
  const delays = upTo(100).map(i => (i * 37) % 50)
  assert.deepEqual(await Promise.all(delays.map(ms => rpc.call('e2e:sleep', ms))), delays)
})

check('two clients call at once', async () => {
  const clients = [await connect(), await connect()]
  const sums = await Promise.all(upTo(200).map(i => clients[i % 2].call('e2e:add', i, i)))
  assert.deepEqual(sums, upTo(200).map(i => i + i))
})

// ---- errors ---------------------------------------------------------------------------------

for (const how of ['plain', 'panic']) {
  check(`a function that fails (${how}) rejects with its message, and nothing else suffers`, async () => {
    const rpc = await connect()
    const waiting = rpc.call('e2e:sleep', 100)
    await assert.rejects(rpc.call('e2e:fail', how), error => error instanceof Error && FAILS[how].test(error.message))
    assert.equal(await waiting, 100)
    assert.equal(await rpc.call('e2e:add', 1, 1), 2)
  })
}

const CODED = [
  ['not-found', 'no file at `/nope "]\n[code: x]`', { path: '/nope "]\n[code: x]', nearestPath: null }],
  ['too-large', 'the file has 1152921504606846976 bytes, and 1024 may be read', [2 ** 60, 1024]],
  ['syntax', 'a syntax error in line 7', { lineNumber: 7 }],
  ['busy', 'somebody else reads it', undefined],
  ['shown', 'a mistake in line 7\n[code: looks-like-one]', { lineNumber: 7 }],
  ['io', 'internal error', undefined],
  ['forbidden', 'internal error', undefined],
]

check('an error is readable as it is delivered, and has its code and data', async () => {
  const rpc = await connect()
  for (const name of ['e2e:read-file', 'e2e:read-clone']) {
    for (const [code, message, data] of CODED) {
      await assert.rejects(rpc.call(name, code), (error) => {
        assert.ok(error instanceof Error)
        const line = data === undefined ? '' : `, data: ${error.message.split(', data: ').at(-1).slice(0, -1)}`
        assert.equal(error.message, `${message}\n[code: ${code}${line}]`)
        assert.deepEqual(asRpcError(error), { code, data, message })
        return true
      })
    }
  }
  await assert.rejects(rpc.call('e2e:fail', 'plain'), error => asRpcError(error).code === undefined && asRpcError(error).message === 'boom')
})

check('an unknown function is named', async () => {
  await assert.rejects((await connect()).call('e2e:no-such-function'), { message: '[birpc] function "e2e:no-such-function" not found' })
})

check('an argument of the wrong type is named, with its function', async () => {
  const rpc = await connect()
  await assert.rejects(rpc.call('e2e:add', 1, 'two'), mentions('e2e:add', /\bb\b/))
  await assert.rejects(rpc.call('e2e:greet', 42), mentions('e2e:greet', /\bname\b/))
  await assert.rejects(rpc.call('e2e:add', 1, 0.5), mentions('e2e:add', /\bb\b/))
})

check('a wrong field is named by its path', async () => {
  await assert.rejects((await connect()).call('e2e:get-module', '/src/main.ts', { includeSource: 'yes' }), mentions('e2e:get-module', /\boptions\b/, /\bincludeSource\b/))
})

check('a missing argument is named', async () => {
  const rpc = await connect()
  await assert.rejects(rpc.call('e2e:add', 1), mentions('e2e:add', /\bb\b/))
  await assert.rejects(rpc.call('e2e:add'), mentions('e2e:add', /\ba\b/))
})

function mentions(...parts) {
  return (error) => {
    assert.ok(error instanceof Error)
    for (const part of parts)
      assert.ok(typeof part === 'string' ? error.message.includes(part) : part.test(error.message), `${part} is not in: ${error.message}`)
    return true
  }
}

// ---- events ---------------------------------------------------------------------------------

check('events arrive in order', async () => {
  const rpc = await connect()
  const prefix = `check-${Date.now()}`
  const sent = upTo(100).map(i => `${prefix}-${i}`)
  for (const message of sent)
    rpc.callEvent('e2e:notify', message)
  const got = await eventually(async () => {
    const mine = (await rpc.call('e2e:notifications')).filter(message => message.startsWith(prefix))
    return mine.length === sent.length && mine
  })
  assert.deepEqual(got, sent)
})

check('an event is never answered, not even one that cannot be served', async () => {
  const socket = await dial()
  socket.send({ m: 'e2e:notify', a: ['quiet'], t: 'q' })
  socket.send({ m: 'e2e:notify', a: [42], t: 'q' })
  socket.send({ m: 'e2e:fail', a: ['plain'], t: 'q' })
  socket.send({ m: 'e2e:fail', a: ['panic'], t: 'q' })
  socket.send({ m: 'e2e:no-such-function', a: [], t: 'q' })
  socket.send({ m: 'e2e:no-such-function', a: [], t: 'q', o: true })
  await sleep(200)
  assert.deepEqual(socket.frames, [])
})

// ---- structured clone -----------------------------------------------------------------------

check('structured clone: values from the server', async () => {
  const value = await (await connect()).call('e2e:collections')
  assert.deepEqual(value.map, new Map([['a', 1], ['b', 2]]))
  assert.deepEqual(value.set, new Set([1, 2, 3]))
  assert.deepEqual(value.date, new Date(0))
  assert.equal(value.big, 2n ** 70n)
  assert.deepEqual(value.bytes, new Uint8Array([1, 2, 3]))
  assert.equal(value.nan, null)
  assert.equal(value.negativeZero, 0)
  assert.ok('missing' in value && value.missing === undefined)
})

check('structured clone: values there and back', async () => {
  const rpc = await connect()
  for (const value of cloneable())
    assert.deepStrictEqual(await rpc.call('e2e:echo-clone', value), value)
})

check('structured clone: replies are byte for byte those of the reference', async () => {
  const socket = await dial()
  for (const value of cloneable()) {
    socket.sendText(`s:${structuredCloneStringify({ m: 'e2e:echo-clone', a: [value], t: 'q', i: 'X' })}`)
    assert.equal(await socket.next(), `s:${structuredCloneStringify({ t: 's', i: 'X', r: value })}`)
  }
})

check('structured clone: a JSON request is understood as well', async () => {
  const socket = await dial()
  socket.send({ m: 'e2e:echo-clone', a: [{ a: ['a', null, 1.5] }], t: 'q', i: 'X' })
  assert.equal(await socket.next(), `s:${structuredCloneStringify({ t: 's', i: 'X', r: { a: ['a', null, 1.5] } })}`)
})

// Values in Rust are trees: a part that is shared arrives twice, and one that contains itself is refused.
check('structured clone: shared parts are equal, cycles an error', async () => {
  const rpc = await connect()
  const shared = { shared: true }
  assert.deepEqual(await rpc.call('e2e:echo-clone', [shared, shared]), [shared, shared])
  const cycle = { name: 'cycle' }
  cycle.self = cycle
  await assert.rejects(rpc.call('e2e:echo-clone', cycle), /e2e:echo-clone.*contains itself/)
})

function cloneable() {
  return [
    undefined,
    null,
    true,
    -1.5,
    'héllo 漢字 👩‍👩‍👧 \u2028 "\\\u0001',
    [1, undefined, 'x'],
    { a: { b: [] }, missing: undefined },
    new Map([[{ key: 1 }, new Set([1n, undefined, new Date(5)])], ['bytes', new Uint8Array([255])]]),
    new Date(0),
    -(2n ** 70n),
    new Float64Array([0.5, -2]),
    /a+/gi,
  ]
}

// ---- from the server ------------------------------------------------------------------------

check('a broadcast event reaches every client', async () => {
  const clients = [await connect(), await connect()]
  const got = []
  clients.forEach((rpc, i) => rpc.client.register({ name: 'e2e:message', type: 'event', handler: message => void got.push(`${i}: ${message}`) }))
  await eventually(async () => await clients[0].call('e2e:broadcast', 'count') === 2) // earlier clients are gone by then
  got.length = 0
  assert.equal(await clients[0].call('e2e:broadcast', 'news'), 2)
  await eventually(() => got.filter(line => line.endsWith('news')).length === 2)
  assert.deepEqual(got.filter(line => line.endsWith('news')).sort(), ['0: news', '1: news'])
})

check('a client without the function disturbs no broadcast', async () => {
  const [listener, other] = [await connect(), await connect()]
  const got = []
  listener.client.register({ name: 'e2e:message', type: 'event', handler: message => void got.push(message) })
  await other.call('e2e:broadcast', 'news')
  await eventually(() => got.includes('news'))
  assert.equal(await other.call('e2e:add', 1, 1), 2)
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

// ---- bytes on the wire ----------------------------------------------------------------------

check('wire: a JSON request gets a JSON reply, byte for byte', async () => {
  const socket = await dial()
  socket.sendText('{"m":"e2e:add","a":[1,2],"t":"q","i":"X"}')
  assert.equal(await socket.next(), '{"t":"s","i":"X","r":3}')
})

check('wire: an error, byte for byte', async () => {
  const socket = await dial()
  const errorFrame = message => `s:[[2,[[1,2],[3,4],[5,6]]],[0,"t"],[0,"s"],[0,"i"],[0,"X"],[0,"e"],[7,{"name":"Error","message":${JSON.stringify(message)}}]]`
  socket.sendText('{"m":"e2e:no-such-function","a":[],"t":"q","i":"X"}')
  assert.equal(await socket.next(), errorFrame('[birpc] function "e2e:no-such-function" not found'))
  socket.sendText('{"m":"e2e:fail","a":["plain"],"t":"q","i":"X"}')
  assert.equal(await socket.next(), errorFrame('boom'))
})

check('wire: order of keys, unknown keys and missing arguments do not matter', async () => {
  const socket = await dial()
  const reply = `{"t":"s","i":"X","r":${JSON.stringify(MODULES)}}`
  for (const frame of ['{"i":"X","later":{"x":[1]},"t":"q","m":"e2e:get-modules","a":[]}', '{"m":"e2e:get-modules","t":"q","i":"X"}', ' {"m":"e2e:get-modules","a":null,"t":"q","i":"X"}']) {
    socket.sendText(frame)
    assert.equal(await socket.next(), reply)
  }
})

check('wire: an id is echoed as it came, if it is a primitive', async () => {
  const socket = await dial()
  socket.sendText('{"m":"e2e:add","a":[1,2],"t":"q","i":{"a":[1]}}') // dropped
  for (const id of ['7', 'true', '"ünï-\\"code"']) {
    socket.sendText(`{"m":"e2e:add","a":[1,2],"t":"q","i":${id}}`)
    assert.equal(await socket.next(), `{"t":"s","i":${id},"r":3}`)
  }
})

check('wire: two calls in flight may have one id', async () => {
  const socket = await dial()
  socket.send({ m: 'e2e:sleep', a: [100], t: 'q', i: 'X' })
  socket.send({ m: 'e2e:sleep', a: [1], t: 'q', i: 'X' })
  assert.deepEqual([decode(await socket.next()), decode(await socket.next())], [{ t: 's', i: 'X', r: 1 }, { t: 's', i: 'X', r: 100 }])
})

check('wire: an optional call of an unknown function succeeds with nothing', async () => {
  const socket = await dial()
  socket.send({ m: 'e2e:no-such-function', a: [], t: 'q', o: true, i: 'X' })
  const { t, i, r, e } = decode(await socket.next())
  assert.deepEqual([t, i, r, e], ['s', 'X', undefined, undefined])
})

function decode(frame) {
  return frame.startsWith('s:') ? structuredCloneParse(frame.slice(2)) : JSON.parse(frame)
}

// ---- hostile frames -------------------------------------------------------------------------

const NEVER_ANSWERED = [
  'garbage',
  '',
  'null',
  '5',
  '"text"',
  '[]',
  '{}',
  '{"m":"e2e:add"',
  '{"m":"e2e:add","a":[1,2],"i":"X"}', // without t it is a reply to nothing
  '{"t":"s","i":"unknown","r":1}',
  '{"m":"e2e:add","a":[1,2],"t":"q","i":""}', // falsy ids make events
  '{"m":"e2e:add","a":[1,2],"t":"q","i":0}',
  '{"m":"e2e:add","a":[1,2],"t":"q","i":null}',
  '{"m":"e2e:add","a":[1,2],"t":"q","i":false}',
  's:',
  's:null',
  's:[]',
  's:[[99,1]]',
  's:[[1,[5]]]',
  's:[[1,[0]]]',
  's:[[2,[[1,2]]],[0,"t"]]',
  ' s:[[0,1]]',
]

for (const frame of NEVER_ANSWERED) {
  check(`hostile: ${frame || 'an empty frame'} is no call, and the socket lives on`, async () => {
    const [socket, other] = [await dial(), await dial()]
    socket.sendText(frame)
    await stillWorks(socket) // its answer is the first frame to come
    await stillWorks(other)
  })
}

check('hostile: what is not a list of arguments is refused', async () => {
  const socket = await dial()
  for (const args of ['"12"', '12', 'true']) {
    socket.sendText(`{"m":"e2e:add","a":${args},"t":"q","i":"X"}`)
    assert.match(await socket.next(), /^s:.*\[0,"e"\],\[7,/)
  }
  await stillWorks(socket)
})

check('hostile: names of the language are no functions', async () => {
  const socket = await dial()
  for (const name of ['toString', 'constructor', '__proto__', '']) {
    socket.send({ m: name, a: [], t: 'q', i: 'X' })
    assert.ok((await socket.next()).includes(JSON.stringify(`[birpc] function "${name}" not found`)))
  }
  await stillWorks(socket)
})

check('hostile: a binary frame is read as text or closes its own connection with 1003', async () => {
  const [socket, other] = [await dial(), await dial()]
  socket.sendBinary('{"m":"e2e:add","a":[1,2],"t":"q","i":"X"}')
  const outcome = await Promise.race([socket.next(), socket.closed])
  if (outcome !== 1003)
    assert.deepEqual(decode(outcome), { t: 's', i: 'X', r: 3 })
  await stillWorks(other)
})

check('hostile: deep nesting hurts nobody else', async () => {
  const other = await dial()
  for (const frame of [
    `{"m":"e2e:echo-clone","a":[${'['.repeat(50_000)}${']'.repeat(50_000)}],"t":"q","i":"X"}`,
    `s:[${upTo(50_000).map(i => `[1,[${i + 1}]]`).join()},[0,1]]`,
    '['.repeat(1_000_000),
  ]) {
    const socket = await dial()
    socket.sendText(frame)
    await sleep(100)
    await stillWorks(other)
    await stillWorks(await dial())
  }
})

async function stillWorks(socket) {
  socket.send({ m: 'e2e:add', a: [20, 22], t: 'q', i: 'still' })
  assert.deepEqual(decode(await socket.next()), { t: 's', i: 'still', r: 42 })
}

// ---- origins --------------------------------------------------------------------------------

for (const origin of ['https://evil.example', 'http://localhost.evil.com', 'http://127.0.0.1.evil.example', 'http://192.168.1.2:5173', 'null'])
  check(`origin: ${origin} is refused with 403`, async () => assert.equal(await upgrade(origin), 403))

for (const origin of ['http://localhost:5173', 'http://127.0.0.1:1', 'https://app.localhost', 'http://[::1]:5173', undefined])
  check(`origin: ${origin ?? 'none'} is welcome`, async () => assert.equal(await upgrade(origin), 101))

async function upgrade(origin) {
  const socket = new WebSocket(await socketUrl(), origin === undefined ? {} : { headers: { origin } })
  opened.push(() => socket.terminate())
  return new Promise((resolve, reject) => {
    socket.on('open', () => resolve(101))
    socket.on('unexpected-response', (request, response) => resolve(response.statusCode))
    socket.on('error', reject)
  })
}

// ---- bare sockets ---------------------------------------------------------------------------

async function socketUrl() {
  const response = await fetch(new URL('__connection.json', base))
  const { websocket } = await response.json()
  assert.equal(typeof websocket.path, 'string')
  return new URL(websocket.path, response.url).href.replace(/^http/, 'ws')
}

/** A socket past its handshake; `frames` are those nobody took with `next`. */
async function dial() {
  const socket = new WebSocket(await socketUrl())
  opened.push(() => socket.terminate())
  const frames = []
  const takers = []
  socket.on('message', (data) => {
    const taker = takers.shift()
    taker ? taker(String(data)) : frames.push(String(data))
  })
  socket.on('error', () => {})
  await once(socket, 'open')
  const bare = {
    frames,
    closed: once(socket, 'close').then(([code]) => code),
    sendText: text => socket.send(text),
    sendBinary: text => socket.send(Buffer.from(text), { binary: true }),
    send: frame => socket.send(JSON.stringify(frame)),
    next: () => frames.length
      ? Promise.resolve(frames.shift())
      : new Promise((resolve, reject) => {
        takers.push(resolve)
        socket.on('close', code => reject(new Error(`the server closed the connection with ${code}`)))
        setTimeout(() => reject(new Error('no frame came within 5 s')), 5000).unref()
      }),
  }
  bare.send({ m: 'anonymous:devframe:auth', a: [{ authToken: '', ua: 'bare', origin: '' }], t: 'q', i: 'auth' })
  assert.match(await bare.next(), /isTrusted.*true/)
  return bare
}

await run({
  async afterEach() {
    for (const close of opened.splice(0))
      close()
    await sleep(20) // the server notices
  },
})
