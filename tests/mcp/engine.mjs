/** The tools of a program are those that the JavaScript engine has for the same functions. */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { defineRpcFunction } from 'devframe'
import { createDevServer } from 'devframe/adapters/dev'
import { check, parameters, run } from '../node/checks.mjs'
import { connectHttp, endAll, serve } from './agents.mjs'

const [tool] = parameters('TOOL')
const dist = mkdtempSync(join(tmpdir(), 'mcp-engine-'))
writeFileSync(join(dist, 'index.html'), '')
process.env.DEVFRAME_DISABLE_INSTANCE_REGISTRY = '1'

/** A schema of the engine that is this JSON Schema. */
const schema = json => ({ '~standard': { version: 1, vendor: 'tests', validate: value => ({ value }), jsonSchema: { input: () => json, output: () => json } } })
const integer = schema({ type: 'integer' })
const string = schema({ type: 'string' })
const module = schema({ type: 'object', properties: { id: { type: 'string' } } })

const functions = [
  { name: 'mcp-tool:add', type: 'query', args: [integer, integer], returns: integer, agent: { description: 'Adds two numbers.' } },
  { name: 'mcp-tool:get-module', type: 'query', args: [string, module], returns: module, agent: { description: 'Returns one module.', title: 'Get a module', tags: ['graph'] } },
  { name: 'mcp-tool:get-config', type: 'static', args: [], returns: module, agent: { description: 'Returns the configuration.' } },
  { name: 'mcp-tool:remove', type: 'action', args: [string], agent: { description: 'Removes a file. There is none.', title: 'Remove a file', safety: 'destructive' } },
  { name: 'mcp-tool:set-count', type: 'action', args: [integer], returns: integer, agent: { description: 'Sets the count, and returns the one before.' } },
  { name: 'mcp-tool:secret', type: 'query' },
]

const engine = await createDevServer({
  id: 'mcp-tool',
  name: 'mcp-tool',
  setup(ctx) {
    for (const definition of functions)
      ctx.rpc.register(defineRpcFunction({ jsonSerializable: true, handler: () => null, ...definition }))
  },
}, { host: '127.0.0.1', port: 0, basePath: '/__devtools/', distDir: dist, auth: false, openBrowser: false, mcp: { allowedOrigins: false } })

const list = async url => new Map((await (await connectHttp(url)).listTools()).tools.map(tool => [tool.name, tool]))
const ours = await list((await serve(tool, ['--auth', 'none'])).url)
const theirs = await list(new URL('/__devtools/', engine.origin))

/** Puts the engine's names of arguments in place of ours, and leaves out the types, which differ as the languages do. */
function shape({ properties, required, ...schema }) {
  const names = Object.keys(properties ?? {})
  return {
    ...schema,
    $defs: undefined,
    arguments: names.map((_, position) => `arg${position}`),
    ...(required && { required: required.map(name => `arg${names.indexOf(name)}`) }),
  }
}

for (const { name: id, agent, args } of functions.filter(({ agent }) => agent)) {
  check(`${id} has the same name, texts and annotations`, () => {
    const name = id.replace(':', '_')
    const [mine, other] = [ours.get(name), theirs.get(name)]
    assert.ok(other, `the engine has ${[...theirs.keys()]}`)
    for (const member of ['name', 'title', 'description', 'annotations'])
      assert.deepEqual(mine[member], other[member], member)
    assert.equal(mine.description, agent.description)
    const taken = shape(mine.inputSchema)
    // The engine asks for optional arguments as well.
    if (id === 'mcp-tool:get-module')
      taken.required.push('arg1')
    assert.deepEqual(taken, { $defs: undefined, ...shape(other.inputSchema) })
    assert.equal(taken.arguments.length, args.length)
    assert.deepEqual(mine.outputSchema?.type, other.outputSchema?.type)
  })
}

check('functions without the option are tools of neither', () => {
  assert.equal(ours.has('mcp-tool_secret') || theirs.has('mcp-tool_secret'), false)
})

await run({ afterAll: async () => {
  await endAll()
  await engine.close()
  rmSync(dist, { recursive: true, force: true })
} })
