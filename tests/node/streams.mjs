// Streams and uploads, with the real client of the ecosystem, `devframe` 1.3.5, and with the served `client.js`.
//
//   node streams.mjs BASE
import './browser.mjs'
import assert from 'node:assert/strict'
import { visit } from './browser.mjs'
import { check, eventually, parameters, run, servedScript } from './checks.mjs'

const { connectDevframe } = await import('devframe/client')
console.warn = console.error = () => {}

const [base] = parameters('BASE')
const CHANNEL = 'streams:channel'
const opened = []
const script = await servedScript(base)

async function connectServed(transport) {
  const rpc = await script.connect({ base, transport })
  opened.push(() => rpc.close())
  return rpc
}

async function connect() {
  visit(base)
  const rpc = await connectDevframe({ baseURL: base, otpParam: false, simpleAuth: false })
  opened.push(() => rpc.close())
  await rpc.ensureTrusted(5000)
  return rpc
}

async function collect(reader) {
  const chunks = []
  for await (const chunk of reader)
    chunks.push(chunk)
  return chunks
}

const subscribers = (rpc, count) => eventually(async () => await rpc.call('streams:subscribers') === count)

check('chunks arrive in order, then the end', async () => {
  const rpc = await connect()
  const id = await rpc.call('streams:start')
  const reader = rpc.streaming.subscribe(CHANNEL, id)
  await subscribers(rpc, 1)
  for (const chunk of ['one', { two: 2 }, [3, null]])
    await rpc.call('streams:write', id, chunk)
  await rpc.call('streams:end', id)
  assert.deepEqual(await collect(reader), ['one', { two: 2 }, [3, null]])
})

check('a failure has its name, for late subscribers too', async () => {
  const rpc = await connect()
  const id = await rpc.call('streams:start')
  const reader = rpc.streaming.subscribe(CHANNEL, id)
  await subscribers(rpc, 1)
  await rpc.call('streams:write', id, 1)
  await rpc.call('streams:end', id, 'broken')
  const failure = { name: 'StreamFailure', message: 'broken' }
  await assert.rejects(collect(reader), failure)
  const late = (await connect()).streaming.subscribe(CHANNEL, id)
  const iterator = late[Symbol.asyncIterator]()
  assert.deepEqual(await iterator.next(), { done: false, value: 1 })
  await assert.rejects(iterator.next(), failure)
})

check('a late subscriber gets what is kept', async () => {
  const rpc = await connect()
  const id = await rpc.call('streams:start')
  for (let i = 1; i <= 5; i++)
    await rpc.call('streams:write', id, i)
  const reader = rpc.streaming.subscribe(CHANNEL, id)
  await subscribers(rpc, 1)
  await rpc.call('streams:write', id, 6)
  await rpc.call('streams:end', id)
  assert.deepEqual(await collect(reader), [3, 4, 5, 6])
})

check('the producer is cancelled with the last subscriber', async () => {
  const [rpc, other] = [await connect(), await connect()]
  const id = await rpc.call('streams:start')
  const readers = [rpc, other].map(it => it.streaming.subscribe(CHANNEL, id))
  await subscribers(rpc, 2)
  readers[0].cancel()
  await subscribers(rpc, 1)
  assert.equal(await rpc.call('streams:cancelled', id), null)
  readers[1].cancel()
  await eventually(async () => await rpc.call('streams:cancelled', id) === 'cancelled by client')
})

check('the producer is cancelled when the last subscriber disconnects', async () => {
  const [rpc, other] = [await connect(), await connect()]
  const id = await rpc.call('streams:start')
  other.streaming.subscribe(CHANNEL, id)
  await subscribers(rpc, 1)
  other.close()
  await eventually(async () => await rpc.call('streams:cancelled', id) === 'all subscribers disconnected')
})

