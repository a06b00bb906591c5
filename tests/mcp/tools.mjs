/** Agents list and call the tools, over HTTP and standard input and output, with every client and in every mode. */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { copyFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import { check, eventually, parameters, run } from '../node/checks.mjs'
import { connectHttp, connectModernHttp, connectModernStdio, connectStdio, endAll, serve } from './agents.mjs'

const [tool] = parameters('TOOL')
const MODERN = '2026-07-28'
const served = await serve(tool, ['--auth', 'none'])

const ways = {
  'HTTP, older SDK': () => connectHttp(served.url),
  'HTTP, newer SDK, legacy mode': () => connectModernHttp(served.url, 'legacy'),
  'HTTP, newer SDK, auto mode': () => connectModernHttp(served.url, 'auto'),
  'HTTP, newer SDK, pinned': () => connectModernHttp(served.url, { pin: MODERN }),
  'stdio, older SDK': () => connectStdio(tool),
  'stdio, newer SDK, legacy mode': () => connectModernStdio(tool, 'legacy'),
  'stdio, newer SDK, auto mode': () => connectModernStdio(tool, 'auto'),
}

const text = result => result.content.map(block => block.text).join('\n')

for (const [way, connect] of Object.entries(ways)) {
  const call = async (name, args = {}) => (await connected(way, connect)).callTool({ name: `mcp-tool_${name}`, arguments: args })

  check(`${way}: the server says what it is`, async () => {
    const client = await connected(way, connect)
    assert.deepEqual(client.getServerVersion(), { name: 'mcp-tool', version: '1.2.3' })
    assert.equal(client.getInstructions(), 'Add numbers.')
    assert.equal(client.getServerCapabilities().tools.listChanged, true)
  })

  check(`${way}: functions with the option are listed, and no others`, async () => {
    const { tools } = await (await connected(way, connect)).listTools()
    const names = tools.map(tool => tool.name).filter(name => name.startsWith('mcp-tool_'))
    assert.deepEqual(names, ['add', 'administer', 'get-caller', 'get-config', 'get-module', 'grow', 'hang', 'hanging', 'remove', 'set-count', 'set-progress'].map(name => `mcp-tool_${name}`))
  })

  check(`${way}: results are text and structured content`, async () => {
    const added = await call('add', { a: 2, b: 3 })
    assert.equal(text(added), '5')
    assert.equal(added.isError ?? false, false)
    assert.equal(added.structuredContent, undefined)
    const module = await call('get-module', { id: '/a.ts', options: { includeSource: true } })
    assert.deepEqual(module.structuredContent, { id: '/a.ts', size: 1024, source: '// /a.ts' })
    assert.deepEqual(JSON.parse(text(module)), module.structuredContent)
    assert.deepEqual((await call('get-module', { id: '/b.ts' })).structuredContent, { id: '/b.ts', size: 1024 })
  })

  check(`${way}: errors name the argument`, async () => {
    for (const [args, reason] of [
      [{ a: 1 }, 'Error invoking "mcp-tool_add": `mcp-tool:add` needs the parameter `b`: it takes `a`, `b`'],
      [{ a: 1, b: 2, c: 3 }, 'Error invoking "mcp-tool_add": `mcp-tool:add` has no parameter `c`: it takes `a`, `b`'],
    ]) {
      const failed = await call('add', args)
      assert.equal(failed.isError, true)
      assert.equal(text(failed), reason)
    }
    const failed = await call('get-module', { id: '/a.ts', options: { includeSource: 'yes' } })
    assert.equal(failed.isError, true)
    assert.match(text(failed), /argument 2 \(`options`\).*includeSource/)
  })

  check(`${way}: errors of functions have code and data`, async () => {
    const failed = await call('remove', { path: '/x' })
    assert.equal(failed.isError, true)
    const [, error] = text(failed).match(/^Error invoking "mcp-tool_remove": (\{.*\})$/s)
    assert.deepEqual(JSON.parse(error), { error: { code: 'not-found', message: 'no file at `/x`', data: { path: '/x' } } })
  })

  check(`${way}: other tools and functions do not exist`, async () => {
    for (const name of ['secret', 'nope']) {
      const failed = await call(name)
      assert.equal(failed.isError, true)
      assert.match(text(failed), /there is no such tool; there are: mcp-tool_add, /)
    }
  })

  check(`${way}: the name of the function is taken too`, async () => {
    const client = await connected(way, connect)
    assert.equal(text(await client.callTool({ name: 'mcp-tool:add', arguments: { a: 1, b: 1 } })), '2')
  })

  // Over HTTP, an older version of the protocol has no way to cancel: a notification does not say which client sends it.
  if (/^HTTP.*(?:older|legacy)/.test(way))
    continue

  check(`${way}: a cancelled call ends in the program`, async () => {
    const client = await connected(way, connect)
    const hanging = async () => Number(text(await client.callTool({ name: 'mcp-tool_hanging', arguments: {} })))
    const cancel = new AbortController()
    const options = { signal: cancel.signal }
    const hang = { name: 'mcp-tool_hang', arguments: {} }
    const hung = way.includes('older') ? client.callTool(hang, undefined, options) : client.callTool(hang, options)
    hung.catch(() => {})
    await eventually(async () => await hanging() === 1)
    cancel.abort('enough')
    await assert.rejects(hung)
    await eventually(async () => await hanging() === 0)
  })
}

check('HTTP: what an agent sets stays', async () => {
  const client = await connectHttp(served.url)
  const set = async count => text(await client.callTool({ name: 'mcp-tool_set-count', arguments: { count } }))
  assert.equal(await set(7), '0')
  assert.equal(await set(0), '7')
})

check('HTTP: the metadata has the path', async () => {
  const metadata = await (await fetch(new URL('__connection.json', served.url))).json()
  assert.deepEqual(metadata.mcp, { path: '__mcp' })
})

check('the inspector lists and calls', async () => {
  // The package reads its version from the manifest of a folder that only its repository has.
  const packages = 'node_modules/@modelcontextprotocol'
  await copyFile(`${packages}/inspector-cli/package.json`, `${packages}/package.json`)
  const inspect = async (...args) => {
    const { stdout } = await promisify(execFile)(process.execPath, [`${packages}/inspector-cli/build/index.js`, ...args])
    return JSON.parse(stdout)
  }
  const add = ['--method', 'tools/call', '--tool-name', 'mcp-tool_add', '--tool-arg', 'a=2', 'b=3']
  for (const target of [[String(new URL('__mcp', served.url)), '--transport', 'http'], [tool, 'mcp']]) {
    const { tools } = await inspect(...target, '--method', 'tools/list')
    assert.ok(tools.some(tool => tool.name === 'mcp-tool_get-module'), target)
    assert.equal(text(await inspect(...target, ...add)), '5')
  }
})

const clients = new Map()

async function connected(way, connect) {
  if (!clients.has(way))
    clients.set(way, connect())
  return clients.get(way)
}

await run({ afterAll: endAll })
