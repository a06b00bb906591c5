// Checks the clients that read static dumps, in Node: `client.js`, and those of `devframe` and `@vitejs/devtools-kit`, against
// a dump that the real builder has written (`tests/vectors/static-dump`).
//
//   node static-client.mjs
import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { hash } from 'devframe/utils/hash'
import { structuredCloneStringify } from 'devframe/utils/structured-clone'
import { check, parameters, run } from './checks.mjs'
import { serveFolder } from './file-server.mjs'
import { asRpcError, connect, hashArguments } from './panel.mjs'
import { IN_NODE } from './static-clients.mjs'
import { readAgain, reads, readVectors, VECTORS, WEIRD } from './static-reads.mjs'

parameters()
const { cases, nonJson } = await readVectors('ohash.json')

const folder = await mkdtemp(join(tmpdir(), 'static-'))
await cp(new URL('static-dump/dist', VECTORS), folder, { recursive: true })
const COPY = { backend: 'static', jsonSerializableMethods: [] }
await writeJson('__devtools/__connection.json', { ...COPY, baseUrl: '../__connection.json' })
await writeJson('a/b/__connection.json', { ...COPY, baseUrl: '../../__connection.json' })

const sites = []
const closing = []

async function writeJson(path, value) {
  await mkdir(join(folder, path, '..'), { recursive: true })
  await writeFile(join(folder, path), JSON.stringify(value))
}

async function serve(options) {
  const site = await serveFolder(folder, options)
  sites.push(site)
  return site
}

async function open(client, page) {
  const rpc = await IN_NODE[client](page)
  closing.push(() => rpc.close())
  assert.equal(rpc.status, 'connected')
  return rpc
}

// ---- the vectors ----------------------------------------------------------------------------

const SERVICES = hash(['devframe:services']) // a state that the client reads of its own accord

check('the argument hash is that of ohash 2, in all its rows', () => {
  for (const { argsJson, hash, error } of cases) {
    if (error)
      assert.throws(() => hashArguments(JSON.parse(argsJson)), TypeError, argsJson)
    else
      assert.equal(hashArguments(JSON.parse(argsJson)), hash, argsJson)
  }
  const hole = [undefined, 1]
  delete hole[0]
  const shared = { a: 1 }
  const circle = { n: 1 }
  circle.self = circle
  const list = [1]
  list.push(list)
  const described = { '[,1] (hole)': hole, '[s,s] with s={a:1} shared': [shared, shared], '[o] with o={n:1,self:o}': [circle], '[a] with a=[1,a]': [list] }
  for (const { js, hash } of nonJson)
    assert.equal(hashArguments(described[js] ?? new Function(`return ${js}`)()), hash, js)
})

check('the argument hash of anything is that of the real client', () => {
  for (let i = 0; i < 3000; i++) {
    const args = Array.from({ length: i % 4 }, () => anything(4))
    assert.equal(hashArguments(args), hash(args), String(args))
  }
  for (let length = 0; length < 200; length++) { // every padding of SHA-256
    const text = randomBytes(length).toString('hex').slice(0, length)
    assert.equal(hashArguments([text]), createHash('sha256').update(`['${text}']`).digest('base64url'))
  }
})

function anything(depth) {
  const one = list => list[Math.floor(Math.random() * list.length)]
  const few = make => Array.from({ length: Math.floor(Math.random() * 5) }, make)
  const text = () => few(() => one([...'aAbBzZ019_-$ ~!\'",:{}[]#\t\u007Fäß漢😀', 'constructo', 'foo', 'FOO'])).join('')
  const leaf = [
    () => one([null, undefined, true, false, 0, -0, 1, -1.5, 1e21, 1e-7, 2 ** 53, 5e-324, Number.NaN, Infinity, 10n ** 30n, -3n]),
    () => Math.random() * 10 ** Math.floor(Math.random() * 40 - 20),
    text,
    () => new Date(Math.floor(Math.random() * 2e12)),
    () => new Uint8Array(randomBytes(3)),
    () => new RangeError(text()),
  ]
  const container = [
    () => few(() => anything(depth - 1)),
    () => Object.fromEntries(few(() => [text(), anything(depth - 1)])),
    () => new Map(few(() => [anything(depth - 2), anything(depth - 1)])),
    () => new Set(few(() => anything(depth - 1))),
  ]
  return one(depth > 0 ? [...leaf, ...container] : leaf)()
}