check('several subscribers get the same', async () => {
  const clients = [await connect(), await connect(), await connect()]
  const id = await clients[0].call('streams:start')
  const readers = clients.map(it => it.streaming.subscribe(CHANNEL, id))
  await subscribers(clients[0], 3)
  for (let i = 0; i < 10; i++)
    await clients[0].call('streams:write', id, i)
  await clients[0].call('streams:end', id)
  for (const reader of readers)
    assert.deepEqual(await collect(reader), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
})

check('an upload arrives, with its types', async () => {
  const rpc = await connect()
  const id = await rpc.call('streams:open')
  const sink = rpc.streaming.upload(CHANNEL, id)
  const chunks = ['a', new Uint8Array([1, 2, 3]), new Map([[1n, new Date(5)]])]
  for (const chunk of chunks)
    sink.write(chunk)
  sink.close()
  assert.deepEqual(await rpc.call('streams:read', id, 4), [...chunks, 'end'])
})

check('an upload fails with its name', async () => {
  const rpc = await connect()
  const id = await rpc.call('streams:open')
  const sink = rpc.streaming.upload(CHANNEL, id)
  sink.write(1)
  sink.error(new TypeError('client failed'))
  assert.deepEqual(await rpc.call('streams:read', id, 2), [1, 'TypeError'])
})

check('an upload ends with its client', async () => {
  const [rpc, other] = [await connect(), await connect()]
  const id = await rpc.call('streams:open')
  other.streaming.upload(CHANNEL, id).write(1)
  assert.deepEqual(await rpc.call('streams:read', id, 1), [1])
  other.close()
  assert.deepEqual(await rpc.call('streams:read', id, 2), ['UploadDisconnected', 'end'])
})

check('the server cancels an upload', async () => {
  const rpc = await connect()
  const id = await rpc.call('streams:open')
  const sink = rpc.streaming.upload(CHANNEL, id)
  sink.write(1)
  assert.deepEqual(await rpc.call('streams:read', id, 1), [1])
  await rpc.call('streams:refuse', id)
  await eventually(() => sink.signal.aborted)
})

check('an upload has one owner', async () => {
  const [rpc, other] = [await connect(), await connect()]
  const id = await rpc.call('streams:open')
  const sink = rpc.streaming.upload(CHANNEL, id)
  sink.write('mine')
  assert.deepEqual(await rpc.call('streams:read', id, 1), ['mine'])
  const stolen = other.streaming.upload(CHANNEL, id)
  stolen.write('not mine')
  await eventually(() => stolen.signal.aborted)
  sink.write('mine too')
  sink.close()
  assert.deepEqual(await rpc.call('streams:read', id, 2), ['mine too', 'end'])
})

// ---- client.js ------------------------------------------------------------------------------

for (const transport of ['websocket', 'sse']) {
  check(`client.js over ${transport}: reads a stream`, async () => {
    const rpc = await connectServed(transport)
    const id = await rpc.call('streams:start')
    await rpc.call('streams:write', id, 'early')
    const reader = rpc.streaming.subscribe(CHANNEL, id)
    assert.throws(() => rpc.streaming.subscribe(CHANNEL, id))
    await subscribers(rpc, 1)
    for (let i = 0; i < 1000; i++)
      rpc.callEvent('streams:write', id, i)
    const chunks = []
    for await (const chunk of reader) {
      if (chunks.push(chunk) === 1001)
        break
    }
    assert.deepEqual(chunks.slice(0, 3), ['early', 0, 1])
    assert.equal(chunks.at(-1), 999)
    assert.equal(reader.missed, 0)
    await eventually(async () => await rpc.call('streams:cancelled', id) === 'cancelled by client')
  })

  check(`client.js over ${transport}: a stream fails with its name`, async () => {
    const rpc = await connectServed(transport)
    const id = await rpc.call('streams:start')
    await rpc.call('streams:write', id, 1)
    await rpc.call('streams:end', id, 'broken')
    const iterator = rpc.streaming.subscribe(CHANNEL, id)[Symbol.asyncIterator]()
    assert.equal((await iterator.next()).value, 1)
    await assert.rejects(iterator.next(), { name: 'StreamFailure', message: 'broken' })
    await assert.rejects(collect(rpc.streaming.subscribe(CHANNEL, 'nope')), { name: 'UnknownStream' })
  })

  check(`client.js over ${transport}: readers end with their client`, async () => {
    const rpc = await connectServed(transport)
    const reader = rpc.streaming.subscribe(CHANNEL, await rpc.call('streams:start'))
    const upload = rpc.streaming.upload(CHANNEL, await rpc.call('streams:open'))
    const reading = assert.rejects(collect(reader), /closed/)
    rpc.close()
    await reading
    assert.throws(() => upload.write(1))
  })

  check(`client.js over ${transport}: uploads`, async () => {
    const rpc = await connectServed(transport)
    const [done, failed, refused] = [await rpc.call('streams:open'), await rpc.call('streams:open'), await rpc.call('streams:open')]
    const upload = rpc.streaming.upload(CHANNEL, done)
    upload.write('a')
    upload.write({ b: 1 })
    upload.close()
    assert.deepEqual(await rpc.call('streams:read', done, 3), ['a', { b: 1 }, 'end'])
    rpc.streaming.upload(CHANNEL, failed).close(new TypeError('no'))
    assert.deepEqual(await rpc.call('streams:read', failed, 1), ['TypeError'])
    const unwanted = rpc.streaming.upload(CHANNEL, refused)
    unwanted.write(1)
    await rpc.call('streams:read', refused, 1)
    await rpc.call('streams:refuse', refused)
    await eventually(() => unwanted.signal.aborted)
  })
}

await run({ afterAll: () => opened.forEach(close => close()) })
