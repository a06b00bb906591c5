/** Values in both codecs, and frames that make no sense. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { structuredCloneParse, structuredCloneStringify } from 'devframe/utils/structured-clone'
import { check, eventually } from '../checks.mjs'
import { answer, cloned, complaints, connect, startServer, upTo } from './setup.mjs'

/** The metadata of a server that takes the arguments of these functions as JSON. */
const takesJson = (...jsonSerializableMethods) => ({ backend: 'websocket', websocket: { path: '__ws' }, jsonSerializableMethods })

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
  const vectors = JSON.parse(readFileSync(new URL('../../vectors/structured-clone.json', import.meta.url), 'utf8'))
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

/** A server with one state of the option `patches`, which answers a read when the check says so, with the value of the time at which it was asked. */
async function startPatched(value) {
  const patched = { value, reads: [], sets: [] }
  const server = await startServer({
    reply(frame, socket) {
      if (frame.m.endsWith('server-state:get')) {
        const asked = patched.value
        patched.reads.push(() => answer(socket, frame, asked))
      }
      else if (frame.m.endsWith('server-state:set')) {
        const refuse = message => socket.send(cloned({ t: 's', i: frame.i, e: new Error(message) }))
        patched.sets.push({ args: frame.a, reply: () => answer(socket, frame), refuse })
      }
      else {
        answer(socket, frame)
      }
    },
  })
  patched.base = server.base
  patched.change = (value, id = `server-${value}`) => {
    patched.value = value
    server.send({ m: 'devframe:rpc:client-state:patch', a: ['a:state', [{ op: 'replace', path: [], value }], id], t: 'q' })
  }
  return patched
}

check('a state ends with the last of several changes that arrive while it is read', async () => {
  const server = await startPatched(1)
  const rpc = await connect({ base: server.base })
  const opening = rpc.sharedState('a:state')
  await eventually(() => server.reads.length === 1)
  server.change(2) // while the first value is read
  await eventually(() => server.reads.length === 2)
  server.reads[0]()
  const state = await opening
  server.change(3)
  server.change(4)
  server.reads[1]()
  await eventually(() => state.value() === 2)
  await eventually(() => server.reads.length === 3)
  server.reads[2]()
  await eventually(() => state.value() === 4)
  assert.equal(server.reads.length, 3) // one read for both
})

check('a read that is answered late does not undo a later one', async () => {
  const server = await startPatched(1)
  const rpc = await connect({ base: server.base })
  const opening = rpc.sharedState('a:state')
  await eventually(() => server.reads.length === 1)
  server.change(2)
  await eventually(() => server.reads.length === 2)
  server.reads[1]()
  server.reads[0]()
  assert.equal((await opening).value(), 2)
})

check('the reply to a change does not undo what the server has changed after it', async () => {
  const server = await startPatched({ mine: 0, theirs: 0 })
  const rpc = await connect({ base: server.base })
  const opening = rpc.sharedState('a:state')
  await eventually(() => server.reads.length === 1)
  server.reads[0]()
  const state = await opening
  state.set({ mine: 1, theirs: 0 })
  await eventually(() => server.sets.length === 1)
  const [{ args: [, , id], reply }] = server.sets
  server.change({ mine: 1, theirs: 0 }, id)
  server.change({ mine: 1, theirs: 1 })
  await eventually(() => server.reads.length === 2)
  server.reads[1]()
  await eventually(() => server.reads.length === 3 || state.value().theirs === 1)
  server.reads[2]?.()
  await eventually(() => state.value().theirs === 1)
  reply() // with several processes, the change is stored by now
  await rpc.call('a:b')
  assert.deepEqual(state.value(), { mine: 1, theirs: 1 })
})

check('a change that is made and not stored stays, and one that is refused is undone', async () => {
  const server = await startPatched(1)
  const rpc = await connect({ base: server.base })
  const opening = rpc.sharedState('a:state')
  await eventually(() => server.reads.length === 1)
  server.reads[0]()
  const state = await opening
  const [warnings, { warn }] = [[], console]
  console.warn = text => warnings.push(text)
  state.set(2)
  await eventually(() => server.sets.length === 1)
  server.sets[0].refuse('NATS has no room\n[code: state-not-stored]')
  await rpc.call('a:b')
  assert.equal(state.value(), 2)
  state.set(3)
  await eventually(() => server.sets.length === 2)
  server.sets[1].refuse('not a number of modules\n[code: not-allowed]')
  await rpc.call('a:b')
  assert.equal(state.value(), 2)
  console.warn = warn
  assert.match(warnings[0], /"a:state" is not stored yet/)
  assert.match(warnings[1], /"a:state", which is undone/)
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