for (const client of Object.keys(IN_NODE)) {
  check(`${client} reads what the real builder wrote, from any file server`, async () => {
    const site = await serve({ at: '/some/where/' })
    const rpc = await open(client, site.url)
    for (const row of reads.filter(({ method }) => client === 'client.js' || method !== WEIRD))
      await readAgain(rpc, row, client)
  })

  check(`${client} finds names that need escapes where paths are not decoded`, async () => {
    const site = await serve({ raw: true })
    const rpc = await open(client, site.url)
    for (const row of reads) {
      site.asked.length = 0
      await readAgain(rpc, row, client)
      if (client === 'devframe')
        assert.deepEqual(site.asked.filter(path => !path.includes(SERVICES)), row.fetched.map(url => new URL(url).pathname), row.method)
    }
  })

  check(`${client} follows a copy of the metadata to the dump`, async () => {
    const site = await serve({ at: '/some/where/' })
    for (const page of ['__devtools/', 'a/b/', 'a/b/page.html']) {
      const rpc = await open(client, new URL(page, site.url))
      assert.deepEqual(await rpc.call('demo:get-user', 1), { id: 1, name: 'Ada' })
    }
  })
}

// ---- client.js alone ------------------------------------------------------------------------

/** Opens a dump of this manifest and these files with `client.js`. */
async function openDump(manifest, files = {}) {
  const dump = await mkdtemp(join(folder, 'dump-'))
  const write = (path, value) => writeFile(join(dump, path), typeof value === 'string' ? value : JSON.stringify(value))
  await mkdir(join(dump, '__rpc-dump'))
  await write('__connection.json', COPY)
  await write('__rpc-dump/index.json', manifest)
  for (const [path, value] of Object.entries(files))
    await write(`__rpc-dump/${path}`, value)
  const site = await serveFolder(dump)
  sites.push(site)
  return { rpc: await open('client.js', site.url), site, write }
}

const query = (records, fallback, serialization = 'json') => ({
  type: 'query',
  records: Object.fromEntries(records.map(([args, path]) => [hashArguments(args), `__rpc-dump/${path}`])),
  serialization,
  ...fallback && { fallback: `__rpc-dump/${fallback}` },
})

check('the page is told what answers it', async () => {
  const { rpc } = await openDump({})
  assert.equal(rpc.backend, 'static')
  assert.equal(rpc.error, undefined)
  assert.equal(rpc.callEvent('a:b', 1), undefined)
  const off = rpc.register('a:b', () => {})
  assert.throws(() => rpc.register('a:b', () => {}), /already registered/)
  off()
  rpc.register('a:b', () => {})
  const heard = []
  rpc.on('status', status => heard.push(status))
  rpc.close()
  rpc.close()
  assert.deepEqual(heard, ['disconnected'])
  await assert.rejects(rpc.call('a:b'), /"a:b".*closed/)
})

check('a call that nobody recorded names the function and its arguments', async () => {
  const { rpc } = await openDump({ 'a:b': query([]) })
  await assert.rejects(rpc.call('a:b', 'x', { y: [1n, undefined] }), /"a:b" with the arguments \['x',\{y:\[1n,undefined\]\}\]/)
  await assert.rejects(rpc.call('a:c', 'x'), /no function "a:c", called with \['x'\].*live server/)
  await assert.rejects(rpc.call('a:b', 'x'.repeat(1e6)), error => error.message.length < 500)
  for (const name of ['toString', 'constructor', '__proto__'])
    await assert.rejects(rpc.call(name), /no function/)
  assert.equal(await rpc.callOptional('toString'), undefined)
  await assert.rejects(rpc.callOptional('a:b'), /no record/)
})

check('a fallback of null is one, and none is none', async () => {
  const manifest = { 'a:null': query([], 'null.json'), 'a:undefined': query([], 'undefined.json'), 'a:none': query([[[1], 'one.json']]) }
  const { rpc } = await openDump(manifest, { 'null.json': { inputs: [], output: null }, 'undefined.json': { inputs: [] }, 'one.json': { inputs: [1], output: 'one' } })
  assert.equal(await rpc.call('a:null', 'x'), null)
  assert.equal(await rpc.call('a:undefined', 'x'), undefined)
  assert.equal(await rpc.call('a:none', 1), 'one')
  await assert.rejects(rpc.call('a:none', 2), /no fallback/)
})

