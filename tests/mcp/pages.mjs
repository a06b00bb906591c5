/** Tools that pages offer: the real client announces them, and agents call them. */
import '../node/browser.mjs'
import assert from 'node:assert/strict'
import { visit } from '../node/browser.mjs'
import { check, eventually, parameters, run } from '../node/checks.mjs'
import { connectHttp, connectStdio, endAll, serve } from './agents.mjs'

const [tool] = parameters('TOOL')
const { connectDevframe } = await import('devframe/client')
const served = await serve(tool, ['--auth', 'none'])
const agent = await connectHttp(served.url)
const text = result => result.content[0].text

/** The place where the client of the page looks for tools. */
const registry = globalThis[Symbol.for('devframe:browser-agent-registry')] ??= { tools: new Map(), listeners: new Set() }
function offer(tools) {
  registry.tools.clear()
  for (const tool of tools)
    registry.tools.set(Symbol(tool.id), tool)
  registry.listeners.forEach(listener => listener())
}

const read = { id: 'page:read-title', description: 'Reads the title of the page.', safety: 'read', inputSchema: { type: 'object', properties: { upper: { type: 'boolean' } } }, invoke: ({ upper }) => ({ title: upper ? 'A PAGE' : 'A page' }) }
const fail = { id: 'page:fail', description: 'Fails.', invoke: () => { throw new Error('no title') } }

let page

async function open() {
  visit(served.url)
  const rpc = await connectDevframe({ baseURL: served.url, otpParam: false, simpleAuth: false })
  await rpc.ensureTrusted(5000)
  return rpc
}

const names = async () => (await agent.listTools()).tools.map(tool => tool.name)

check('without a page there is no tool of one', async () => {
  assert.ok(!(await names()).some(name => name.startsWith('page_') || name.startsWith('devframe_')))
})

check('the tools of a page are listed', async () => {
  offer([read, fail])
  page = await open()
  await eventually(async () => (await names()).includes('page_read-title'))
  const { tools } = await agent.listTools()
  const listed = tools.find(tool => tool.name === 'page_read-title')
  assert.equal(listed.description, read.description)
  assert.deepEqual(listed.annotations, { title: 'page:read-title', readOnlyHint: true, destructiveHint: false })
  assert.deepEqual(Object.keys(listed.inputSchema.properties).sort(), ['client_id', 'upper'])
  assert.ok(tools.some(tool => tool.name === 'devframe_agent_list-clients'))
})

check('an agent calls them', async () => {
  const called = await agent.callTool({ name: 'page_read-title', arguments: { upper: true } })
  assert.deepEqual(called.structuredContent, { title: 'A PAGE' })
  const failed = await agent.callTool({ name: 'page_fail', arguments: {} })
  assert.equal(failed.isError, true)
  assert.match(text(failed), /no title/)
})

check('a page is called by its client id', async () => {
  const { structuredContent: { clients: [client] } } = await agent.callTool({ name: 'devframe_agent_list-clients', arguments: {} })
  assert.deepEqual(client.tools, ['page:read-title', 'page:fail'])
  const called = await agent.callTool({ name: 'page_read-title', arguments: { client_id: client.id } })
  assert.deepEqual(called.structuredContent, { title: 'A page' })
  const failed = await agent.callTool({ name: 'page_read-title', arguments: { client_id: 'nobody' } })
  assert.equal(failed.isError, true)
  assert.match(text(failed), /no open page has the client id `nobody`/)
})

check('other clients list and call them too', async () => {
  const tools = await page.call('devframe:agent:list-tools')
  assert.equal(tools.find(tool => tool.id === 'page:read-title').kind, 'tool')
  assert.deepEqual(await page.call('devframe:agent:invoke-tool', 'page:read-title', {}), { title: 'A page' })
  await assert.rejects(page.call('devframe:agent:invoke-tool', 'mcp-tool:administer'), /admin/)
})

check('a tool with the name of a function does not replace it', async () => {
  offer([{ ...read, id: 'mcp-tool:add' }, { ...fail, id: 'mcp-tool_get-config' }, read])
  await eventually(async () => !(await names()).includes('page_fail'))
  assert.equal(text(await agent.callTool({ name: 'mcp-tool_add', arguments: { a: 1, b: 2 } })), '3')
  assert.equal(text(await agent.callTool({ name: 'mcp-tool_get-config', arguments: {} })), '{\n  "root": "/project"\n}')
})

check('too many tools are refused, and a tool without a description is', async () => {
  const sync = tools => page.call('devframe:agent:sync-client-tools', 'me', tools, { url: '', title: '', visible: true, focused: true })
  await assert.rejects(sync([{ id: 'page:large', description: 'x'.repeat(70_000) }]), /limit `page_tool_bytes` is 65536/)
  await assert.rejects(sync([{ id: 'page:empty', description: '' }]), /needs an id and a description/)
  assert.ok((await names()).includes('page_read-title'), 'the tools before stay')
})

check('the tools leave with the page', async () => {
  page.close()
  await eventually(async () => !(await names()).some(name => name.startsWith('page_') || name.startsWith('devframe_')))
  const failed = await agent.callTool({ name: 'page_read-title', arguments: {} })
  assert.match(text(failed), /there is no such tool/)
})

check('stdio beside panels: agents are told when a page offers other tools', async () => {
  const client = await connectStdio(tool, undefined, ['--port', '0'])
  const url = await eventually(() => client.errors().match(/panels: (\S+)/)?.[1])
  let told = 0
  client.setNotificationHandler(client.toolsChanged, () => void told++)
  offer([read])
  visit(new URL('/__devtools/', url).href + new URL(url).hash)
  const rpc = await connectDevframe({ baseURL: new URL('/__devtools/', url).href, simpleAuth: false, authToken: 'plain-token' })
  await rpc.ensureTrusted(5000)
  await eventually(() => told > 0)
  assert.ok((await client.listTools()).tools.some(tool => tool.name === 'page_read-title'))
  rpc.close()
})

await run({ afterAll: endAll })
