/** Shared states and static functions are resources, and agents learn of changes. */
import assert from 'node:assert/strict'
import { ResourceListChangedNotificationSchema, ResourceUpdatedNotificationSchema, ToolListChangedNotificationSchema } from '@modelcontextprotocol/sdk/types.js'
import { check, eventually, parameters, run } from '../node/checks.mjs'
import { connectHttp, connectModernHttp, connectModernStdio, connectStdio, endAll, serve } from './agents.mjs'

const [tool] = parameters('TOOL')
const PROGRESS = 'devframe://state/mcp-tool%3Aprogress'
const LATE = 'devframe://state/mcp-tool%3Alate'
const CONFIG = 'devframe://resource/mcp-tool%3Aget-config'

const open = ['--auth', 'none']
const ways = {
  'HTTP, older SDK': async () => connectHttp((await serve(tool, open)).url),
  'HTTP, newer SDK': async () => connectModernHttp((await serve(tool, open)).url, 'auto'),
  'stdio, older SDK': () => connectStdio(tool),
  'stdio, newer SDK': () => connectModernStdio(tool, 'auto'),
}

const call = (agent, name, args = {}) => agent.callTool({ name: `mcp-tool_${name}`, arguments: args })

for (const [way, connect] of Object.entries(ways)) {
  check(`${way}: resources are listed and read`, async () => {
    const agent = await connect()
    const { resources } = await agent.listResources()
    assert.deepEqual(resources, [
      { uri: CONFIG, name: 'mcp-tool:get-config', description: 'Returns the configuration.', mimeType: 'application/json' },
      { uri: PROGRESS, name: 'mcp-tool:progress', description: 'Shared state: mcp-tool:progress', mimeType: 'application/json' },
    ])
    const read = async uri => JSON.parse((await agent.readResource({ uri })).contents[0].text)
    assert.deepEqual(await read(CONFIG), { root: '/project' })
    assert.deepEqual(await read(PROGRESS), { done: 0 })
    await call(agent, 'set-progress', { done: 7 })
    assert.deepEqual(await read(PROGRESS), { done: 7 })
    for (const uri of ['devframe://state/hidden%3Astate', 'devframe://resource/mcp-tool%3Aadd', 'devframe://state/%FF', 'file:///etc/passwd'])
      await assert.rejects(agent.readResource({ uri }), new RegExp(`there is no resource .${uri.replace(/[/%.]/g, '\\$&')}`))
  })
}

check('older SDK over stdio: changes are notified', async () => {
  const agent = await connectStdio(tool)
  const heard = []
  agent.setNotificationHandler(ToolListChangedNotificationSchema, () => void heard.push('tools'))
  agent.setNotificationHandler(ResourceListChangedNotificationSchema, () => void heard.push('resources'))
  agent.setNotificationHandler(ResourceUpdatedNotificationSchema, ({ params }) => void heard.push(params.uri))
  await changesAreHeard(agent, heard, () => agent.subscribeResource({ uri: PROGRESS }))
  heard.length = 0
  await agent.unsubscribeResource({ uri: PROGRESS })
  await call(agent, 'set-progress', { done: 9 })
  await assert.rejects(agent.subscribeResource({ uri: 'devframe://state/hidden%3Astate' }), /there is no resource/)
  assert.deepEqual(heard, [])
})

check('older SDK over HTTP: there is no way to notify, and subscribing says so', async () => {
  const agent = await connectHttp((await serve(tool, open)).url)
  await assert.rejects(agent.subscribeResource({ uri: PROGRESS }), /use 2026-07-28, or stdio/)
})

for (const way of ['HTTP, newer SDK', 'stdio, newer SDK']) {
  check(`${way}: changes are notified`, async () => {
    const agent = await ways[way]()
    const heard = []
    agent.setNotificationHandler('notifications/tools/list_changed', () => void heard.push('tools'))
    agent.setNotificationHandler('notifications/resources/list_changed', () => void heard.push('resources'))
    agent.setNotificationHandler('notifications/resources/updated', ({ params }) => void heard.push(params.uri))
    const filter = { toolsListChanged: true, resourcesListChanged: true, resourceSubscriptions: [PROGRESS, 'devframe://state/hidden%3Astate'] }
    const subscription = await agent.listen(filter)
    assert.deepEqual(subscription.honoredFilter?.resourceSubscriptions, [PROGRESS])
    await changesAreHeard(agent, heard, () => {})
  })
}

async function changesAreHeard(agent, heard, subscribe) {
  await subscribe()
  // The subscription of the server begins a moment later.
  for (let done = 1; !heard.includes(PROGRESS); done++) {
    assert.ok(done < 100)
    await call(agent, 'set-progress', { done })
    await new Promise(resolve => setTimeout(resolve, 50))
  }
  await call(agent, 'grow')
  await eventually(() => heard.includes('tools') && heard.includes('resources'))
  assert.ok((await agent.listTools()).tools.some(({ name }) => name === 'mcp-tool_grown'))
  assert.ok((await agent.listResources()).resources.some(({ uri }) => uri === LATE))
  await new Promise(resolve => setTimeout(resolve, 100))
}

await run({ afterAll: endAll })