/** The manifest and the files of a dump that has these states. */
function statesOf(values) {
  const entries = Object.entries(values)
  const manifest = { 'devframe:rpc:server-state:get': query(entries.map(([key], i) => [[key], `state${i}.json`]), 'none.json', 'structured-clone') }
  const files = entries.map(([key, output], i) => [`state${i}.json`, structuredCloneStringify({ inputs: [key], output })])
  return [manifest, Object.fromEntries([...files, ['none.json', structuredCloneStringify({ inputs: [], output: undefined })]])]
}

check('a shared state is what was recorded, and changes of it stay here', async () => {
  const [manifest, files] = statesOf({ 'a:b': { when: new Date(0), count: 1 } })
  const { rpc, site } = await openDump(manifest, files)
  const state = await rpc.sharedState('a:b')
  assert.deepEqual(state.value(), { when: new Date(0), count: 1 })
  const heard = []
  const off = state.on(value => heard.push(value.count))
  state.mutate((draft) => {
    draft.count++
  })
  state.set({ count: 3 })
  off()
  state.set({})
  assert.deepEqual(heard, [2, 3])
  assert.deepEqual(state.value(), {})
  assert.equal(await rpc.sharedState('a:b'), state)
  assert.deepEqual(site.asked.slice(2), ['/__rpc-dump/state0.json'])
})

check('a shared state begins with the initial value, and is completed by what was recorded', async () => {
  const [manifest, files] = statesOf({ 'a:b': { count: 1 } })
  const { rpc } = await openDump(manifest, files)
  const state = await rpc.sharedState('a:b', { count: 0, local: true })
  assert.deepEqual(state.value(), { count: 0, local: true })
  await new Promise(resolve => state.on(resolve))
  assert.deepEqual(state.value(), { count: 1, local: true })
  await assert.rejects(rpc.sharedState('a:none'), /no shared state "a:none"/)
  assert.equal((await rpc.sharedState('a:none', 5)).value(), 5)
  const { rpc: older } = await openDump({})
  await assert.rejects(older.sharedState('a:b'), /no shared state "a:b"/)
  rpc.close()
  await assert.rejects(rpc.sharedState('a:late'), /closed/)
})

check('a change that JSON would not show is one', async () => {
  const tags = new Set(['a'])
  const value = { tags, sizes: new Map([['a', [1]]]), when: new Date(0), bytes: new Uint8Array([1]), big: 1n, list: [{ a: undefined }] }
  const [manifest, files] = statesOf({ 'a:b': value })
  const { rpc } = await openDump(manifest, files)
  const state = await rpc.sharedState('a:b')
  let heard = 0
  state.on(() => heard++)
  state.mutate(() => structuredClone(value))
  state.set({ ...value, list: [{}] })
  assert.equal(heard, 0)
  const changes = { tags: new Set(['b']), sizes: new Map([['a', [2]]]), when: new Date(1), bytes: new Uint8Array([2]), big: 2n, list: { 0: {} } }
  for (const key of Object.keys(changes)) {
    const last = state.value()
    state.set({ ...last, [key]: changes[key] })
    assert.notEqual(state.value(), last, key)
  }
  assert.equal(heard, 6)
  assert.deepEqual(state.value(), changes)
})

check('a shared state that could not be read is asked for again', async () => {
  const [manifest, { 'state0.json': file }] = statesOf({ 'a:b': { count: 1 } })
  const { rpc, write } = await openDump(manifest)
  await assert.rejects(rpc.sharedState('a:b'), /cannot read/)
  await write('__rpc-dump/state0.json', file)
  const reading = [rpc.sharedState('a:b'), rpc.sharedState('a:b', { count: 0 })]
  const [state, same] = await Promise.all(reading)
  assert.equal(state, same)
  assert.deepEqual(state.value(), { count: 1 })
})

check('a dump has no streams, and says so', async () => {
  const { rpc } = await openDump({})
  assert.throws(() => rpc.streaming.subscribe('a:b', 'id'), /static dump has no streams.*"a:b".*live server/)
  assert.throws(() => rpc.streaming.upload('a:b', 'id'), /static dump has no streams.*"a:b".*live server/)
})

check('a file is fetched when it is needed, and once, and every call has a value of its own', async () => {
  const { rpc, site } = await openDump({ 'a:b': query([[[], 'b.json']]), 'a:c': query([[[], 'c.json']]) }, { 'b.json': { inputs: [], output: { list: [1] } } })
  assert.deepEqual(site.asked, ['/__connection.json', '/__rpc-dump/index.json'])
  const [first, second] = await Promise.all([rpc.call('a:b'), rpc.call('a:b')])
  first.list.push(2)
  assert.deepEqual(second, { list: [1] })
  assert.deepEqual(await rpc.call('a:b'), { list: [1] })
  assert.deepEqual(site.asked.slice(2), ['/__rpc-dump/b.json'])
})

