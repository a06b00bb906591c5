/** Tools that fail, and tools that come back: Vite goes on, and its log says what is wrong. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { chmod, copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { check, eventually, parameters, run } from '../node/checks.mjs'
import { callsOf, closeAll, closeBrowser, copyProject, openPage, originOf, startTool, startVite } from './servers.mjs'

const [tool] = parameters('TOOL')
const folder = await mkdtemp(join(tmpdir(), 'vite-faults-'))

/** Waits for a line in Vite's log. */
function logged(server, pattern) {
  return eventually(() => server.lines.find(line => pattern.test(line)))
}

/** Returns whether a process runs. */
function isRunning(pid) {
  try {
    return process.kill(pid, 0)
  }
  catch {
    return false
  }
}

/** Writes a program that Node runs. */
async function program(name, text) {
  const file = join(folder, `${name}.mjs`)
  await writeFile(file, text)
  return { command: process.execPath, args: [file], name }
}

check('a tool that is missing, cannot be executed, crashes, prints nothing or hangs is named in the log, and Vite starts', async () => {
  const plain = join(folder, 'plain')
  await copyFile(tool, plain)
  await chmod(plain, 0o644)
  const server = await startVite({
    tools: [
      { command: 'no-such-tool' },
      { command: plain },
      await program('crashing', `console.error('the disk is full'); process.exit(3)`),
      { ...await program('silent', `setInterval(() => {}, 1000)`), startTimeout: 500 },
      { ...await program('mute', `import { createServer } from 'node:http'; const server = createServer(() => {}); server.listen(0, () => console.log('listening on http://127.0.0.1:' + server.address().port + '/__devtools/'))`) },
      { ...await program('no-server', `console.log('listening on http://127.0.0.1:1/__devtools/'); setInterval(() => {}, 1000)`) },
    ],
  })
  assert.equal((await fetch(originOf(server))).status, 200)
  await logged(server, /^error: \[no-such-tool\] .*there is no program `no-such-tool`.*look at the options `command` and `cwd`/)
  await logged(server, /^error: \[plain\] .*`.*plain` cannot be executed.*permissions/)
  await logged(server, /^error: \[crashing\] .*it ended with status 3; it printed: the disk is full/)
  await logged(server, /^error: \[silent\] .*it did not print `listening on URL` within 500 ms.*`args`.*`startTimeout`/)
  await logged(server, /^error: \[no-server\] .*no DevTools server at http:\/\/127\.0\.0\.1:1\/__devtools\/__connection\.json/)
  const begun = Date.now()
  await server.close()
  assert.ok(Date.now() - begun < 10_000, 'Vite ends although a tool hangs')
})

check('a problem is logged once, and a tool that appears later is started', async () => {
  const late = join(folder, 'late')
  const server = await startVite({ tools: [{ command: late, name: 'vite-tool' }] })
  const page = await openPage(server)
  await logged(server, /there is no program/)
  await copyFile(tool, late)
  await chmod(late, 0o755)
  const call = await callsOf(page)
  assert.equal(await call('vite-tool:add', 1, 2), 3)
  assert.equal(server.lines.filter(line => /there is no program/.test(line)).length, 1)
})

check('pages that are there before the tool get its states and its news', async () => {
  const late = join(folder, 'later')
  const server = await startVite({ tools: [{ command: late, name: 'vite-tool' }] })
  const page = await openPage(server)
  await page.evaluate(async () => {
    globalThis.told = []
    rpc.client.register({ name: 'vite-tool:told', type: 'event', handler: text => void told.push(text) })
    globalThis.list = await rpc.sharedState.get('vite-tool:list', { initialValue: ['of the page'] })
    list.mutate(list => void list.push('and more'))
  })
  await logged(server, /there is no program/)
  await copyFile(tool, late)
  await chmod(late, 0o755)
  await page.waitForFunction(() => JSON.stringify(list.value()) === '["first"]')
  const call = await callsOf(await openPage(server))
  await call('vite-tool:tell', 'news')
  await page.waitForFunction(() => told.includes('news'))
  await page.evaluate(() => list.mutate(list => void list.push('second')))
  await eventually(async () => (await call('vite-tool:read-list')).length === 2)
})

