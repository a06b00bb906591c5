/** Many at once: files, changes, pages, and lines that a tool prints. */
import assert from 'node:assert/strict'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { check, eventually, parameters, run } from '../node/checks.mjs'
import { connect } from '../../integrations/vite/src/wire/connection.js'
import { TOKEN, callsOf, closeAll, describe, openPage, originOf, startVite } from './servers.mjs'

const [tool] = parameters('TOOL')
const FILES = 500
const CHANGES = 5000
const PAGES = 100

const folder = await mkdtemp(join(tmpdir(), 'vite-storms-'))

/** Writes a program that behaves strangely, and then becomes the tool. */
async function before(text) {
  const file = join(folder, 'before.mjs')
  await writeFile(file, `
    import { spawn } from 'node:child_process'
    ${text}
    const child = spawn(${JSON.stringify(tool)}, process.argv.slice(2), { stdio: 'inherit' })
    child.on('exit', code => process.exit(code ?? 1))
  `)
  return { command: process.execPath, args: [file, 'dev'], name: 'strange' }
}

check(`${FILES} files that are written at once reach the tool, and from there the page, each once`, async () => {
  const server = await startVite({ tools: [{ command: tool }] })
  const page = await openPage(server)
  await callsOf(page)
  await page.evaluate(async () => globalThis.seen = await rpc.sharedState.get('vite-tool:seen'))
  const many = join(server.config.root, 'src/many')
  await mkdir(many)
  const files = Array.from({ length: FILES }, (_, index) => join(many, `${index}.js`))
  await Promise.all(files.map((file, index) => writeFile(file, `export default ${index}\n`)))
  const added = () => page.evaluate(() => seen.value().files.filter(({ event }) => event === 'add').map(({ path }) => path))
  await eventually(async () => (await added()).length >= FILES)
  assert.deepEqual((await added()).sort(), files.sort())
})

check('a state that changes faster than a page can follow ends with its last value, in the page and in the tool', async () => {
  const server = await startVite({ tools: [{ command: tool }] })
  const [page, other] = [await openPage(server), await openPage(server)]
  await callsOf(page)
  const call = await callsOf(other)
  await page.evaluate(async () => globalThis.sum = await rpc.sharedState.get('vite-tool:sum'))
  await call('vite-tool:churn', CHANGES)
  await page.waitForFunction(expected => sum.value().total === expected, CHANGES)
  await page.waitForTimeout(1000) // the page has sent back all that it was told
  assert.equal(await other.evaluate(async () => (await rpc.sharedState.get('vite-tool:sum')).value().total), CHANGES)
  assert.equal(await page.evaluate(() => sum.value().total), CHANGES)
})

check(`${PAGES} pages are sessions of the tool, and are gone when they leave`, async () => {
  const server = await startVite({ tools: [{ command: tool }] })
  const page = await openPage(server)
  const call = await callsOf(page)
  const told = new Set()
  const pages = await Promise.all(Array.from({ length: PAGES }, (_, index) => connect(`${originOf(server)}/__devtools/`, {
    token: TOKEN,
    limit: 30_000,
    hint: 'it is the server of this test',
    answer: name => name === 'vite-tool:told' && told.add(index),
  })))
  const sums = await Promise.all(pages.map((page, index) => page.call('vite-tool:add', [index, 1])))
  assert.deepEqual(sums, pages.map((_, index) => index + 1))
  for (const page of pages)
    page.call('vite-tool:hang', []).catch(() => {})
  await eventually(async () => await call('vite-tool:hanging') === PAGES)
  assert.ok(await call('vite-tool:tell', 'all') > PAGES)
  await eventually(() => told.size === PAGES)
  for (const page of pages)
    page.close()
  await eventually(async () => await call('vite-tool:hanging') === 0)
})

check('a tool that prints what is no text, and lines without an end, starts all the same', async () => {
  const server = await startVite({ tools: [await before(`
    import { writeSync } from 'node:fs'
    const write = data => { for (let at = 0; at < data.length;) try { at += writeSync(1, data, at) } catch (error) { if (error.code !== 'EAGAIN') throw error } }
    write(Buffer.from(Array.from({ length: 10_000 }, (_, index) => index % 256)))
    write(Buffer.alloc(4_000_000, 'x'))
    write(Buffer.from('\\n'))
  `)] })
  const call = await callsOf(await openPage(server))
  assert.equal(await call('vite-tool:add', 1, 2), 3)
  assert.ok(server.lines.every(line => line.length < 10_000), 'long lines are cut')
})

check('a tool that starts slowly is there when it is ready, and until then calls say so', async () => {
  const go = join(folder, 'go')
  const server = await startVite({ tools: [await before(`
    import { existsSync } from 'node:fs'
    while (!existsSync(${JSON.stringify(go)}))
      await new Promise(resolve => setTimeout(resolve, 50))
  `)] })
  const page = await openPage(server)
  const early = await page.evaluate(() => rpc.call('vite-tool:add', 1, 2).catch(error => error.message))
  assert.match(early, /vite-tool:add/)
  await writeFile(go, '')
  const call = await callsOf(page)
  assert.equal(await call('vite-tool:add', 1, 2), 3)
})

await run({ describe, afterEach: closeAll, afterAll: () => rm(folder, { recursive: true, force: true }) })
