/** The tools of the fixture are those that the JavaScript engine has for the same functions, over MCP and over RPC. */
import '../node/browser.mjs'
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { defineRpcFunction } from 'devframe'
import { createDevServer } from 'devframe/adapters/dev'
import { z } from 'zod'
import { visit } from '../node/browser.mjs'
import { check, parameters, run } from '../node/checks.mjs'
import { connectHttp, endAll, serve } from './agents.mjs'

const [tool] = parameters('TOOL')
const { connectDevframe } = await import('devframe/client')
const dist = mkdtempSync(join(tmpdir(), 'mcp-engine-'))
writeFileSync(join(dist, 'index.html'), '')
process.env.DEVFRAME_DISABLE_INSTANCE_REGISTRY = '1'

const module = z.object({ id: z.string(), size: z.int(), source: z.string().optional() })
const options = z.object({ includeSource: z.boolean().optional() })
const info = z.object({ version: z.string(), root: z.string(), mode: z.enum(['dev', 'build']) })
const functions = [
  { name: 'add', type: 'query', args: [z.int(), z.int()], names: ['a', 'b'], returns: z.int(), agent: { description: 'Adds two numbers.' } },
  { name: 'get-count', type: 'query', args: [], returns: z.int(), agent: { description: 'Returns the stored number, which is 0 at first.' } },
  { name: 'get-info', type: 'static', args: [], returns: info, agent: { description: 'Describes the server.', title: 'Get the server', tags: ['server'] } },
  { name: 'get-module', type: 'query', args: [z.string(), options.optional()], names: ['id', 'options'], returns: module.nullable(), agent: { description: 'Returns a module by its id, with its source on request.' } },
  { name: 'get-modules', type: 'query', args: [], returns: z.array(module), agent: { description: 'The modules.' } },
  { name: 'greet', type: 'query', args: [z.string(), z.string().optional()], names: ['name', 'greeting'], returns: z.string(), agent: { description: 'Greets somebody.' } },
  { name: 'set-count', type: 'action', args: [z.int()], names: ['n'], agent: { description: 'Stores a number.', safety: 'destructive' } },
  { name: 'snapshot', type: 'query', args: [], returns: z.object({ modules: z.int() }), agent: { description: 'Returns the number of modules.' } },
  { name: 'start-stream', type: 'action', args: [z.int(), z.int(), z.int().optional()], names: ['count', 'delay_ms', 'fail_at'], agent: { description: 'Streams numbers from 0, and fails where it is told to.' } },
  { name: 'echo', type: 'query' },
]

const engine = await createDevServer({
  id: 'conformance',
  name: 'conformance',
  setup(ctx) {
    for (const { name, names: _, ...definition } of functions) {
      const handler = name === 'add' ? (a, b) => a + b : () => null
      ctx.rpc.register(defineRpcFunction({ name: `conformance:${name}`, jsonSerializable: true, handler, ...definition }))
    }
  },
}, { host: '127.0.0.1', port: 0, basePath: '/__devtools/', distDir: dist, auth: false, openBrowser: false, mcp: { allowedOrigins: false } })

const [url, theirUrl] = [(await serve(tool)).url, new URL('/__devtools/', engine.origin)]
const list = async url => new Map((await (await connectHttp(url)).listTools()).tools.map(tool => [tool.name, tool]))
const [ours, theirs] = [await list(url), await list(theirUrl)]

/** A schema without what the languages say differently: words, ranges, the order of members, and types by reference. */
function plain(schema, definitions = schema.$defs) {
  if (schema.$ref)
    return plain(definitions[schema.$ref.split('/').at(-1)], definitions)
  const { type, properties, required = [], items, additionalProperties, enum: choices, oneOf, anyOf } = schema
  const parts = (oneOf ?? anyOf ?? []).map(part => plain(part, definitions)).filter(part => part.type !== 'null')
  if (parts.length && parts.every(part => part.choices))
    return { type: 'string', choices: parts.flatMap(part => part.choices).sort() }
  if (parts.length === 1)
    return parts[0]
  assert.equal(parts.length, 0, 'a choice of types is not compared')
  return {
    type: Array.isArray(type) ? type.find(type => type !== 'null') : type,
    ...properties && { properties: Object.fromEntries(Object.entries(properties).sort().map(([name, member]) => [name, plain(member, definitions)])), required: [...required].sort() },
    ...items && { items: plain(items, definitions) },
    ...additionalProperties === false && { closed: true },
    ...(choices ?? (schema.const !== undefined)) && { choices: [...choices ?? [schema.const]].sort() },
  }
}

