/** Tools that fail, and tools that clash: Vite goes on, and its log says what is wrong. */
import assert from 'node:assert/strict'
import { chmod, copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { check, eventually, parameters, run } from '../node/checks.mjs'
import { callsOf, closeAll, describe, logged, openPage, originOf, startVite } from './servers.mjs'

const [tool] = parameters('TOOL')
const folder = await mkdtemp(join(tmpdir(), 'vite-faults-'))

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
  await logged(server, /^error: \[no-server\] .*no DevTools server at http:\/\/127\.0\.0\.1:1\/__devtools\/__connection\.json: it said that it listens there.*`args`/)
  await logged(server, /^error: \[mute\] .*the program at http:\/\/127\.0\.0\.1:\d+\/__devtools\/ does not answer: it said that it listens there.*`args`/)
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
    [{ url: 'ws://127.0.0.1:7812/' }, /`url` is not an address that begins with `http:/],
    [{ command: '' }, /`command` is not a text, or is empty/],
    [{ command: 'a', cwd: 1 }, /`cwd` is not a text/],
    [{ url: 'http://b/', token: '' }, /`token` is not a text, or is empty/],
    [{ command: 'a', env: { PORT: 1 } }, /`env` is not an object of texts/],
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

check('a program that does not know `attach` works all the same', async () => {
  const server = await startVite({ tools: [{ command: tool, env: { VITE_TOOL_WITHOUT_ATTACH: '1' } }] })
  const page = await openPage(server)
  const call = await callsOf(page)
  assert.equal(await call('vite-tool:add', 1, 2), 3)
  assert.equal((await call('vite-tool:known')).version, null)
  assert.deepEqual(await page.evaluate(async () => (await rpc.sharedState.get('vite-tool:list')).value()), ['first'])
  assert.match(await (await fetch(`${originOf(server)}/__vite-tool/`)).text(), /the panel of the tool/)
})

await run({ describe, afterEach: closeAll, afterAll: () => rm(folder, { recursive: true, force: true }) })
