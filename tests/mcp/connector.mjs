/** `devframe connect` of the engine finds a server and calls its tools. */
import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js'
import { check, eventually, parameters, run } from '../node/checks.mjs'
import { endAll, serve } from './agents.mjs'

const [tool] = parameters('TOOL')
const folder = join(mkdtempSync(join(tmpdir(), 'mcp-instances-')), 'instances')
const env = { DEVFRAME_INSTANCES_DIR: folder, DEVFRAME_MCP_AUTH_TOKEN: 'plain-token' }
const served = await serve(tool, [], env)
const { port, origin, pathname } = new URL(served.url)

const connector = new Client({ name: 'tests', version: '0.0.0' })
await connector.connect(new StdioClientTransport({ command: process.execPath, args: ['node_modules/devframe/bin/devframe.mjs', 'connect'], env: { ...process.env, ...env }, stderr: 'inherit' }))
const ask = async (name, args = {}) => {
  const result = await connector.callTool({ name: `devframe_connect_${name}`, arguments: args })
  return JSON.parse(result.content[0].text)
}

check('a file says where the server is', () => {
  const files = readdirSync(folder)
  assert.equal(files.length, 1)
  const record = JSON.parse(readFileSync(join(folder, files[0]), 'utf8'))
  const { pid, startedAt, ...rest } = record
  assert.equal(files[0], `${pid}-${port}.json`)
  assert.ok(Math.abs(startedAt - Date.now()) < 600_000)
  assert.deepEqual(rest, { port: Number(port), origin, basePath: pathname, id: 'mcp-tool', name: 'mcp-tool', rootDir: process.cwd(), mcp: { path: `${pathname}__mcp` } })
})

check('the connector lists the tools', async () => {
  const { instances } = await ask('list-instances')
  assert.equal(instances.length, 1)
  assert.equal(instances[0].id, 'mcp-tool')
  assert.equal(instances[0].mcp.error, undefined)
  assert.ok(instances[0].mcp.tools.some(({ name }) => name === 'mcp-tool_add'))
})

check('the connector calls a tool', async () => {
  const called = await ask('call-tool', { port: Number(port), tool: 'mcp-tool_add', args: { a: 2, b: 3 } })
  assert.equal(called.isError, false)
  assert.equal(called.content[0].text, '5')
})

check('the file goes with the server', async () => {
  await served.end()
  await eventually(() => readdirSync(folder).length === 0)
  assert.ok(existsSync(folder))
  assert.deepEqual((await ask('list-instances')).instances, [])
})

check('the files can be turned off', async () => {
  await serve(tool, [], { ...env, DEVFRAME_DISABLE_INSTANCE_REGISTRY: '1' })
  assert.deepEqual(readdirSync(folder), [])
})

await run({ afterAll: async () => {
  await connector.close()
  await endAll()
  rmSync(join(folder, '..'), { recursive: true, force: true })
} })
