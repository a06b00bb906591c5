/** An agent gets the chunks of a stream as progress, and all of them as the result. */
import assert from 'node:assert/strict'
import { check, eventually, parameters, run } from '../node/checks.mjs'
import { connectHttp, connectModernHttp, connectModernStdio, connectStdio, endAll, serve } from './agents.mjs'

const [tool] = parameters('TOOL')
const served = await serve(tool)

const ways = {
  'HTTP, older SDK': () => connectHttp(served.url),
  'HTTP, newer SDK, auto mode': () => connectModernHttp(served.url, 'auto'),
  'stdio, older SDK': () => connectStdio(tool),
  'stdio, newer SDK, auto mode': () => connectModernStdio(tool, 'auto'),
}

/** Starts a stream, and gives the result with the progress that was told. */
async function stream(client, way, args, signal) {
  const told = []
  const options = { onprogress: ({ progress, message }) => told.push([progress, message]), signal }
  const request = { name: 'conformance_start-stream', arguments: args }
  const result = await (way.includes('older') ? client.callTool(request, undefined, options) : client.callTool(request, options))
  return { told, failed: result.isError ?? false, texts: result.content.map(block => block.text) }
}

for (const [way, connect] of Object.entries(ways)) {
  let client

  check(`${way}: chunks are progress, and the result has all of them`, async () => {
    client = await connect()
    const { told, failed, texts } = await stream(client, way, { count: 4, delay_ms: 5 })
    assert.equal(failed, false)
    assert.deepEqual(JSON.parse(texts[0]), [0, 1, 2, 3])
    assert.equal(texts.length, 1)
    assert.deepEqual(told, [[1, '0'], [2, '1'], [3, '2'], [4, '3']])
  })

  check(`${way}: a stream that fails is a failed call with the chunks before it`, async () => {
    const { failed, texts } = await stream(client, way, { count: 4, delay_ms: 1, fail_at: 2 })
    assert.equal(failed, true)
    assert.match(texts[0], /^Error invoking "conformance_start-stream": .*failed at 2/)
    assert.deepEqual(JSON.parse(texts[1]), [0, 1])
  })

  check(`${way}: without a wish for progress there is the result alone`, async () => {
    const result = await client.callTool({ name: 'conformance_start-stream', arguments: { count: 2, delay_ms: 0 } })
    assert.deepEqual(JSON.parse(result.content[0].text), [0, 1])
  })
}

check('stdio: a cancelled call cancels the stream', async () => {
  const client = await connectStdio(tool)
  const cancel = new AbortController()
  const told = []
  const request = { name: 'conformance_start-stream', arguments: { count: 100_000, delay_ms: 5 } }
  const call = client.callTool(request, undefined, { signal: cancel.signal, onprogress: progress => told.push(progress) })
  call.catch(() => {})
  await eventually(() => told.length > 3)
  cancel.abort('enough')
  await assert.rejects(call)
  const before = told.length
  const { content } = await client.callTool({ name: 'conformance_add', arguments: { a: 1, b: 1 } })
  assert.equal(content[0].text, '2')
  assert.ok(told.length <= before + 2, 'progress goes on')
})

check('the schema of the result is not that of the function', async () => {
  const { tools } = await (await connectHttp(served.url)).listTools()
  assert.equal(tools.find(tool => tool.name === 'conformance_start-stream').outputSchema, undefined)
})

await run({ afterAll: endAll })