/** The arguments by position, as the engine names them. It asks for optional ones as well. */
function byPosition(schema, names) {
  assert.deepEqual(Object.keys(schema.properties).sort(), names.toSorted())
  const position = name => `arg${names.indexOf(name)}`
  const required = schema.required ?? []
  const optional = names.filter(name => !required.includes(name))
  const properties = Object.fromEntries(names.map(name => [position(name), schema.properties[name]]))
  return { schema: { ...schema, properties, required: names.map(position) }, optional: optional.map(position) }
}

for (const { name: id, args, names = [], agent } of functions.filter(({ agent }) => agent)) {
  const name = `conformance_${id}`
  check(`${id} has the same name, texts and annotations`, () => {
    const [mine, other] = [ours.get(name), theirs.get(name)]
    assert.ok(other, `the engine has ${[...theirs.keys()]}`)
    for (const member of ['name', 'title', 'description', 'annotations'])
      assert.deepEqual(mine[member], other[member], member)
    assert.equal(mine.description, agent.description)
  })

  check(`${id} takes the same types`, () => {
    const { schema, optional } = byPosition(ours.get(name).inputSchema, names)
    assert.deepEqual(plain(schema), plain(theirs.get(name).inputSchema))
    assert.deepEqual(optional, args.flatMap((type, position) => type.safeParse(undefined).success ? [`arg${position}`] : []))
  })

  check(`${id} returns the same type`, () => {
    const [mine, other] = [ours.get(name).outputSchema, theirs.get(name).outputSchema]
    // A later version of ours may return more members.
    assert.deepEqual(mine && plain(mine), other && plain({ ...other, additionalProperties: true }))
  })
}

check('functions without the option are tools of neither', () => {
  assert.deepEqual([...ours.keys()].filter(name => name !== 'devframe_state_read').sort(), functions.filter(it => it.agent).map(it => `conformance_${it.name}`).sort())
  assert.equal(theirs.has('conformance_echo'), false)
})

async function connect(base) {
  visit(String(base))
  const rpc = await connectDevframe({ baseURL: String(base), otpParam: false, simpleAuth: false })
  await rpc.ensureTrusted(5000)
  return rpc
}

check('the functions about agents answer as those of the engine', async () => {
  const [mine, other] = [await connect(url), await connect(theirUrl)]
  const sorted = list => list.toSorted((a, b) => a.id < b.id ? -1 : 1)
  const tools = rpc => rpc.call('devframe:agent:list-tools').then(sorted)
  assert.deepEqual(await tools(mine), (await tools(other)).filter(({ id }) => id.startsWith('conformance:')).map(tool => JSON.parse(JSON.stringify(tool))))
  for (const rpc of [mine, other]) {
    assert.equal(await rpc.call('devframe:agent:invoke-tool', 'conformance:add', { arg0: 2, arg1: 3 }), 5)
    assert.equal(await rpc.call('devframe:agent:invoke-tool', 'conformance:add', [2, 3]), 5)
    await assert.rejects(rpc.call('devframe:agent:invoke-tool', 'conformance:echo', [1]), /conformance:echo/)
    await assert.rejects(rpc.call('devframe:agent:read-resource', 'nope'), /nope/)
  }
  assert.deepEqual(await mine.call('devframe:agent:invoke-tool', 'conformance:get-modules'), [{ id: '/src/main.ts', size: 1024 }, { id: '/src/App.vue', size: 2048 }])
  assert.equal(await mine.call('devframe:agent:invoke-tool', 'conformance:greet', { name: 'Ada' }), 'Hello, Ada!')
  await assert.rejects(mine.call('devframe:agent:invoke-tool', 'conformance:add', { a: 1 }), /`conformance:add` needs the parameter `b`/)
  const [resource] = await mine.call('devframe:agent:list-resources')
  assert.deepEqual(resource, { id: 'conformance:get-info', name: 'conformance:get-info', description: 'Describes the server.', mimeType: 'application/json', uri: 'devframe://resource/conformance%3Aget-info' })
  assert.equal((await mine.call('devframe:agent:read-resource', resource.id)).json.mode, 'dev')
  mine.close()
  other.close()
})

await run({ afterAll: async () => {
  await endAll()
  await engine.close()
  rmSync(dist, { recursive: true, force: true })
} })