check('options that cannot be meant are refused with the name of the option', async () => {
  const { default: devtoolsRuntime } = await import('../../integrations/vite/index.js')
  for (const [options, problem] of [
    [undefined, /set `command`.*or `url`/],
    [{ command: 'a', url: 'http://b/' }, /set `command`.*or `url`/],
    [{ url: 'nowhere' }, /`url` is not an address/],
    [{ command: 'a', token: 'b' }, /`token` belongs to `url`/],
    [{ command: 'a', args: 'dev' }, /`args` is not a list of texts/],
    [{ command: 'a', startTimeout: 0 }, /`startTimeout`/],
    [{ command: 'a', comand: 'b' }, /there is no option `comand`/],
  ])
    assert.throws(() => devtoolsRuntime(options), problem)
})

check('without Vite DevTools the log says what to set', async () => {
  const server = await startVite({ tools: [{ command: tool }], devtools: false })
  await logged(server, /^warn: \[vite-tool\] Vite DevTools is off.*`devtools: true`/)
})

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

check('two tools with equal names: the first wins, and the log names both', async () => {
  const same = await startVite({ tools: [{ command: tool }, { command: tool }] })
  await logged(same, /^warn: \[vite-tool\] the function "vite-tool:add" is left out: the tool "vite-tool" has one/)
  const server = await startVite({ tools: [{ command: tool, name: 'first' }, { command: tool, name: 'second' }] })
  const page = await openPage(server)
  const call = await callsOf(page)
  for (const what of ['function "vite-tool:add"', 'dock "vite-tool"', 'command "vite-tool:greet"'])
    await logged(server, new RegExp(`^warn: \\[(?:first|second)\\] the ${what} is left out: the tool "(?:first|second)" has one`))
  assert.equal(await call('vite-tool:add', 1, 2), 3)
  const clash = { name: 'clash', devtools: { setup: ctx => void ctx.rpc.register({ name: 'vite-tool:add', type: 'query', handler: () => 'mine' }) } }
  const other = await startVite({ tools: [{ command: tool }], plugins: [clash] })
  await logged(other, /the function "vite-tool:add" is left out: another plugin has one/)
  assert.equal(await (await openPage(other)).evaluate(() => rpc.call('vite-tool:add', 1, 2)), 'mine')
})

check('two tools that share a scope each have their own states', async () => {
  const sharing = name => ({ command: tool, name, env: { VITE_TOOL_STATE: `vite-tool:of-${name}` } })
  const server = await startVite({ tools: [sharing('first'), sharing('second')] })
  await logged(server, /^warn: \[(?:first|second)\] the state "vite-tool:list" is left out: the tool "(?:first|second)" has one/)
  await logged(server, /^warn: \[(?:first|second)\] the channel "vite-tool:numbers" is left out/)
  const page = await openPage(server)
  for (const key of ['vite-tool:of-first', 'vite-tool:of-second']) {
    await page.evaluate(async key => globalThis.state = await rpc.sharedState.get(key), key)
    await page.waitForFunction(key => state.value() === key, key)
  }
})

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
  await logged(stranger, /the program does not trust the token/)
})

check('a program that does not know `attach` works all the same', async () => {
  const server = await startVite({ tools: [{ command: tool, env: { VITE_TOOL_WITHOUT_ATTACH: '1' } }] })
  const page = await openPage(server)
  const call = await callsOf(page)
  assert.equal(await call('vite-tool:add', 1, 2), 3)
  assert.equal((await call('vite-tool:known')).version, null)
  assert.deepEqual(await page.evaluate(async () => (await rpc.sharedState.get('vite-tool:list')).value()), ['first'])
  assert.match(await (await fetch(`${originOf(server)}/__vite-tool/`)).text(), /the panel of the tool/)
})

await run({ afterEach: closeAll, afterAll: async () => {
  await closeBrowser()
  await rm(folder, { recursive: true, force: true })
} })
