// Serves a few functions with devframe's own dev server, for the Rust client to call. Prints `listening on URL`.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { defineRpcFunction } from 'devframe'
import { createDevServer } from 'devframe/adapters/dev'
import { createSharedState } from 'devframe/utils/shared-state'

const dist = mkdtempSync(join(tmpdir(), 'devframe-server-'))
writeFileSync(join(dist, 'index.html'), '')
process.on('exit', () => rmSync(dist, { recursive: true, force: true }))
process.stdin.on('end', () => process.exit()).resume() // ends with the test

const notifications = []
let channel // of numbers, with what comes back as uploads
const streams = new Map()
const uploads = new Map()

async function collect(reader) {
  const chunks = []
  try {
    for await (const chunk of reader)
      chunks.push(chunk)
  }
  catch (error) {
    chunks.push(error.name)
  }
  return chunks
}

const functions = ctx => ({
  'e2e:add': ['query', (a, b) => a + b],
  'e2e:greet': ['query', (name, greeting) => `${greeting ?? 'Hello'}, ${name}!`],
  'e2e:get-module': ['query', (id, options) => id === '/src/main.ts' ? { id, size: 1024, ...(options?.includeSource && { source: `// ${id}` }) } : null],
  'e2e:sleep': ['query', ms => new Promise(resolve => setTimeout(resolve, ms, ms))],
  'e2e:fail': ['query', () => { throw new RangeError('boom') }],
  'e2e:read-file': ['query', () => { throw new Error('no file\n[code: not-found, data: {"path":"/nope"}]') }],
  'e2e:notify': ['event', message => void notifications.push(message)],
  'e2e:notifications': ['query', () => notifications],
  'e2e:echo-clone': ['query', value => value],
  'e2e:ask-client': ['action', question => ctx.rpc.getCurrentRpcSession().rpc.$call('e2e:answer', question)],
  'e2e:stream': ['action', (count, failure) => {
    const sink = channel.start()
    streams.set(sink.id, sink)
    for (let i = 0; i < count; i++)
      sink.write(i)
    if (failure)
      sink.error(new RangeError(failure))
    return sink.id
  }],
  'e2e:close-stream': ['action', id => streams.get(id).close()],
  'e2e:stream-aborted': ['query', id => streams.get(id).signal.aborted],
  'e2e:open-upload': ['action', () => {
    const reader = channel.openInbound()
    uploads.set(reader.id, collect(reader))
    return reader.id
  }],
  'e2e:uploaded': ['query', id => uploads.get(id)],
  'e2e:broadcast': ['action', async (message) => {
    await ctx.rpc.broadcast({ method: 'e2e:message', args: [message] })
    return 1
  }],
})

const server = await createDevServer({
  id: 'e2e',
  name: 'e2e',
  setup(ctx) {
    ctx.rpc.sharedState.get('e2e:state', { initialValue: { count: 1, items: [], by: {} } })
    const patched = createSharedState({ initialValue: { count: 0, items: [], by: {} }, enablePatches: true })
    ctx.rpc.sharedState.get('e2e:patched', { sharedState: patched })
    ctx.rpc.register(defineRpcFunction({ name: 'e2e:patch', type: 'action', handler: items => patched.mutate((draft) => {
      draft.items.splice(0, Infinity, ...items)
    }) }))
    channel = ctx.rpc.streaming.create('e2e:numbers', { replayWindow: 100 })
    for (const [name, [type, handler]] of Object.entries(functions(ctx)))
      ctx.rpc.register(defineRpcFunction({ name, type, handler }))
  },
}, { host: '127.0.0.1', port: 0, basePath: '/__devtools/', distDir: dist, auth: false, openBrowser: false })
console.log(`listening on ${new URL('/__devtools/', server.origin)}`)
