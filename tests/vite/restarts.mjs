/** Tools and Vite servers that end, restart and come back. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { connect, createServer } from 'node:net'
import { join } from 'node:path'
import process from 'node:process'
import { check, eventually, parameters, run } from '../node/checks.mjs'
import { callsOf, closeAll, closeLater, copyProject, describe, logged, openPage, startTool, startVite } from './servers.mjs'

const [tool] = parameters('TOOL')

/** Returns whether a process runs. */
function isRunning(pid) {
  try {
    return process.kill(pid, 0)
  }
  catch {
    return false
  }
}

check('a tool that crashes in a call fails the call, and is back with the states that the page follows', async () => {
  const server = await startVite({ tools: [{ command: tool }] })
  const page = await openPage(server)
  const call = await callsOf(page)
  await page.evaluate(async () => {
    globalThis.list = await rpc.sharedState.get('vite-tool:list')
    list.mutate(list => void list.push('lost'))
    const reader = rpc.streaming.subscribe('vite-tool:numbers', await rpc.call('vite-tool:count', 0))
    globalThis.ended = (async () => { for await (const _ of reader); })().catch(error => error.message)
  })
  const { pid } = await call('vite-tool:known')
  await assert.rejects(call('vite-tool:crash'), /"vite-tool:crash" got no reply/)
  assert.match(await page.evaluate(() => ended), /the connection to the tool was lost/)
  await logged(server, /^error: \[vite-tool\] the tool "vite-tool" is not running: .*SIGABRT/)
  await eventually(() => call('vite-tool:add', 0, 1).catch(() => false))
  assert.notEqual((await call('vite-tool:known')).pid, pid)
  await page.waitForFunction(() => JSON.stringify(list.value()) === '["first"]')
})

check('Vite that restarts starts the tool again, and the old one is gone', async () => {
  const server = await startVite({ tools: [{ command: tool }] })
  const call = await callsOf(await openPage(server))
  const { pid } = await call('vite-tool:known')
  await server.restart()
  await eventually(() => !isRunning(pid))
  const again = await callsOf(await openPage(server))
  const second = await again('vite-tool:known')
  assert.notEqual(second.pid, pid)

  await again('vite-tool:restart')
  await eventually(() => !isRunning(second.pid))
  await eventually(() => server.resolvedUrls) // the new server listens
  const third = await (await callsOf(await openPage(server)))('vite-tool:known')
  assert.ok(isRunning(third.pid))
})

check('Vite that closes ends the tool', async () => {
  const server = await startVite({ tools: [{ command: tool }] })
  const { pid } = await (await callsOf(await openPage(server)))('vite-tool:known')
  await server.close()
  assert.equal(isRunning(pid), false)
})

check('Vite that closes does not wait for the answer of a program', async () => {
  const { url, token } = await startTool(tool)
  let isSilent = false // from its trust on, the program hears nothing
  const proxy = createServer((client) => {
    const program = connect(new URL(url).port, '127.0.0.1')
    client.on('data', data => isSilent || program.write(data)).on('error', () => {}).on('close', () => program.destroy())
    program.on('data', (data) => {
      isSilent ||= data.includes('isTrusted')
      client.write(data)
    }).on('error', () => {})
  })
  closeLater(async () => proxy.close())
  await new Promise(resolve => proxy.listen(0, '127.0.0.1', resolve))
  const proxied = `http://127.0.0.1:${proxy.address().port}${new URL(url).pathname}`
  const server = await startVite({ tools: [{ url: proxied, token, startTimeout: 600_000 }] })
  await eventually(() => isSilent)
  await server.close()
})

for (const signal of ['SIGINT', 'SIGTERM', 'SIGKILL']) {
  check(`Vite that is ended by ${signal} ends the tool`, async () => {
    const root = await copyProject()
    const vite = spawn(process.execPath, [join(import.meta.dirname, 'serve.mjs'), tool, root], { stdio: ['ignore', 'pipe', 'inherit'] })
    let printed = ''
    vite.stdout.on('data', data => printed += data)
    const origin = await eventually(() => /^listening on (\S+)/m.exec(printed)?.[1])
    const { pid } = await (await callsOf(await openPage({ origin })))('vite-tool:known')
    assert.ok(isRunning(pid))
    vite.kill(signal)
    await eventually(() => !isRunning(pid))
  })
}

check('a program that runs already is joined, and learns of Vite when it comes and goes', async () => {
  const { url, token } = await startTool(tool)
  const server = await startVite({ tools: [{ url, token, name: 'vite-tool' }] })
  const call = await callsOf(await openPage(server))
  const known = await call('vite-tool:known')
  assert.equal(known.rootAtSetup, null)
  assert.equal(known.root, server.config.root)
  await server.close()
  const second = await startVite({ tools: [{ url, token, name: 'vite-tool' }] })
  const after = await (await callsOf(await openPage(second)))('vite-tool:known')
  assert.equal(after.pid, known.pid)
  assert.equal(after.root, second.config.root)

  const stranger = await startVite({ tools: [{ url, token: 'wrong', name: 'vite-tool' }] })
  await logged(stranger, /the program does not trust the token: look at the option `token`/)
  const nobody = await startVite({ tools: [{ url, name: 'vite-tool' }] })
  await logged(nobody, /the program wants a token: set the option `token`/)
})

check('a program that two Vite servers have joined serves both, and the one that stays is its Vite when the other is gone', async () => {
  const { url, token } = await startTool(tool)
  const servers = []
  const calls = []
  const pages = []
  for (let count = 0; count < 2; count++) {
    servers.push(await startVite({ tools: [{ url, token, name: 'vite-tool' }] }))
    pages.push(await openPage(servers[count]))
    calls.push(await callsOf(pages[count]))
    await pages[count].evaluate(() => {
      globalThis.told = []
      rpc.client.register({ name: 'vite-tool:told', type: 'event', handler: text => void told.push(text) })
    })
  }
  assert.equal((await calls[0]('vite-tool:known')).root, servers[1].config.root)
  await calls[0]('vite-tool:tell', 'both')
  for (const page of pages)
    await page.waitForFunction(() => told.includes('both'))
  await servers[1].close()
  await eventually(async () => (await calls[0]('vite-tool:known')).root === servers[0].config.root)
  assert.deepEqual(await calls[0]('vite-tool:urls'), servers[0].resolvedUrls.local)
})

check('a configuration that changes starts the tool with its new options', async () => {
  const root = await copyProject()
  const configure = state => writeFile(join(root, 'vite.config.mjs'), `
    import devtoolsRuntime from ${JSON.stringify(join(import.meta.dirname, '../../integrations/vite/index.js'))}
    export default { plugins: [devtoolsRuntime({ command: ${JSON.stringify(tool)}, env: { VITE_TOOL_STATE: '${state}' } })] }
  `)
  await configure('vite-tool:before')
  const server = await startVite({ root, configFile: join(root, 'vite.config.mjs'), tools: [] })
  const read = (page, key) => page.evaluate(async key => (await rpc.sharedState.get(key)).value(), key)
  const page = await openPage(server)
  const { pid } = await (await callsOf(page))('vite-tool:known')
  assert.equal(await read(page, 'vite-tool:before'), 'vite-tool:before')
  await configure('vite-tool:after')
  await eventually(() => !isRunning(pid))
  await eventually(() => server.resolvedUrls)
  const after = await openPage(server)
  await callsOf(after)
  assert.equal(await read(after, 'vite-tool:after'), 'vite-tool:after')
})

await run({ describe, afterEach: closeAll })