check('a file that is missing fails its calls alone, until it is there', async () => {
  const { rpc, write } = await openDump({ 'a:b': query([[[], 'b.json']]), 'a:c': query([[[], 'c.json']]) }, { 'c.json': { inputs: [], output: 1 } })
  await assert.rejects(rpc.call('a:b'), error => error.message.startsWith('cannot read http') && error.message.endsWith('b.json') && /404/.test(error.cause.message))
  assert.equal(await rpc.call('a:c'), 1)
  await write('__rpc-dump/b.json', '\n<!doctype html>')
  await assert.rejects(rpc.call('a:b'), /cannot read/)
  await write('__rpc-dump/b.json', { inputs: [], output: 2 })
  assert.equal(await rpc.call('a:b'), 2)
})

check('a folder without a manifest is no dump', async () => {
  const site = await serveFolder(await mkdtemp(join(folder, 'none-')), { pages: { '/__connection.json': JSON.stringify(COPY) } })
  sites.push(site)
  await assert.rejects(connect({ base: site.url }), /cannot read .*__rpc-dump\/index\.json/)
})

check('an error has its name, its cause, its own properties, and what `asRpcError` says', async () => {
  const error = {
    name: 'TooLarge',
    message: 'too large\n[code: too-large, data: {"bytes":9}]',
    cause: { name: 'IoError', message: 'disk', cause: { name: 'RangeError', message: 'full', sector: 7 } },
    path: '/x',
  }
  const clone = structuredCloneStringify({ inputs: [], error: { ...error, when: new Date(0), cause: { plain: new Set([1]) } } })
  const hostile = '{"inputs":[],"error":{"name":"Error","message":"m","__proto__":{"polluted":true}}}'
  const { rpc } = await openDump(
    { 'a:json': query([[[], 'json.json']]), 'a:clone': query([[[], 'clone.json']], undefined, 'structured-clone'), 'a:hostile': query([[[], 'hostile.json']]), 'a:text': query([[[], 'text.json']]) },
    { 'json.json': { inputs: [], error }, 'clone.json': clone, 'hostile.json': hostile, 'text.json': { inputs: [], error: 'text' } },
  )
  await assert.rejects(rpc.call('a:json'), (thrown) => {
    assert.ok(thrown instanceof Error)
    assert.deepEqual([thrown.name, thrown.message, thrown.code, thrown.data, thrown.path], ['TooLarge', 'too large', 'too-large', { bytes: 9 }, '/x'])
    assert.deepEqual(asRpcError(thrown), { code: 'too-large', data: { bytes: 9 }, message: 'too large' })
    assert.ok(thrown.cause instanceof Error && thrown.cause.cause instanceof Error)
    assert.deepEqual([String(thrown.cause), String(thrown.cause.cause), thrown.cause.cause.sector], ['IoError: disk', 'RangeError: full', 7])
    return true
  })
  await assert.rejects(rpc.call('a:clone'), (thrown) => {
    assert.deepEqual([thrown.when, thrown.cause], [new Date(0), { plain: new Set([1]) }])
    return true
  })
  await assert.rejects(rpc.call('a:hostile'), thrown => thrown instanceof Error && thrown.polluted === undefined)
  await assert.rejects(rpc.call('a:text'), new Error('text'))
})

check('older forms of entries and files are read', async () => {
  const { rpc } = await openDump(
    { 'a:inline': 7, 'a:raw': { type: 'static', path: '__rpc-dump/raw.json', serialization: 'json' }, 'a:wrapped': query([], 'wrapped.json', 'structured-clone') },
    { 'raw.json': [1, 2], 'wrapped.json': { serialization: 'structured-clone', data: [[2, [[1, 2]]], [0, 'output'], [8, '5']] } },
  )
  assert.equal(await rpc.call('a:inline'), 7)
  await assert.rejects(rpc.call('a:inline', 1), /no record/)
  assert.deepEqual(await rpc.call('a:raw', undefined, null), [1, 2])
  assert.equal(await rpc.call('a:wrapped'), 5n)
})

await run({
  limit: 60_000,
  afterEach() {
    for (const close of closing.splice(0))
      close()
    for (const site of sites.splice(0))
      site.close()
  },
  afterAll: () => rm(folder, { recursive: true, force: true }),
})
