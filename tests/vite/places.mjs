/** Where a project is and how it is served makes no difference: below a base, under another host name, over HTTPS, inside another server. */
import assert from 'node:assert/strict'
import { chmod, copyFile, cp, mkdir, readFile, writeFile } from 'node:fs/promises'
import { createServer as createHttpServer } from 'node:http'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { check, parameters, run } from '../node/checks.mjs'
import { TOKEN, callsOf, closeAll, closeLater, copyProject, describe, openPage, originOf, previewVite, somePort, startVite } from './servers.mjs'

const [tool] = parameters('TOOL')

/** Returns a port that nobody uses. */
async function freePort() {
  const server = createServer()
  await new Promise(resolve => server.listen(0, resolve))
  const { port } = server.address()
  await new Promise(resolve => server.close(resolve))
  return port
}

/** Calls from a page of the project, and from the panel in the interface. */
async function use(server, page) {
  const call = await callsOf(page)
  assert.equal(await call('vite-tool:add', 1, 2), 3)
  const ui = await page.context().newPage()
  ui.setDefaultTimeout(30_000)
  await ui.goto(new URL('/__devtools/', page.url()).href)
  await ui.getByRole('button', { name: 'Vite tool' }).first().click()
  await ui.frameLocator('iframe').getByText('2 squared is 4').waitFor()
}

check('below a base', async () => {
  const server = await startVite({ tools: [{ command: tool }], base: '/app/' })
  await use(server, await openPage(server, { path: '/app/' }))
})

check('under the name of another host', async () => {
  const port = await freePort() // Vite DevTools wants the whole origin beforehand
  const origin = `http://lan.test:${port}`
  const server = await startVite({
    tools: [{ command: tool }],
    server: { port, strictPort: true, host: '0.0.0.0', allowedHosts: ['lan.test'] },
    devtools: { clientAuthTokens: [TOKEN], builtinDevTools: false, allowedOrigins: [origin] },
  })
  await use(server, await openPage({ origin }))
})

check('over HTTPS', async () => {
  const pem = await readFile(join(import.meta.dirname, 'localhost.pem'))
  const server = await startVite({ tools: [{ command: tool }], server: { port: somePort(), host: '127.0.0.1', https: { key: pem, cert: pem } } })
  assert.match(originOf(server), /^https:/)
  await use(server, await openPage(server))
})

check('paths with spaces and letters of other languages work', async () => {
  const root = join(await copyProject(), 'mein Projekt ä 日本')
  await cp(join(import.meta.dirname, 'project'), root, { recursive: true })
  const command = join(root, 'the tööl ∑')
  await copyFile(tool, command)
  await chmod(command, 0o755)
  const server = await startVite({ tools: [{ command }], root })
  const page = await openPage(server)
  const call = await callsOf(page)
  assert.equal((await call('vite-tool:known')).root, root)
  assert.ok((await call('vite-tool:get-lengths', 'client')).some(({ id }) => id === join(root, 'src/main.js')))
  await page.evaluate(async () => globalThis.seen = await rpc.sharedState.get('vite-tool:seen'))
  const file = join(root, 'src/größe.js')
  await writeFile(file, '')
  await page.waitForFunction(file => seen.value().files.some(({ path }) => path === file), file)
})

check('a Vite server inside another server has the tool', async () => {
  const outer = createHttpServer((request, response) => inner.middlewares(request, response))
  await new Promise(resolve => outer.listen(0, '127.0.0.1', resolve))
  closeLater(async () => outer.close())
  const inner = await startVite({ tools: [{ command: tool }], server: { middlewareMode: { server: outer } } })
  const call = await callsOf(await openPage({ origin: `http://127.0.0.1:${outer.address().port}` }))
  assert.equal((await call('vite-tool:known')).root, inner.config.root)
  assert.deepEqual(await call('vite-tool:urls'), [], 'it does not listen itself')
})

check('`vite preview` starts no tool, and asks for nothing', async () => {
  const root = await copyProject()
  await mkdir(join(root, 'dist'))
  await writeFile(join(root, 'dist/index.html'), 'the build')
  const server = await previewVite({ tools: [{ command: 'no-such-tool' }], root, devtools: false })
  assert.equal(await (await fetch(originOf(server))).text(), 'the build')
  assert.deepEqual(server.lines, [])
})

await run({ describe, afterEach: closeAll })
